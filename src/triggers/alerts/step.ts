import { cut } from '#base/text.ts'
import { moreSevere, type Alert, type AlertReason, type AlertState, type AlertTransition } from '#domain/alert.ts'
import type { Finding } from '../finding.ts'
import type { Policy } from '../policy.ts'
import { dueOf, nextEscalation } from './due.ts'

/** What makes an alert take a step. */
export type Cause =
  /** The condition holds; `title` is the rule's, rendered with this finding. */
  | { readonly kind: 'raise'; readonly finding: Finding; readonly title: string }
  /** What ends it was seen. */
  | { readonly kind: 'clear'; readonly seq: number; readonly note: string }
  | { readonly kind: 'time' }
  | { readonly kind: PersonDoes; readonly who: string; readonly note: string }
  /** The boot session that it is about is over. */
  | { readonly kind: 'session-over' }
  | { readonly kind: 'rule-gone' | 'rule-changed' }
  /** The same condition, but other times, words or receivers. */
  | { readonly kind: 'policy-changed' }
  /** Whoever was silent is heard again. */
  | { readonly kind: 'heard' }
export const PERSON_DOES = ['acknowledge', 'unacknowledge', 'close'] as const
export type PersonDoes = (typeof PERSON_DOES)[number]

/** A step before its alert has a number. */
export type NewTransition = Omit<AlertTransition, 'alertId'>
export interface Stepped {
  /** undefined: there was none, and there is none now. The same object: nothing changed. */
  readonly alert: Alert | undefined
  readonly transitions: readonly NewTransition[]
}
export interface StepOptions {
  readonly cause: Cause
  readonly policy: Policy
  /** `policy` as JSON, which is kept with the alert. */
  readonly policyText: string
  readonly nowMs: number
  /** Since when the hub runs: what lasted long enough before that is found late. Unless given, nothing is. */
  readonly lateBeforeMs?: number | undefined
}

/** Returns that are written down one by one; of an alert that flaps on, only their number is kept. */
const MAX_RETURNS_WRITTEN = 100
/** Of the message that is kept with an alert; all of it is in the log. */
const MAX_TEXT_CHARACTERS = 1000

/**
 * One step in the life of an alert. Pure: the same alert and cause give the same step, live, in the tests of rules, and when
 * the past is tried. Time-driven steps that fell due before `nowMs` are taken first by the caller (`advance`).
 */
export function step(alert: Alert | undefined, options: StepOptions): Stepped {
  const { cause } = options
  if (cause.kind === 'raise') return alert === undefined || alert.state === 'resolved' ? found(cause, options) : foundAgain(alert, cause, options)
  if (alert === undefined || alert.state === 'resolved') return { alert, transitions: [] }
  switch (cause.kind) {
    case 'clear':
      return clear(alert, cause, options)
    case 'time':
      return pass(alert, options)
    case 'acknowledge':
    case 'unacknowledge':
    case 'close':
      return byPerson(alert, cause, options)
    case 'session-over':
      return options.policy.resolve.atSessionEnd ? resolve(alert, { ...options, reason: 'session-ended' }) : { alert, transitions: [] }
    case 'rule-gone':
    case 'rule-changed':
      // a record that only a person closes outlives its rule
      return options.policy.resolve.never ? { alert, transitions: [] } : resolve(alert, { ...options, reason: cause.kind })
    case 'policy-changed': {
      const { policy, policyText, nowMs } = options
      return { alert: { ...dueNoEarlier({ ...alert, policy: policyText }, { policy, nowMs }), ruleVersion: policy.version, stateVersion: policy.stateVersion }, transitions: [] }
    }
    case 'heard':
      return resolve(alert, { ...options, reason: 'heard' })
  }
}

