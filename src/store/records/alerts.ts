import type { Alert, AlertSeverity, AlertState } from '#domain/alert.ts'
import type { HubDatabase } from './database.ts'

/** What of the alerts is asked for; newest first. */
export interface AlertFilter {
  readonly states?: readonly AlertState[] | undefined
  readonly severities?: readonly AlertSeverity[] | undefined
  /** Rule ids; a trailing `*` for a beginning. */
  readonly rules?: readonly string[] | undefined
  readonly nodeIds?: readonly number[] | undefined
  readonly sessionIds?: readonly number[] | undefined
  /** That began before, or at or after. */
  readonly beforeMs?: number | undefined
  readonly sinceMs?: number | undefined
  /** The page before: ids below this one. */
  readonly belowId?: number | undefined
  readonly limit: number
}

/** Rows of `alerts`. Main writes; there is at most one open alert of a rule and key. */
export interface AlertRecords {
  open(rule: string, key: string): Alert | undefined
  byId(id: number): Alert | undefined
  /** Returns the id. */
  insert(alert: Omit<Alert, 'id'>): number
  update(alert: Alert): void
  /** Open alerts whose time has come by `nowMs`, the earliest first. */
  due(nowMs: number, limit: number): readonly Alert[]
  /** When the first of them comes; undefined: none does. */
  nextDueMs(): number | undefined
  /** Open alerts of a rule, or of all; the oldest first. They may be changed on the way, but not removed. */
  openOf(rule?: string): Iterable<Alert>
  openOfSession(sessionId: number): readonly Alert[]
  list(filter: AlertFilter): readonly Alert[]
  counts(): readonly { readonly state: AlertState; readonly severity: AlertSeverity; readonly count: number }[]
  /** Alerts that are over and kept. */
  resolvedCount(): number
  /** When the last alert that had fired was over; undefined: there is none. */
  lastOverMs(): number | undefined
  /** Open alerts of each rule that has one. */
  openCounts(): readonly { readonly rule: string; readonly count: number }[]
  /** Removes resolved alerts of before `beforeMs`, and beyond `keep` the oldest, with all that hangs on them; at most `limit` in one go. Returns how many. */
  prune(limits: { readonly beforeMs: number; readonly keep: number; readonly limit: number }): number
}

const OPEN = `state <> 'resolved'`

