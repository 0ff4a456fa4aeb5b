import type { HubDatabase } from './database.ts'

/**
 * `queued` never tried · `held` for the next digest · `sending` in the hands of a channel · `retry` waits for its next try ·
 * `sent` accepted · `dead` given up · `cancelled` not to be sent any more, `lastError` says why.
 */
export const OUTBOX_STATES = ['queued', 'held', 'sending', 'retry', 'sent', 'dead', 'cancelled'] as const
export type OutboxState = (typeof OUTBOX_STATES)[number]

export interface OutboxRow {
  readonly id: number
  readonly dedupKey: string
  readonly channel: string
  readonly receiver: string
  /** Which of several of the channel; '' where there is one only. */
  readonly target: string
  /** What the channel makes its message of, as JSON. */
  readonly payload: string
  /** Of the notice. */
  readonly kind: string
  readonly state: OutboxState
  readonly attempts: number
  readonly nextMs: number
  readonly lastError: string | undefined
  /** What the other side answered when it took it. */
  readonly reply: string | undefined
  readonly createdMs: number
  readonly doneMs: number | undefined
  /** The one alert that it tells; undefined where they are several or none. */
  readonly alertId: number | undefined
  /** Of all its alerts; '' where they are of several. */
  readonly rule: string
  /** From then on it is old news; undefined: it never is. */
  readonly expiresMs: number | undefined
  /** It is not tried after that; undefined: as long as is usual since it was made. */
  readonly giveUpMs: number | undefined
}

export interface NewOutboxRow {
  readonly dedupKey: string
  readonly channel: string
  readonly receiver: string
  readonly target?: string
  readonly payload: string
  readonly kind?: string
  readonly state?: Extract<OutboxState, 'queued' | 'held'>
  readonly createdMs: number
  /** Not before; by default at once. */
  readonly nextMs?: number
  readonly alertId?: number | undefined
  readonly alertIds?: readonly number[]
  readonly rule?: string
  readonly expiresMs?: number | undefined
  /** False for the other rows of a notice that goes by several channels. */
  readonly isLead?: boolean
  /** What goes first: 0 for critical. */
  readonly urgency?: number
}

/** One place that rows go to; each is served in order. */
export type OutboxTarget = Pick<OutboxRow, 'channel' | 'receiver' | 'target'>
export const targetKey = ({ channel, receiver, target }: OutboxTarget): string => JSON.stringify([channel, receiver, target])

export interface OutboxFilter {
  readonly states?: readonly OutboxState[] | undefined
  readonly receiver?: string | undefined
  /** Rows about alerts of this rule, among others. */
  readonly rule?: string | undefined
  /** Rows that tell this alert. */
  readonly alertId?: number | undefined
  /** Of the notice. */
  readonly kind?: string | undefined
  /** Rows with lower numbers: the page after. */
  readonly belowId?: number | undefined
}

