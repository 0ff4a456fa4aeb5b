import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { dayStartMs, daysInMonth } from './calendar.ts'

export const HOUR_MS = 3_600_000
export const MINUTE_MS = 60_000

/** So great that a year of which either half is none is beyond 9999. */
const NO_NUMBER = 10_000

/** Two digits at `at` as a number, or one above 9999 when they are not digits. */
export const two = (bytes: Uint8Array, at: number): number => {
  const tens = bytes[at]! - BYTE.zero
  const ones = bytes[at + 1]! - BYTE.zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_NUMBER
}

/**
 * RFC 3339 (RFC 5424 section 6.2.3), also with a space for the `T` and without a zone (then UTC is assumed and noted).
 * Moves behind the stamp and writes `sentMs`; where there is none, nothing is moved or written.
 */
export function readIsoStamp(cursor: Cursor): boolean {
  const { bytes, at, end } = cursor
  if (end - at < 19 || bytes[at + 4] !== BYTE.dash || bytes[at + 7] !== BYTE.dash || bytes[at + 13] !== BYTE.colon || bytes[at + 16] !== BYTE.colon) return false
  const separator = bytes[at + 10]!
  if ((separator | 0x20) !== 0x74 && separator !== BYTE.space) return false
  const year = two(bytes, at) * 100 + two(bytes, at + 2)
  const month = two(bytes, at + 5)
  const day = two(bytes, at + 8)
  const hour = two(bytes, at + 11)
  const minute = two(bytes, at + 14)
  const second = two(bytes, at + 17)
  if (year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return false
  cursor.at = at + 19
  const ms = dayStartMs(year, month, day) + hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + readFractionMs(cursor)
  cursor.batch.sentMs[cursor.row] = ms - readZoneMs(cursor)
  return true
}

/** `.123456` or `,123` behind the seconds as milliseconds; anything finer than a millisecond stays in the raw bytes only. A dot without digits is passed. */
export function readFractionMs(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 1 >= end || (bytes[at] !== BYTE.dot && bytes[at] !== BYTE.comma)) return 0
  if (bytes[at] === BYTE.dot && bytes[at + 1] === BYTE.space) cursor.at = at + 1
  if (!isDigit(bytes[at + 1]!)) return 0
  let next = at + 1
  let ms = 0
  for (let unit = 100; next < end && isDigit(bytes[next]!); next++) {
    ms += (bytes[next]! - BYTE.zero) * unit
    unit = unit === 100 ? 10 : unit === 10 ? 1 : 0
  }
  cursor.at = next
  return ms
}

/** `Z`, `+01:00` or `+0100` as milliseconds east of UTC; 0 with a fault where there is no zone. */
function readZoneMs(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  const sign = at < end ? bytes[at]! : 0
  if ((sign | 0x20) === 0x7a) {
    cursor.at = at + 1
    return 0
  }
  if ((sign === BYTE.plus || sign === BYTE.dash) && end - at >= 5) {
    const minutesAt = bytes[at + 3] === BYTE.colon ? at + 4 : at + 3
    const hours = two(bytes, at + 1)
    const minutes = minutesAt + 2 <= end ? two(bytes, minutesAt) : NO_NUMBER
    if (hours <= 23 && minutes <= 59) {
      cursor.at = minutesAt + 2
      return (sign === BYTE.plus ? 1 : -1) * (hours * HOUR_MS + minutes * MINUTE_MS)
    }
  }
  cursor.faults |= FAULT.noZone
  return 0
}
