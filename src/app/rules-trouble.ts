import { formatDuration } from '#base/duration.ts'
import type { Trouble } from '#triggers/index.ts'

/** So long behind is trouble: a burst is looked through sooner. */
export const BEHIND_MS = 120_000

/** How the rules stand: messages that they have not looked at, and how far time has come for them (0: not yet). */
export interface RulesStanding { readonly behind: number; readonly watermarkMs: number; readonly nowMs: number }

/** Whether the rules are too far behind; they say so themselves only when they have caught up. */
export function behindTrouble({ behind, watermarkMs, nowMs }: RulesStanding): Trouble | undefined {
  const lateMs = nowMs - watermarkMs
  if (behind === 0 || watermarkMs === 0 || lateMs < BEHIND_MS) return undefined
  return { title: `The rules are ${formatDuration(Math.round(lateMs / 1000) * 1000)} behind: ${behind} messages wait`, severity: 'error' }
}

/** An end of the rules is trouble for this long: what ends them once a day is told, and one that comes again and again is one alert. */
const ENDED_MS = 600_000

/** Whether the rules ended by a fault of late. */
export function endedTrouble({ ended, nowMs }: { readonly ended: { readonly reason: string; readonly atMs: number } | undefined; readonly nowMs: number }): Trouble | undefined {
  if (ended === undefined || nowMs - ended.atMs >= ENDED_MS || nowMs < ended.atMs) return undefined
  return { title: `The rules ended by a fault and are started again: ${ended.reason}`, severity: 'error' }
}

/** Whether there are no rules at all. */
export function refusedTrouble({ isInUse, faults }: { readonly isInUse: boolean; readonly faults: readonly string[] }): Trouble | undefined {
  if (isInUse || faults.length === 0) return undefined
  return { title: `No rules are in use: ${faults[0]!}`, severity: 'critical' }
}
