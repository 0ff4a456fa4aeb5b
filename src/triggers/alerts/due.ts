import type { Alert, AlertSeverity } from '#domain/alert.ts'
import type { Policy } from '../policy.ts'

interface Escalation { readonly index: number; readonly dueMs: number; readonly to: string; readonly severity: AlertSeverity | undefined }

/** The step of an escalation that comes next; one that waits for nobody to look after it is passed over while somebody does. */
export function nextEscalation(alert: Alert, { escalate }: Policy): Escalation | undefined {
  if (alert.state !== 'firing' && alert.state !== 'acknowledged') return undefined
  const index = escalate.findIndex((one, at) => at >= alert.escalated && !(one.unlessAcknowledged && alert.state === 'acknowledged'))
  const found = escalate[index]
  return found === undefined ? undefined : { index, dueMs: (alert.firedMs ?? alert.firstMs) + found.afterMs, to: found.to, severity: found.severity }
}

/** When time alone changes an alert next; undefined: never. */
export function dueOf(alert: Alert, policy: Policy): number | undefined {
  if (alert.state === 'resolved') return undefined
  if (alert.state === 'pending') return alert.firstMs + policy.forMs
  if (alert.overMs !== undefined) return alert.overMs + policy.holdMs
  const { quietMs, never } = policy.resolve
  const quiet = quietMs === undefined || never ? Infinity : alert.lastMs + quietMs
  const earliest = Math.min(quiet, nextEscalation(alert, policy)?.dueMs ?? Infinity)
  return earliest === Infinity ? undefined : earliest
}
