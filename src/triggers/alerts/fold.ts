import type { AlertRow, NewAlert } from '#store/index.ts'
import type { RuleHit } from '../protocol.ts'

/** An alert without a match for this long is over; the next match opens another. */
export const QUIET_AFTER_MS = 24 * 3_600_000

type FoldReason = 'opened' | 'opened-after-quiet' | 'repeat-due' | 'folded'
export interface Folded {
  /** The open alert from before is over. */
  readonly resolves: boolean
  readonly alert: NewAlert
  readonly reason: FoldReason
  /** A receiver is to be told. */
  readonly notifies: boolean
}

/** Whether a rule makes alerts: an `info` rule that only reports events or stages is book-keeping. */
export const raisesAlert = (hit: Pick<RuleHit, 'severity' | 'emit' | 'notify'>): boolean => hit.notify !== undefined || hit.emit === undefined || hit.severity !== 'info'

/** The alert after one more match, pure. Time is that of receipt: the same messages give the same alerts whenever they are looked at. */
export function foldHit(open: AlertRow | undefined, hit: RuleHit, title: string): Folded {
  const isOver = open !== undefined && hit.receivedMs - open.lastMs >= QUIET_AFTER_MS
  const wants = hit.notify !== undefined
  if (open === undefined || isOver) {
    return { resolves: isOver, reason: isOver ? 'opened-after-quiet' : 'opened', notifies: wants, alert: opened(hit, title, wants ? hit.receivedMs : undefined) }
  }
  const isDue = wants && (open.notifiedMs === undefined || hit.lastMs - open.notifiedMs >= hit.notify!.everyMs)
  const alert = {
    ...open, ruleVersion: hit.version, severity: hit.severity, title, lastMs: Math.max(open.lastMs, hit.lastMs), lastSeq: hit.lastSeq, count: open.count + hit.count,
    notifiedMs: isDue ? hit.lastMs : open.notifiedMs,
  }
  return { resolves: false, reason: isDue ? 'repeat-due' : 'folded', notifies: isDue, alert }
}

function opened(hit: RuleHit, title: string, notifiedMs: number | undefined): NewAlert {
  return {
    rule: hit.rule, ruleVersion: hit.version, key: hit.key, state: 'firing', severity: hit.severity, title, nodeId: hit.nodeId, sessionId: hit.sessionId,
    firstMs: hit.receivedMs, lastMs: hit.lastMs, firstSeq: hit.seq, lastSeq: hit.lastSeq, count: hit.count, captures: hit.captures, notifiedMs,
  }
}
