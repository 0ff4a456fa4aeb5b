import type { AlertPolicyView, AlertTransitionView, AlertView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { ALERT_REASONS, isOpen, type Alert, type AlertTransition } from '#domain/alert.ts'
import type { AlertNames, MutesAt, Policies } from '#triggers/index.ts'

const timeOf = (ms: number | undefined): string | null => (ms === undefined ? null : formatUtc(ms))
export const seqOf = (seq: number): number | null => (seq === 0 ? null : seq)

/** An alert as the API shows it; `mutesOf` is read once for all of a page. */
export function presentAlert(alert: Alert, { names, mutesOf }: { readonly names: AlertNames; readonly mutesOf: MutesAt }): AlertView {
  const { id, rule, key, state, severity, title, nodeId, sessionId, firstMs, lastMs, firedMs, overMs, resolvedMs, count, flaps, isLate, acknowledgedBy, acknowledgedNote } = alert
  return {
    id, rule, key, state, severity, title, count, flaps, late: isLate, node: names.node(nodeId) ?? alert.fields['node'] ?? null, session: names.session(sessionId) ?? null,
    first: formatUtc(firstMs), last: formatUtc(lastMs), fired: timeOf(firedMs), over: timeOf(overMs), resolved: timeOf(resolvedMs),
    acknowledged_by: acknowledgedBy ?? null, acknowledged_note: acknowledgedNote ?? null,
    mutes: isOpen(alert) ? mutesOf(alert).map(({ mute, why, silenceId, alertId, untilMs }) => ({ mute, why, silence: silenceId ?? null, alert: alertId ?? null, until: timeOf(untilMs) })) : [],
  }
}

export const presentTransition = ({ atMs, from, to, reason, by, note, seq }: AlertTransition): AlertTransitionView => ({
  at: formatUtc(atMs), from: from ?? null, to, reason, means: ALERT_REASONS[reason], by, note, seq: seqOf(seq),
})

/** What the rule of an alert asks for, or asked for last. */
export function presentPolicy(alert: Alert, policies: Policies): AlertPolicyView {
  const { policy } = policies.of(alert)
  const { resolve, notify } = policy
  return {
    version: policy.version, status: policy.status, in_use: policies.current(alert.rule) !== undefined || policies.isOwn(alert.rule), by: [...policy.by], for_ms: policy.forMs, hold_ms: policy.holdMs,
    quiet_ms: resolve.never ? null : (resolve.quietMs ?? null), at_session_end: resolve.atSessionEnd && !resolve.never, only_by_person: resolve.never,
    notify: notify?.to ?? null, repeat_ms: notify?.everyMs ?? null,
    escalate: policy.escalate.map(({ afterMs, to, unlessAcknowledged, severity }) => ({ after_ms: afterMs, to, unless_acknowledged: unlessAcknowledged, severity: severity ?? null })),
    runbook: policy.runbook ?? null, owner: policy.owner ?? null,
  }
}
