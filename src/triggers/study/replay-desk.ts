import type { Alert } from '#domain/alert.ts'
import type { Renderer } from '#render/index.ts'
import { createAlertRecords, createNotifyRecords, createOutboxRecords, type HubDatabase, type NewHubEvent, type OutboxRow } from '#store/index.ts'
import { silentLogger } from '#telemetry/index.ts'
import { alertField, type AlertNames } from '../alerts/alert-fields.ts'
import { hubEventOf } from '../alerts/hub-event.ts'
import { isTold } from '../alerts/is-told.ts'
import { createAlertLife, type TakenStep } from '../alerts/life.ts'
import type { MemoryAlertStore } from '../alerts/memory-store.ts'
import { createMutes } from '../alerts/mutes.ts'
import { createPolicies } from '../alerts/policies.ts'
import { createTitles } from '../alerts/title.ts'
import type { Finding } from '../finding.ts'
import type { Inventory } from '../inventory.ts'
import { readNotice, type Notice } from '../notice.ts'
import { createNotifying } from '../notify/notifier.ts'
import type { Routes } from '../routes/routes.ts'
import type { Rule } from '../rules/rule.ts'
import { listensToAlerts, type ReplayDesk } from './replay.ts'

/** Who hears what happens at the desk. */
export interface DeskListener {
  found(finding: Finding): void
  stepped(step: TakenStep): void
  /** No alert was opened: there were as many open ones as may be. */
  refused(finding: Finding): void
  /** A notice was made, and would have gone out; a row of it for each place that it goes to. */
  told(row: Pick<OutboxRow, 'channel' | 'receiver'>, notice: Notice): void
  /** Alerts were left out of a notice, or held for a digest. */
  left(reason: string, alerts: number): void
}

export interface ReplayDeskOptions {
  /** Where its alerts are. */
  readonly alerts: MemoryAlertStore
  /** A hub.db of its own, in memory: groups, caps and digests are decided by what is in it, as they are live. */
  readonly scratch: HubDatabase
  readonly rules: readonly Rule[]
  /** Of these rules people are told; others only inhibit them, or are counted by them. */
  readonly tested: ReadonlySet<string>
  readonly routes: Routes
  readonly names: AlertNames
  readonly inventory: Inventory
  readonly renderer: Renderer
  readonly startMs: number
  readonly listener: DeskListener
}

/** Rows that are looked at in one go. */
const ROWS_AT_ONCE = 100
const NO_PAYLOAD = '{}'

/** The alerts of rules that are tried, and whom they would have told: the machine and the planner that run live. Every notice arrives at once, nobody acknowledges, nothing is silenced. */
export function createReplayDesk({ alerts, scratch, rules, tested, routes, names, inventory, renderer, startMs, listener }: ReplayDeskOptions): ReplayDesk {
  const outbox = createOutboxRecords(scratch)
  const groups = createNotifyRecords(scratch)
  const known = createAlertRecords(scratch)
  const policies = createPolicies()
  policies.replace(rules.map(({ policy }) => policy))
  const titleOf = createTitles({ renderer, names })
  const isListening = listensToAlerts(rules)
  let events: NewHubEvent[] = []
  let nowMs = startMs
  let noticeIds = 0
  let groupDueMs = Infinity
  let hasNews = false
  let hasMail = false

  const fieldOf = (alert: Alert, field: string): string | undefined => {
    const value = alertField(alert, field, names)
    if (value !== undefined || (field !== 'state' && field !== 'profile')) return value
    return inventory.facts(alert.nodeId)?.[field]
  }
  const mutes = createMutes({ silences: { ahead: () => [] }, planned: { ahead: () => [] }, alerts, policies, fieldOf, addressOf: () => undefined })
  const notifying = createNotifying({
    db: scratch, clock: () => nowMs, routes: () => routes, mutes, names, fieldOf, after: () => () => undefined, log: silentLogger, alerts,
    transitions: { of: (id) => [alerts.lastTransition(id)].filter((transition) => transition !== undefined) },
    policyOf: (alert) => policies.of(alert).policy, newId: () => String(++noticeIds), threadOf: (key) => key,
    wakeOutbox() {
      hasMail = true
    },
    metrics: {
      add(name, labels = {}, value = 1) {
        if (name === 'hps_notifications_left_total' || name === 'hps_notifications_held_total') listener.left(String(labels['reason']), value)
      },
      set() {},
      onCollect() {},
    },
  })

  const life = createAlertLife({
    store: alerts, policies, titleOf, refused: (_, finding) => listener.refused(finding),
    stepped(step) {
      // groups forget alerts that hub.db has not; the numbers are the same, since both count from 1
      if (step.transition.reason === 'found') known.insert({ ...step.alert, state: 'resolved', dueMs: undefined })
      if (isListening) {
        const event = hubEventOf(step)
        if (event !== undefined) events.push(event)
      }
      if (tested.has(step.alert.rule)) {
        listener.stepped(step)
        if (isTold(step)) hasNews = notifying.told(step) || hasNews
      }
    },
  })

  const nextDueMs = (): number => Math.min(alerts.nextDueMs() ?? Infinity, groupDueMs)

  function passTo(ms: number): void {
    for (let dueMs = nextDueMs(); dueMs <= ms; dueMs = nextDueMs()) {
      nowMs = Math.max(nowMs, dueMs)
      life.passTime(nowMs)
      tell()
    }
    nowMs = Math.max(nowMs, ms)
  }

  /** Groups change only by what is told of alerts, and when they are told. */
  function tell(): void {
    if (!hasNews && groupDueMs > nowMs) return
    hasNews = false
    notifying.wake()
    groupDueMs = groups.nextDueMs() ?? Infinity
    if (!hasMail) return
    hasMail = false
    for (let rows = waiting(); rows.length > 0; rows = waiting()) for (const row of rows) send(row)
  }
  const waiting = (): readonly OutboxRow[] => outbox.list(ROWS_AT_ONCE, { states: ['queued', 'retry'] }).toReversed()

  /** It arrives at once. What it says is not needed any more, and would be much. */
  function send(row: OutboxRow): void {
    listener.told(row, readNotice(row))
    outbox.sent(row.id, { atMs: nowMs, reply: '' })
    outbox.rewrite(row.id, { payload: NO_PAYLOAD, alertIds: outbox.alertsOf(row.id) })
  }

  return {
    get nextDueMs() {
      return nextDueMs()
    },
    passTo: (ms) => scratch.transaction(() => passTo(ms))(),
    take: (findings) =>
      scratch.transaction(() => {
        for (const finding of findings) {
          passTo(finding.atMs)
          if (tested.has(finding.rule)) listener.found(finding)
          life.find(finding)
          tell()
        }
      })(),
    endSession: (sessionId, atMs) =>
      scratch.transaction(() => {
        passTo(atMs)
        life.endSession(sessionId, atMs)
        tell()
      })(),
    events() {
      if (events.length === 0) return events
      const taken = events
      events = []
      return taken
    },
  }
}
