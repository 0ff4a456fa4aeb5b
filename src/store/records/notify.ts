import type { AlertState } from '#domain/alert.ts'
import type { HubDatabase } from './database.ts'

/** Alerts that are told together. `fields`: JSON of its owner. */
export interface NotifyGroup {
  readonly receiver: string
  readonly key: string
  readonly fields: string
  /** When it is looked at next; undefined: only when something changes. */
  readonly dueMs: number | undefined
  /** When it was told last. */
  readonly toldMs: number | undefined
}

/** An alert in a group; `what` is a word of its owner. */
export interface NotifyMember {
  readonly receiver: string
  readonly key: string
  readonly alertId: number
  readonly what: string
  readonly sinceMs: number
}

/** What a receiver was told of an alert last. */
export interface NotifyTold {
  readonly alertId: number
  readonly receiver: string
  readonly state: AlertState
  readonly atMs: number
  /** How often. */
  readonly count: number
  /** Message-ID of the first mail about it, and its title then. */
  readonly thread: string
  readonly title: string
}

/** `notify_groups`, `notify_pending`, `notify_told`: what is to be told and what was. Main writes, in the transaction of what happened. */
export interface NotifyRecords {
  group(receiver: string, key: string): NotifyGroup | undefined
  putGroup(group: NotifyGroup): void
  /** Groups whose time has come, the longest due first. */
  due(nowMs: number, limit: number): readonly NotifyGroup[]
  nextDueMs(): number | undefined
  groups(): readonly NotifyGroup[]
  /** Oldest first. */
  members(receiver: string, key: string): readonly NotifyMember[]
  member(receiver: string, key: string, alertId: number): NotifyMember | undefined
  membersOf(alertId: number): readonly NotifyMember[]
  putMember(member: NotifyMember): void
  removeMember(member: Pick<NotifyMember, 'receiver' | 'key' | 'alertId'>): void
  told(alertId: number, receiver: string): NotifyTold | undefined
  toldOf(alertId: number): readonly NotifyTold[]
  putTold(told: NotifyTold): void
  removeTold(alertId: number, receiver: string): void
  /** Times of the past that lie in the future are now, and groups that are due later than in `mostMs` are due then: the clock was set back. */
  clampTo(nowMs: number, mostMs: number): number
  counts(): { readonly groups: number; readonly members: number; readonly waiting: number }
  /** Removes what is about alerts that are gone, and groups without members that were told before `beforeMs`. */
  prune(beforeMs: number): number
}

interface RawGroup { receiver: string; group_key: string; fields: string; due_ms: number | null; told_ms: number | null }
interface RawMember { receiver: string; group_key: string; alert_id: number; what: string; since_ms: number }
interface RawTold { alert_id: number; receiver: string; state: AlertState; at_ms: number; count: number; thread: string; title: string }

