import { beforeEach, describe, expect, test } from 'vitest'
import { createHubEventRecords, createOutboxRecords, openHubDatabase, type HubDatabase } from '#store/index.ts'
import { createMetrics, silentLogger } from '#telemetry/index.ts'
import { createCommands, readRoutes, TRIGGER_METRICS, type TriggerCommand } from '#triggers/index.ts'
import { ruleSeverity } from '#triggers/commands.ts'
import type { TriggersConfig } from '#triggers/config.ts'
import { NAMES } from './alerts-support.ts'
import { notifier } from './notify/support.ts'

const DEFAULTS: TriggersConfig = { commands: ['notify'], trust: 'proven', receivers: ['*'], severities: ['critical', 'error', 'warning', 'info'], per_node_per_hour: 20 }

let db: HubDatabase
const metrics = createMetrics(TRIGGER_METRICS)
beforeEach(() => void (db = openHubDatabase(':memory:')))
const mails = () => createOutboxRecords(db).list(100)

describe('trigger commands', () => {
  const routes = readRoutes('r', 'format: 1\ndefault: ops\nreceivers: [{name: ops, mail: [a@b.c]}]\n')
  if (!routes.ok) throw new Error('routes')
  const commands = (said: string[] = [], config: Partial<TriggersConfig> = {}) =>
    createCommands({ db, clock: () => 7, routes: () => routes.value, names: NAMES, metrics, config: { ...DEFAULTS, ...config }, notifying: notifier(db, { routes: () => routes.value, clock: () => 7 }).notifying, log: { ...silentLogger, warn: (fields) => said.push(String(fields['reason'])) } })
  const command = (change: Partial<TriggerCommand> = {}): TriggerCommand => ({ seq: 30, nodeId: 1, sessionId: 5, to: 'ops', severity: 'warning', subject: 'disk\nnearly full', body: 'of sda', method: 'lease', ...change })

  test('of a proven node to a known receiver are queued, once', () => {
    const obey = commands()
    expect([obey(command()), obey(command())]).toEqual([true, false])
    expect(JSON.parse(mails()[0]!.payload)).toMatchObject({ kind: 'command', title: 'disk\\x0anearly full', severity: 'warning', command: { node: 'tch-001', body: 'of sda' } })
  })
  test.for<readonly [Partial<TriggerCommand>, string]>([
    [{ method: 'host-name' }, 'unproven-node'],
    [{ method: 'lease', nodeId: 0 }, 'unproven-node'],
    [{ to: 'boss' }, 'unknown-receiver'],
    [{ severity: 'hot' }, 'bad-severity'],
    [{ to: '', subject: '', fault: 'trigger-field' }, 'malformed'],
  ])('%o are refused: %s', ([change, reason]) => {
    const said: string[] = []
    expect(commands(said)(command(change))).toBe(false)
    expect(said).toEqual([reason])
    expect(mails()).toEqual([])
  })
  test.for<readonly [Partial<TriggersConfig>, string]>([
    [{ commands: [] }, 'off'],
    [{ receivers: ['boss', 'op-*'] }, 'receiver-not-allowed'],
    [{ severities: ['critical'] }, 'severity-not-allowed'],
  ])('are refused where %o is configured: %s', ([config, reason]) => {
    const said: string[] = []
    expect(commands(said, config)(command())).toBe(false)
    expect(said).toEqual([reason])
    expect(createHubEventRecords(db).newest()).toBe(0)
  })
  test('of any node are obeyed where that is configured, and rules hear of what was obeyed', () => {
    expect(commands([], { trust: 'any', receivers: ['o*'] })(command({ method: 'host-name' }))).toBe(true)
    expect(createHubEventRecords(db).after(0, 9)).toMatchObject([{ kind: 'trigger', to: 'ops', nodeId: 1, sessionId: 5, seq: 30, evidence: 'C', fields: { subject: 'disk\\x0anearly full', severity: 'warning' } }])
  })
  test('of a node in a loop are refused after twenty in an hour', () => {
    const said: string[] = []
    const obey = commands(said)
    const taken = Array.from({ length: 22 }, (_, index) => obey(command({ seq: 100 + index })))
    expect(taken.filter(Boolean)).toHaveLength(20)
    expect(said).toEqual(['too-many', 'too-many'])
  })
  test('severities of syslog become those of rules', () => {
    expect(['emerg', 'crit', 'err', 'error', 'warning', 'notice', 'debug', 'critical', 'x'].map(ruleSeverity)).toEqual(['critical', 'critical', 'error', 'error', 'warning', 'info', 'info', 'critical', undefined])
  })
})
