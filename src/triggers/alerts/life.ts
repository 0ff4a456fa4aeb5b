import type { Alert, AlertTransition } from '#domain/alert.ts'
import type { Finding } from '../finding.ts'
import type { Policy } from '../policy.ts'
import type { AlertStore } from './alert-store.ts'
import type { KnownPolicy, Policies } from './policies.ts'
import { advance, refusalOf, step, type Cause, type PersonDoes, type Refusal, type Stepped } from './step.ts'

/** Open alerts: of one rule, and in all. Their keys come from messages, which anybody can forge. */
export const MAX_OPEN_ALERTS = 100_000
export const MAX_OPEN_OF_RULE = 20_000
/** Alerts whose time has come that are looked at in one go: main does other things between. */
const DUE_AT_ONCE = 2000

/** A step that was stored. */
export interface TakenStep {
  readonly alert: Alert
  readonly transition: AlertTransition
  readonly policy: Policy
  readonly escalatesTo: string | undefined
}

export interface LifeOptions {
  readonly store: AlertStore
  readonly policies: Policies
  /** The title of a rule for a finding; `count`: how many its alert has with it. */
  readonly titleOf: (policy: Policy, finding: Finding, count: number) => string
  /** Called for every step, right after it is stored and inside the transaction. */
  readonly stepped: (step: TakenStep) => void
  /** No alert was opened for a finding: there are as many as may be. */
  readonly refused: (reason: OpenRefusal, finding: Finding) => void
  /** Since when the hub runs; unless given, nothing is late. */
  readonly lateBeforeMs?: number
}
export const OPEN_REFUSALS = ['rule-limit', 'hub-limit'] as const
export type OpenRefusal = (typeof OPEN_REFUSALS)[number]

/** The alerts of all rules in one store, moved on by findings, time, sessions, people and reloads. */
export interface AlertLife {
  find(finding: Finding): void
  /** The same for an alert that has its title, whose policy is none of a file. */
  raise(finding: Finding, own: { readonly policy: Policy; readonly title: string; readonly nowMs: number }): void
  /** Whether `passTime` would do something. */
  isDue(nowMs: number): boolean
  /** What time alone changes up to `nowMs`, the earliest first; of very many alerts a part, and `isDue` says that there are more. */
  passTime(nowMs: number): void
  endSession(sessionId: number, atMs: number): void
  /** Undefined: there is no such alert. */
  person(deed: { readonly id: number; readonly does: PersonDoes; readonly who: string; readonly note: string; readonly nowMs: number }): Alert | Refusal | undefined
  /** The rules in use are others now: alerts of rules that are gone, or that ask for something else, are over. */
  rulesReplaced(nowMs: number): void
  heard(alert: Alert, nowMs: number): void
  /** What an alert of the hub itself is about holds no more. */
  over(alert: Alert, nowMs: number): void
  /** What was counted is counted anew: a transaction was rolled back. */
  forget(): void
  openCount(): number
}

