import { HOST_BYTE } from './byte-class.ts'
import { BYTE, fieldEnd, startsWith, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { writeHost } from './fields.ts'
import { MAX_TAG } from './tag.ts'

/**
 * A word of host name or address characters that something follows; Cisco ASA puts ` :` between it and the tag. Without one
 * nothing is moved, but for that colon, and the fault is noted.
 */
export function readHost(cursor: Cursor): void {
  const { bytes, at, end } = cursor
  const stop = fieldEnd(bytes, at, end)
  if (stop < end && isHostWord(bytes, at, stop)) {
    const isColonAtEnd = bytes[stop - 1] === BYTE.colon && bytes[stop - 2] !== BYTE.colon
    writeHost(cursor, at, isColonAtEnd ? stop - 1 : stop)
    cursor.at = stop + 1
  } else if (stop < end && bytes[at] === BYTE.open && bytes[stop - 1] === BYTE.close && isAddress(bytes, at + 1, stop - 1)) {
    writeHost(cursor, at + 1, stop - 1)
    cursor.at = stop + 1
  } else {
    cursor.faults |= FAULT.noHost
  }
  if (end - cursor.at >= 2 && bytes[cursor.at] === BYTE.colon && bytes[cursor.at + 1] === BYTE.space) cursor.at += 2
}

/** Letters, digits, `.`, `-`, `_`, `:` of IPv6 and `%` within. */
export function isHostWord(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (HOST_BYTE[bytes[at]!] === 0) return false
  return to > from && bytes[from] !== BYTE.percent && (bytes[from] !== BYTE.colon || (to - from > 2 && bytes[from + 1] === BYTE.colon))
}

/** An IPv6 address as it stands between brackets (RFC 3986 section 3.2.2). */
function isAddress(bytes: Uint8Array, from: number, to: number): boolean {
  let colons = 0
  for (let at = from; at < to; at++) if (bytes[at] === BYTE.colon) colons++
  return colons >= 2 && isHostWord(bytes, from, to)
}

/** What AIX's syslogd writes before what it passes on; `From ` when started with `-s`. */
const FORWARDED = ['Message forwarded from ', 'From '] as const

/**
 * `Message forwarded from HOST: ` of AIX: the host that is named is the sender. Moves behind it and says so among the faults.
 * @returns false, and nothing moved, where something else stands
 */
export function readForwarded(cursor: Cursor): boolean {
  const { bytes, at, end } = cursor
  for (const words of FORWARDED) {
    if (!startsWith(cursor, at, words)) continue
    const from = at + words.length
    const limit = Math.min(end, from + 2 * MAX_TAG)
    let stop = from
    while (stop < limit && bytes[stop]! > BYTE.space) stop++
    if (stop >= limit || bytes[stop - 1] !== BYTE.colon || !isHostWord(bytes, from, stop - 1)) return false
    writeHost(cursor, from, stop - 1)
    cursor.faults = (cursor.faults & ~FAULT.noHost) | FAULT.forwarded
    cursor.at = stop + 1
    return true
  }
  return false
}
