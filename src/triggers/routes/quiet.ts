import { parseTimeZone, type TimeZone } from '#base/time-zone.ts'

/** From a minute of a day to a minute of that day or the next, on some days of the week, by the clocks of a zone. */
export interface QuietInterval {
  /** 0 Sunday … 6 Saturday: the days on which it begins. */
  readonly days: readonly number[]
  readonly fromMinute: number
  /** Beyond 1440: on the next day. */
  readonly toMinute: number
  readonly zone: TimeZone
}

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Intervals that follow each other without a gap: looked at until one does not, at most a week of days. */
const MAX_LINKS = 50

/** `22:00` in minutes; undefined: it is no time of day. `24:00` is the end of the day. */
export function parseClock(text: string): number | undefined {
  const match = /^(\d\d):(\d\d)$/.exec(text)
  if (match === null) return undefined
  const minutes = Number(match[1]) * 60 + Number(match[2])
  return Number(match[2]) < 60 && minutes <= 1440 ? minutes : undefined
}

/** `mon`, `mon-fri`, `fri-mon`; undefined: these are no days. */
export function parseDays(text: string): readonly number[] | undefined {
  const [first, last, ...rest] = text.split('-').map((word) => (DAYS as readonly string[]).indexOf(word))
  if (first === undefined || first < 0 || rest.length > 0) return undefined
  if (last === undefined) return [first]
  return last < 0 ? undefined : Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7)
}

export const parseQuietZone = (name: string): TimeZone | undefined => parseTimeZone(name)

/** When the peace of these intervals ends; undefined: there is none at this time. Pure. */
export function quietUntil(intervals: readonly QuietInterval[], nowMs: number): number | undefined {
  let untilMs = nowMs
  for (let link = 0; link < MAX_LINKS; link++) {
    const ends = intervals.map((interval) => endOf(interval, untilMs)).filter((end) => end !== undefined)
    if (ends.length === 0) break
    untilMs = Math.max(...ends)
  }
  return untilMs === nowMs ? undefined : untilMs
}

/** The end of an interval that holds at a time. Its zone says when local midnight of a day was, so that it also knows nights that are an hour longer. */
function endOf({ days, fromMinute, toMinute, zone }: QuietInterval, atMs: number): number | undefined {
  // zones are at most 14 h from UTC: the local day is that of UTC, the one before, or the one after
  const utcDay = Math.floor(atMs / DAY_MS)
  for (const day of [utcDay - 2, utcDay - 1, utcDay, utcDay + 1]) {
    if (!days.includes((((day + 4) % 7) + 7) % 7)) continue
    const startMs = zone.toUtcMs(day * DAY_MS + fromMinute * MINUTE_MS, atMs)
    const endMs = zone.toUtcMs(day * DAY_MS + toMinute * MINUTE_MS, atMs)
    if (startMs <= atMs && atMs < endMs) return endMs
  }
  return undefined
}
