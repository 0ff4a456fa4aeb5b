import type { Alert } from '#domain/alert.ts'
import type { HubEvent } from '#domain/hub-event.ts'
import type { StoredMessage } from '#domain/message.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import { createInhibition } from '../alerts/inhibition.ts'
import { hubEventOf } from '../alerts/hub-event.ts'
import { createAlertLife } from '../alerts/life.ts'
import { createMemoryAlertStore } from '../alerts/memory-store.ts'
import { createPolicies } from '../alerts/policies.ts'
import type { NewFinding } from '../correlate/correlator.ts'
import { createCorrelator } from '../correlate/create-correlator.ts'
import { createRulesEngine, type Taker } from '../engine.ts'
import { createSchedules } from '../schedule/schedules.ts'
import type { Fields, Rule, RuleTest, Step } from './rule.ts'
import { createTestNodes } from './test-nodes.ts'

const IGNORED = { add() {}, set() {} }
const DAEMON = FACILITIES.indexOf('daemon')
const NO_BYTES = new Uint8Array(0)
const NO_PAUSE = { marks: [], pause: { fromMs: Infinity, toMs: -Infinity } } as const
/** Start of the virtual clock; nothing depends on it. */
const EPOCH_MS = Date.UTC(2026, 0, 1)
/** Events that alerts cause in one step of a test: more, and rules feed each other. */
const MAX_EVENTS = 10_000

/** Moments of one test at which something falls due: a calendar of every minute has them for two months. */
const MAX_WAKES = 100_000

/** An alert in the words of an expectation. */
export interface SeenAlert { readonly alert: Alert; readonly fields: Fields }

/** A small hub of one rule and those that it speaks of, on a clock of its own: the engine, the memory of rules, the calendar, alerts and inhibition that run live. */
export interface TestWorld {
  /** Since the start of the test. */
  readonly nowMs: number
  /** @throws RangeError where more happens than a test may take, here and at `line` and `event` */
  passTo(ms: number): void
  line(step: Extract<Step, { kind: 'line' }>): void
  event(step: Extract<Step, { kind: 'event' }>): void
  /** Of the tested rule, or of the one named; those that never fired among them. */
  alerts(rule?: string): readonly SeenAlert[]
  isInhibited(alert: Alert): boolean
  /** Alerts of the tested rule that fired or were escalated, and what it reported, since the last `settle`. */
  readonly fresh: readonly Fields[]
  readonly emitted: readonly Fields[]
  settle(): void
}

export interface TestWorldOptions {
  /** The tested rule first. */
  readonly rules: readonly [Rule, ...Rule[]]
  readonly test: Pick<RuleTest, 'evidence' | 'inventory'>
}