export function createAlertLife({ store, policies, titleOf, stepped, refused, lateBeforeMs }: LifeOptions): AlertLife {
  let openOf: Map<string, number> | undefined
  let openInAll = 0
  /** Nothing is due before this time: a storm asks with each finding. */
  let quietUntilMs = -Infinity

  function counts(): Map<string, number> {
    if (openOf !== undefined) return openOf
    openOf = new Map(store.openCounts().map(({ rule, count }) => [rule, count]))
    openInAll = [...openOf.values()].reduce((sum, count) => sum + count, 0)
    return openOf
  }
  function count(rule: string, by: 1 | -1): void {
    const known = counts()
    known.set(rule, (known.get(rule) ?? 0) + by)
    openInAll += by
  }

  /** Stores what came of a step. */
  function keep(before: Alert | undefined, { alert, transitions }: Stepped, policy: Policy): Alert | undefined {
    if (alert === undefined || alert === before) return before
    const isNew = alert.id === 0
    if (isNew) count(alert.rule, 1)
    else if (before?.state !== 'resolved' && alert.state === 'resolved') count(alert.rule, -1)
    const stored = isNew ? { ...alert, id: store.insert(alert) } : alert
    if (!isNew) store.update(alert)
    quietUntilMs = Math.min(quietUntilMs, stored.dueMs ?? Infinity)
    for (const made of transitions) {
      const transition = { ...made, alertId: stored.id }
      store.addTransition(transition)
      stepped({ alert: stored, transition, policy, escalatesTo: made.reason === 'more-severe' ? made.note : undefined })
    }
    return stored
  }

  const take = (alert: Alert | undefined, cause: Cause, { known: { policy, text }, nowMs }: { readonly known: KnownPolicy; readonly nowMs: number }): Alert | undefined =>
    keep(alert, step(alert, { cause, policy, policyText: text, nowMs }), policy)

  function upTo(alert: Alert, nowMs: number): Alert {
    const { policy, text } = policies.of(alert)
    return keep(alert, advance(alert, { policy, policyText: text, nowMs, lateBeforeMs }), policy)!
  }

  function raise(finding: Finding, known: KnownPolicy, { title: ownTitle, nowMs }: { readonly title?: string; readonly nowMs: number }): void {
    const before = store.open(finding.rule, finding.key)
    const current = before === undefined ? undefined : upTo(before, nowMs)
    const open = current?.state === 'resolved' ? undefined : current
    if (open === undefined) {
      const isRuleFull = (counts().get(finding.rule) ?? 0) >= MAX_OPEN_OF_RULE
      if (isRuleFull || openInAll >= MAX_OPEN_ALERTS) return refused(isRuleFull ? 'rule-limit' : 'hub-limit', finding)
    }
    const title = ownTitle ?? titleOf(known.policy, finding, (open?.count ?? 0) + finding.count)
    take(open, { kind: 'raise', finding, title }, { known, nowMs })
  }

  /** The rule has other times, words or receivers now. One that was on trial and is live now has told nobody yet: its alerts are news. */
  function adopt(alert: Alert, known: KnownPolicy, nowMs: number): void {
    const wasOnTrial = policies.remembered(alert).policy.status === 'shadow'
    const adopted = take(alert, { kind: 'policy-changed' }, { known, nowMs })!
    if (!wasOnTrial || known.policy.status !== 'live' || adopted.state === 'pending') return
    const transition = { alertId: adopted.id, atMs: nowMs, from: adopted.state, to: adopted.state, reason: 'rule-changed', by: '', note: 'live', seq: 0 } as const
    store.addTransition(transition)
    stepped({ alert: adopted, transition, policy: known.policy, escalatesTo: undefined })
  }

  return {
    find(finding) {
      const known = policies.current(finding.rule)
      if (known === undefined || !known.policy.raisesAlerts || known.policy.status === 'off') return
      if (finding.kind === 'raise') return raise(finding, known, { nowMs: finding.atMs })
      const open = store.open(finding.rule, finding.key)
      if (open === undefined) return
      take(upTo(open, finding.atMs), { kind: 'clear', seq: finding.seq, note: finding.reason }, { known, nowMs: finding.atMs })
    },
    raise: (finding, { policy, title, nowMs }) => raise(finding, { policy, text: JSON.stringify(policy) }, { title, nowMs }),
    isDue: (nowMs) => nowMs >= quietUntilMs && store.due(nowMs, 1).length > 0,
    passTime(nowMs) {
      if (nowMs < quietUntilMs) return
      for (const alert of store.due(nowMs, DUE_AT_ONCE)) upTo(alert, nowMs)
      quietUntilMs = store.nextDueMs() ?? Infinity
    },
    endSession(sessionId, atMs) {
      for (const alert of store.openOfSession(sessionId)) take(upTo(alert, atMs), { kind: 'session-over' }, { known: policies.of(alert), nowMs: atMs })
    },
    person({ id, does, who, note, nowMs }) {
      // by the clock of the person; what time brings waits for the time of the messages, which may be behind
      const alert = store.byId(id)
      if (alert === undefined) return undefined
      return refusalOf(alert, does) ?? take(alert, { kind: does, who, note }, { known: policies.of(alert), nowMs })
    },
    rulesReplaced(nowMs) {
      for (const alert of store.openOf()) {
        if (policies.isOwn(alert.rule)) continue
        const known = policies.current(alert.rule)
        const isGone = known === undefined || known.policy.status === 'off' || !known.policy.raisesAlerts
        if (isGone || (alert.stateVersion !== '' && known.policy.stateVersion !== alert.stateVersion)) take(alert, { kind: isGone ? 'rule-gone' : 'rule-changed' }, { known: policies.remembered(alert), nowMs })
        else if (known.text !== alert.policy) adopt(alert, known, nowMs)
      }
    },
    heard: (alert, nowMs) => void take(alert, { kind: 'heard' }, { known: policies.of(alert), nowMs }),
    over: (alert, nowMs) => void take(alert, { kind: 'clear', seq: 0, note: '' }, { known: policies.of(alert), nowMs }),
    forget() {
      openOf = undefined
      quietUntilMs = -Infinity
    },
    openCount() {
      counts()
      return openInAll
    },
  }
}
