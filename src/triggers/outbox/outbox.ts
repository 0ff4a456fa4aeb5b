import { masked } from '#base/masked.ts'
import { cut, printable } from '#base/text.ts'
import { createOutboxRecords, isDiskFault, OUTBOX_STATES, targetKey, type HubDatabase, type OutboxRow } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import type { FailureReason } from './metrics.ts'
import type { Delivery } from './delivery.ts'
import { MAX_ASKED_MS, MAX_PAUSE_MS, nextTry } from './schedule.ts'
import { createTargets } from './targets.ts'

export type { Delivery } from './delivery.ts'

export interface OutboxOptions {
  readonly db: HubDatabase
  /** Hands one notice to its channel. It does not throw for what can be expected of a channel. */
  readonly deliver: (row: OutboxRow) => Promise<Delivery>
  readonly clock: () => number
  readonly random: () => number
  /** Calls `work` once after `ms`; returns the cancellation (`setTimeout`). */
  readonly after: (ms: number, work: () => void) => () => void
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'add' | 'set' | 'observe' | 'onCollect'>
  /** A row is old news. Called inside the transaction that takes it out; whoever made it tells it in another way. */
  readonly expired?: (row: OutboxRow) => void
  /** A row was given up. Called inside the transaction that says so; may write a row to somebody else. */
  readonly died?: (row: OutboxRow, error: string) => void
}

export interface Outbox {
  /** There may be something to send: call it after each transaction that wrote notices. */
  wake(): void
  /** Resolves when nothing is in the hands of a channel; nothing more is taken. */
  stop(): Promise<void>
}

/** Notices in the hands of channels at once. */
const MAX_AT_ONCE = 5
/** The longest the outbox sleeps: a clock that was set must not make it sleep for days. */
const MAX_SLEEP_MS = 60_000
/** While hub.db cannot be written. */
const RETRY_EVERY_MS = 1000
/** A clock that goes back by more was set. */
const SET_BACK_MS = 1000
/** Notices that were settled can be looked at for this long, and so many of them. */
const KEEP_DONE_MS = 30 * 24 * 3_600_000
const KEEP_DONE = 100_000
const PRUNE_EVERY_MS = 3_600_000
const MAX_ERROR_CHARACTERS = 500
/** Receivers whose last failure is remembered; beyond it a failure may be told again. */
const MAX_AILING = 1000

