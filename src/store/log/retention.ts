/** What retention may remove, as a pure decision: whole day files, by age, counted from the newest stored message. */
export interface DayFileAge { readonly name: string; readonly day: number; readonly newestMs: number | undefined }
export interface RetentionInput {
  readonly files: readonly DayFileAge[]
  readonly retentionMs: number
  /** Receive time of the newest stored message, undefined when there is none. */
  readonly newestMs: number | undefined
  /** The same when it was last believed, and how long ago that was by a clock that nobody sets; undefined at the first decision of the process. */
  readonly previous: { readonly newestMs: number; readonly agoMs: number } | undefined
  readonly nowMs: number
}
const RETENTION_REASONS = ['empty', 'newest-in-future', 'newest-in-past', 'newest-jumped'] as const
type RetentionReason = (typeof RETENTION_REASONS)[number]
export type RetentionDecision = { readonly remove: readonly string[]; readonly held?: RetentionReason }

const DAY_MS = 86_400_000

/**
 * A clock that is wrong must never cost a log: when the newest message and the clock differ by more than a day, or the
 * newest message moved by a day more than the time that has passed since the last look, nothing is removed and the reason is said.
 */
export function decideRetention({ files, retentionMs, newestMs, previous, nowMs }: RetentionInput): RetentionDecision {
  if (newestMs === undefined) return { remove: [], held: 'empty' }
  if (newestMs - nowMs > DAY_MS) return { remove: [], held: 'newest-in-future' }
  if (nowMs - newestMs > DAY_MS) return { remove: [], held: 'newest-in-past' }
  if (previous !== undefined && Math.abs(newestMs - previous.newestMs) > previous.agoMs + DAY_MS) return { remove: [], held: 'newest-jumped' }
  const oldestKeptMs = newestMs - retentionMs
  const isOld = (file: DayFileAge): boolean => (file.day + 1) * DAY_MS <= oldestKeptMs && (file.newestMs === undefined || file.newestMs < oldestKeptMs)
  return { remove: files.filter(isOld).map((file) => file.name) }
}