export function createTestWorld({ rules, test }: TestWorldOptions): TestWorld {
  const live = rules.map((rule): Rule => (rule.policy.status === 'live' ? rule : { ...rule, policy: { ...rule.policy, status: 'live' } }))
  const tested = rules[0].id
  const nodes = createTestNodes(test.inventory)
  const store = createMemoryAlertStore()
  const policies = createPolicies()
  policies.replace(live.map(({ policy }) => policy))
  const correlator = createCorrelator({ rules: live, inventory: nodes, counters: IGNORED })
  const engine = createRulesEngine({ rules: live, counters: IGNORED, inventory: () => nodes, hearing: (rule) => correlator.hearing(rule) })
  const schedules = createSchedules(NO_PAUSE)
  schedules.replace(live, EPOCH_MS)
  /** Time has passed before anything is given to the engine, so that nothing falls due within. */
  const taker: Taker = {
    nextDueMs: Infinity, isFull: false, passTo() {},
    take: (rule, fulfilled, occurrence) => apply(correlator.take(rule, fulfilled, occurrence)),
    found: (findings) => apply(findings),
  }
  const events: HubEvent[] = []
  let fresh: Fields[] = []
  let emitted: Fields[] = []
  let nowMs = 0
  let seq = 0
  let findings = 0
  let eventIds = 0
  let wakes = 0

  const life = createAlertLife({
    store, policies, titleOf: ({ title }) => title, refused: () => undefined,
    stepped(step) {
      const { alert, transition: { to, reason } } = step
      if (alert.rule === tested && (to === 'firing' || reason === 'more-severe') && reason !== 'returned' && reason !== 'unacknowledged') fresh.push(fieldsOf(alert))
      const event = hubEventOf(step)
      if (event !== undefined) events.push({ ...event, id: ++eventIds })
    },
  })

  function fieldsOf(alert: Pick<Alert, 'rule' | 'severity' | 'nodeId' | 'sessionId' | 'fields' | 'host' | 'app'>): Fields {
    const { rule, severity, nodeId, sessionId, host, app, fields } = alert
    return { node: nodes.nodeName(nodeId) ?? '', session: nodes.sessionName(sessionId) ?? '', ...fields, ...without(nodes.facts(nodeId)?.labels, fields), host, app, rule, severity }
  }

  const without = (labels: Fields | undefined, fields: Fields): Fields => Object.fromEntries(Object.entries(labels ?? {}).filter(([name]) => !(name in fields)))

  function apply(found: readonly NewFinding[]): void {
    for (const one of found) {
      if (one.rule === tested && one.kind === 'raise' && one.emit !== undefined) {
        emitted.push({ ...fieldsOf({ ...one, severity: rules[0].policy.severity }), event: one.emit.event ?? '', stage: one.emit.stage ?? '', evidence: one.evidence })
      }
      life.find({ ...one, id: ++findings })
    }
  }

  /** What alerts caused is an event for the rules, and may cause more. */
  function settleEvents(): void {
    for (let taken = 0; events.length > 0; taken++) {
      if (taken > MAX_EVENTS) throw new RangeError('rules feed each other without end')
      engine.evaluateEvent(events.shift()!, taker)
    }
  }

  /** Deadlines of rules and of alerts, the earliest first. */
  function passTo(toMs: number): void {
    const untilMs = EPOCH_MS + toMs
    for (;;) {
      const ruleMs = Math.min(correlator.nextDueMs ?? Infinity, schedules.nextDueMs)
      const alertMs = store.due(untilMs, 1)[0]?.dueMs ?? Infinity
      const dueMs = Math.min(ruleMs, alertMs)
      if (dueMs > untilMs) break
      if (++wakes > MAX_WAKES) throw new RangeError(`something falls due more than ${MAX_WAKES} times: let less time pass`)
      apply(schedules.advance(dueMs))
      apply(correlator.advance(dueMs))
      life.passTime(dueMs)
      settleEvents()
    }
    apply(correlator.advance(untilMs))
    nowMs = toMs
  }

  function know(nodeId: number, facts: Parameters<typeof nodes.change>[1]): void {
    if (nodes.change(nodeId, facts)) apply(correlator.watchNodes(nodes, EPOCH_MS + nowMs))
  }

  function tell(event: Omit<HubEvent, 'id' | 'seq' | 'atMs' | 'evidence'>): void {
    events.push({ ...event, id: ++eventIds, seq: 0, atMs: EPOCH_MS + nowMs, evidence: test.evidence })
    settleEvents()
  }

  function messageOf(step: Extract<Step, { kind: 'line' }>, { nodeId, sessionId }: { readonly nodeId: number; readonly sessionId: number }): StoredMessage {
    return {
      seq: ++seq, receivedMs: EPOCH_MS + nowMs, sentMs: undefined, facility: FACILITIES[step.facility ?? DAEMON]!, severity: SEVERITIES[step.severity]!, host: step.node, app: step.app, procid: '', msgid: '',
      structuredData: '', text: step.text, label: '', raw: NO_BYTES, format: 'rfc5424', faults: [], sourceId: 1, nodeId, sessionId, method: test.evidence === 'B' ? 'certificate' : 'host-name', confidence: 90,
    }
  }

  apply(correlator.watchNodes(nodes, EPOCH_MS))
  return {
    get nowMs() {
      return nowMs
    },
    passTo,
    line(step) {
      passTo(step.atMs)
      const nodeId = nodes.nodeId(step.node)
      const sessionId = nodes.sessionId(step.session)
      if (sessionId !== 0) know(nodeId, { sessionId })
      engine.evaluateMessages([messageOf(step, { nodeId, sessionId })], taker)
      settleEvents()
    },
    event({ atMs, node, session, event: kind, to, from, fields }) {
      passTo(atMs)
      const nodeId = nodes.nodeId(node)
      const before = nodes.facts(nodeId)?.sessionId ?? 0
      const sessionId = session === '' ? before : nodes.sessionId(session)
      const isBoot = kind === 'session' && to === 'start'
      // a node has one boot at a time: another one ends the one before
      if (isBoot && before !== 0 && before !== sessionId) endSession(nodeId, before)
      if (kind === 'state') know(nodeId, { state: to, ...(sessionId === 0 ? {} : { sessionId }) })
      else if (kind === 'stage') know(nodeId, { stage: to, sessionId })
      else if (kind === 'session') know(nodeId, isBoot ? { sessionId, stage: '' } : {})
      if (kind === 'session' && to === 'end') endSession(nodeId, sessionId)
      else tell({ kind, to, from, nodeId, sessionId, fields })
    },
    alerts: (rule = tested) => store.all.filter((alert) => alert.rule === rule).map((alert) => ({ alert, fields: fieldsOf(alert) })),
    isInhibited: (alert) => createInhibition({ open: store.openOf(), policyOf: (one) => policies.of(one).policy, fieldOf: (one, field) => fieldsOf(one)[field] })(alert) !== undefined,
    get fresh() {
      return fresh
    },
    get emitted() {
      return emitted
    },
    settle() {
      fresh = []
      emitted = []
    },
  }

  function endSession(nodeId: number, sessionId: number): void {
    tell({ kind: 'session', to: 'end', from: '', nodeId, sessionId, fields: {} })
    life.endSession(sessionId, EPOCH_MS + nowMs)
    settleEvents()
  }
}
