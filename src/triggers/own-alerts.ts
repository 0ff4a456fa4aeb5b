import type { AlertSeverity } from '#domain/alert.ts'
import type { OwnRule } from '#domain/own-rules.ts'
import { printable, cut } from '#base/text.ts'
import type { AlertRecords } from '#store/index.ts'
import type { Effects } from './effects.ts'
import type { Finding } from './finding.ts'
import type { Policy } from './policy.ts'

/** What is wrong with the rules themselves, in one line. */
export interface Trouble { readonly title: string; readonly severity: AlertSeverity }

const VERSION = '1'
const KEY = 'hub'
const MAX_TITLE_CHARACTERS = 200

/**
 * Alerts about the rules, which rules could not raise: they are behind, or there are none. The routes decide who is told.
 * @returns a function that opens the alert of a trouble, goes on with it, or ends it; it returns whether there may be something to send
 */
export function createOwnAlerts({ alerts, effects, clock }: { readonly alerts: Pick<AlertRecords, 'open'>; readonly effects: Pick<Effects, 'change'>; readonly clock: () => number }): (rule: OwnRule, trouble: Trouble | undefined) => boolean {
  return (rule, trouble) => {
    const open = alerts.open(rule, KEY)
    if (trouble === undefined) return open !== undefined && effects.change((life) => life.over(open, clock()))
    if (open !== undefined) return false
    const { severity } = trouble
    const title = cut(printable(trouble.title), MAX_TITLE_CHARACTERS)
    return effects.change((life) => life.raise(findingOf(rule, title, clock()), { policy: policyOf(rule, severity), title, nowMs: clock() }))
  }
}

/** It is over when the hub says so: neither time nor a session ends it. */
const policyOf = (rule: OwnRule, severity: AlertSeverity): Policy => ({
  rule, version: VERSION, stateVersion: VERSION, severity, status: 'live', title: rule, by: [], forMs: 0, holdMs: 0,
  resolve: { quietMs: undefined, atSessionEnd: false, never: false }, notify: undefined, escalate: [], inhibit: undefined, raisesAlerts: true, runbook: `docs/runbooks/hub.md#${rule === 'rules-refused' ? 'rules-refused-at-start' : rule}`, owner: undefined,
})

const findingOf = (rule: OwnRule, text: string, nowMs: number): Finding => ({
  id: 0, kind: 'raise', rule, version: VERSION, key: KEY, fields: {}, seq: 0, atMs: nowMs, count: 1, lastSeq: 0, lastMs: nowMs, nodeId: 0, sessionId: 0, sourceId: 0, host: '', app: '', text,
  evidence: 'A', emit: undefined, isLate: false, reason: 'matched',
})
