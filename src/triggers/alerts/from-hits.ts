import type { Finding } from '../finding.ts'
import { DEFAULT_QUIET_MS, type Policy } from '../policy.ts'
import type { RuleHit } from '../protocol.ts'

/** Hits of the rules thread as findings: their number is that of their message. */
export const findingsOf = (hits: readonly RuleHit[]): readonly Finding[] =>
  hits.map((hit) => ({
    id: hit.seq, kind: 'raise', rule: hit.rule, version: hit.version, key: hit.key, fields: hit.captures, seq: hit.seq, atMs: hit.receivedMs, count: hit.count, lastSeq: hit.lastSeq, lastMs: hit.lastMs,
    nodeId: hit.nodeId, sessionId: hit.sessionId, sourceId: hit.sourceId, host: hit.host, app: hit.app, text: hit.text, evidence: hit.evidence, emit: hit.emit, isLate: false, reason: 'matched',
  }))

/** What hits say of their rules. */
export const policiesOf = (hits: readonly RuleHit[]): readonly Policy[] =>
  hits.map((hit) => ({
    rule: hit.rule, version: hit.version, stateVersion: hit.version, severity: hit.severity, status: hit.status, title: hit.title, by: [], forMs: 0, holdMs: 0,
    resolve: { quietMs: DEFAULT_QUIET_MS, atSessionEnd: false, never: false },
    notify: hit.notify === undefined ? undefined : { to: hit.notify.to, waitMs: undefined, everyMs: hit.notify.everyMs, before: hit.notify.before, after: hit.notify.after },
    escalate: [], inhibit: undefined, raisesAlerts: hit.notify !== undefined || hit.emit === undefined || hit.severity !== 'info', runbook: hit.runbook, owner: hit.owner,
  }))
