import type { Alert, AlertTransition } from '#domain/alert.ts'
import type { HubDatabase, NotifyGroup, NotifyRecords, OutboxRecords } from '#store/index.ts'
import { createNotifyRecords, createOutboxRecords } from '#store/index.ts'
import type { Metrics } from '#telemetry/index.ts'
import type { Mutes } from '../alerts/notifier-port.ts'
import { MAX_NOTICE_ALERTS, readNotice, type NoticeCommand } from '../notice.ts'
import type { HoldReason, LeftReason } from '../outbox/metrics.ts'
import type { Policy } from '../policy.ts'
import { quietUntil } from '../routes/quiet.ts'
import { DEFAULT_MAX_PER_HOUR } from '../routes/read-receiver.ts'
import type { Receiver, Routes } from '../routes/routes.ts'
import { groupNotice, inOrder, mostSevere, snapshotOf, type NoticeNames } from './compose.ts'
import { planFlush, type FlushMember, type FlushPlan, type MemberWhat } from './plan.ts'
import { mailKey, queueNotice } from './rows.ts'
import { DIGEST_KEY, digestOf, readSettings, type GroupSettings } from './settings.ts'
import { takeOut } from './supersede.ts'

export interface FlushOptions {
  readonly db: HubDatabase
  readonly routes: () => Routes
  readonly alerts: { byId(id: number): Alert | undefined }
  readonly transitions: { of(alertId: number): readonly AlertTransition[] }
  readonly policyOf: (alert: Alert) => Policy
  readonly mutes: Mutes
  readonly names: NoticeNames
  /** A new id each time (`randomUUID`). */
  readonly newId: () => string
  /** Message-ID of the mail of a row. */
  readonly threadOf: (dedupKey: string) => string
  readonly metrics: Pick<Metrics, 'add'>
}

const HOUR_MS = 3_600_000
/** Rows that wait or are held; what comes then is held for a digest, where alerts take no room in the outbox. */
export const MAX_WAITING = 5000
/** While the outbox is full, digests wait too. */
const FULL_RETRY_MS = 600_000
/** Commands that one digest tells; others are told by the next. */
const COMMANDS_IN_DIGEST = 200
const SUPERSEDED = 'it is over: another notice says both'

/** Tells one group: reads what is there, plans, and writes notices and what was told. To be called inside a transaction; what it gives back counts it when that has succeeded. */
export function createFlush(options: FlushOptions) {
  const { db, routes, metrics } = options
  const records = createNotifyRecords(db)
  const outbox = createOutboxRecords(db)

  return (group: NotifyGroup, nowMs: number): (() => void) => {
    const settings = readSettings(group)
    const receiver = routes().receiver(group.receiver)
    const quiet = quietOf(receiver, nowMs)
    const plan = planFlush({ settings, toldMs: group.toldMs, members: membersOf(group, { records, outbox, alerts: options.alerts }), mutes: options.mutes.at(nowMs), quiet, nowMs })
    for (const alertId of plan.leaves) records.removeMember({ ...group, alertId })
    const commands = settings.kind === 'digest' && quiet === undefined ? outbox.heldFor(group.receiver, COMMANDS_IN_DIGEST) : []
    const counts: Counts = { left: plan.left.map(({ reason }) => reason), superseded: 0, held: undefined, told: undefined }
    let { nextDueMs } = plan
    let isTold = false
    if (plan.tell.length > 0 || commands.length > 0) {
      const hold = holdOf({ outbox, settings, receiver, name: group.receiver, nowMs })
      if (hold === undefined) {
        tell({ group, settings, receiver, plan, commands, nowMs, counts })
        isTold = true
        if (commands.length === COMMANDS_IN_DIGEST) nextDueMs = Math.min(nextDueMs ?? Number.POSITIVE_INFINITY, nowMs + settings.intervalMs)
      } else if (settings.kind === 'digest') nextDueMs = nowMs + FULL_RETRY_MS
      else {
        holdBack({ group, receiver, plan, nowMs })
        counts.held = { reason: hold, count: plan.tell.length }
      }
    } else if (settings.kind === 'digest' && quiet !== undefined && outbox.heldFor(group.receiver, 1).length > 0) nextDueMs = Math.min(nextDueMs ?? quiet.untilMs, quiet.untilMs)
    records.putGroup({ ...group, toldMs: isTold ? nowMs : group.toldMs, dueMs: nextDueMs })
    return () => count(counts, metrics)
  }

  interface Telling { readonly group: NotifyGroup; readonly settings: GroupSettings; readonly receiver: Receiver | undefined; readonly plan: FlushPlan; readonly commands: ReturnType<OutboxRecords['heldFor']>; readonly nowMs: number; readonly counts: Counts }

  function tell({ group, settings, receiver, plan, commands: heldRows, nowMs, counts }: Telling): void {
    const id = options.newId()
    const over = plan.tell.filter(({ alert }) => alert.state === 'resolved').map(({ alert }) => alert.id)
    counts.superseded = takeOut(outbox, { alertIds: over, receiver: group.receiver, nowMs, why: SUPERSEDED })
    const told = inOrder(plan.tell)
    const snapshots = told.slice(0, MAX_NOTICE_ALERTS).map(({ alert, telling }) => snapshotOf(alert, {
      telling, told: records.told(alert.id, group.receiver), last: options.transitions.of(alert.id).at(-1), policy: options.policyOf(alert), names: options.names,
    }))
    const commands = heldRows.map(readNotice).flatMap((notice): readonly NoticeCommand[] => (notice.kind === 'command' ? [notice.command] : []))
    const severity = mostSevere([...told.map(({ alert }) => alert.severity), ...commands.map((command) => command.severity)])
    const notice = groupNotice({ settings, groupKey: group.key, receiver: group.receiver, alerts: snapshots, count: told.length, severity, commands, lead: leadOf(settings, receiver), atMs: nowMs })
    const rules = new Set(told.map(({ alert }) => alert.rule))
    queueNotice(outbox, { notice, receiver, alertIds: told.map(({ alert }) => alert.id), rule: rules.size === 1 ? [...rules][0]! : '', id, nowMs })
    for (const row of heldRows) outbox.cancel(row.id, { atMs: nowMs, why: 'told in a digest' })
    const leaving = new Set(plan.leaves)
    for (const { alert } of told) {
      const before = records.told(alert.id, group.receiver)
      records.putTold({
        alertId: alert.id, receiver: group.receiver, state: alert.state, atMs: nowMs, count: (before?.count ?? 0) + 1,
        thread: before?.thread ?? options.threadOf(mailKey(id)), title: before?.title ?? alert.title,
      })
      if (!leaving.has(alert.id)) records.putMember({ ...group, alertId: alert.id, what: 'told', sinceMs: nowMs })
    }
    counts.told = severity
  }

  /** Too much for the receiver: it goes into the digest. */
  function holdBack({ group, receiver, plan, nowMs }: Pick<Telling, 'group' | 'receiver' | 'plan' | 'nowMs'>): void {
    for (const { alert } of plan.tell) {
      records.putMember({ receiver: group.receiver, key: DIGEST_KEY, alertId: alert.id, what: 'held', sinceMs: nowMs })
      if (alert.state === 'resolved') records.removeMember({ ...group, alertId: alert.id })
      else records.putMember({ ...group, alertId: alert.id, what: 'held', sinceMs: nowMs })
    }
    expectDigest(records, { name: group.receiver, receiver, nowMs })
  }
}

