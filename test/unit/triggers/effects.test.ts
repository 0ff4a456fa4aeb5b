import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { createAlertRecords, createOutboxRecords, openHubDatabase, readCursor, type HubDatabase } from '#store/index.ts'
import { createMetrics, silentLogger } from '#telemetry/index.ts'
import { createCommands, createEffects, readRoutes, TRIGGER_METRICS, type Effects, type ReportedEvent, type RuleHit, type TriggerCommand } from '#triggers/index.ts'
import { ruleSeverity } from '#triggers/commands.ts'

const HOUR_MS = 3_600_000
let db: HubDatabase
let reported: ReportedEvent[]
let metrics: ReturnType<typeof createMetrics>
const NAMES = { node: (id: number) => (id === 1 ? 'tch-001' : null), session: (id: number) => (id === 5 ? 'a1b2c3' : null) }

beforeEach(() => {
  db = openHubDatabase(join(mkdtempSync(join(tmpdir(), 'hps-effects-')), 'hub.db'))
  reported = []
  metrics = createMetrics(TRIGGER_METRICS)
})

const start = (applyEvent: (event: ReportedEvent) => 'applied' | 'ignored' = (event) => (reported.push(event), 'applied')): Effects =>
  createEffects({ db, clock: () => 5_000_000, applyEvent, names: NAMES, renderer: createRenderer(), log: silentLogger, metrics })

const hit = (change: Partial<RuleHit> = {}): RuleHit => {
  const seq = change.seq ?? 10
  const receivedMs = change.receivedMs ?? 1_000_000
  return {
    rule: 'disk.failed', version: 'v1', severity: 'error', status: 'live', seq, receivedMs, count: 1, lastSeq: seq, lastMs: receivedMs, nodeId: 1, sessionId: 5, sourceId: 2, host: 'h', app: 'kernel',
    text: 'disk sda failed', captures: { disk: 'sda' }, key: 'k', title: '{{disk}} failed on {{node}}', runbook: undefined, owner: undefined, evidence: 'B', emit: undefined,
    notify: { to: 'ops', everyMs: 4 * HOUR_MS, before: 5, after: 0 }, ...change,
  }
}
const apply = (effects: Effects, ...hits: RuleHit[]) => effects.apply({ cursor: Math.max(...hits.map(({ lastSeq }) => lastSeq)), watermarkMs: 0, hits })
const alerts = () => createAlertRecords(db).list({ limit: 100 })
const mails = () => createOutboxRecords(db).list(100)

test('a match opens an alert and queues one notice, with the cursor in the same transaction', () => {
  expect(apply(start(), hit())).toBe(true)
  expect(alerts()).toMatchObject([{ rule: 'disk.failed', state: 'firing', title: 'sda failed on tch-001', count: 1, firstSeq: 10, captures: { disk: 'sda' } }])
  expect(mails()).toMatchObject([{ receiver: 'ops', channel: 'mail', state: 'queued', alertId: alerts()[0]!.id }])
  expect(JSON.parse(mails()[0]!.payload)).toMatchObject({ title: 'sda failed on tch-001', node: 'tch-001', session: 'a1b2c3', seq: 10 })
  expect(readCursor(db, 'rules')).toBe(10)
})

test('what was applied before changes nothing, in this process and after a restart', () => {
  const batch = { cursor: 12, watermarkMs: 0, hits: [hit(), hit({ seq: 12, emit: { event: 'os.ready', stage: undefined } })] }
  const effects = start()
  effects.apply(batch)
  const before = [alerts(), mails()]
  expect(effects.apply(batch)).toBe(false)
  expect(start().apply({ ...batch, cursor: 13 })).toBe(false)
  expect([alerts(), mails()]).toEqual(before)
  expect(reported).toHaveLength(1)
  expect(start().cursor).toBe(13)
})

test('a process that dies inside the transaction leaves nothing of it', () => {
  const effects = start()
  const insert = db.prepare('INSERT INTO alerts (id) VALUES (1)')
  expect(() => db.transaction(() => (effects.apply({ cursor: 10, watermarkMs: 0, hits: [hit()] }), insert.run()))()).toThrow()
  expect([alerts(), mails(), readCursor(db, 'rules')]).toEqual([[], [], 0])
})

test('repeats fold, are told again after `every`, and open another alert after a day of quiet', () => {
  const effects = start()
  apply(effects, hit())
  apply(effects, hit({ seq: 11, receivedMs: 1_000_000 + HOUR_MS, count: 3, lastSeq: 13, lastMs: 1_000_000 + 2 * HOUR_MS }))
  expect(alerts()).toMatchObject([{ count: 4, lastSeq: 13 }])
  expect(mails()).toHaveLength(1)
  apply(effects, hit({ seq: 14, receivedMs: 1_000_000 + 4 * HOUR_MS }))
  expect(mails()).toHaveLength(2)
  apply(effects, hit({ seq: 15, receivedMs: 1_000_000 + 28 * HOUR_MS }))
  expect(alerts().map(({ state, count }) => [state, count])).toEqual([['firing', 1], ['resolved', 5]])
  expect(mails()).toHaveLength(3)
})

test('keys are told apart, and so are rules', () => {
  apply(start(), hit(), hit({ seq: 11, key: 'other' }), hit({ seq: 12, rule: 'disk.slow' }))
  expect(alerts().map(({ rule, key }) => `${rule} ${key}`).toSorted()).toEqual(['disk.failed k', 'disk.failed other', 'disk.slow k'])
})

