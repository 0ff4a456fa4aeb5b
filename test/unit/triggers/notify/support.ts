import type { Alert, AlertState, AlertTransition } from '#domain/alert.ts'
import { createAlertRecords, createAlertTransitionRecords, createNotifyRecords, createOutboxRecords, type HubDatabase } from '#store/index.ts'
import { createMetrics, silentLogger, type Logger } from '#telemetry/index.ts'
import { createNotifying, readNotice, readRoutes, TRIGGER_METRICS, type Mutes, type Notice, type NotifyingOptions, type Policy, type Routes } from '#triggers/index.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const START = Date.UTC(2026, 10, 23, 12)

export function routesFrom(text: string): Routes {
  const routes = readRoutes('routes.yaml', text)
  if (!routes.ok) throw new Error(JSON.stringify(routes.faults))
  return routes.value
}

export const POLICY: Policy = {
  rule: 'disk.failed', version: 'v1', stateVersion: 's1', severity: 'error', status: 'live', title: 't', by: ['node'], forMs: 0, holdMs: 0,
  resolve: { quietMs: undefined, atSessionEnd: false, never: false }, notify: { to: undefined, waitMs: undefined, everyMs: undefined, before: 5, after: 0 },
  escalate: [], inhibit: undefined, raisesAlerts: true, runbook: undefined, owner: undefined,
}

export const ALERT: Omit<Alert, 'id'> = {
  rule: 'disk.failed', ruleVersion: 'v1', stateVersion: 's1', key: 'k', state: 'firing', severity: 'error', title: 'disk failed', nodeId: 0, sessionId: 0, sourceId: 0, fields: {}, host: 'h', app: 'kernel', text: 'sda failed',
  firstMs: START, lastMs: START, firstSeq: 1, lastSeq: 1, count: 1, firedMs: START, overMs: undefined, resolvedMs: undefined, acknowledgedBy: undefined, acknowledgedNote: undefined, flaps: 0, isLate: false, escalated: 0, dueMs: undefined, policy: '',
}
export const NO_MUTES: Mutes = { at: () => () => [], preview: () => [] }

export interface NotifierParts {
  readonly routes: () => Routes
  readonly clock: () => number
  readonly mutes?: Mutes
  readonly policy?: (alert: Alert) => Policy
  readonly after?: NotifyingOptions['after']
  readonly log?: Logger
}

/** The notifier over a database, with alerts that are put there by hand. */
export function notifier(db: HubDatabase, { routes, clock, mutes = NO_MUTES, policy = () => POLICY, after = () => () => undefined, log = silentLogger }: NotifierParts) {
  const alerts = createAlertRecords(db)
  const transitions = createAlertTransitionRecords(db)
  const metrics = createMetrics(TRIGGER_METRICS)
  const known = new Set(createOutboxRecords(db).list(100_000).map(({ dedupKey }) => dedupKey))
  let ids = known.size
  let keys = createAlertRecords(db).list({ limit: 100_000 }).length
  const notifying = createNotifying({
    db, routes, clock, mutes, after, log, metrics, alerts, transitions, policyOf: policy, names: { node: (id) => `n${id}`, session: (id) => `s${id}` },
    fieldOf: (alert, field) => (field === 'rule' || field === 'severity' ? alert[field] : alert.fields[field]),
    newId: () => `id${++ids}`, threadOf: (key) => `<${key}@hub>`, wakeOutbox: () => undefined,
  })

  function step(alert: Alert, change: Partial<AlertTransition> & { readonly to: AlertState }, escalatesTo?: string): Alert {
    const transition: AlertTransition = { alertId: alert.id, atMs: clock(), from: alert.state, reason: 'found', by: '', note: '', seq: 1, ...change }
    const next: Alert = { ...alert, state: transition.to, ...(transition.to === 'resolved' ? { resolvedMs: clock(), overMs: clock() } : {}) }
    db.transaction(() => {
      alerts.update(next)
      transitions.add(transition)
      notifying.told({ transition, alert: next, policy: policy(next), escalatesTo })
    })()
    return next
  }

  return {
    notifying, alerts, metrics, records: createNotifyRecords(db), outbox: createOutboxRecords(db), step,
    fire(change: Partial<Alert> = {}): Alert {
      const fresh = { ...ALERT, key: `k${++keys}`, firstMs: clock(), lastMs: clock(), firedMs: clock(), ...change }
      const alert = { ...fresh, id: alerts.insert(fresh) }
      return step(alert, { to: 'firing', reason: 'found', from: undefined })
    },
    resolve: (alert: Alert): Alert => step(alert, { to: 'resolved', reason: 'cleared' }),
    acknowledge: (alert: Alert): Alert => step(alert, { to: 'acknowledged', reason: 'acknowledged', by: 'anna' }),
    unacknowledge: (alert: Alert): Alert => step(alert, { to: 'firing', reason: 'unacknowledged' }),
    escalate: (alert: Alert, to: string): Alert => step(alert, { to: alert.state, reason: 'more-severe' }, to),
    /** Of all rows, oldest first. */
    notices: (): readonly Notice[] => createOutboxRecords(db).list(100_000).toReversed().map(readNotice),
    /** Of a counter that has labels. */
    counted: async (name: string, labels: string): Promise<number> => Number(new RegExp(`^${name}\\{${labels}\\} (\\S+)$`, 'm').exec(await metrics.expose())?.[1] ?? 0),
    sendAll: (): void => {
      const outbox = createOutboxRecords(db)
      for (const row of outbox.list(100_000, { states: ['queued', 'retry'] })) outbox.sent(row.id, { atMs: clock(), reply: 'ok' })
    },
  }
}

/** What notices tell, shortly: `firing 1,2`. */
export const shortly = (notice: Notice): string => {
  if (notice.kind !== 'alerts' && notice.kind !== 'digest') return notice.kind
  const parts = [...Map.groupBy(notice.alerts, ({ telling }) => telling)].map(([telling, alerts]) => `${telling} ${alerts.map(({ id }) => id).toSorted((a, b) => a - b).join(',')}`)
  return `${notice.kind === 'digest' ? 'digest: ' : ''}${parts.join('; ')}${notice.more > 0 ? ` and ${notice.more} more` : ''}`
}
