import type { Alert, AlertTransition } from '#domain/alert.ts'
import { createAlertRecords, createAlertTransitionRecords, type HubDatabase } from '#store/index.ts'

/** Where alerts are kept: `hub.db` for the hub, memory for the tests of rules and for trying the past. At most one alert of a rule and key is open. */
export interface AlertStore {
  open(rule: string, key: string): Alert | undefined
  byId(id: number): Alert | undefined
  /** Returns the id that it got. */
  insert(alert: Omit<Alert, 'id'>): number
  update(alert: Alert): void
  /** Open alerts with `dueMs` at or before a time, the earliest first. */
  due(nowMs: number, limit: number): readonly Alert[]
  /** Open alerts of a rule, or all; the oldest first. They may be changed on the way. */
  openOf(rule?: string): Iterable<Alert>
  openOfSession(sessionId: number): readonly Alert[]
  openCounts(): readonly { readonly rule: string; readonly count: number }[]
  addTransition(transition: AlertTransition): void
}

export function createHubAlertStore(db: HubDatabase): AlertStore {
  const transitions = createAlertTransitionRecords(db)
  return { ...createAlertRecords(db), addTransition: (transition) => transitions.add(transition) }
}
