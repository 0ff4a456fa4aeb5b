import { dayStartMs, daysInMonth, nearestDayStartMs } from './calendar.ts'
import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { HOUR_MS, MINUTE_MS, readFractionMs, two } from './timestamp.ts'
import { readZone } from './zone.ts'

/** The shortest BSD stamp: `Nov 2 13:21:39`. */
const BSD_STAMP_BYTES = 14
/** `September`: some write the month out. */
const LONGEST_MONTH = 9

/**
 * `Mmm dd hh:mm:ss` (RFC 3164 section 4.1.2) in any case, with a day padded by space or zero or not at all, and with the
 * additions of network devices: a year before or behind the time, fractions, a zone.
 * Moves behind the stamp and writes `sentMs`; where there is none, `sentMs` is left as it was. A day or a time
 * that no calendar has is passed with a fault.
 */
export function readBsdStamp(cursor: Cursor): boolean {
  return readMonthStamp(cursor, 0)
}

/** `yyyy Mmm dd hh:mm:ss` (NX-OS; RFC 3164 section 5.4, example 4), else as `readBsdStamp`. */
export function readYearFirstStamp(cursor: Cursor): boolean {
  const { at } = cursor
  const year = readYear(cursor, at)
  if (year === 0) return false
  while (cursor.at < cursor.end && cursor.bytes[cursor.at] === BYTE.space) cursor.at++
  if (readMonthStamp(cursor, year)) return true
  cursor.at = at
  return false
}

/** @param givenYear 0: none was found before the month */
function readMonthStamp(cursor: Cursor, givenYear: number): boolean {
  const { bytes, end, batch, row } = cursor
  if (end - cursor.at < BSD_STAMP_BYTES) return false
  const monthDay = readMonthDay(cursor)
  if (monthDay === 0) return false
  let year = givenYear === 0 ? readYear(cursor, cursor.at) : givenYear
  const at = cursor.at
  if (end - at < 8 || bytes[at + 2] !== BYTE.colon || bytes[at + 5] !== BYTE.colon) return false
  const hour = two(bytes, at)
  const minute = two(bytes, at + 3)
  const second = two(bytes, at + 6)
  if (hour > 99 || minute > 99 || second > 99) return false
  const isOnClock = hour <= 23 && minute <= 59 && second <= 60
  cursor.at = at + 8
  let timeMs = hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + readFractionMs(cursor)
  cursor.faults |= FAULT.noZone
  if (year === 0) year = readYearBehind(cursor)
  if (mayBeZone(cursor)) {
    const offset = readZone(cursor)
    if (!Number.isNaN(offset)) {
      timeMs -= offset
      if (year === 0) year = readYearBehind(cursor)
    }
  }
  // The year 0, which stands for none, is a leap year.
  if (!isOnClock || (monthDay & 31) > daysInMonth(year, monthDay >> 5)) {
    cursor.faults |= FAULT.badTimestamp
    batch.sentMs[row] = NaN
  } else if (year === 0) {
    cursor.faults |= FAULT.noYear
    batch.sentMs[row] = dayWithoutYear(cursor, monthDay) + timeMs
  } else {
    batch.sentMs[row] = dayStartMs(year, monthDay >> 5, monthDay & 31) + timeMs
  }
  return true
}

/** The start of the day in the year nearest to the time of receipt. */
function dayWithoutYear(cursor: Cursor, monthDay: number): number {
  if (monthDay !== cursor.dayOf || cursor.receivedMs !== cursor.dayReceivedMs) {
    cursor.dayOf = monthDay
    cursor.dayReceivedMs = cursor.receivedMs
    cursor.dayStartMs = nearestDayStartMs(monthDay, cursor.receivedMs)
  }
  return cursor.dayStartMs
}

/** One look at the next byte or two: most messages go on with a blank and a host in lower case. */
function mayBeZone({ bytes, at, end }: Cursor): boolean {
  if (at + 1 >= end) return at < end
  const next = bytes[bytes[at] === BYTE.space ? at + 1 : at]!
  return (next >= 65 && next <= 90) || next === BYTE.plus || next === BYTE.dash
}

/** `Mmm dd ` as month * 32 + day, or 0; moves behind it. The caller has seen to `BSD_STAMP_BYTES`. */
function readMonthDay(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at
  const month = monthNumber(bytes, at)
  if (month === 0) return 0
  at += 3
  if (bytes[at] !== BYTE.space) {
    at = monthEnd(cursor)
    if (end - at < BSD_STAMP_BYTES - 3) return 0
  }
  at += bytes[at + 1] === BYTE.space ? 2 : 1
  if (!isDigit(bytes[at]!)) return 0
  let day = bytes[at++]! - BYTE.zero
  if (isDigit(bytes[at]!)) day = day * 10 + bytes[at++]! - BYTE.zero
  if (bytes[at] !== BYTE.space || day < 1 || day > 31) return 0
  cursor.at = at + 1
  return month * 32 + day
}

/** The blank behind a month that was written out, or the end of the frame. The caller has seen to more bytes than the longest name has. */
function monthEnd({ bytes, at, end }: Cursor): number {
  let next = at
  while (next - at <= LONGEST_MONTH && (bytes[next]! | 0x20) >= 97 && (bytes[next]! | 0x20) <= 122) next++
  return bytes[next] === BYTE.space ? next : end
}

/** Four digits 1970–2099 at `at` and a space, or 0; moves behind the space. */
function readYear(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  if (end - at < 5 || bytes[at + 4] !== BYTE.space) return 0
  const year = two(bytes, at) * 100 + two(bytes, at + 2)
  if (year < 1970 || year > 2099) return 0
  cursor.at = at + 5
  return year
}

/** A blank and four digits 1970–2099 that a blank or a colon follows, or 0; moves behind the digits. `2001:db8::1` is a host. */
function readYearBehind(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < 6 || bytes[at] !== BYTE.space) return 0
  const isColon = bytes[at + 5] === BYTE.colon && (end - at === 6 || bytes[at + 6] === BYTE.space || bytes[at + 6] === BYTE.percent)
  if (bytes[at + 5] !== BYTE.space && !isColon) return 0
  const year = two(bytes, at + 1) * 100 + two(bytes, at + 3)
  if (year < 1970 || year > 2099) return 0
  cursor.at = at + 5
  return year
}

/** 1–12 for the three letters at `at` in any case, or 0. */
export function monthNumber(bytes: Uint8Array, at: number): number {
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
