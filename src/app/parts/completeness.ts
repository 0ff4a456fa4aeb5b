import { judgeCompleteness, lostMeanwhile, type Completeness } from '#domain/completeness.ts'
import type { Session } from '#domain/session.ts'
import type { LossRecords, SessionRecords } from '#store/index.ts'

export interface CompletenessOptions {
  readonly sessions: Pick<SessionRecords, 'expand'>
  readonly losses: Pick<LossRecords, 'ofSessions' | 'unplaced' | 'foldedUpTo'>
}

/** Whether each of these sessions has all that was sent, with what was joined to it; in their order. */
export function completenessOf(listed: readonly Session[], { sessions, losses }: CompletenessOptions): Completeness[] {
  if (listed.length === 0) return []
  const parts = listed.map(({ id }) => sessions.expand([id]))
  const entries = Map.groupBy(losses.ofSessions(parts.flat()), ({ sessionId }) => sessionId)
  const unplaced = losses.unplaced(Math.min(...listed.map(({ openedMs }) => openedMs)))
  const folded = losses.foldedUpTo()
  return listed.map((session, index) => judgeCompleteness({
    messages: session.messages, numbered: session.numbered, acknowledged: session.acknowledged, streamed: session.streamed,
    losses: parts[index]!.flatMap((id) => entries.get(id) ?? []),
    lostMeanwhile: lostMeanwhile(session, unplaced),
    isFolded: parts[index]!.some((id) => id <= folded),
  }))
}
