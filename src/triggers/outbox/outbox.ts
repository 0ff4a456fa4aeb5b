import { cut, printable } from '#base/text.ts'
import { createOutboxRecords, OUTBOX_STATES, type HubDatabase, type OutboxRow, isDiskFault } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import type { FailureReason } from '../metrics.ts'
import { nextTry } from './schedule.ts'

/** What became of one try. */
export type Delivery =
  | { readonly kind: 'sent'; readonly reply: string }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly isPermanent: boolean; readonly error: string }

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
/** Notices that were sent or given up can be looked at for this long. */
const KEEP_DONE_MS = 30 * 24 * 3_600_000
const PRUNE_EVERY_MS = 3_600_000
const MAX_ERROR_CHARACTERS = 500
/** Receivers whose last failure is remembered; beyond it a failure may be told again. */
const MAX_AILING = 1000

/**
 * Delivers at least once: a row is `sending` before its channel gets it and `sent` only after the other side took it, so a
 * process that dies in between sends it again, under the same message id. Failures wait longer each time, up to three days.
 */
export function createOutbox({ db, deliver, clock, random, after, log, metrics }: OutboxOptions): Outbox {
  const records = createOutboxRecords(db)
  const underWay = new Set<Promise<void>>()
  let cancelTimer = (): void => undefined
  let isStopped = false
  let isRefused = false
  let prunedMs = 0
  /** Why the last try failed, by channel and receiver: a failure is told when it begins or changes, not at each try. */
  const ailing = new Map<string, FailureReason>()

  const left = records.recover(clock())
  if (left > 0) log.warn({ notices: left }, 'notices were being sent when the hub stopped; they are sent again')

  async function send(row: OutboxRow): Promise<void> {
    const startedMs = clock()
    let delivery: Delivery
    try {
      delivery = await deliver(row)
    } catch (error) {
      delivery = { kind: 'failed', reason: 'failed', isPermanent: false, error: String(error) }
    }
    metrics.observe('hps_notification_duration_seconds', (clock() - startedMs) / 1000, { channel: row.channel })
    settle(row, delivery)
  }

  function settle(row: OutboxRow, delivery: Delivery): void {
    const nowMs = clock()
    const target = `${row.channel} ${row.receiver}`
    const about = { outbox: row.id, channel: row.channel, receiver: row.receiver, attempts: row.attempts }
    if (delivery.kind === 'sent') {
      records.sent(row.id, { atMs: nowMs, reply: clean(delivery.reply) })
      metrics.add('hps_notifications_total', { channel: row.channel, result: 'sent' })
      ailing.delete(target)
      log.info({ ...about, reply: clean(delivery.reply) }, 'notice sent')
      return
    }
    const error = clean(delivery.error)
    const next = nextTry({ attempts: row.attempts, createdMs: row.createdMs, isPermanent: delivery.isPermanent }, nowMs, random())
    if (next.kind === 'retry') records.retry(row.id, { nextMs: next.nextMs, error })
    else records.dead(row.id, { atMs: nowMs, error })
    metrics.add('hps_notifications_total', { channel: row.channel, result: next.kind })
    metrics.add('hps_notifications_failed_total', { channel: row.channel, reason: delivery.reason })
    const isNews = ailing.get(target) !== delivery.reason
    if (ailing.size >= MAX_AILING) ailing.clear()
    ailing.set(target, delivery.reason)
    if (next.kind === 'retry') log[isNews ? 'warn' : 'debug']({ ...about, reason: delivery.reason, error, next: new Date(next.nextMs).toISOString() }, 'notice not sent, tried again until it is')
    else log.error({ ...about, reason: delivery.reason, error, given_up: next.reason }, 'notice given up')
  }

  function prune(): void {
    if (clock() - prunedMs < PRUNE_EVERY_MS) return
    prunedMs = clock()
    records.prune(prunedMs - KEEP_DONE_MS)
  }

  /** Deliveries wait while hub.db cannot be written: one that could not be noted as begun would be sent again and again. */
  function work(): void {
    cancelTimer()
    if (isStopped) return
    try {
      takeDue()
      isRefused = false
    } catch (error) {
      if (!isDiskFault(error)) throw error
      if (!isRefused) log.error({ error: String(error) }, 'notices wait: hub.db cannot be written')
      isRefused = true
      cancelTimer = after(RETRY_EVERY_MS, work)
    }
  }

  function takeDue(): void {
    prune()
    for (const row of records.take(clock(), MAX_AT_ONCE - underWay.size)) {
      const task: Promise<void> = send(row)
        // The row stays `sending` and is sent again after a restart: rather twice than never.
        .catch((error: unknown) => log.error({ outbox: row.id, error: String(error) }, 'what became of a notice could not be written down'))
        .then(() => {
          underWay.delete(task)
          work()
        })
      underWay.add(task)
    }
    const dueMs = underWay.size < MAX_AT_ONCE ? records.nextDueMs() : undefined
    if (dueMs !== undefined) cancelTimer = after(Math.min(MAX_SLEEP_MS, Math.max(0, dueMs - clock())), work)
  }

  metrics.onCollect(() => {
    const counts = new Map(records.counts().map(({ state, count }) => [state, count]))
    for (const state of OUTBOX_STATES) metrics.set('hps_outbox_messages', counts.get(state) ?? 0, { state })
    metrics.set('hps_outbox_oldest_timestamp_seconds', (records.oldestWaitingMs() ?? 0) / 1000)
  })

  return {
    wake: work,
    async stop() {
      isStopped = true
      cancelTimer()
      await Promise.all(underWay)
    },
  }
}

/** Answers of servers are shown to people and logged: one line, no control characters, not too long. */
const clean = (text: string): string => cut(printable(text.replace(/\s+/g, ' ').trim()), MAX_ERROR_CHARACTERS)