export interface OutboxRecords {
  /** False when a row with this dedup key is there already: the same notice is never queued twice. */
  add(row: NewOutboxRow): boolean
  /**
   * The row that is to go next, now `sending` with one attempt more: the most urgent, then the longest due, of a target that is not among `busy`, and
   * none about an alert of which an earlier row to the same target is not settled.
   */
  takeNext(nowMs: number, busy: ReadonlySet<string>): OutboxRow | undefined
  /** Rows left in `sending` by a process that died: whether they arrived is unknown, so they are tried again. */
  recover(nowMs: number): number
  sent(id: number, done: { readonly atMs: number; readonly reply: string }): void
  retry(id: number, next: { readonly nextMs: number; readonly error: string }): void
  dead(id: number, done: { readonly atMs: number; readonly error: string }): void
  /** False: it does not wait any more. */
  cancel(id: number, done: { readonly atMs: number; readonly why: string }): boolean
  /** A row that was given up or cancelled is tried again, as if it were new; false: it is neither. */
  again(id: number, times: { readonly nowMs: number; readonly giveUpMs: number }): boolean
  /** Rows of a target that wait for their next try have their turn now: it takes notices again. */
  pullForward(target: OutboxTarget, nowMs: number): number
  /** Times of what waits that are further away than `nowMs + mostMs` are moved there: the clock was set back. */
  clampTo(nowMs: number, mostMs: number): number
  rewrite(id: number, change: { readonly payload: string; readonly alertIds: readonly number[] }): void
  /** When the next row of a target that is not among `busy` falls due; undefined when none waits. */
  nextDueMs(busy?: ReadonlySet<string>): number | undefined
  byId(id: number): OutboxRow | undefined
  /** Newest first. */
  list(limit: number, filter?: OutboxFilter): readonly OutboxRow[]
  /** Rows that tell an alert to a receiver, oldest first. */
  ofAlert(alertId: number, receiver: string): readonly Pick<OutboxRow, 'id' | 'state'>[]
  /** Alerts that a row tells, those that it only counts included. */
  alertsOf(id: number): readonly number[]
  /** Notices to a receiver that wait for its next digest, oldest first. */
  heldFor(receiver: string, limit: number): readonly OutboxRow[]
  /** Notices (not rows) to a receiver that were made in a time. */
  countSince(receiver: string, span: { readonly fromMs: number; readonly toMs: number }): number
  counts(): readonly { readonly state: OutboxState; readonly count: number }[]
  /** Rows that still wait, are held, or are being sent. */
  waiting(): number
  /** Creation time of the oldest row that still waits. */
  oldestWaitingMs(): number | undefined
  /** Removes rows that were settled before `beforeMs`, and beyond `keep` the oldest of them. */
  prune(limits: { readonly beforeMs: number; readonly keep: number }): number
}

interface Raw {
  id: number; dedup_key: string; channel: string; receiver: string; target: string; payload: string; kind: string; state: OutboxState; attempts: number; next_ms: number
  last_error: string | null; reply: string | null; created_ms: number; done_ms: number | null; alert_id: number | null; rule: string; expires_ms: number | null; give_up_ms: number | null
}
const WAITING = `state IN ('queued', 'retry')`
const SETTLED = `state IN ('sent', 'dead', 'cancelled')`
const IS_FREE = `json_array(channel, receiver, target) NOT IN (SELECT value FROM json_each(@busy))`
/** An alert's rows to one target go in their order. */
const IS_FIRST = `NOT EXISTS (
  SELECT 1 FROM outbox_alerts mine JOIN outbox_alerts other ON other.alert_id = mine.alert_id AND other.outbox_id < mine.outbox_id JOIN outbox earlier ON earlier.id = other.outbox_id
  WHERE mine.outbox_id = outbox.id AND earlier.state IN ('queued', 'retry', 'sending') AND earlier.channel = outbox.channel AND earlier.receiver = outbox.receiver AND earlier.target = outbox.target)`

