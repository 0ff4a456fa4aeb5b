import type { AlertReason, AlertState, AlertTransition } from '#domain/alert.ts'
import type { HubDatabase } from './database.ts'

/** Rows of `alert_transitions`: the history of each alert. They go when the alert goes. */
export interface AlertTransitionRecords {
  /** Call it inside the transaction of the step. */
  add(transition: AlertTransition): void
  /** Of one alert, in order. */
  of(alertId: number): readonly AlertTransition[]
  /** Of all alerts after an id, in order: for those who follow. */
  after(id: number, limit: number): readonly (AlertTransition & { readonly id: number })[]
  /** Highest id; 0: none. */
  newest(): number
}

interface Raw { id: number; alert_id: number; at_ms: number; from_state: AlertState | ''; to_state: AlertState; reason: AlertReason; by_whom: string; note: string; seq: number }

export function createAlertTransitionRecords(db: HubDatabase): AlertTransitionRecords {
  const add = db.prepare('INSERT INTO alert_transitions (alert_id, at_ms, from_state, to_state, reason, by_whom, note, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const of = db.prepare<[number], Raw>('SELECT * FROM alert_transitions WHERE alert_id = ? ORDER BY id')
  const after = db.prepare<[number, number], Raw>('SELECT * FROM alert_transitions WHERE id > ? ORDER BY id LIMIT ?')
  const newest = db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM alert_transitions')
  return {
    add: ({ alertId, atMs, from, to, reason, by, note, seq }) => void add.run(alertId, Math.round(atMs), from ?? '', to, reason, by, note, seq),
    of: (alertId) => of.all(alertId).map(read),
    after: (id, limit) => after.all(id, limit).map((raw) => ({ ...read(raw), id: raw.id })),
    newest: () => newest.get()?.id ?? 0,
  }
}

const read = (raw: Raw): AlertTransition => ({
  alertId: raw.alert_id, atMs: raw.at_ms, from: raw.from_state === '' ? undefined : raw.from_state, to: raw.to_state, reason: raw.reason, by: raw.by_whom, note: raw.note, seq: raw.seq,
})
