import { dayStartMs, daysInMonth } from './calendar.ts'
import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { HOUR_MS, MINUTE_MS, readFractionMs, two } from './timestamp.ts'
import { readZone } from './zone.ts'

/** The shortest: `2018-7-9 11:58:03`. */
const SHORTEST = 17

/**
 * `yyyy-m-d hh:mm:ss` without padding (Huawei VRP) and `yyyy/mm/dd hh:mm:ss`, with fractions and a zone. A date that begins with
 * the day or the month (`01/27/2022`, APC) is not taken: it means two days.
 * Moves behind it and writes `sentMs`; where there is none, nothing is moved or written.
 */
export function readLooseDateStamp(cursor: Cursor): boolean {
  const { bytes, at: from, end, batch, row } = cursor
  if (end - from < SHORTEST) return false
  const year = two(bytes, from) * 100 + two(bytes, from + 2)
  const separator = bytes[from + 4]
  if (year < 1970 || year > 2099 || (separator !== BYTE.dash && separator !== BYTE.slash)) return false
  const month = oneOrTwo(cursor, from + 5)
  if (bytes[cursor.at] !== separator) return giveUp(cursor, from)
  const day = oneOrTwo(cursor, cursor.at + 1)
  const { at } = cursor
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || end - at < 9) return giveUp(cursor, from)
  if ((bytes[at] !== BYTE.space && bytes[at] !== 0x54) || bytes[at + 3] !== BYTE.colon || bytes[at + 6] !== BYTE.colon) return giveUp(cursor, from)
  const hour = two(bytes, at + 1)
  const minute = two(bytes, at + 4)
  const second = two(bytes, at + 7)
  if (hour > 23 || minute > 59 || second > 60) return giveUp(cursor, from)
  cursor.at = at + 9
  const ms = dayStartMs(year, month, day) + hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + readFractionMs(cursor)
  // VRP counts further within the millisecond: `.150.1`
  while (cursor.at + 1 < end && bytes[cursor.at] === BYTE.dot && isDigit(bytes[cursor.at + 1]!)) skipDigits(cursor, cursor.at + 1)
  cursor.faults |= FAULT.noZone
  const offset = readZone(cursor)
  batch.sentMs[row] = Number.isNaN(offset) ? ms : ms - offset
  return true
}

function giveUp(cursor: Cursor, from: number): false {
  cursor.at = from
  return false
}

/** One or two digits at `at` as a number, 0 where there are none; moves behind them. The caller has seen to room for them. */
function oneOrTwo(cursor: Cursor, at: number): number {
  const { bytes } = cursor
  if (!isDigit(bytes[at]!)) return 0
  const ones = bytes[at]! - BYTE.zero
  if (!isDigit(bytes[at + 1]!)) {
    cursor.at = at + 1
    return ones
  }
  cursor.at = at + 2
  return ones * 10 + bytes[at + 1]! - BYTE.zero
}

function skipDigits(cursor: Cursor, at: number): void {
  let next = at
  while (next < cursor.end && isDigit(cursor.bytes[next]!)) next++
  cursor.at = next
}

const EPOCH_DIGITS = 10

/** `1 1563249630.774247467` (Meraki): a version, then the seconds since 1970. Moves behind it and writes `sentMs`, or does nothing. */
export function readEpochStamp(cursor: Cursor): boolean {
  const { bytes, at: from, end, batch, row } = cursor
  if (end - from < EPOCH_DIGITS + 4 || bytes[from] !== BYTE.zero + 1 || bytes[from + 1] !== BYTE.space) return false
  let seconds = 0
  for (let at = from + 2; at < from + 2 + EPOCH_DIGITS; at++) {
    if (!isDigit(bytes[at]!)) return false
    seconds = seconds * 10 + bytes[at]! - BYTE.zero
  }
  if (bytes[from + 2 + EPOCH_DIGITS] !== BYTE.dot) return false
  cursor.at = from + 2 + EPOCH_DIGITS
  batch.sentMs[row] = seconds * 1000 + readFractionMs(cursor)
  return true
}
