import { BYTE, isDigit, wordEnd, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { writeApp, writeHost, writeProc } from './fields.ts'
import { readBsdStamp, readIsoStamp } from './timestamp.ts'

/** Longest run of bytes looked at as a tag or as what stands in its brackets (RFC 3164 section 4.1.3 allows 32; systemd writes more). */
const MAX_TAG = 128

/**
 * The BSD form from its timestamp to the start of the text: `STAMP [HOST ]TAG[pid]: text`, with either of both RFCs' stamps.
 * busybox and musl send no host. Where there is a priority but no stamp, only a tag is looked for (RFC 3164 section 4.3.2):
 * the first word of `<38>User logged in` is no host.
 * @returns false, and nothing moved, where this is not the BSD form
 */
export function readRfc3164(cursor: Cursor): boolean {
  const { bytes, end, batch, row } = cursor
  const hasStamp = readStamp(cursor)
  if (!hasStamp && !cursor.hasPriority) return false
  batch.format[row] = FORMAT.rfc3164
  if (!hasStamp) {
    cursor.faults |= FAULT.noTimestamp | FAULT.noHost
    if (!readTag(cursor)) cursor.faults |= FAULT.noApp
    return true
  }
  while (cursor.at < end && bytes[cursor.at] === BYTE.space) cursor.at++
  if (readTag(cursor)) {
    cursor.faults |= FAULT.noHost
    return true
  }
  readHost(cursor)
  if (!readTag(cursor)) cursor.faults |= FAULT.noApp
  return true
}

function readStamp(cursor: Cursor): boolean {
  const { at, end, bytes } = cursor
  if (at >= end) return false
  const isStamp = isDigit(bytes[at]!) ? readIsoStamp(cursor) : readBsdStamp(cursor)
  if (isStamp && (cursor.at === end || bytes[cursor.at] === BYTE.space || bytes[cursor.at] === BYTE.colon)) {
    if (cursor.at < end && bytes[cursor.at] === BYTE.colon) cursor.at++
    return true
  }
  cursor.at = at
  cursor.batch.sentMs[cursor.row] = NaN
  cursor.faults &= ~(FAULT.noZone | FAULT.noYear)
  return false
}

/** A word of host name or address characters that something follows; Cisco ASA puts ` :` between it and the tag. */
function readHost(cursor: Cursor): void {
  const { bytes, at, end } = cursor
  const stop = wordEnd(bytes, at, end)
  if (stop < end && isHostWord(bytes, at, stop)) {
    writeHost(cursor, at, stop)
    cursor.at = stop + 1
  } else {
    cursor.faults |= FAULT.noHost
  }
  if (end - cursor.at >= 2 && bytes[cursor.at] === BYTE.colon && bytes[cursor.at + 1] === BYTE.space) cursor.at += 2
}

/** Letters, digits, `.`, `-`, `_`, and `:` of IPv6. */
function isHostWord(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    const isName = (byte >= 97 && byte <= 122) || isDigit(byte) || (byte >= 65 && byte <= 90)
    if (!isName && byte !== BYTE.dash && byte !== BYTE.dot && byte !== 95 && byte !== BYTE.colon) return false
  }
  return to > from && bytes[from] !== BYTE.colon
}

/**
 * `tag: `, `tag[pid]: ` or `tag[pid] ` at `cursor.at`; moves to the text behind it.
 * @returns false, and nothing moved, where no tag stands
 */
function readTag(cursor: Cursor): boolean {
  const { bytes, end, at: from } = cursor
  const limit = Math.min(end, from + MAX_TAG)
  let at = from
  while (at < limit && bytes[at]! > BYTE.space && bytes[at] !== BYTE.colon && bytes[at] !== BYTE.open) at++
  if (at === from || at >= end) return false
  if (bytes[at] === BYTE.colon) return isTextNext(cursor, at + 1) && takeTag(cursor, at, at + 1)
  if (bytes[at] !== BYTE.open) return false
  const open = at
  const closeLimit = Math.min(end, open + MAX_TAG)
  while (at < closeLimit && bytes[at] !== BYTE.close && bytes[at]! > BYTE.space) at++
  if (at >= closeLimit || bytes[at] !== BYTE.close) return false
  const behind = at + 1 < end && bytes[at + 1] === BYTE.colon ? at + 2 : at + 1
  if (!isTextNext(cursor, behind)) return false
  if (at > open + 1) writeProc(cursor, open + 1, at)
  return takeTag(cursor, open, behind)
}

const isTextNext = (cursor: Cursor, at: number): boolean => at >= cursor.end || cursor.bytes[at] === BYTE.space

function takeTag(cursor: Cursor, tagEnd: number, behind: number): true {
  writeApp(cursor, cursor.at, tagEnd)
  cursor.at = Math.min(behind + 1, cursor.end)
  return true
}
