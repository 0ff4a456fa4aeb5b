import { parse } from 'node-cron'
import { createZone, wallTime } from './zone.ts'

/** Zones change their offset at whole quarters of an hour. */
const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
/** How far the clock of a zone is put back or forward at most, and a little. */
const MAX_SHIFT_MS = 3 * 3_600_000
/** 29 February comes after eight years at the latest (2096 to 2104). */
const MAX_AHEAD_MS = 9 * 366 * DAY_MS

/** What a calendar asks for, as sets. */
interface Fields {
  readonly seconds: readonly number[]
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
}

/** What node-cron says against a calendar beside its syntax: undefined when it can be used. */
export function checkCalendar(cron: string): string | undefined {
  try {
    fieldsOf(cron)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Throws what node-cron throws, and a `RangeError` for what it knows beyond numbers (`L`, `W`, `#`). */
function fieldsOf(cron: string): Fields {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(cron)
  const whole = (values: readonly (number | string)[]): ReadonlySet<number> => {
    const numbers = values.map(Number)
    if (!numbers.every(Number.isInteger)) throw new RangeError(`\`${values.join(',')}\` is not made of numbers`)
    return new Set(numbers)
  }
  return {
    seconds: [...whole(second)].sort((a, b) => a - b), minutes: whole(minute), hours: whole(hour), days: whole(dayOfMonth), months: whole(month),
    weekdays: new Set([...whole(dayOfWeek)].map((day) => day % 7)),
  }
}

/** Moments of a calendar. Pure: the same moment asked for gives the same answer. */
export interface Calendar {
  /** The first moment after `afterMs`; undefined: there is none in nine years. */
  next(afterMs: number): number | undefined
}

/**
 * @param cron as node-cron reads it: five fields or six with seconds; both day of month and day of week must fit.
 * Where the clock is put forward, what would come in the hour that is left out comes as it is put; where it is put back,
 * what is meant for an hour of the day comes once. A calendar for every hour goes by the time that passes.
 */
export function createCalendar(cron: string, tz: string): Calendar {
  const fields = fieldsOf(cron)
  const offsetAt = createZone(tz)
  const isHourly = fields.hours.size === 24
  const isDay = (localMs: number): boolean => {
    const { day, month, weekday } = wallTime(localMs)
    return fields.days.has(day) && fields.months.has(month) && fields.weekdays.has(weekday)
  }

  /** A wall time that the clock showed before it was put back. */
  function isAgain(atMs: number, offsetMs: number): boolean {
    const shiftMs = offsetAt(atMs - MAX_SHIFT_MS) - offsetMs
    return shiftMs > 0 && offsetAt(atMs - shiftMs) === offsetMs + shiftMs
  }

  /** Whether the calendar asks for a time that was left out just before this quarter. */
  function isLeftOut(atMs: number, offsetMs: number): boolean {
    const before = offsetAt(atMs - 1)
    for (let local = atMs + before; local < atMs + offsetMs; local += 60_000) if (isTime(local)) return true
    return false
  }

  const isTime = (localMs: number): boolean => {
    const { hour, minute } = wallTime(localMs)
    return fields.hours.has(hour) && fields.minutes.has(minute) && isDay(localMs)
  }

  function firstIn(quarterMs: number, { offsetMs, afterMs }: { readonly offsetMs: number; readonly afterMs: number }): number | undefined {
    if (!isHourly && quarterMs > afterMs && isLeftOut(quarterMs, offsetMs)) return quarterMs
    for (let minute = quarterMs; minute < quarterMs + QUARTER_MS; minute += 60_000) {
      if (!isTime(minute + offsetMs) || (!isHourly && isAgain(minute, offsetMs))) continue
      for (const second of fields.seconds) if (minute + second * 1000 > afterMs) return minute + second * 1000
    }
    return undefined
  }

  return {
    next(afterMs) {
      for (let at = Math.floor(afterMs / QUARTER_MS) * QUARTER_MS; at < afterMs + MAX_AHEAD_MS; ) {
        const offsetMs = offsetAt(at)
        const localMs = at + offsetMs
        if (!isDay(localMs)) {
          // no moment of this day; the clock may be put meanwhile, so the last hours of it are looked at again
          const leftMs = DAY_MS - (localMs % DAY_MS)
          if (leftMs > MAX_SHIFT_MS) {
            at += leftMs - MAX_SHIFT_MS
            continue
          }
        }
        const found = firstIn(at, { offsetMs, afterMs })
        if (found !== undefined) return found
        at += QUARTER_MS
      }
      return undefined
    },
  }
}