/**
 * Delivers at least once: a row is `sending` before its channel gets it and `sent` only after the other side took it, so a
 * process that dies in between sends it again, under the same message id. Failures wait longer each time, up to three days.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { db, deliver, clock, random, after, log, metrics, expired, died } = options
  const records = createOutboxRecords(db)
  const targets = createTargets()
  const underWay = new Set<Promise<void>>()
  let cancelTimer = (): void => undefined
  let isStopped = false
  let isRefused = false
  let prunedMs = 0
  let seenMs = clock()
  /** Why the last try failed, by target: a failure is told when it begins or changes, not at each try. */
  const ailing = new Map<string, FailureReason>()
  /** Deliveries whose outcome hub.db does not take for now; at most as many as are under way. */
  const unsettled: { readonly row: OutboxRow; readonly delivery: Delivery; readonly done: () => void }[] = []

  const left = records.recover(clock())
  if (left > 0) log.warn({ notices: left }, 'notices were being sent when the hub stopped; they are sent again')
  records.clampTo(clock(), MAX_ASKED_MS)

  async function send(row: OutboxRow): Promise<void> {
    const startedMs = clock()
    let delivery: Delivery
    try {
      delivery = await deliver(row)
    } catch (error) {
      delivery = { kind: 'failed', reason: 'failed', isPermanent: false, error: String(error) }
    }
    metrics.observe('hps_notification_duration_seconds', Math.max(0, clock() - startedMs) / 1000, { channel: row.channel })
    if (trySettle(row, delivery) || isStopped) return
    cancelTimer()
    cancelTimer = after(RETRY_EVERY_MS, work)
    await new Promise<void>((done) => unsettled.push({ row, delivery, done }))
  }

  /** False: hub.db does not take it. Until it does the row stays `sending`: a second copy after a crash rather than none. */
  function trySettle(row: OutboxRow, delivery: Delivery): boolean {
    try {
      const settled = db.transaction(() => settle(row, delivery)).immediate()
      settled()
      return true
    } catch (error) {
      if (!isDiskFault(error)) throw error
      return false
    }
  }

  /** Writes what became of it; what it gives back counts and logs it. */
  function settle(row: OutboxRow, delivery: Delivery): () => void {
    const nowMs = clock()
    const { channel } = row
    if (delivery.kind === 'sent') {
      const reply = clean(delivery.reply)
      records.sent(row.id, { atMs: nowMs, reply })
      if (targets.isFailing(row)) records.pullForward(row, nowMs)
      return () => {
        targets.ended(row, delivery, { nowMs, random: random() })
        metrics.add('hps_notifications_total', { channel, result: 'sent' })
        ailing.delete(targetKey(row))
        log.info({ ...aboutRow(row), reply: masked(reply) }, 'notice sent')
      }
    }
    const error = clean(delivery.error)
    const next = nextTry({ ...row, isPermanent: delivery.isPermanent, retryAfterMs: delivery.retryAfterMs }, nowMs, random())
    if (next.kind === 'retry') records.retry(row.id, { nextMs: next.nextMs, error })
    else {
      records.dead(row.id, { atMs: nowMs, error })
      died?.(row, error)
    }
    return () => {
      targets.ended(row, delivery, { nowMs, random: random() })
      metrics.add('hps_notifications_total', { channel, result: next.kind })
      metrics.add('hps_notifications_failed_total', { channel, reason: delivery.reason })
      const isNews = isNewAilment(row, delivery.reason)
      if (next.kind === 'retry') log[isNews ? 'warn' : 'debug']({ ...aboutRow(row), reason: delivery.reason, error: masked(error), next: new Date(next.nextMs).toISOString() }, 'notice not sent, tried again until it is')
      else log.error({ ...aboutRow(row), reason: delivery.reason, error: masked(error), given_up: next.reason }, 'notice given up')
    }
  }

  function isNewAilment(row: OutboxRow, reason: FailureReason): boolean {
    const isNews = ailing.get(targetKey(row)) !== reason
    if (ailing.size >= MAX_AILING) ailing.clear()
    ailing.set(targetKey(row), reason)
    return isNews
  }

  function prune(): void {
    if (clock() - prunedMs < PRUNE_EVERY_MS && clock() >= prunedMs) return
    prunedMs = clock()
    records.prune({ beforeMs: prunedMs - KEEP_DONE_MS, keep: KEEP_DONE })
  }

  /** Deliveries wait while hub.db cannot be written: one that could not be noted as begun would be sent again and again. */
  function work(): void {
    cancelTimer()
    if (isStopped) return
    try {
      for (let first = unsettled[0]; first !== undefined && trySettle(first.row, first.delivery); first = unsettled[0]) {
        first.done()
        unsettled.shift()
      }
      if (unsettled.length === 0) takeDue()
      isRefused = unsettled.length > 0
    } catch (error) {
      if (!isDiskFault(error)) throw error
      if (!isRefused) log.error({ error: String(error) }, 'notices wait: hub.db cannot be written')
      isRefused = true
    }
    if (isRefused) cancelTimer = after(RETRY_EVERY_MS, work)
  }

  function takeDue(): void {
    const nowMs = clock()
    if (nowMs < seenMs - SET_BACK_MS) records.clampTo(nowMs, MAX_PAUSE_MS)
    seenMs = nowMs
    prune()
    while (underWay.size < MAX_AT_ONCE) {
      const row = takeOne(nowMs)
      if (row === undefined) break
      if (row === 'expired') continue
      targets.began(row)
      const task: Promise<void> = send(row)
        .catch((error: unknown) => log.error({ outbox: row.id, error: String(error) }, 'what became of a notice could not be written down'))
        .then(() => {
          underWay.delete(task)
          work()
        })
      underWay.add(task)
    }
    if (underWay.size < MAX_AT_ONCE) sleep(nowMs)
  }

  /** The next row, marked as being sent; an old one is taken out of the way instead. */
  function takeOne(nowMs: number): OutboxRow | 'expired' | undefined {
    const busy = targets.busy(nowMs)
    // looked for first: a database that nothing is taken from is not locked
    if ((records.nextDueMs(busy) ?? Number.POSITIVE_INFINITY) > nowMs) return undefined
    return db.transaction(() => {
      const row = records.takeNext(nowMs, busy)
      if (row === undefined || expired === undefined || row.expiresMs === undefined || row.expiresMs > nowMs) return row
      records.retry(row.id, { nextMs: nowMs, error: row.lastError ?? '' })
      records.cancel(row.id, { atMs: nowMs, why: `old news, told in a digest${row.lastError === undefined ? '' : `; before: ${row.lastError}`}` })
      expired(row)
      metrics.add('hps_notifications_expired_total')
      return 'expired'
    }).immediate()
  }

  function sleep(nowMs: number): void {
    const dueMs = records.nextDueMs(targets.busy(nowMs))
    const probeMs = targets.nextMs(nowMs)
    const nextMs = Math.min(dueMs ?? Number.POSITIVE_INFINITY, probeMs ?? Number.POSITIVE_INFINITY)
    if (nextMs !== Number.POSITIVE_INFINITY) cancelTimer = after(Math.min(MAX_SLEEP_MS, Math.max(0, nextMs - nowMs)), work)
  }

  metrics.onCollect(() => {
    const counts = new Map(records.counts().map(({ state, count }) => [state, count]))
    for (const state of OUTBOX_STATES) metrics.set('hps_outbox_messages', counts.get(state) ?? 0, { state })
    metrics.set('hps_outbox_oldest_timestamp_seconds', (records.oldestWaitingMs() ?? 0) / 1000)
    metrics.set('hps_outbox_failing_targets', targets.failing)
  })

  return {
    wake: work,
    async stop() {
      isStopped = true
      cancelTimer()
      for (const { row, delivery, done } of unsettled.splice(0)) {
        if (!trySettle(row, delivery)) log.error({ outbox: row.id }, 'what became of a notice could not be written down; it is sent again after the next start')
        done()
      }
      await Promise.all(underWay)
    },
  }
}

const aboutRow = (row: OutboxRow) => ({ outbox: row.id, channel: row.channel, receiver: row.receiver, ...(row.target === '' ? {} : { target: row.target }), attempts: row.attempts })

/** Answers of servers are shown to people and logged: one line, no control characters, not too long. */
const clean = (text: string): string => cut(printable(text.replace(/\s+/g, ' ').trim()), MAX_ERROR_CHARACTERS)