/** All steps that time alone has brought up to `options.nowMs`, each at its own time. */
export function advance(alert: Alert, options: Omit<StepOptions, 'cause'>): Stepped & { readonly alert: Alert } {
  const transitions: NewTransition[] = []
  let current = alert
  while (current.dueMs !== undefined && current.dueMs <= options.nowMs) {
    const stepped = step(current, { ...options, cause: { kind: 'time' }, nowMs: current.dueMs })
    transitions.push(...stepped.transitions)
    // a policy that changed meanwhile may ask for less than what was due
    if (stepped.alert === current) current = { ...current, dueMs: laterThan(current.dueMs, dueOf(current, options.policy)) }
    else current = stepped.alert!
  }
  return { alert: current, transitions }
}

const laterThan = (doneMs: number, dueMs: number | undefined): number | undefined => (dueMs === undefined || dueMs <= doneMs ? undefined : dueMs)

function found({ finding, title }: Extract<Cause, { kind: 'raise' }>, { policy, policyText, nowMs }: StepOptions): Stepped {
  const isPending = policy.forMs > 0
  const alert: Alert = {
    id: 0, rule: policy.rule, ruleVersion: policy.version, stateVersion: policy.stateVersion, key: finding.key, state: isPending ? 'pending' : 'firing', severity: policy.severity, title,
    nodeId: finding.nodeId, sessionId: finding.sessionId, sourceId: finding.sourceId, fields: finding.fields, host: finding.host, app: finding.app, text: cut(finding.text, MAX_TEXT_CHARACTERS),
    firstMs: finding.atMs, lastMs: Math.max(finding.atMs, finding.lastMs), firstSeq: finding.seq, lastSeq: finding.lastSeq, count: finding.count,
    firedMs: isPending ? undefined : nowMs, overMs: undefined, resolvedMs: undefined, acknowledgedBy: undefined, acknowledgedNote: undefined,
    flaps: 0, isLate: finding.isLate, escalated: 0, dueMs: undefined, policy: policyText,
  }
  return { alert: due(alert, policy), transitions: [{ atMs: nowMs, from: undefined, to: alert.state, reason: 'found', by: '', note: finding.reason, seq: finding.seq }] }
}

function foundAgain(alert: Alert, { finding, title }: Extract<Cause, { kind: 'raise' }>, { policy, policyText, nowMs }: StepOptions): Stepped {
  const hasReturned = alert.overMs !== undefined
  const next: Alert = {
    ...alert, ruleVersion: policy.version, stateVersion: policy.stateVersion, policy: policyText, title, fields: finding.fields, host: finding.host, app: finding.app, text: cut(finding.text, MAX_TEXT_CHARACTERS),
    severity: alert.escalated > 0 ? moreSevere(alert.severity, policy.severity) : policy.severity,
    lastMs: Math.max(alert.lastMs, finding.atMs, finding.lastMs), lastSeq: Math.max(alert.lastSeq, finding.lastSeq), count: alert.count + finding.count,
    overMs: undefined, flaps: alert.flaps + (hasReturned ? 1 : 0),
  }
  const isWritten = hasReturned && next.flaps <= MAX_RETURNS_WRITTEN
  return { alert: due(next, policy), transitions: isWritten ? [{ atMs: nowMs, from: alert.state, to: alert.state, reason: 'returned', by: '', note: finding.reason, seq: finding.seq }] : [] }
}

function clear(alert: Alert, { seq, note }: Extract<Cause, { kind: 'clear' }>, options: StepOptions): Stepped {
  const { policy, nowMs } = options
  const hasLasted = alert.state !== 'pending'
  if ((hasLasted && policy.resolve.never) || alert.overMs !== undefined) return { alert, transitions: [] }
  if (hasLasted && policy.holdMs > 0) return { alert: due({ ...alert, overMs: nowMs }, policy), transitions: [] }
  return resolve(alert, { ...options, reason: 'cleared', seq, note })
}