interface Counts { readonly left: readonly LeftReason[]; superseded: number; held: { readonly reason: HoldReason; readonly count: number } | undefined; told: string | undefined }

function count({ left, superseded, held, told }: Counts, metrics: Pick<Metrics, 'add'>): void {
  const byReason = Map.groupBy(left, (reason) => reason)
  for (const [reason, all] of byReason) metrics.add('hps_notifications_left_total', { reason }, all.length)
  if (superseded > 0) metrics.add('hps_notifications_superseded_total', {}, superseded)
  if (held !== undefined) metrics.add('hps_notifications_held_total', { reason: held.reason }, held.count)
  if (told !== undefined) metrics.add('hps_notifications_queued_total', { severity: told })
}

/** Sees to it that the digest of a receiver comes: soon for the first, then once in its time. */
export function expectDigest(records: NotifyRecords, { name, receiver, nowMs, notBeforeMs = 0 }: { readonly name: string; readonly receiver: Receiver | undefined; readonly nowMs: number; readonly notBeforeMs?: number }): void {
  const settings = digestOf(receiver)
  const known = records.group(name, DIGEST_KEY)
  const dueMs = Math.max(nowMs + settings.waitMs, (known?.toldMs ?? Number.NEGATIVE_INFINITY) + settings.intervalMs, notBeforeMs)
  records.putGroup({ receiver: name, key: DIGEST_KEY, fields: JSON.stringify(settings), toldMs: known?.toldMs, dueMs: Math.min(known?.dueMs ?? dueMs, dueMs) })
}

/** Why a notice cannot go out on its own now; undefined: it can. */
export function holdOf({ outbox, settings, receiver, name, nowMs }: { readonly outbox: OutboxRecords; readonly settings: Pick<GroupSettings, 'kind'>; readonly receiver: Receiver | undefined; readonly name: string; readonly nowMs: number }): HoldReason | undefined {
  if (outbox.waiting() >= MAX_WAITING) return 'outbox-full'
  if (settings.kind === 'digest') return undefined
  return outbox.countSince(name, { fromMs: nowMs - HOUR_MS, toMs: nowMs }) >= (receiver?.maxPerHour ?? DEFAULT_MAX_PER_HOUR) ? 'cap' : undefined
}

export function quietOf(receiver: Receiver | undefined, nowMs: number) {
  const untilMs = receiver === undefined ? undefined : quietUntil(receiver.quiet, nowMs)
  return untilMs === undefined ? undefined : { untilMs, except: receiver!.quietExcept }
}

function leadOf({ kind }: GroupSettings, receiver: Receiver | undefined): string {
  if (kind === 'alerts') return ''
  return receiver?.digestMs === undefined ? 'These were held back, since there was too much to tell one by one.' : ''
}

function membersOf(group: NotifyGroup, { records, outbox, alerts }: { readonly records: NotifyRecords; readonly outbox: OutboxRecords; readonly alerts: FlushOptions['alerts'] }): readonly FlushMember[] {
  return records.members(group.receiver, group.key).map(({ alertId, what, sinceMs }) => {
    const told = records.told(alertId, group.receiver)
    return {
      alertId, what: what as MemberWhat, sinceMs, alert: alerts.byId(alertId), told, underWay: told === undefined ? 'none' : underWayOf(outbox.ofAlert(alertId, group.receiver)),
      isInDigest: group.key !== DIGEST_KEY && what === 'held' && records.member(group.receiver, DIGEST_KEY, alertId) !== undefined,
    }
  })
}

function underWayOf(rows: ReturnType<OutboxRecords['ofAlert']>): FlushMember['underWay'] {
  const isWaiting = rows.some(({ state }) => state === 'queued' || state === 'retry')
  const wasSent = rows.some(({ state }) => state === 'sent' || state === 'sending')
  if (isWaiting) return wasSent ? 'late' : 'waiting'
  return rows.length > 0 && !wasSent && rows.every(({ state }) => state === 'dead') ? 'waiting' : wasSent ? 'sent' : 'none'
}
