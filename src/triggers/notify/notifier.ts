import { HUB_APP } from '#domain/wire.ts'
import { createNotifyRecords, createOutboxRecords, isDiskFault, type OutboxRow } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import type { AlertNews, Notifier } from '../alerts/notifier-port.ts'
import { readNotice, type NoticeCommand } from '../notice.ts'
import type { FieldOf } from '../routes/tree.ts'
import type { Alert } from '#domain/alert.ts'
import { createFlush, expectDigest, holdOf, MAX_WAITING, quietOf, type FlushOptions } from './flush.ts'
import { queueNotice } from './rows.ts'
import { belongingsOf, DIGEST_KEY, readSettings, type Belonging } from './settings.ts'

export interface NotifyingOptions extends Omit<FlushOptions, 'metrics'> {
  readonly clock: () => number
  readonly fieldOf: (alert: Alert, field: string) => string | undefined
  /** Calls `work` once after `ms`; returns the cancellation (`setTimeout`). */
  readonly after: (ms: number, work: () => void) => () => void
  /** There is something in the outbox. */
  readonly wakeOutbox: () => void
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add' | 'set' | 'onCollect'>
}

/** What becomes of a command: `held` for a digest, `known`: it is there already, `full`: the outbox takes no more. */
export type CommandFate = 'queued' | 'held' | 'known' | 'full'

/** Decides who is told what and when: alerts wait in groups, groups are told in their time. */
export interface Notifying extends Notifier {
  /** Call it after each transaction in which `told` was called, or a command given. */
  wake(): void
  stop(): void
  /** Inside a transaction: a command of a node for a receiver that there is. */
  command(command: NoticeCommand, receiver: string): CommandFate
  /** Inside the transaction that takes an old row out of the outbox: its alerts go into the digest. */
  expired(row: OutboxRow): void
}

/** The longest it sleeps: a clock that was set must not make it sleep for days. */
const MAX_SLEEP_MS = 60_000
/** While hub.db cannot be written. */
const RETRY_EVERY_MS = 1000
/** A clock that goes back by more was set. */
const SET_BACK_MS = 1000
/** Groups told between two looks at other work. */
const GROUPS_AT_ONCE = 10
const PRUNE_EVERY_MS = 3_600_000
/** Empty groups are kept for as long as an interval may be. */
const KEEP_GROUPS_MS = 2 * 86_400_000

