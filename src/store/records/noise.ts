import type { AlertReason, AlertSeverity, AlertState } from '#domain/alert.ts'
import type { HubDatabase } from './database.ts'

/** What became of one alert that is kept. */
export interface AlertFate {
  readonly id: number
  readonly rule: string
  readonly key: string
  readonly severity: AlertSeverity
  readonly state: AlertState
  readonly nodeId: number
  readonly firstMs: number
  /** null: it never fired. */
  readonly firedMs: number | null
  /** null: it goes on. */
  readonly overMs: number | null
  readonly flaps: number
  /** How often somebody was told of it, over all receivers. */
  readonly told: number
  readonly wasAcknowledged: 0 | 1
  readonly wasClosed: 0 | 1
  /** Of the step that ended it; null: it goes on. */
  readonly ended: AlertReason | null
}

/** Fates of alerts that began at or after a moment, in the order of their numbers. */
export interface AlertFates {
  /** The next ones behind a number. */
  page(behindId: number, limit: number): readonly AlertFate[]
}

export function createAlertFates(db: HubDatabase, sinceMs: number): AlertFates {
  const page = db.prepare<[number, number, number], AlertFate>(
    `SELECT id, rule, key, severity, state, coalesce(node_id, 0) AS nodeId, first_ms AS firstMs, fired_ms AS firedMs, iif(state = 'resolved', coalesce(over_ms, resolved_ms), NULL) AS overMs, flaps,
       (SELECT coalesce(sum(count), 0) FROM notify_told WHERE alert_id = alerts.id) AS told,
       EXISTS (SELECT 1 FROM alert_transitions WHERE alert_id = alerts.id AND reason = 'acknowledged') AS wasAcknowledged,
       EXISTS (SELECT 1 FROM alert_transitions WHERE alert_id = alerts.id AND reason = 'closed') AS wasClosed,
       (SELECT reason FROM alert_transitions WHERE alert_id = alerts.id AND to_state = 'resolved' ORDER BY id DESC LIMIT 1) AS ended
     FROM alerts WHERE first_ms >= ? AND id > ? ORDER BY id LIMIT ?`,
  )
  return { page: (behindId, limit) => page.all(sinceMs, behindId, limit) }
}
