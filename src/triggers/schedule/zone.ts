/** A moment as a wall clock shows it. */
export interface WallTime { readonly year: number; readonly month: number; readonly day: number; readonly weekday: number; readonly hour: number; readonly minute: number }

/** How far wall clocks of an IANA zone are ahead of UTC at a moment, in ms. Throws a `RangeError` for a zone that there is not. */
export function createZone(tz: string): (atMs: number) => number {
  if (tz === 'UTC') return () => 0
  const format = new Intl.DateTimeFormat('en-US', { timeZone: tz, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', era: 'short' })
  return (atMs) => {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(atMs)) parts[type] = Number(value)
    const wallMs = Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute'], parts['second'])
    return wallMs - Math.floor(atMs / 1000) * 1000
  }
}

export function wallTime(localMs: number): WallTime {
  const date = new Date(localMs)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay(), hour: date.getUTCHours(), minute: date.getUTCMinutes() }
}
