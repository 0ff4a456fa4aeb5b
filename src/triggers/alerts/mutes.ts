import { formatUtc } from '#base/time.ts'
import { matchesAll } from '#domain/alert-matchers.ts'
import type { Alert, AlertSilence } from '#domain/alert.ts'
import type { PlannedWork } from '#store/index.ts'
import type { Policy } from '../policy.ts'
import { createInhibition } from './inhibition.ts'
import type { MuteReason, Mutes, MutesAt } from './notifier-port.ts'

/** What mutes alerts at one instant. */
export interface MutesData {
  readonly nowMs: number
  /** In force or to come. */
  readonly silences: readonly AlertSilence[]
  readonly planned: readonly PlannedWork[]
  readonly open: Iterable<Alert>
  readonly policyOf: (alert: Alert) => Policy
  readonly fieldOf: (alert: Alert, field: string) => string | undefined
  /** Of a sender. */
  readonly addressOf: (sourceId: number) => string | undefined
}

/** Everything that keeps an alert from telling, each with its why. Pure over what it is given. */
export function mutesAt({ nowMs, silences, planned, open, policyOf, fieldOf, addressOf }: MutesData): MutesAt {
  const isNow = ({ fromMs, untilMs, endedMs }: Pick<AlertSilence, 'fromMs' | 'untilMs' | 'endedMs'>): boolean => fromMs <= nowMs && nowMs < untilMs && endedMs === undefined
  const inForce = silences.filter(isNow)
  const going = planned.filter(isNow)
  const inhibitorOf = createInhibition({ open, policyOf, fieldOf })
  const isAbout = (work: PlannedWork, alert: Alert): boolean => {
    if (work.nodeId !== undefined) return work.nodeId === alert.nodeId
    if (work.address !== undefined) return alert.sourceId !== 0 && addressOf(alert.sourceId) === work.address
    return true
  }
  return (alert) => {
    const reasons: MuteReason[] = []
    if (policyOf(alert).status === 'shadow') reasons.push({ mute: 'shadow', why: `rule ${alert.rule} is on trial (status: shadow)` })
    for (const silence of inForce) {
      if (matchesAll(silence.matchers, (field) => fieldOf(alert, field))) {
        reasons.push({ mute: 'silenced', why: `silence ${silence.id} by ${silence.by} until ${formatUtc(silence.untilMs)}: ${silence.reason}`, silenceId: silence.id, untilMs: silence.untilMs })
      }
    }
    const inhibitor = inhibitorOf(alert)
    if (inhibitor !== undefined) reasons.push({ mute: 'inhibited', why: `alert ${inhibitor.id} of ${inhibitor.rule} says it all: ${inhibitor.title}`, alertId: inhibitor.id })
    for (const work of going) if (isAbout(work, alert)) reasons.push({ mute: 'planned', why: `work announced by ${work.by} until ${formatUtc(work.untilMs)}: ${work.why}`, untilMs: work.untilMs })
    return reasons
  }
}

export interface MutesOptions {
  readonly silences: { ahead(nowMs: number): readonly AlertSilence[] }
  readonly planned: { ahead(nowMs: number): readonly PlannedWork[] }
  readonly alerts: { openOf(rule?: string): Iterable<Alert> }
  readonly policies: { all(): Iterable<Policy>; of(alert: Alert): { readonly policy: Policy } }
  readonly fieldOf: (alert: Alert, field: string) => string | undefined
  readonly addressOf: (sourceId: number) => string | undefined
}

/** The same over the records as they stand. Only alerts of rules that inhibit are read. */
export function createMutes({ silences, planned, alerts, policies, fieldOf, addressOf }: MutesOptions): Mutes {
  const policyOf = (alert: Alert): Policy => policies.of(alert).policy
  function* inhibiting(): Generator<Alert> {
    for (const { rule, inhibit } of policies.all()) if (inhibit !== undefined) yield* alerts.openOf(rule)
  }
  return {
    at: (nowMs) => mutesAt({ nowMs, silences: silences.ahead(nowMs), planned: planned.ahead(nowMs), open: inhibiting(), policyOf, fieldOf, addressOf }),
    preview: (matchers) => Iterator.from(alerts.openOf()).filter((alert) => matchesAll(matchers, (field) => fieldOf(alert, field))).toArray(),
  }
}
