/** Days and years by arithmetic (proleptic Gregorian, UTC): no Date object per message. */
const DAY_MS = 86_400_000

/** Whether 29 February exists. */
const isLeap = (year: number): boolean => (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0)

/** 28–31; `month` from 1. */
export const daysInMonth = (year: number, month: number): number => (month === 2 ? (isLeap(year) ? 29 : 28) : 30 + ((month + (month >> 3)) & 1))

/** Milliseconds since the epoch at the start of a day; `month` from 1. Years run from March here, so that the leap day comes last. */
export function dayStartMs(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  const days = y * 365 + ((y / 4) | 0) - ((y / 100) | 0) + ((y / 400) | 0) + dayOfYear - 719_468
  return days * DAY_MS
}

/** The year that holds `ms`. */
export function yearOf(ms: number): number {
  let year = 1970 + Math.floor(ms / (365.2425 * DAY_MS))
  if (dayStartMs(year + 1, 1, 1) <= ms) year++
  else if (dayStartMs(year, 1, 1) > ms) year--
  return year
}

/** A day within this of the receive time is nearer than the same day of any other year. */
const SURELY_NEAREST_MS = 182 * DAY_MS
/** How far a leap day may be from the receive time in years: 1900 and 2100 have none. */
const LEAP_SEARCH_YEARS = 8

/**
 * The start of a day that was written without a year, in the year that brings it nearest to `receivedMs`; 29 February in the nearest year that has one.
 * @param monthDay month * 32 + day
 */
export function nearestDayStartMs(monthDay: number, receivedMs: number): number {
  const month = monthDay >> 5
  const day = monthDay & 31
  const year = yearOf(receivedMs)
  if (month === 2 && day === 29) return nearestLeapDayMs(year, receivedMs)
  const here = dayStartMs(year, month, day)
  if (here - receivedMs > SURELY_NEAREST_MS) return nearer(here, dayStartMs(year - 1, month, day), receivedMs)
  if (receivedMs - here > SURELY_NEAREST_MS) return nearer(here, dayStartMs(year + 1, month, day), receivedMs)
  return here
}

/** A NaN is never nearer. */
const nearer = (a: number, b: number, to: number): number => (Math.abs(a - to) <= Math.abs(b - to) ? a : b)

function nearestLeapDayMs(year: number, receivedMs: number): number {
  let best = NaN
  for (let y = year - LEAP_SEARCH_YEARS; y <= year + LEAP_SEARCH_YEARS; y++) {
    if (!isLeap(y)) continue
    const ms = dayStartMs(y, 2, 29)
    best = nearer(best, ms, receivedMs)
  }
  return best
}