export function createNotifying(options: NotifyingOptions): Notifying {
  const { db, clock, routes, fieldOf, after, wakeOutbox, log, metrics } = options
  const records = createNotifyRecords(db)
  const outbox = createOutboxRecords(db)
  const flush = createFlush(options)
  let cancelTimer = (): void => undefined
  let isStopped = false
  let isRefused = false
  let seenMs = clock()
  let prunedMs = seenMs

  // the clock may have been set back while the hub was not running: everything is looked at once, and told when it is its time
  records.clampTo(seenMs, 0)

  function enter({ receiver, key, settings }: Belonging, { alert, what }: { readonly alert: Alert; readonly what: string }): void {
    const nowMs = clock()
    const known = records.group(receiver, key)
    const dueMs = Math.max(nowMs + settings.waitMs, known?.toldMs === undefined ? 0 : Math.min(known.toldMs, nowMs) + settings.intervalMs)
    records.putGroup({ receiver, key, fields: JSON.stringify(settings), toldMs: known?.toldMs, dueMs: Math.min(known?.dueMs ?? dueMs, dueMs) })
    records.putMember({ receiver, key, alertId: alert.id, what, sinceMs: records.member(receiver, key, alert.id)?.sinceMs ?? nowMs })
  }

  /** Those who wait for it or know it hear how it goes on, also when the routes would choose others by now. */
  function goOn({ alert, transition }: AlertNews): boolean {
    const members = records.membersOf(alert.id)
    for (const member of members) {
      const group = records.group(member.receiver, member.key)
      if (group === undefined) continue
      const settings = readSettings(group)
      const what = transition.reason === 'more-severe' ? 'escalated' : member.what === 'held' || member.what === 'escalated' ? member.what : 'changed'
      enter({ receiver: member.receiver, key: member.key, settings }, { alert, what })
    }
    return members.length > 0
  }

  function told(news: AlertNews): boolean {
    const { alert, transition, policy, escalatesTo } = news
    const fields: FieldOf = (field) => fieldOf(alert, field)
    let isNews = goOn(news)
    if (transition.to === 'firing' && !isNews) {
      for (const belonging of belongingsOf(alert, { policy, routes: routes(), fieldOf: fields })) {
        if (isAboutReceiver(alert, belonging.receiver)) continue
        enter(belonging, { alert, what: 'new' })
        isNews = true
      }
    }
    if (escalatesTo === undefined) return isNews
    const knows = new Set(records.membersOf(alert.id).map(({ receiver }) => receiver))
    for (const belonging of belongingsOf(alert, { policy, routes: routes(), fieldOf: fields, only: escalatesTo })) {
      if (!knows.has(belonging.receiver) && !isAboutReceiver(alert, belonging.receiver)) enter(belonging, { alert, what: 'escalated' })
    }
    return true
  }

  function work(): void {
    cancelTimer()
    if (isStopped) return
    let pauseMs: number
    try {
      pauseMs = flushDue()
      isRefused = false
    } catch (error) {
      if (!isDiskFault(error)) throw error
      if (!isRefused) log.error({ error: String(error) }, 'groups of alerts wait: hub.db cannot be written')
      isRefused = true
      pauseMs = RETRY_EVERY_MS
    }
    if (pauseMs !== Number.POSITIVE_INFINITY) cancelTimer = after(pauseMs, work)
  }

  /** Tells the groups whose time has come; returns how long there is nothing to do. */
  function flushDue(): number {
    const nowMs = clock()
    keepTime(nowMs)
    const due = records.due(nowMs, GROUPS_AT_ONCE)
    for (const group of due) {
      const done = db.transaction(() => flush(group, nowMs)).immediate()
      done()
    }
    if (due.length > 0) wakeOutbox()
    const nextMs = records.nextDueMs()
    return nextMs === undefined ? Number.POSITIVE_INFINITY : Math.min(MAX_SLEEP_MS, Math.max(0, nextMs - clock()))
  }

  function keepTime(nowMs: number): void {
    if (nowMs < seenMs - SET_BACK_MS) {
      const moved = records.clampTo(nowMs, 0)
      log.warn({ by_ms: seenMs - nowMs, moved }, 'the clock was set back: what is to be told is looked at anew')
      prunedMs = Math.min(prunedMs, nowMs)
    }
    seenMs = nowMs
    if (nowMs - prunedMs < PRUNE_EVERY_MS) return
    prunedMs = nowMs
    records.prune(nowMs - KEEP_GROUPS_MS)
  }

  metrics.onCollect(() => {
    const { groups, waiting } = records.counts()
    metrics.set('hps_notify_groups', groups)
    metrics.set('hps_notify_waiting', waiting)
  })

  return {
    told,
    wake: work,
    stop() {
      isStopped = true
      cancelTimer()
    },
    command(command, name) {
      const nowMs = clock()
      if (outbox.waiting() >= MAX_WAITING) return 'full'
      const receiver = routes().receiver(name)
      const quiet = quietOf(receiver, nowMs)
      const isQuiet = quiet !== undefined && !quiet.except.includes(command.severity)
      const reason = receiver?.digestMs !== undefined ? 'digest' : isQuiet ? 'quiet' : holdOf({ outbox, settings: { kind: 'alerts' }, receiver, name, nowMs })
      const notice = { kind: 'command', receiver: name, severity: command.severity, title: command.title, atMs: nowMs, command } as const
      // by its message: one that is read twice is told once
      if (!queueNotice(outbox, { notice, receiver, alertIds: [], rule: 'hps-trigger', id: `command.${command.seq}.${name}`, nowMs, isHeld: reason !== undefined })) return 'known'
      metrics.add('hps_notifications_queued_total', { severity: command.severity })
      if (reason === undefined) return 'queued'
      metrics.add('hps_notifications_held_total', { reason })
      expectDigest(records, { name, receiver, nowMs, notBeforeMs: isQuiet ? quiet.untilMs : 0 })
      return 'held'
    },
    expired(row) {
      const notice = readNotice(row)
      if (notice.kind !== 'alerts') return
      const nowMs = clock()
      for (const alertId of outbox.alertsOf(row.id)) {
        // whoever was sent something about it knows it
        if (outbox.ofAlert(alertId, row.receiver).some(({ state }) => state === 'sent' || state === 'sending')) continue
        records.removeTold(alertId, row.receiver)
        for (const member of records.membersOf(alertId)) if (member.receiver === row.receiver) records.putMember({ ...member, what: 'held', sinceMs: nowMs })
        records.putMember({ receiver: row.receiver, key: DIGEST_KEY, alertId, what: 'held', sinceMs: nowMs })
      }
      expectDigest(records, { name: row.receiver, receiver: routes().receiver(row.receiver), nowMs })
      after(0, work)
    },
  }
}

/** The hub says of itself that this receiver cannot be reached: telling it so would only make another notice that cannot be sent. */
const isAboutReceiver = ({ app, fields }: Alert, receiver: string): boolean => app === HUB_APP && fields['receiver'] === receiver
