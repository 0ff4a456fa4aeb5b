/** Zones of the world by their IANA name (daylight saving included) or by their distance from UTC: what local times mean. */
export interface TimeZone {
  readonly name: string
  /** UTC of a local time that was read as if it were UTC. A time that a clock shows twice is the one nearer to `nearMs`. */
  toUtcMs(localMs: number, nearMs: number): number
}

const OFFSET = /^([+-])(\d\d):?(\d\d)$/
const MINUTE_MS = 60_000
const QUARTER_HOUR_MS = 15 * MINUTE_MS
const DAY_MS = 86_400_000
/** A day of a zone costs two calendar look-ups; remembered of one zone. */
const MAX_DAYS = 1024

/** `+02:00`, `-0330`, `UTC`, `Z` or an IANA name; undefined for anything else. */
export function parseTimeZone(text: string): TimeZone | undefined {
  if (text === 'UTC' || text === 'Z') return fixed(text, 0)
  const match = OFFSET.exec(text)
  if (match !== null) {
    const [hours, minutes] = [Number(match[2]), Number(match[3])]
    return hours > 14 || minutes > 59 ? undefined : fixed(text, (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS)
  }
  return /^[A-Za-z]/.test(text) && isKnown(text) ? named(text) : undefined
}

/** `+02:00` for milliseconds east of UTC. */
export function formatOffset(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / MINUTE_MS)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

const fixed = (name: string, offsetMs: number): TimeZone => ({ name, toUtcMs: (localMs) => localMs - offsetMs })

function isKnown(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The calendar is asked a few times a day at most, and on days when the clocks change once a quarter hour. */
function named(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
  const ask = (utcMs: number): number => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(utcMs)) part[type] = Number(value)
    return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']) - utcMs
  }
  const midnights = new Map<number, number>()
  const atMidnight = (day: number): number => {
    let offset = midnights.get(day)
    if (offset === undefined) {
      if (midnights.size >= MAX_DAYS) midnights.clear()
      offset = ask(day * DAY_MS)
      midnights.set(day, offset)
    }
    return offset
  }
  /** No zone changes its clocks twice in a day: equal at both ends is equal in between. */
  const offsetAt = (utcMs: number): number => {
    const day = Math.floor(utcMs / DAY_MS)
    const offset = atMidnight(day)
    return offset === atMidnight(day + 1) ? offset : ask(utcMs)
  }
  let quarter = Number.NaN
  let [before, after] = [0, 0]
  return {
    name,
    toUtcMs(localMs, nearMs) {
      const now = Math.floor(localMs / QUARTER_HOUR_MS)
      if (now !== quarter) {
        const startMs = now * QUARTER_HOUR_MS
        if (!(startMs >= FIRST_MS && startMs <= LAST_MS)) return localMs
        quarter = now
        const early = offsetAt(startMs - DAY_MS)
        const late = offsetAt(startMs + DAY_MS)
        // The one before the change holds while the clock that shows it still runs, the one after as soon as it does; a time that is skipped is read by the clock before.
        before = offsetAt(startMs - early) === early ? early : late
        after = offsetAt(startMs - late) === late ? late : early
        if (offsetAt(startMs - before) !== before && offsetAt(startMs - after) !== after) before = after = early
      }
      if (before === after) return localMs - before
      return Math.abs(nearMs - (localMs - before)) <= Math.abs(nearMs - (localMs - after)) ? localMs - before : localMs - after
    },
  }
}
/** Before this places had their own mean time, and behind it no stamp is believed: such times are left as they are. */
const FIRST_MS = Date.UTC(1900, 0, 2)
const LAST_MS = Date.UTC(9999, 0)
