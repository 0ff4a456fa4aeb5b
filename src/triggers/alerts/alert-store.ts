import type { AlertTransition } from '#domain/alert.ts'
import { createAlertRecords, createAlertTransitionRecords, type AlertRecords, type HubDatabase } from '#store/index.ts'

/** Where alerts are kept: `hub.db` for the hub, memory for the tests of rules and for trying the past. At most one alert of a rule and key is open. */
export interface AlertStore extends Pick<AlertRecords, 'open' | 'byId' | 'insert' | 'update' | 'due' | 'nextDueMs' | 'openOf' | 'openOfSession' | 'openCounts'> {
  addTransition(transition: AlertTransition): void
}

export function createHubAlertStore(db: HubDatabase): AlertStore {
  const transitions = createAlertTransitionRecords(db)
  return { ...createAlertRecords(db), addTransition: (transition) => transitions.add(transition) }
}
