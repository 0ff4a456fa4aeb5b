import type { HubDatabase } from './database.ts'

/** `queued` never tried · `sending` in the hands of a channel · `retry` waits for its next try · `sent` accepted · `dead` given up. */
export const OUTBOX_STATES = ['queued', 'sending', 'retry', 'sent', 'dead'] as const
type OutboxState = (typeof OUTBOX_STATES)[number]

export interface OutboxRow {
  readonly id: number
  readonly dedupKey: string
  readonly channel: string
  readonly receiver: string
  /** What the channel makes its message of, as JSON. */
  readonly payload: string
  readonly state: OutboxState
  readonly attempts: number
  readonly nextMs: number
  readonly lastError: string | undefined
  /** What the other side answered when it took it. */
  readonly reply: string | undefined
  readonly createdMs: number
  readonly doneMs: number | undefined
  readonly alertId: number | undefined
}

interface NewOutboxRow {
  readonly dedupKey: string
  readonly channel: string
  readonly receiver: string
  readonly payload: string
  readonly createdMs: number
  readonly alertId?: number | undefined
}

export interface OutboxRecords {
  /** False when a row with this dedup key is there already: the same notice is never queued twice. */
  add(row: NewOutboxRow): boolean
  /** Rows whose time has come, oldest first; they become `sending` in the same transaction, with one attempt more. */
  take(nowMs: number, limit: number): readonly OutboxRow[]
  /** Rows left in `sending` by a process that died: whether they arrived is unknown, so they are tried again. */
  recover(nowMs: number): number
  sent(id: number, done: { readonly atMs: number; readonly reply: string }): void
  retry(id: number, next: { readonly nextMs: number; readonly error: string }): void
  dead(id: number, done: { readonly atMs: number; readonly error: string }): void
  /** When the next row falls due; undefined when none waits. */
  nextDueMs(): number | undefined
  list(limit: number): readonly OutboxRow[]
  counts(): readonly { readonly state: OutboxState; readonly count: number }[]
  /** Rows that still wait, or are being sent. */
  waiting(): number
  /** Creation time of the oldest row that still waits. */
  oldestWaitingMs(): number | undefined
  /** The first mail of an alert to a receiver: later ones answer it. */
  firstOf(alertId: number, receiver: string): OutboxRow | undefined
  /** Removes `sent` and `dead` rows that were done before `beforeMs`. */
  prune(beforeMs: number): number
}

interface Raw {
  id: number; dedup_key: string; channel: string; receiver: string; payload: string; state: OutboxState; attempts: number; next_ms: number
  last_error: string | null; reply: string | null; created_ms: number; done_ms: number | null; alert_id: number | null
}
const WAITING = `state IN ('queued', 'retry')`

export function createOutboxRecords(db: HubDatabase): OutboxRecords {
  const add = db.prepare(
    `INSERT INTO outbox (dedup_key, channel, receiver, payload, state, next_ms, created_ms, alert_id)
     VALUES (@dedupKey, @channel, @receiver, @payload, 'queued', @createdMs, @createdMs, @alertId) ON CONFLICT (dedup_key) DO NOTHING`,
  )
  const take = db.prepare<[number, number], Raw>(
    `UPDATE outbox SET state = 'sending', attempts = attempts + 1
     WHERE id IN (SELECT id FROM outbox WHERE ${WAITING} AND next_ms <= ? ORDER BY next_ms, id LIMIT ?) RETURNING *`,
  )
  const recover = db.prepare(`UPDATE outbox SET state = 'retry', next_ms = ?, last_error = 'the hub stopped while it was sent' WHERE state = 'sending'`)
  const sent = db.prepare(`UPDATE outbox SET state = 'sent', done_ms = ?, reply = ?, last_error = NULL WHERE id = ?`)
  const retry = db.prepare(`UPDATE outbox SET state = 'retry', next_ms = ?, last_error = ? WHERE id = ?`)
  const dead = db.prepare(`UPDATE outbox SET state = 'dead', done_ms = ?, last_error = ? WHERE id = ?`)
  const due = db.prepare<[], { at: number | null }>(`SELECT min(next_ms) AS at FROM outbox WHERE ${WAITING}`)
  const oldest = db.prepare<[], { at: number | null }>(`SELECT min(created_ms) AS at FROM outbox WHERE ${WAITING} OR state = 'sending'`)
  const waiting = db.prepare<[], { count: number }>(`SELECT count(*) AS count FROM outbox WHERE state IN ('queued', 'retry', 'sending')`)
  const list = db.prepare<[number], Raw>('SELECT * FROM outbox ORDER BY id DESC LIMIT ?')
  const counts = db.prepare<[], { state: OutboxState; count: number }>('SELECT state, count(*) AS count FROM outbox GROUP BY state')
  const first = db.prepare<[number, string], Raw>('SELECT * FROM outbox WHERE alert_id = ? AND receiver = ? ORDER BY id LIMIT 1')
  const prune = db.prepare(`DELETE FROM outbox WHERE state IN ('sent', 'dead') AND done_ms < ?`)
  return {
    add: (row) => add.run({ ...row, alertId: row.alertId ?? null }).changes > 0,
    take: (nowMs, limit) => take.all(nowMs, limit).map(read).sort((a, b) => a.id - b.id),
    recover: (nowMs) => recover.run(nowMs).changes,
    sent: (id, done) => void sent.run(done.atMs, done.reply, id),
    retry: (id, next) => void retry.run(next.nextMs, next.error, id),
    dead: (id, done) => void dead.run(done.atMs, done.error, id),
    nextDueMs: () => due.get()?.at ?? undefined,
    list: (limit) => list.all(limit).map(read),
    counts: () => counts.all(),
    waiting: () => waiting.get()!.count,
    oldestWaitingMs: () => oldest.get()?.at ?? undefined,
    firstOf: (alertId, receiver) => {
      const raw = first.get(alertId, receiver)
      return raw === undefined ? undefined : read(raw)
    },
    prune: (beforeMs) => prune.run(beforeMs).changes,
  }
}

const read = (raw: Raw): OutboxRow => ({
  id: raw.id, dedupKey: raw.dedup_key, channel: raw.channel, receiver: raw.receiver, payload: raw.payload, state: raw.state, attempts: raw.attempts,
  nextMs: raw.next_ms, lastError: raw.last_error ?? undefined, reply: raw.reply ?? undefined, createdMs: raw.created_ms, doneMs: raw.done_ms ?? undefined,
  alertId: raw.alert_id ?? undefined,
})