test('quiet alerts are resolved by the sweep', () => {
  apply(start(), hit({ receivedMs: 5_000_000 - 24 * HOUR_MS, lastMs: 5_000_000 - 24 * HOUR_MS }), hit({ seq: 11, key: 'fresh' }))
  start().sweep()
  expect(alerts().map(({ key, state }) => [key, state])).toEqual([['fresh', 'firing'], ['k', 'resolved']])
})

describe('evidence', () => {
  const event = { emit: { event: 'os.ready', stage: 'os.ready' }, notify: undefined, severity: 'info' } as const
  test('is reported with the rule, its version and the message; an info rule that only reports raises no alert', () => {
    apply(start(), hit(event))
    expect(reported).toEqual([{ nodeId: 1, sessionId: 5, event: 'os.ready', stage: 'os.ready', evidence: 'B', rule: 'disk.failed@v1', seq: 10, receivedMs: 1_000_000, title: 'sda failed on tch-001' }])
    expect(alerts()).toEqual([])
  })
  test('about no node is not reported', () => {
    apply(start(), hit({ ...event, nodeId: 0 }))
    expect(reported).toEqual([])
  })
  test('that cannot be applied takes back its own writes only, and the cursor moves', async () => {
    const effects = start(({ seq }) => {
      db.prepare('INSERT INTO cursors (name, seq, at_ms) VALUES (?, 1, 1)').run(`half-done-${seq}`)
      if (seq === 10) throw new Error('no')
      return 'ignored'
    })
    apply(effects, hit({ ...event, notify: { to: 'ops', everyMs: 1, before: 0, after: 0 } }), hit({ ...event, seq: 11 }))
    expect(db.prepare('SELECT name FROM cursors ORDER BY name').pluck().all()).toEqual(['half-done-11', 'rules'])
    expect(mails()).toHaveLength(1)
    const text = await metrics.expose()
    expect(text).toContain('hps_rule_events_total{outcome="failed"} 1')
    expect(text).toContain('hps_rule_events_total{outcome="ignored"} 1')
  })
})

test('a rule in shadow is counted and has no effect', () => {
  const effects = start()
  apply(effects, hit({ status: 'shadow', emit: { event: 'os.ready', stage: undefined }, count: 4 }))
  expect([alerts(), mails(), reported]).toEqual([[], [], []])
  expect(effects.matches.get('disk.failed')).toBe(4)
})

test('a title that names a group without a value falls back to rule and text', () => {
  apply(start(), hit({ captures: {} }))
  expect(alerts()[0]!.title).toBe('disk.failed: disk sda failed')
})

test('a title is one line without control characters or templates of the message', () => {
  apply(start(), hit({ captures: { disk: 'a\r\nBcc: x@y\u001b[31m{{text}}\u202e' } }))
  expect(alerts()[0]!.title).toBe('a\\x0d\\x0aBcc: x@y\\x1b[31m{{text}}\\u{202e} failed on tch-001')
})

describe('trigger commands', () => {
  const routes = readRoutes('r', 'format: 1\ndefault: ops\nreceivers: [{name: ops, mail: [a@b.c]}]\n')
  if (!routes.ok) throw new Error('routes')
  const commands = (said: string[] = []) =>
    createCommands({ db, clock: () => 7, routes: () => routes.value, names: NAMES, metrics, log: { ...silentLogger, warn: (fields) => said.push(String(fields['reason'])) } })
  const command = (change: Partial<TriggerCommand> = {}): TriggerCommand => ({ seq: 30, nodeId: 1, sessionId: 5, to: 'ops', severity: 'warning', subject: 'disk\nnearly full', body: 'of sda', method: 'lease', ...change })

  test('of a proven node to a known receiver are queued, once', () => {
    const obey = commands()
    expect([obey(command()), obey(command())]).toEqual([true, false])
    expect(JSON.parse(mails()[0]!.payload)).toMatchObject({ kind: 'command', title: 'disk\\x0anearly full', severity: 'warning', node: 'tch-001', text: 'of sda' })
  })
  test.for<readonly [Partial<TriggerCommand>, string]>([
    [{ method: 'host-name' }, 'unproven-node'],
    [{ method: 'lease', nodeId: 0 }, 'unproven-node'],
    [{ to: 'boss' }, 'unknown-receiver'],
    [{ severity: 'hot' }, 'bad-severity'],
  ])('%o are refused: %s', ([change, reason]) => {
    const said: string[] = []
    expect(commands(said)(command(change))).toBe(false)
    expect(said).toEqual([reason])
    expect(mails()).toEqual([])
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

test('a rule that matches of ever new keys tells a bounded number; every alert is opened, what was not told is counted', async () => {
  const effects = start()
  const forged = Array.from({ length: 300 }, (_, index) => hit({ seq: 10 + index, key: `host=forged${index}` }))
  apply(effects, ...forged, hit({ rule: 'other.rule', seq: 400 }))
  expect(createAlertRecords(db).list({ limit: 1000 })).toHaveLength(301)
  expect(createOutboxRecords(db).list(1000)).toHaveLength(101)
  expect(await metrics.registry.metrics()).toContain('hps_notifications_held_total{reason="rule-limit"} 200')
  apply(effects, hit({ seq: 500, key: 'later', receivedMs: 1_060_000 }), hit({ seq: 501, key: 'later still', receivedMs: 1_060_000 }))
  expect(createOutboxRecords(db).list(1000)).toHaveLength(102)
})