export function createOutboxRecords(db: HubDatabase): OutboxRecords {
  const add = db.prepare(
    `INSERT INTO outbox (dedup_key, channel, receiver, target, payload, kind, state, next_ms, created_ms, alert_id, rule, expires_ms, is_lead, urgency)
     VALUES (@dedupKey, @channel, @receiver, @target, @payload, @kind, @state, @nextMs, @createdMs, @alertId, @rule, @expiresMs, @isLead, @urgency) ON CONFLICT (dedup_key) DO NOTHING`,
  )
  const about = db.prepare(`INSERT INTO outbox_alerts (alert_id, outbox_id) SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`)
  const notAbout = db.prepare('DELETE FROM outbox_alerts WHERE outbox_id = ?')
  const next = db.prepare<[{ nowMs: number; busy: string }], { id: number }>(`SELECT id FROM outbox WHERE ${WAITING} AND next_ms <= @nowMs AND ${IS_FREE} AND ${IS_FIRST} ORDER BY urgency, next_ms, id LIMIT 1`)
  const take = db.prepare<[number], Raw>(`UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ? RETURNING *`)
  const recover = db.prepare(`UPDATE outbox SET state = 'retry', next_ms = ?, last_error = 'the hub stopped while it was sent' WHERE state = 'sending'`)
  const sent = db.prepare(`UPDATE outbox SET state = 'sent', done_ms = ?, reply = ?, last_error = NULL WHERE id = ?`)
  const retry = db.prepare(`UPDATE outbox SET state = 'retry', next_ms = ?, last_error = ? WHERE id = ?`)
  const dead = db.prepare(`UPDATE outbox SET state = 'dead', done_ms = ?, last_error = ? WHERE id = ?`)
  const cancel = db.prepare(`UPDATE outbox SET state = 'cancelled', done_ms = ?, last_error = ? WHERE id = ? AND state IN ('queued', 'held', 'retry')`)
  const again = db.prepare(`UPDATE outbox SET state = 'queued', attempts = 0, done_ms = NULL, expires_ms = NULL, next_ms = @nowMs, give_up_ms = @giveUpMs WHERE id = @id AND state IN ('dead', 'cancelled')`)
  const pull = db.prepare(`UPDATE outbox SET next_ms = ? WHERE state = 'retry' AND next_ms > ? AND channel = ? AND receiver = ? AND target = ?`)
  const clamp = db.prepare(`UPDATE outbox SET next_ms = @at WHERE ${WAITING} AND next_ms > @at`)
  const rewrite = db.prepare('UPDATE outbox SET payload = ?, alert_id = ? WHERE id = ?')
  const due = db.prepare<[{ busy: string }], { at: number | null }>(`SELECT min(next_ms) AS at FROM outbox WHERE ${WAITING} AND ${IS_FREE} AND ${IS_FIRST}`)
  const byId = db.prepare<[number], Raw>('SELECT * FROM outbox WHERE id = ?')
  const ofAlert = db.prepare<[number, string], Pick<Raw, 'id' | 'state'>>('SELECT outbox.id, outbox.state FROM outbox JOIN outbox_alerts ON outbox_id = outbox.id WHERE outbox_alerts.alert_id = ? AND receiver = ? ORDER BY outbox.id')
  const alertsOf = db.prepare<[number], { id: number }>('SELECT alert_id AS id FROM outbox_alerts WHERE outbox_id = ?')
  const heldFor = db.prepare<[string, number], Raw>(`SELECT * FROM outbox WHERE receiver = ? AND state = 'held' ORDER BY id LIMIT ?`)
  const countSince = db.prepare<[string, number, number], { count: number }>('SELECT count(*) AS count FROM outbox WHERE receiver = ? AND created_ms > ? AND created_ms <= ? AND is_lead = 1')
  const oldest = db.prepare<[], { at: number | null }>(`SELECT min(created_ms) AS at FROM outbox WHERE state IN ('queued', 'held', 'retry', 'sending')`)
  const waiting = db.prepare<[], { count: number }>(`SELECT count(*) AS count FROM outbox WHERE state IN ('queued', 'held', 'retry', 'sending')`)
  const counts = db.prepare<[], { state: OutboxState; count: number }>('SELECT state, count(*) AS count FROM outbox GROUP BY state')
  const pruneOld = db.prepare(`DELETE FROM outbox WHERE ${SETTLED} AND done_ms < ?`)
  const pruneMany = db.prepare(`DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE ${SETTLED} ORDER BY id DESC LIMIT -1 OFFSET ?)`)
  const busyText = (busy: ReadonlySet<string>): string => JSON.stringify([...busy])
  return {
    add(row) {
      const { alertId = row.alertIds?.length === 1 ? row.alertIds[0] : undefined, isLead = true } = row
      const added = add.run({
        dedupKey: row.dedupKey, channel: row.channel, receiver: row.receiver, target: row.target ?? '', payload: row.payload, kind: row.kind ?? '', state: row.state ?? 'queued',
        nextMs: Math.round(row.nextMs ?? row.createdMs), createdMs: Math.round(row.createdMs), alertId: alertId ?? null, rule: row.rule ?? '', expiresMs: row.expiresMs ?? null, isLead: isLead ? 1 : 0, urgency: row.urgency ?? 2,
      })
      if (added.changes === 0) return false
      about.run(added.lastInsertRowid, JSON.stringify(row.alertIds ?? (alertId === undefined ? [] : [alertId])))
      return true
    },
    takeNext: (nowMs, busy) => {
      const first = next.get({ nowMs, busy: busyText(busy) })
      return first === undefined ? undefined : read(take.get(first.id)!)
    },
    recover: (nowMs) => recover.run(nowMs).changes,
    sent: (id, done) => void sent.run(done.atMs, done.reply, id),
    retry: (id, { nextMs, error }) => void retry.run(Math.round(nextMs), error, id),
    dead: (id, done) => void dead.run(done.atMs, done.error, id),
    cancel: (id, { atMs, why }) => cancel.run(atMs, why, id).changes > 0,
    again: (id, times) => again.run({ id, ...times }).changes > 0,
    pullForward: ({ channel, receiver, target }, nowMs) => pull.run(nowMs, nowMs, channel, receiver, target).changes,
    clampTo: (nowMs, mostMs) => clamp.run({ at: nowMs + mostMs }).changes,
    rewrite(id, { payload, alertIds }) {
      rewrite.run(payload, alertIds.length === 1 ? alertIds[0]! : null, id)
      notAbout.run(id)
      about.run(id, JSON.stringify(alertIds))
    },
    nextDueMs: (busy = new Set()) => due.get({ busy: busyText(busy) })?.at ?? undefined,
    byId: (id) => {
      const raw = byId.get(id)
      return raw === undefined ? undefined : read(raw)
    },
    list: (limit, filter = {}) => list(db, filter, limit).map(read),
    ofAlert: (alertId, receiver) => ofAlert.all(alertId, receiver),
    alertsOf: (id) => alertsOf.all(id).map((row) => row.id),
    heldFor: (receiver, limit) => heldFor.all(receiver, limit).map(read),
    countSince: (receiver, { fromMs, toMs }) => countSince.get(receiver, fromMs, toMs)!.count,
    counts: () => counts.all(),
    waiting: () => waiting.get()!.count,
    oldestWaitingMs: () => oldest.get()?.at ?? undefined,
    prune: ({ beforeMs, keep }) => pruneOld.run(beforeMs).changes + pruneMany.run(keep).changes,
  }
}

