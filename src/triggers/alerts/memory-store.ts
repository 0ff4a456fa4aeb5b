import type { Alert, AlertTransition } from '#domain/alert.ts'
import type { AlertStore } from './alert-store.ts'

export interface MemoryAlertStore extends AlertStore {
  /** Every alert, in the order in which they began. */
  readonly all: readonly Alert[]
  readonly transitions: readonly AlertTransition[]
}

/** Alerts that live as long as a test or a try on the past; nothing is ever removed. */
export function createMemoryAlertStore(): MemoryAlertStore {
  const byPlace: Alert[] = []
  const open = new Map<string, number>()
  const transitions: AlertTransition[] = []
  const keyOf = (rule: string, key: string): string => `${rule}\0${key}`
  const at = (id: number | undefined): Alert | undefined => (id === undefined ? undefined : byPlace[id - 1])
  const openOnes = (): Alert[] => [...open.values()].map((id) => at(id)!).sort((a, b) => a.id - b.id)
  return {
    open: (rule, key) => at(open.get(keyOf(rule, key))),
    byId: at,
    insert(alert) {
      const id = byPlace.length + 1
      byPlace.push({ ...alert, id })
      open.set(keyOf(alert.rule, alert.key), id)
      return id
    },
    update(alert) {
      byPlace[alert.id - 1] = alert
      if (alert.state === 'resolved') open.delete(keyOf(alert.rule, alert.key))
    },
    due: (nowMs, limit) => openOnes().filter(({ dueMs }) => dueMs !== undefined && dueMs <= nowMs).sort((a, b) => a.dueMs! - b.dueMs! || a.id - b.id).slice(0, limit),
    openOf: (rule) => openOnes().filter((alert) => rule === undefined || alert.rule === rule),
    openOfSession: (sessionId) => openOnes().filter((alert) => alert.sessionId === sessionId),
    openCounts: () => [...Map.groupBy(openOnes(), ({ rule }) => rule)].map(([rule, alerts]) => ({ rule, count: alerts.length })),
    addTransition: (transition) => void transitions.push(transition),
    all: byPlace,
    transitions,
  }
}