export function createAlertRecords(db: HubDatabase): AlertRecords {
  const open = db.prepare<[string, string], Raw>(`SELECT * FROM alerts WHERE rule = ? AND key = ? AND ${OPEN}`)
  const byId = db.prepare<[number], Raw>('SELECT * FROM alerts WHERE id = ?')
  const names = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]
  const insert = db.prepare(`INSERT INTO alerts (${names.map((name) => COLUMNS[name]).join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`)
  const update = db.prepare(`UPDATE alerts SET ${names.map((name) => `${COLUMNS[name]} = @${name}`).join(', ')} WHERE id = @id`)
  const due = db.prepare<[number, number], Raw>('SELECT * FROM alerts WHERE due_ms <= ? ORDER BY due_ms, id LIMIT ?')
  const nextDue = db.prepare<[], { at: number | null }>('SELECT min(due_ms) AS at FROM alerts WHERE due_ms IS NOT NULL')
  const openIds = db.prepare<[], { id: number }>(`SELECT id FROM alerts INDEXED BY alerts_open WHERE ${OPEN} ORDER BY id`)
  const openIdsOf = db.prepare<[string], { id: number }>(`SELECT id FROM alerts INDEXED BY alerts_open WHERE ${OPEN} AND rule = ? ORDER BY id`)
  const openOfSession = db.prepare<[number], Raw>(`SELECT * FROM alerts INDEXED BY alerts_by_session WHERE session_id = ? AND ${OPEN} ORDER BY id`)
  const counts = db.prepare<[], { state: AlertState; severity: AlertSeverity; count: number }>('SELECT state, severity, count(*) AS count FROM alerts GROUP BY state, severity')
  const openCounts = db.prepare<[], { rule: string; count: number }>(`SELECT rule, count(*) AS count FROM alerts WHERE ${OPEN} GROUP BY rule`)
  const lastOver = db.prepare<[], { at: number }>(`SELECT resolved_ms AS at FROM alerts INDEXED BY alerts_resolved WHERE state = 'resolved' AND fired_ms IS NOT NULL ORDER BY resolved_ms DESC LIMIT 1`)
  const old = db.prepare<[number, number], { id: number }>(`SELECT id FROM alerts WHERE state = 'resolved' AND resolved_ms < ? ORDER BY resolved_ms LIMIT ?`)
  const resolved = db.prepare<[], { count: number }>(`SELECT count(*) AS count FROM alerts INDEXED BY alerts_resolved WHERE state = 'resolved'`)
  // transitions go with their alert by their foreign key
  const removals = ['DELETE FROM notify_told WHERE alert_id = ?', 'DELETE FROM notify_pending WHERE alert_id = ?', 'DELETE FROM alerts WHERE id = ?'].map((text) => db.prepare<[number]>(text))
  const remove = db.transaction((ids: readonly number[]) => {
    for (const id of ids) for (const removal of removals) removal.run(id)
  })
  return {
    open: (rule, key) => readOne(open.get(rule, key)),
    byId: (id) => readOne(byId.get(id)),
    insert: (alert) => Number(insert.run(valuesOf(alert)).lastInsertRowid),
    update: (alert) => void update.run({ ...valuesOf(alert), id: alert.id }),
    due: (nowMs, limit) => due.all(nowMs, limit).map(read),
    nextDueMs: () => nextDue.get()!.at ?? undefined,
    *openOf(rule) {
      // ids first: whoever takes an alert may write it, which a statement that is under way forbids
      for (const { id } of rule === undefined ? openIds.all() : openIdsOf.all(rule)) yield read(byId.get(id)!)
    },
    openOfSession: (sessionId) => openOfSession.all(sessionId).map(read),
    list: (filter) => list(db, filter).map(read),
    counts: () => counts.all(),
    resolvedCount: () => resolved.get()!.count,
    lastOverMs: () => lastOver.get()?.at,
    openCounts: () => openCounts.all(),
    prune({ beforeMs, keep, limit }) {
      const beyond = Math.min(limit, Math.max(0, resolved.get()!.count - keep))
      const byAge = old.all(beforeMs, limit)
      const ids = byAge.length >= beyond ? byAge : old.all(Number.MAX_SAFE_INTEGER, beyond)
      if (ids.length > 0) remove(ids.map(({ id }) => id))
      return ids.length
    },
  }
}

function list(db: HubDatabase, filter: AlertFilter): Raw[] {
  const terms: string[] = []
  const values: (string | number)[] = []
  const among = (column: string, wanted: readonly (string | number)[] | undefined): void => {
    if (wanted === undefined) return
    terms.push(`${column} IN (SELECT value FROM json_each(?))`)
    values.push(JSON.stringify(wanted))
  }
  const compared = (comparison: string, value: number | undefined): void => {
    if (value === undefined) return
    terms.push(`${comparison} ?`)
    values.push(value)
  }
  // a unary + leaves the order by id to the table: a page of newest alerts is found without sorting all of a state
  among('+state', filter.states)
  among('+severity', filter.severities)
  among('node_id', filter.nodeIds)
  among('session_id', filter.sessionIds)
  compared('first_ms <', filter.beforeMs)
  compared('first_ms >=', filter.sinceMs)
  compared('id <', filter.belowId)
  if (filter.rules !== undefined) {
    terms.push(`(${filter.rules.map((rule) => (rule.endsWith('*') ? 'substr(rule, 1, ?) = ?' : 'rule = ?')).join(' OR ') || '0'})`)
    values.push(...filter.rules.flatMap((rule) => (rule.endsWith('*') ? [rule.length - 1, rule.slice(0, -1)] : [rule])))
  }
  const areOpen = filter.states?.includes('resolved') === false
  const where = [...(areOpen ? [OPEN] : []), ...terms].join(' AND ')
  return db.prepare<(string | number)[], Raw>(`SELECT * FROM alerts ${areOpen ? 'INDEXED BY alerts_open' : ''} ${where === '' ? '' : `WHERE ${where}`} ORDER BY id DESC LIMIT ?`).all(...values, filter.limit)
}

