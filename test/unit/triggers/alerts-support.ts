import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRenderer } from '#render/index.ts'
import { createAlertRecords, createAlertSilenceRecords, createAlertTransitionRecords, createHubEventRecords, createPlannedRecords, openHubDatabase, type HubDatabase } from '#store/index.ts'
import { createMetrics, silentLogger, type Logger } from '#telemetry/index.ts'
import { alertField, createEffects, createMutes, createPolicies, TRIGGER_METRICS, type AlertNews, type Finding, type Policy, type ReportedEvent } from '#triggers/index.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const NAMES = { node: (id: number) => (id === 1 ? 'tch-001' : null), session: (id: number) => (id === 5 ? 'a1b2c3' : null), labels: (id: number): Record<string, string> => (id === 1 ? { rack: 'r1' } : {}) }

export const aPolicy = (change: Partial<Policy> = {}): Policy => ({
  rule: 'disk.failed', version: 'v1', stateVersion: 's1', severity: 'error', status: 'live', title: '{{disk}} failed on {{node}}', by: ['node', 'disk'], forMs: 0, holdMs: 0,
  resolve: { quietMs: DAY_MS, atSessionEnd: false, never: false }, notify: { to: 'ops', waitMs: undefined, everyMs: undefined, before: 5, after: 0 },
  escalate: [], inhibit: undefined, raisesAlerts: true, runbook: undefined, owner: undefined, ...change,
})

export const aFinding = (change: Partial<Finding> = {}): Finding => {
  const { id = 10, atMs = 1_000_000 } = change
  const seq = change.seq ?? id
  return {
    id, kind: 'raise', rule: 'disk.failed', version: 'v1', key: 'k', fields: { disk: 'sda' }, seq, atMs, count: 1, lastSeq: seq, lastMs: atMs, nodeId: 1, sessionId: 5, sourceId: 2, host: 'h', app: 'kernel',
    text: 'disk sda failed', evidence: 'B', emit: undefined, isLate: false, reason: 'matched', ...change,
  }
}

export interface Fixture { readonly policies?: readonly Policy[]; readonly db?: HubDatabase; readonly applyEvent?: (event: ReportedEvent) => 'applied' | 'ignored'; readonly log?: Logger; readonly startMs?: number }

/** Effects over a hub.db of their own; what would be told is kept. */
export function startEffects({ policies: list = [aPolicy()], db = openHubDatabase(join(mkdtempSync(join(tmpdir(), 'hps-effects-')), 'hub.db')), applyEvent, log = silentLogger, startMs = 5_000_000 }: Fixture = {}) {
  const clock = { nowMs: startMs }
  const reported: ReportedEvent[] = []
  const told: AlertNews[] = []
  const metrics = createMetrics(TRIGGER_METRICS)
  const policies = createPolicies()
  const alerts = createAlertRecords(db)
  const transitions = createAlertTransitionRecords(db)
  const silences = createAlertSilenceRecords(db)
  const planned = createPlannedRecords(db)
  const mutes = createMutes({ silences, planned, alerts, policies, fieldOf: (alert, field) => alertField(alert, field, NAMES), addressOf: (id) => (id === 2 ? '10.0.0.2' : undefined) })
  const effects = createEffects({
    db, clock: () => clock.nowMs, applyEvent: applyEvent ?? ((event) => (reported.push(event), 'applied')), names: NAMES, renderer: createRenderer(), policies, mutes, log, metrics,
    notifier: { told: (news) => (told.push(news), true) },
  })
  effects.replaceRules(list)
  const apply = (...findings: Finding[]) => effects.apply({ lastId: Math.max(0, ...findings.map(({ id }) => id)), watermarkMs: Math.max(0, ...findings.map(({ atMs }) => atMs)), findings })
  const passTo = (watermarkMs: number) => effects.apply({ lastId: 0, watermarkMs, findings: [] })
  return {
    db, clock, effects, policies, alerts, transitions, silences, planned, mutes, metrics, reported, told, apply, passTo, events: createHubEventRecords(db),
    all: () => alerts.list({ limit: 100_000 }),
    history: (id: number) => transitions.of(id).map(({ from = 'new', to, reason }) => `${from}>${to} ${reason}`),
    words: () => told.map(({ alert, transition: { reason, to } }) => `${alert.key} ${to} ${reason}`),
  }
}