function pass(alert: Alert, options: StepOptions): Stepped {
  const { policy, nowMs, lateBeforeMs = Number.NEGATIVE_INFINITY } = options
  if (alert.state === 'pending') {
    if (nowMs < alert.firstMs + policy.forMs) return { alert, transitions: [] }
    const fired: Alert = { ...alert, state: 'firing', firedMs: nowMs, isLate: alert.isLate || nowMs < lateBeforeMs }
    return { alert: due(fired, policy), transitions: [{ atMs: nowMs, from: 'pending', to: 'firing', reason: 'lasted', by: '', note: '', seq: alert.lastSeq }] }
  }
  if (alert.overMs !== undefined) return nowMs >= alert.overMs + policy.holdMs ? resolve(alert, { ...options, reason: 'cleared' }) : { alert, transitions: [] }
  const { quietMs, never } = policy.resolve
  if (quietMs !== undefined && !never && nowMs >= alert.lastMs + quietMs) return resolve(alert, { ...options, reason: 'quiet' })
  const escalation = nextEscalation(alert, policy)
  if (escalation === undefined || nowMs < escalation.dueMs) return { alert, transitions: [] }
  const escalated: Alert = { ...alert, escalated: escalation.index + 1, severity: moreSevere(alert.severity, escalation.severity ?? alert.severity) }
  return { alert: due(escalated, policy), transitions: [{ atMs: nowMs, from: alert.state, to: alert.state, reason: 'more-severe', by: '', note: escalation.to, seq: 0 }] }
}

/** Why a person cannot do this to an alert; undefined: it can be done. */
export type Refusal = 'resolved' | 'pending' | 'not-acknowledged'
export function refusalOf({ state }: Pick<Alert, 'state'>, does: PersonDoes): Refusal | undefined {
  if (state === 'resolved') return 'resolved'
  if (does === 'acknowledge' && state === 'pending') return 'pending'
  return does === 'unacknowledge' && state !== 'acknowledged' ? 'not-acknowledged' : undefined
}

function byPerson(alert: Alert, { kind, who, note }: Extract<Cause, { kind: PersonDoes }>, options: StepOptions): Stepped {
  if (refusalOf(alert, kind) !== undefined) return { alert, transitions: [] }
  if (kind === 'close') return resolve(alert, { ...options, reason: 'closed', by: who, note })
  const isTaken = kind === 'acknowledge'
  const state: AlertState = isTaken ? 'acknowledged' : 'firing'
  const next: Alert = { ...alert, state, acknowledgedBy: isTaken ? who : undefined, acknowledgedNote: isTaken ? note : undefined }
  // an escalation that waited for nobody to look after it may be overdue
  return { alert: dueNoEarlier(next, options), transitions: [{ atMs: options.nowMs, from: alert.state, to: state, reason: isTaken ? 'acknowledged' : 'unacknowledged', by: who, note, seq: 0 }] }
}

interface Resolving { readonly policy: Policy; readonly nowMs: number; readonly reason: AlertReason; readonly by?: string; readonly note?: string; readonly seq?: number }

function resolve(alert: Alert, { nowMs, reason, by = '', note = '', seq = 0 }: Resolving): Stepped {
  // what a person ends is ended by the person; anything else never was an alert before it had lasted
  const why = alert.state === 'pending' && reason === 'cleared' ? 'did-not-last' : reason
  return {
    alert: { ...alert, state: 'resolved', resolvedMs: nowMs, overMs: alert.overMs ?? nowMs, dueMs: undefined },
    transitions: [{ atMs: nowMs, from: alert.state, to: 'resolved', reason: why, by, note, seq }],
  }
}

function dueNoEarlier(alert: Alert, { policy, nowMs }: Pick<StepOptions, 'policy' | 'nowMs'>): Alert {
  const dueMs = dueOf(alert, policy)
  return { ...alert, dueMs: dueMs === undefined ? undefined : Math.max(dueMs, nowMs) }
}

const due = (alert: Alert, policy: Policy): Alert => ({ ...alert, dueMs: dueOf(alert, policy) })