/** Property of what is written → column. */
const COLUMNS = {
  rule: 'rule', ruleVersion: 'rule_version', stateVersion: 'state_version', key: 'key', state: 'state', severity: 'severity', title: 'title', nodeId: 'node_id', sessionId: 'session_id',
  sourceId: 'source_id', firstMs: 'first_ms', lastMs: 'last_ms', firstSeq: 'first_seq', lastSeq: 'last_seq', count: 'count', fields: 'fields', firedMs: 'fired_ms', overMs: 'over_ms',
  resolvedMs: 'resolved_ms', acknowledgedBy: 'acknowledged_by', acknowledgedNote: 'acknowledged_note', flaps: 'flaps', isLate: 'is_late', dueMs: 'due_ms', policy: 'policy',
} as const

interface Raw {
  id: number; rule: string; rule_version: string; state_version: string; key: string; state: AlertState; severity: AlertSeverity; title: string; node_id: number | null
  session_id: number | null; source_id: number; first_ms: number; last_ms: number; first_seq: number; last_seq: number; count: number; fields: string; fired_ms: number | null
  over_ms: number | null; resolved_ms: number | null; acknowledged_by: string | null; acknowledged_note: string | null; flaps: number; is_late: number; due_ms: number | null; policy: string
}
/** The column `fields`: what nobody asks for by its name. */
interface FieldsColumn { captures?: Record<string, string>; host?: string; app?: string; text?: string; escalated?: number }

function valuesOf(alert: Omit<Alert, 'id'>): Record<keyof typeof COLUMNS, string | number | null> {
  const { host, app, text, escalated, fields } = alert
  return {
    rule: alert.rule, ruleVersion: alert.ruleVersion, stateVersion: alert.stateVersion, key: alert.key, state: alert.state, severity: alert.severity, title: alert.title,
    nodeId: alert.nodeId === 0 ? null : alert.nodeId, sessionId: alert.sessionId === 0 ? null : alert.sessionId, sourceId: alert.sourceId,
    firstMs: whole(alert.firstMs), lastMs: whole(alert.lastMs), firstSeq: alert.firstSeq, lastSeq: alert.lastSeq, count: alert.count,
    fields: JSON.stringify({ captures: fields, host, app, text, ...(escalated === 0 ? {} : { escalated }) } satisfies FieldsColumn),
    firedMs: whole(alert.firedMs), overMs: whole(alert.overMs), resolvedMs: whole(alert.resolvedMs), acknowledgedBy: alert.acknowledgedBy ?? null, acknowledgedNote: alert.acknowledgedNote ?? null,
    flaps: alert.flaps, isLate: alert.isLate ? 1 : 0, dueMs: whole(alert.dueMs), policy: alert.policy,
  }
}

/** Columns hold integers; receive times may have fractions. */
const whole = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms))

const readOne = (raw: Raw | undefined): Alert | undefined => (raw === undefined ? undefined : read(raw))

function read(raw: Raw): Alert {
  const { captures = {}, host = '', app = '', text = '', escalated = 0 } = JSON.parse(raw.fields) as FieldsColumn
  return {
    id: raw.id, rule: raw.rule, ruleVersion: raw.rule_version, stateVersion: raw.state_version, key: raw.key, state: raw.state, severity: raw.severity, title: raw.title,
    nodeId: raw.node_id ?? 0, sessionId: raw.session_id ?? 0, sourceId: raw.source_id, fields: captures, host, app, text,
    firstMs: raw.first_ms, lastMs: raw.last_ms, firstSeq: raw.first_seq, lastSeq: raw.last_seq, count: raw.count,
    firedMs: raw.fired_ms ?? undefined, overMs: raw.over_ms ?? undefined, resolvedMs: raw.resolved_ms ?? undefined,
    acknowledgedBy: raw.acknowledged_by ?? undefined, acknowledgedNote: raw.acknowledged_note ?? undefined,
    flaps: raw.flaps, isLate: raw.is_late !== 0, escalated, dueMs: raw.due_ms ?? undefined, policy: raw.policy,
  }
}
