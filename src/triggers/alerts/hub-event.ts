import type { NewHubEvent } from '#store/index.ts'
import type { TakenStep } from './life.ts'

/** What `when: alerts` rules are told of a step; undefined: nothing, since the alert never fired, goes on as it was, or is of a rule on trial. */
export function hubEventOf({ alert, transition, policy }: TakenStep): NewHubEvent | undefined {
  const { to, atMs, seq, reason } = transition
  // of a rule that was on trial until now, other rules have not heard
  const from = reason === 'rule-changed' && to !== 'resolved' ? '' : (transition.from ?? '')
  if (from === to || to === 'pending' || (from === 'pending' && to === 'resolved') || policy.status === 'shadow') return undefined
  return {
    kind: 'alert', to, from, nodeId: alert.nodeId, sessionId: alert.sessionId, seq, atMs: Math.round(atMs), evidence: 'A',
    // rule and key: what an alert is told apart by, since the other fields may have changed when it is over
    fields: { ...alert.fields, rule: alert.rule, key: alert.key, severity: alert.severity, alert: String(alert.id) },
  }
}
