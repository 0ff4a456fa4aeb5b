import type { Position } from '../state/rules-state.ts'

/** What main has given its effects: up to which message and hub event, and the last finding. Each is kept in hub.db with the effects. */
export interface Applied {
  readonly cursor: number
  readonly findingId: number
  /** Unless given, not known. */
  readonly eventId?: number
}

/** What hub.db and the log know of the same moment. */
export interface HubSide {
  readonly applied: Applied
  /** The last message on the disk; undefined: not known. */
  readonly logEnd: number | undefined
  /** The last hub event that was written. */
  readonly newestEvent: number
}

/** Why what rules remembered is not used. */
export const FORGOTTEN = {
  missing: 'there is no rules.db',
  damaged: 'rules.db is damaged or of another program',
  older: 'rules.db is older than hub.db',
  newer: 'rules.db is newer than hub.db or the log',
} as const
export type Forgotten = keyof typeof FORGOTTEN

/**
 * Whether rules.db is of the same history as hub.db and the log: each is written before the next is (log, hub events, rules.db,
 * effects in hub.db), so that what is behind may be ahead of nothing. It is not after one of them was brought back from a backup
 * without the others. Then its windows and deadlines are of another time, and numbers of findings may mean others:
 * with an older one deadlines would fire that were kept; with a newer one messages would never be looked at.
 * @param first the first finding that it keeps; those before had their effects
 */
export function strangeness(kept: Position, first: number | undefined, { applied, logEnd, newestEvent }: HubSide): 'older' | 'newer' | undefined {
  const knownApplied = (first ?? kept.findingId + 1) - 1
  if (kept.cursor > (logEnd ?? Infinity) || kept.eventId > newestEvent || knownApplied > applied.findingId) return 'newer'
  return applied.cursor > kept.cursor || applied.findingId > kept.findingId || (applied.eventId ?? 0) > kept.eventId ? 'older' : undefined
}