function list(db: HubDatabase, { states, receiver, rule, alertId, kind, belowId }: OutboxFilter, limit: number): Raw[] {
  const terms = [
    ...(states === undefined ? [] : ['state IN (SELECT value FROM json_each(@states))']),
    ...(receiver === undefined ? [] : ['receiver = @receiver']),
    ...(rule === undefined ? [] : ['(rule = @rule OR id IN (SELECT outbox_id FROM outbox_alerts JOIN alerts ON alerts.id = outbox_alerts.alert_id WHERE alerts.rule = @rule))']),
    ...(alertId === undefined ? [] : ['id IN (SELECT outbox_id FROM outbox_alerts WHERE outbox_alerts.alert_id = @alertId)']),
    ...(kind === undefined ? [] : ['kind = @kind']),
    ...(belowId === undefined ? [] : ['id < @belowId']),
  ]
  const where = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`
  return db.prepare<[Record<string, unknown>], Raw>(`SELECT * FROM outbox ${where} ORDER BY id DESC LIMIT @limit`).all({
    limit,
    ...(states === undefined ? {} : { states: JSON.stringify(states) }),
    ...(receiver === undefined ? {} : { receiver }),
    ...(rule === undefined ? {} : { rule }),
    ...(alertId === undefined ? {} : { alertId }),
    ...(kind === undefined ? {} : { kind }),
    ...(belowId === undefined ? {} : { belowId }),
  })
}

const read = (raw: Raw): OutboxRow => ({
  id: raw.id, dedupKey: raw.dedup_key, channel: raw.channel, receiver: raw.receiver, target: raw.target, payload: raw.payload, kind: raw.kind, state: raw.state, attempts: raw.attempts,
  nextMs: raw.next_ms, lastError: raw.last_error ?? undefined, reply: raw.reply ?? undefined, createdMs: raw.created_ms, doneMs: raw.done_ms ?? undefined,
  alertId: raw.alert_id ?? undefined, rule: raw.rule, expiresMs: raw.expires_ms ?? undefined, giveUpMs: raw.give_up_ms ?? undefined,
})
