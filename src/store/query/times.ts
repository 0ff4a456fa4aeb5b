import { formatDuration, parseDurationMs } from '#base/duration.ts'

const POINT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?(Z|[+-]\d\d:\d\d)?$/i
/** What a Date can hold. */
const MAX_MS = 8.64e15

/**
 * A point in time as people write it: `1h` (that long before now), `now`, `2026-11-22`, `2026-11-22T10:00`, with seconds,
 * with `Z` or an offset. Without a zone it is UTC, like every time the hub shows.
 * @returns epoch milliseconds
 */
export function parsePoint(text: string, nowMs: number): number | undefined {
  if (text.toLowerCase() === 'now') return nowMs
  const agoMs = parseDurationMs(text)
  if (agoMs !== undefined) return agoMs < MAX_MS && Math.abs(nowMs - agoMs) < MAX_MS ? Math.round(nowMs - agoMs) : undefined
  const match = POINT.exec(text)
  if (match === null) return undefined
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00'}${(match[3] ?? 'Z').toUpperCase()}`)
  const isRealDay = new Date(`${match[1]}T00:00Z`).toString() !== 'Invalid Date' && new Date(`${match[1]}T00:00Z`).toISOString().startsWith(match[1])
  return Number.isNaN(ms) || !isRealDay ? undefined : ms
}

/** A time counted from the opening of a boot session: `boot`, `boot+90s`. @returns milliseconds since then */
export function parseBootPoint(text: string): number | undefined {
  const match = /^boot(?:\+(.+))?$/i.exec(text)
  if (match === null) return undefined
  const ms = match[1] === undefined ? 0 : parseDurationMs(match[1])
  return ms === undefined || ms >= MAX_MS ? undefined : Math.round(ms)
}

/** The text that `parseBootPoint` reads as exactly this. */
export const printBootPoint = (ms: number): string => (ms === 0 ? 'boot' : `boot+${ms % 1000 === 0 ? formatDuration(ms) : `${ms}ms`}`)
