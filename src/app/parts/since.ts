import { parseDurationMs } from '#base/duration.ts'
import { AppFault } from '#domain/fault.ts'

/** `24h` (before now) or RFC 3339, in epoch milliseconds. @throws AppFault `bad-request` */
export function readSince(text: string, nowMs: number): number {
  const durationMs = parseDurationMs(text)
  return durationMs === undefined ? readTime(text) : nowMs - durationMs
}

/** RFC 3339, in epoch milliseconds. @throws AppFault `bad-request` */
export function readTime(text: string): number {
  const ms = Date.parse(text)
  if (Number.isFinite(ms) && ms > 0 && /^\d{4}-/.test(text)) return ms
  throw new AppFault('bad-request', `“${text}” is neither a duration such as 24h nor a time such as 2026-11-22T14:30:00Z`)
}
