import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { dayStartMs, daysInMonth, nearestDayStartMs } from './calendar.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Two digits at `at` as a number, or a number above 99 when they are not digits. */
const two = (bytes: Uint8Array, at: number): number => {
  const tens = bytes[at]! - BYTE.zero
  const ones = bytes[at + 1]! - BYTE.zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1000
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

/** `.123456` or `,123` behind the seconds as milliseconds; anything finer than a millisecond stays in the raw bytes only. */
function readFractionMs(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (at + 1 >= end || (bytes[at] !== BYTE.dot && bytes[at] !== BYTE.comma) || !isDigit(bytes[at + 1]!)) return 0
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
    const minutes = minutesAt + 2 <= end ? two(bytes, minutesAt) : 1000
    if (hours <= 23 && minutes <= 59) {
      cursor.at = minutesAt + 2
      return (sign === BYTE.plus ? 1 : -1) * (hours * HOUR_MS + minutes * MINUTE_MS)
    }
  }
  cursor.faults |= FAULT.noZone
  return 0
}

/** The shortest BSD stamp: `Nov 2 13:21:39`. */
const BSD_STAMP_BYTES = 14

/**
 * `Mmm dd hh:mm:ss` (RFC 3164 section 4.1.2) in any case, with a day padded by space or zero or not at all, and with the
 * additions of network devices: a year before or behind the time, fractions.
 * Moves behind the stamp and writes `sentMs`; where there is none, `sentMs` is left as it was.
 */
export function readBsdStamp(cursor: Cursor): boolean {
  const { bytes, end, batch, row } = cursor
  if (end - cursor.at < BSD_STAMP_BYTES) return false
  const monthDay = readMonthDay(cursor)
  if (monthDay === 0) return false
  let year = readYear(cursor, cursor.at)
  const at = cursor.at
  if (end - at < 8 || bytes[at + 2] !== BYTE.colon || bytes[at + 5] !== BYTE.colon) return false
  const hour = two(bytes, at)
  const minute = two(bytes, at + 3)
  const second = two(bytes, at + 6)
  if (hour > 23 || minute > 59 || second > 60) return false
  cursor.at = at + 8
  const timeMs = hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + readFractionMs(cursor)
  cursor.faults |= FAULT.noZone
  if (year === 0 && cursor.at < end && bytes[cursor.at] === BYTE.space) {
    year = readYear(cursor, cursor.at + 1)
    if (year > 0) cursor.at--
  }
  if (year === 0) {
    cursor.faults |= FAULT.noYear
    batch.sentMs[row] = nearestDayStartMs(monthDay, cursor.receivedMs) + timeMs
  } else if ((monthDay & 31) > daysInMonth(year, monthDay >> 5)) {
    cursor.faults |= FAULT.badTimestamp
  } else {
    batch.sentMs[row] = dayStartMs(year, monthDay >> 5, monthDay & 31) + timeMs
  }
  return true
}

/** `Mmm dd ` as month * 32 + day, or 0; moves behind it. The caller has seen to `BSD_STAMP_BYTES`. */
function readMonthDay(cursor: Cursor): number {
  const { bytes } = cursor
  let at = cursor.at
  const month = monthNumber(bytes, at)
  if (month === 0 || bytes[at + 3] !== BYTE.space) return 0
  at += bytes[at + 4] === BYTE.space ? 5 : 4
  if (!isDigit(bytes[at]!)) return 0
  let day = bytes[at++]! - BYTE.zero
  if (isDigit(bytes[at]!)) day = day * 10 + bytes[at++]! - BYTE.zero
  if (bytes[at] !== BYTE.space || day < 1 || day > daysInMonth(LEAP_YEAR, month)) return 0
  cursor.at = at + 1
  return month * 32 + day
}
const LEAP_YEAR = 2000

/** Four digits 1970–2099 at `at` and a space, or 0; moves behind the space. */
function readYear(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  if (end - at < 5 || bytes[at + 4] !== BYTE.space) return 0
  const year = two(bytes, at) * 100 + two(bytes, at + 2)
  if (year < 1970 || year > 2099) return 0
  cursor.at = at + 5
  return year
}

/** 1–12 for the three letters at `at` in any case, or 0. */
function monthNumber(bytes: Uint8Array, at: number): number {
  switch (((bytes[at]! | 0x20) << 16) | ((bytes[at + 1]! | 0x20) << 8) | bytes[at + 2]! | 0x20) {
    case 0x6a616e: return 1
    case 0x666562: return 2
    case 0x6d6172: return 3
    case 0x617072: return 4
    case 0x6d6179: return 5
    case 0x6a756e: return 6
    case 0x6a756c: return 7
    case 0x617567: return 8
    case 0x736570: return 9
    case 0x6f6374: return 10
    case 0x6e6f76: return 11
    case 0x646563: return 12
    default: return 0
  }
}
