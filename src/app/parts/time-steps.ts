import { formatDuration, parseDurationMs } from '#base/duration.ts'
import { AppFault } from '#domain/fault.ts'
import type { ResolvedQuery } from '#store/index.ts'

/** Receive times that a query can match, epoch milliseconds, `fromMs <= t < untilMs`; not finite where it has no bound. */
export interface TimeRange { readonly fromMs: number; readonly untilMs: number }
const ALWAYS: TimeRange = { fromMs: -Infinity, untilMs: Infinity }

/** Steps as people count time; each is a part of the next. */
const STEPS_MS = ['100ms', '1s', '5s', '10s', '30s', '1m', '5m', '10m', '30m', '1h', '3h', '6h', '12h', '1d', '7d', '28d'].map((text) => parseDurationMs(text)!)
/** Steps that `auto` aims at; a strip on a page shows no more. */
const WANTED_STEPS = 60
/** More would be an answer that nobody reads. */
const MAX_STEPS = 10_000

/** The range that the terms of time leave. */
export function queryRange(query: ResolvedQuery): TimeRange {
  if (query.kind === 'time') return { fromMs: query.fromMs ?? -Infinity, untilMs: query.untilMs ?? Infinity }
  if (query.kind === 'and') return query.terms.map(queryRange).reduce((a, b) => ({ fromMs: Math.max(a.fromMs, b.fromMs), untilMs: Math.min(a.untilMs, b.untilMs) }), ALWAYS)
  if (query.kind === 'or') return query.terms.map(queryRange).reduce((a, b) => ({ fromMs: Math.min(a.fromMs, b.fromMs), untilMs: Math.max(a.untilMs, b.untilMs) }), { fromMs: Infinity, untilMs: -Infinity })
  return ALWAYS
}

/**
 * The length of the steps of a histogram over `range` (finite): as asked, or of those that people count in the one that gives
 * about sixty. Throws AppFault `bad-request` on a text that is no duration, or gives too many steps.
 */
export function stepMsOf(asked: string | undefined, range: TimeRange): number {
  const lengthMs = Math.max(0, range.untilMs - range.fromMs)
  if (asked === undefined || asked === 'auto') return STEPS_MS.find((stepMs) => lengthMs / stepMs <= WANTED_STEPS) ?? STEPS_MS.at(-1)!
  const stepMs = parseDurationMs(asked)
  if (stepMs === undefined || stepMs < 1 || !Number.isInteger(stepMs)) throw new AppFault('bad-request', `“${asked}” is no step: write a duration like 30s, 5m or 1h, or auto`)
  if (lengthMs / stepMs > MAX_STEPS) throw new AppFault('bad-request', `Steps of ${formatDuration(stepMs)} would be more than ${MAX_STEPS} over this range: take longer ones, or say since and until`)
  return stepMs
}
