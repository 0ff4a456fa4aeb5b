import { BYTE, fieldEnd, isDigit, skipBlanks, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { writeApp, writeHost } from './fields.ts'
import { readStructuredData } from './structured-data.ts'
import { readIsoStamp } from './timestamp.ts'

/** Of the seconds from 2001 to 2286. */
const EPOCH_DIGITS = 10

/**
 * RFC 5424 from VERSION to the start of MSG. A version is taken for one only where a timestamp follows, since
 * `<13>1 file copied` is somebody's plain text; behind a priority, version 1 may also have `-` or a broken stamp.
 * Fields that are missing are noted; those that follow are still read.
 * @returns false, and nothing moved, where this is not RFC 5424
 */
export function readRfc5424(cursor: Cursor): boolean {
  const { bytes, at, end, batch, row } = cursor
  let next = at
  while (next < end && next - at < 3 && isDigit(bytes[next]!)) next++
  if (next === at || next + 1 >= end || bytes[next] !== BYTE.space) return false
  const isVersion1 = next - at === 1 && bytes[at] === BYTE.zero + 1
  cursor.at = next + 1
  skipBlanks(cursor)
  if (!readStamp(cursor) && !(cursor.hasPriority && isVersion1 && skipBadStamp(cursor))) {
    cursor.at = at
    return false
  }
  if (!isVersion1) cursor.faults |= FAULT.badVersion
  batch.format[row] = FORMAT.rfc5424
  readHeaderFields(cursor)
  return true
}

function readStamp(cursor: Cursor): boolean {
  const { at, end, bytes } = cursor
  if (readIsoStamp(cursor) && (cursor.at === end || bytes[cursor.at]! <= BYTE.space)) return true
  cursor.at = at
  cursor.batch.sentMs[cursor.row] = NaN
  cursor.faults &= ~FAULT.noZone
  return false
}

/** `-` (RFC 5424 section 6.2.3: a sender without a clock), or a word that begins like a stamp and is none. */
function skipBadStamp(cursor: Cursor): boolean {
  const { bytes, at, end } = cursor
  const stop = fieldEnd(bytes, at, end)
  if (!isNilValue(bytes, at, stop)) {
    if (at === end || !isDigit(bytes[at]!) || isEpoch(cursor, stop)) return false
    cursor.faults |= FAULT.badTimestamp
  } else {
    cursor.faults |= FAULT.noTimestamp
  }
  cursor.at = stop
  return true
}

/** Seconds since 1970 with a fraction (Meraki): what follows them is no RFC 5424. */
function isEpoch({ bytes, at, end }: Cursor, stop: number): boolean {
  return stop < end && stop - at > EPOCH_DIGITS && bytes[at + EPOCH_DIGITS] === BYTE.dot
}

/** HOSTNAME, APP-NAME, PROCID, MSGID (RFC 5424 section 6.2, `-` for none; the first two are missed), STRUCTURED-DATA, the blank and a byte order mark before MSG. */
function readHeaderFields(cursor: Cursor): void {
  const { bytes, end, batch, row, frame } = cursor
  let at = cursor.at + 1
  if (at < end && bytes[at]! <= BYTE.space) at = fieldStart(bytes, at, end)
  let stop = fieldEnd(bytes, at, end)
  if (stop <= at || isNilValue(bytes, at, stop)) cursor.faults |= FAULT.noHost
  else writeHost(cursor, at, stop)
  at = stop + 1
  if (at < end && bytes[at]! <= BYTE.space) at = fieldStart(bytes, at, end)
  stop = fieldEnd(bytes, at, end)
  if (stop <= at || isNilValue(bytes, at, stop)) cursor.faults |= FAULT.noApp
  else writeApp(cursor, at, stop)
  at = stop + 1
  if (at < end && bytes[at]! <= BYTE.space) at = fieldStart(bytes, at, end)
  stop = fieldEnd(bytes, at, end)
  if (stop > at && !isNilValue(bytes, at, stop)) {
    batch.procOff[row] = at - frame
    batch.procLen[row] = stop - at
  }
  at = stop + 1
  if (at < end && bytes[at]! <= BYTE.space) at = fieldStart(bytes, at, end)
  stop = fieldEnd(bytes, at, end)
  let next = stop + 1
  if (next < end && bytes[next]! <= BYTE.space) next = fieldStart(bytes, next, end)
  cursor.at = next < end ? next : end
  if (next < end && bytes[next] !== BYTE.dash && bytes[next] !== BYTE.open) stop = gluedEnd(cursor, at, stop)
  if (stop > at && !isNilValue(bytes, at, stop)) {
    batch.msgidOff[row] = at - frame
    batch.msgidLen[row] = stop - at
  }
  readStructuredData(cursor)
  skipToMessage(cursor)
}

/** Behind the blanks from `at` on: more than one, or a tab, is somebody's padding. */
function fieldStart(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  while (next < end && (bytes[next] === BYTE.space || bytes[next] === BYTE.tab)) next++
  return next
}

/** A MSGID that structured data follows without a blank: `-[a b="c"]`. Moves to the bracket. @returns where the MSGID ends */
function gluedEnd(cursor: Cursor, at: number, stop: number): number {
  for (let next = at + 1; next < stop; next++) {
    if (cursor.bytes[next] !== BYTE.open) continue
    cursor.at = next
    cursor.faults |= FAULT.badStructuredData
    return next
  }
  return stop
}

const isNilValue = (bytes: Uint8Array, at: number, stop: number): boolean => stop - at === 1 && bytes[at] === BYTE.dash

/** A second blank is what rsyslog keeps of the blank behind an RFC 3164 tag: with it no label, clock or DHCP line would begin the text. */
function skipToMessage(cursor: Cursor): void {
  const { bytes, end } = cursor
  let at = cursor.at
  if (at < end && (bytes[at] === BYTE.space || bytes[at] === BYTE.tab)) at++
  if (at < end && bytes[at] === BYTE.space) at++
  if (end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3
  cursor.at = at
}
