import { SILENCE_RULE } from '#domain/silence.ts'
import type { HubDatabase } from './database.ts'

export const ALERT_STATES = ['firing', 'resolved'] as const
type AlertState = (typeof ALERT_STATES)[number]

/** One row per alert: what a rule found about one key, from the first match until it has been quiet for long enough. */
export interface AlertRow {
  readonly id: number
  readonly rule: string
  readonly ruleVersion: string
  readonly key: string
  readonly state: AlertState
  readonly severity: string
  readonly title: string
  readonly nodeId: number
  readonly sessionId: number
  readonly firstMs: number
  readonly lastMs: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly count: number
  /** Named groups of the first match; `notifiedMs` is kept with them in the column. */
  readonly captures: Readonly<Record<string, string>>
  /** Receive time of the match that was last told to a receiver; undefined: none was. */
  readonly notifiedMs: number | undefined
}
export type NewAlert = Omit<AlertRow, 'id'>

export interface AlertRecords {
  /** The open alert of a rule about a key; there is at most one. */
  open(rule: string, key: string): AlertRow | undefined
  insert(alert: NewAlert): number
  /** Writes what can change: state, last, count, title, severity, version, notified. */
  update(alert: AlertRow): void
  /** The open alerts of a rule. */
  openOf(rule: string): readonly AlertRow[]
  /** Resolves open alerts without a match since `beforeMs`; returns how many. Those of silences end when somebody speaks. */
  resolveQuiet(beforeMs: number): number
  list(filter: { readonly state?: AlertState | undefined; readonly limit: number }): readonly AlertRow[]
  alert(id: number): AlertRow | undefined
  counts(): readonly { readonly state: AlertState; readonly severity: string; readonly count: number }[]
}

interface Raw {
  id: number; rule: string; rule_version: string; key: string; state: AlertState; severity: string; title: string
  node_id: number | null; session_id: number | null; first_ms: number; last_ms: number; first_seq: number; last_seq: number; count: number; fields: string
}

export function createAlertRecords(db: HubDatabase): AlertRecords {
  const open = db.prepare<[string, string], Raw>(`SELECT * FROM alerts WHERE rule = ? AND key = ? AND state = 'firing'`)
  const byId = db.prepare<[number], Raw>('SELECT * FROM alerts WHERE id = ?')
  const insert = db.prepare(
    `INSERT INTO alerts (rule, rule_version, key, state, severity, title, node_id, session_id, first_ms, last_ms, first_seq, last_seq, count, fields)
     VALUES (@rule, @ruleVersion, @key, @state, @severity, @title, @nodeId, @sessionId, @firstMs, @lastMs, @firstSeq, @lastSeq, @count, @fields)`,
  )
  const update = db.prepare(
    `UPDATE alerts SET rule_version = @ruleVersion, state = @state, severity = @severity, title = @title, last_ms = @lastMs, last_seq = @lastSeq,
     count = @count, fields = @fields WHERE id = @id`,
  )
  const resolveQuiet = db.prepare(`UPDATE alerts SET state = 'resolved' WHERE state = 'firing' AND last_ms <= ? AND rule <> '${SILENCE_RULE}'`)
  const openOf = db.prepare<[string], Raw>(`SELECT * FROM alerts WHERE rule = ? AND state = 'firing'`)
  const list = db.prepare<[string | null, string | null, number], Raw>('SELECT * FROM alerts WHERE ? IS NULL OR state = ? ORDER BY id DESC LIMIT ?')
  const counts = db.prepare<[], { state: AlertState; severity: string; count: number }>('SELECT state, severity, count(*) AS count FROM alerts GROUP BY state, severity')
  return {
    open: (rule, key) => read(open.get(rule, key)),
    openOf: (rule) => openOf.all(rule).map((raw) => read(raw)!),
    insert: (alert) => Number(insert.run(columns(alert)).lastInsertRowid),
    update: (alert) => void update.run({ ...columns(alert), id: alert.id }),
    resolveQuiet: (beforeMs) => resolveQuiet.run(beforeMs).changes,
    list: ({ state, limit }) => list.all(state ?? null, state ?? null, limit).map((raw) => read(raw)!),
    alert: (id) => read(byId.get(id)),
    counts: () => counts.all(),
  }
}

function columns(alert: NewAlert): Record<string, unknown> {
  const { captures, notifiedMs, nodeId, sessionId, ...rest } = alert
  return { ...rest, nodeId: nodeId === 0 ? null : nodeId, sessionId: sessionId === 0 ? null : sessionId, fields: JSON.stringify({ captures, notifiedMs }) }
}

function read(raw: Raw | undefined): AlertRow | undefined {
  if (raw === undefined) return undefined
  const fields = JSON.parse(raw.fields) as { captures?: Record<string, string>; notifiedMs?: number }
  return {
    id: raw.id, rule: raw.rule, ruleVersion: raw.rule_version, key: raw.key, state: raw.state, severity: raw.severity, title: raw.title,
    nodeId: raw.node_id ?? 0, sessionId: raw.session_id ?? 0, firstMs: raw.first_ms, lastMs: raw.last_ms, firstSeq: raw.first_seq, lastSeq: raw.last_seq,
    count: raw.count, captures: fields.captures ?? {}, notifiedMs: fields.notifiedMs,
  }
}