export function createNotifyRecords(db: HubDatabase): NotifyRecords {
  const group = db.prepare<[string, string], RawGroup>('SELECT * FROM notify_groups WHERE receiver = ? AND group_key = ?')
  const putGroup = db.prepare(
    `INSERT INTO notify_groups (receiver, group_key, fields, due_ms, told_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (receiver, group_key) DO UPDATE SET fields = excluded.fields, due_ms = excluded.due_ms, told_ms = excluded.told_ms`,
  )
  const due = db.prepare<[number, number], RawGroup>('SELECT * FROM notify_groups WHERE due_ms <= ? ORDER BY due_ms LIMIT ?')
  const nextDue = db.prepare<[], { at: number | null }>('SELECT min(due_ms) AS at FROM notify_groups WHERE due_ms IS NOT NULL')
  const groups = db.prepare<[], RawGroup>('SELECT * FROM notify_groups ORDER BY receiver, group_key')
  const members = db.prepare<[string, string], RawMember>('SELECT * FROM notify_pending WHERE receiver = ? AND group_key = ? ORDER BY alert_id')
  const member = db.prepare<[string, string, number], RawMember>('SELECT * FROM notify_pending WHERE receiver = ? AND group_key = ? AND alert_id = ?')
  const membersOf = db.prepare<[number], RawMember>('SELECT * FROM notify_pending WHERE alert_id = ? ORDER BY receiver, group_key')
  const putMember = db.prepare(
    `INSERT INTO notify_pending (receiver, group_key, alert_id, what, since_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (receiver, group_key, alert_id) DO UPDATE SET what = excluded.what, since_ms = excluded.since_ms`,
  )
  const removeMember = db.prepare('DELETE FROM notify_pending WHERE receiver = ? AND group_key = ? AND alert_id = ?')
  const told = db.prepare<[number, string], RawTold>('SELECT * FROM notify_told WHERE alert_id = ? AND receiver = ?')
  const toldOf = db.prepare<[number], RawTold>('SELECT * FROM notify_told WHERE alert_id = ? ORDER BY receiver')
  const putTold = db.prepare(
    `INSERT INTO notify_told (alert_id, receiver, state, at_ms, count, thread, title) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (alert_id, receiver) DO UPDATE SET state = excluded.state, at_ms = excluded.at_ms, count = excluded.count, thread = excluded.thread, title = excluded.title`,
  )
  const removeTold = db.prepare('DELETE FROM notify_told WHERE alert_id = ? AND receiver = ?')
  const clamps = [
    db.prepare('UPDATE notify_groups SET told_ms = @nowMs WHERE told_ms > @nowMs'),
    db.prepare('UPDATE notify_groups SET due_ms = @mostMs WHERE due_ms > @mostMs'),
    db.prepare('UPDATE notify_pending SET since_ms = @nowMs WHERE since_ms > @nowMs'),
    db.prepare('UPDATE notify_told SET at_ms = @nowMs WHERE at_ms > @nowMs'),
  ]
  const counts = db.prepare<[], { groups: number; members: number; waiting: number }>(
    `SELECT (SELECT count(*) FROM notify_groups) AS groups, count(*) AS members, coalesce(sum(what <> 'told'), 0) AS waiting FROM notify_pending`,
  )
  const prunes = [
    db.prepare('DELETE FROM notify_pending WHERE alert_id NOT IN (SELECT id FROM alerts) AND @beforeMs > 0'),
    db.prepare('DELETE FROM notify_told WHERE alert_id NOT IN (SELECT id FROM alerts) AND @beforeMs > 0'),
    db.prepare(
      `DELETE FROM notify_groups WHERE (due_ms IS NULL OR due_ms < @beforeMs) AND coalesce(told_ms, 0) < @beforeMs
       AND NOT EXISTS (SELECT 1 FROM notify_pending p WHERE p.receiver = notify_groups.receiver AND p.group_key = notify_groups.group_key)`,
    ),
  ]
  return {
    group: (receiver, key) => readOptional(group.get(receiver, key), readGroup),
    putGroup: ({ receiver, key, fields, dueMs, toldMs }) => void putGroup.run(receiver, key, fields, whole(dueMs), whole(toldMs)),
    due: (nowMs, limit) => due.all(nowMs, limit).map(readGroup),
    nextDueMs: () => nextDue.get()?.at ?? undefined,
    groups: () => groups.all().map(readGroup),
    members: (receiver, key) => members.all(receiver, key).map(readMember),
    member: (receiver, key, alertId) => readOptional(member.get(receiver, key, alertId), readMember),
    membersOf: (alertId) => membersOf.all(alertId).map(readMember),
    putMember: ({ receiver, key, alertId, what, sinceMs }) => void putMember.run(receiver, key, alertId, what, whole(sinceMs)),
    removeMember: ({ receiver, key, alertId }) => void removeMember.run(receiver, key, alertId),
    told: (alertId, receiver) => readOptional(told.get(alertId, receiver), readTold),
    toldOf: (alertId) => toldOf.all(alertId).map(readTold),
    putTold: (row) => void putTold.run(row.alertId, row.receiver, row.state, whole(row.atMs), row.count, row.thread, row.title),
    removeTold: (alertId, receiver) => void removeTold.run(alertId, receiver),
    clampTo: (nowMs, mostMs) => clamps.reduce((sum, clamp) => sum + clamp.run({ nowMs: Math.round(nowMs), mostMs: Math.round(nowMs + mostMs) }).changes, 0),
    counts: () => counts.get()!,
    prune: (beforeMs) => prunes.reduce((sum, prune) => sum + prune.run({ beforeMs: Math.round(beforeMs) }).changes, 0),
  }
}

/** Columns hold integers. */
const whole = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms))
const readOptional = <R, T>(raw: R | undefined, read: (raw: R) => T): T | undefined => (raw === undefined ? undefined : read(raw))

const readGroup = (raw: RawGroup): NotifyGroup => ({ receiver: raw.receiver, key: raw.group_key, fields: raw.fields, dueMs: raw.due_ms ?? undefined, toldMs: raw.told_ms ?? undefined })
const readMember = (raw: RawMember): NotifyMember => ({ receiver: raw.receiver, key: raw.group_key, alertId: raw.alert_id, what: raw.what, sinceMs: raw.since_ms })
const readTold = (raw: RawTold): NotifyTold => ({ alertId: raw.alert_id, receiver: raw.receiver, state: raw.state, atMs: raw.at_ms, count: raw.count, thread: raw.thread, title: raw.title })
