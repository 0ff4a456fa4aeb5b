import { fc, test as property } from '@fast-check/vitest'
import Database from 'better-sqlite3'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import { createAlertRecords, createAlertTransitionRecords, openHubDatabase } from '#store/index.ts'
import { MIGRATIONS } from '#store/records/migrations.ts'
import { createHubAlertStore, type AlertStore } from '#triggers/alerts/alert-store.ts'
import { createAlertLife } from '#triggers/alerts/life.ts'
import { createMemoryAlertStore } from '#triggers/alerts/memory-store.ts'
import { createPolicies } from '#triggers/index.ts'
import { aFinding, aPolicy, DAY_MS, startEffects } from './alerts-support.ts'

const anAlert = (change: Partial<Alert> = {}): Omit<Alert, 'id'> => ({
  rule: 'disk.failed', ruleVersion: 'v1', stateVersion: 's1', key: 'k', state: 'firing', severity: 'error', title: 'a title', nodeId: 1, sessionId: 5, sourceId: 2, fields: { disk: 'sda' }, host: 'h', app: 'kernel',
  text: 'text', firstMs: 1, lastMs: 2, firstSeq: 3, lastSeq: 4, count: 5, firedMs: 6, overMs: 7, resolvedMs: undefined, acknowledgedBy: 'anna', acknowledgedNote: 'on it', flaps: 8, isLate: true, escalated: 1, dueMs: 9, policy: '{}', ...change,
})

describe('what is written is read back, by hub.db and by memory alike', () => {
  test.for<readonly [string, () => AlertStore]>([
    ['hub.db', () => createHubAlertStore(openHubDatabase(':memory:'))],
    ['memory', createMemoryAlertStore],
  ])('%s', ([, make]) => {
    const store = make()
    const id = store.insert(anAlert())
    expect(store.byId(id)).toEqual({ ...anAlert(), id })
    const empty = anAlert({ key: 'b', nodeId: 0, sessionId: 0, firedMs: undefined, overMs: undefined, acknowledgedBy: undefined, acknowledgedNote: undefined, escalated: 0, dueMs: 4, fields: {}, isLate: false })
    const second = store.insert(empty)
    expect(store.open('disk.failed', 'b')).toEqual({ ...empty, id: second })
    expect(store.due(9, 10).map((alert) => alert.id)).toEqual([second, id])
    expect(store.due(8, 10).map((alert) => alert.id)).toEqual([second])
    expect(store.openOfSession(5).map((alert) => alert.id)).toEqual([id])
    expect([...store.openOf('disk.failed')].map((alert) => alert.id)).toEqual([id, second])
    expect([...store.openOf('x')]).toEqual([])
    expect(store.openCounts()).toEqual([{ rule: 'disk.failed', count: 2 }])
    store.update({ ...anAlert(), id, state: 'resolved', dueMs: undefined, resolvedMs: 11 })
    expect(store.open('disk.failed', 'k')).toBeUndefined()
    expect(store.byId(id)).toMatchObject({ state: 'resolved', resolvedMs: 11 })
    expect([...store.openOf()].map((alert) => alert.id)).toEqual([second])
    expect(store.insert(anAlert())).toBeGreaterThan(second)
  })
})

const POLICIES = [
  aPolicy({ rule: 'a', forMs: 3, resolve: { quietMs: 20, atSessionEnd: false, never: false } }),
  aPolicy({ rule: 'b', holdMs: 4, resolve: { quietMs: undefined, atSessionEnd: true, never: false }, escalate: [{ afterMs: 5, unlessAcknowledged: true, to: 'lead', severity: 'critical' }] }),
]
const doings = fc.array(fc.record({ gap: fc.nat(6), what: fc.constantFrom('raise', 'raise', 'clear', 'time', 'acknowledge', 'close', 'session'), rule: fc.constantFrom('a', 'b'), key: fc.constantFrom('x', 'y') }), { maxLength: 30 })
property.prop([doings])('the same life in both stores', (all) => {
  const lives = [createHubAlertStore(openHubDatabase(':memory:')), createMemoryAlertStore()].map((store) => {
    const policies = createPolicies()
    policies.replace(POLICIES)
    const told: string[] = []
    const life = createAlertLife({ store, policies, titleOf: () => 't', refused: () => undefined, stepped: ({ alert, transition }) => void told.push(`${transition.atMs} ${alert.id} ${transition.to} ${transition.reason}`) })
    return { store, life, told }
  })
  let nowMs = 0
  for (const [index, { gap, what, rule, key }] of all.entries()) {
    nowMs += gap
    for (const { store, life } of lives) {
      life.passTime(nowMs)
      if (what === 'raise' || what === 'clear') life.find(aFinding({ id: index + 1, kind: what, rule, key, atMs: nowMs, sessionId: key === 'x' ? 5 : 6 }))
      else if (what === 'session') life.endSession(5, nowMs)
      else if (what !== 'time') life.person({ id: store.open(rule, key)?.id ?? 0, does: what, who: 'anna', note: '', nowMs })
    }
  }
  const [hub, memory] = lives as [(typeof lives)[0], (typeof lives)[0]]
  expect(hub.told).toEqual(memory.told)
  expect([...hub.store.openOf()]).toEqual([...memory.store.openOf()])
  expect(hub.life.openCount()).toBe([...hub.store.openOf()].length)
})

describe('the list', () => {
  const { alerts } = startEffects()
  const ids = [
    alerts.insert(anAlert({ firstMs: 100 })),
    alerts.insert(anAlert({ key: 'b', rule: 'disk.slow', severity: 'warning', nodeId: 2, firstMs: 200 })),
    alerts.insert(anAlert({ key: 'c', rule: 'net.link', state: 'resolved', resolvedMs: 5, sessionId: 6, firstMs: 300 })),
    alerts.insert(anAlert({ key: 'd', rule: 'net_link', state: 'acknowledged', firstMs: 400 })),
  ]
  test.for<readonly [string, Parameters<typeof alerts.list>[0], readonly number[]]>([
    ['newest first', { limit: 9 }, [3, 2, 1, 0]],
    ['so many', { limit: 2 }, [3, 2]],
    ['the next page', { limit: 9, belowId: ids[2] }, [1, 0]],
    ['open ones', { limit: 9, states: ['pending', 'firing', 'acknowledged'] }, [3, 1, 0]],
    ['one state', { limit: 9, states: ['resolved'] }, [2]],
    ['several', { limit: 9, states: ['resolved', 'acknowledged'] }, [3, 2]],
    ['severities', { limit: 9, severities: ['warning'] }, [1]],
    ['rules, a star for a beginning', { limit: 9, rules: ['disk.*', 'net.link'] }, [2, 1, 0]],
    ['a star is the only sign', { limit: 9, rules: ['net_*'] }, [3]],
    ['no rules', { limit: 9, rules: [] }, []],
    ['nodes', { limit: 9, nodeIds: [2, 7] }, [1]],
    ['sessions', { limit: 9, sessionIds: [6] }, [2]],
    ['a time', { limit: 9, sinceMs: 200, beforeMs: 400 }, [2, 1]],
    ['all of it together', { limit: 9, states: ['firing'], severities: ['error'], rules: ['disk.*'], nodeIds: [1], sessionIds: [5], sinceMs: 0, beforeMs: 999, belowId: 99 }, [0]],
  ])('%s', ([, filter, expected]) => {
    expect(alerts.list(filter).map(({ id }) => ids.indexOf(id))).toEqual(expected)
  })
})

test('what is over goes by age and by number, the oldest first, with all that hangs on it; open ones stay', () => {
  const { db, alerts, transitions } = startEffects()
  const over = (resolvedMs: number) => {
    const id = alerts.insert(anAlert({ key: `${resolvedMs}`, state: 'resolved', resolvedMs, dueMs: undefined }))
    transitions.add({ alertId: id, atMs: resolvedMs, from: undefined, to: 'firing', reason: 'found', by: '', note: '', seq: 0 })
    for (const table of ['notify_told', 'notify_pending']) fill(table, id)
    return id
  }
  /** A row with something in every column. */
  const fill = (table: string, id: number) => {
    const columns = db.pragma(`table_info(${table})`) as { name: string; type: string }[]
    const values = columns.map(({ name, type }) => (name === 'alert_id' ? id : type === 'TEXT' ? 'x' : 0))
    db.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(values)
  }
  const open = alerts.insert(anAlert())
  const kept = [5, 4, 3, 2, 1].map(over)
  const left = () => alerts.list({ limit: 9 }).map(({ id }) => id).filter((id) => id !== open)
  expect(alerts.prune({ beforeMs: 3, keep: 100, limit: 100 })).toBe(2)
  expect(left()).toEqual([kept[2], kept[1], kept[0]])
  expect(alerts.prune({ beforeMs: 0, keep: 1, limit: 1 })).toBe(1)
  expect(alerts.prune({ beforeMs: 0, keep: 1, limit: 100 })).toBe(1)
  expect(alerts.prune({ beforeMs: 0, keep: 1, limit: 100 })).toBe(0)
  expect(left()).toEqual([kept[0]])
  for (const table of ['alert_transitions', 'notify_told', 'notify_pending']) expect(db.prepare(`SELECT alert_id FROM ${table}`).pluck().all()).toEqual([kept[0]])
  expect(alerts.byId(open)).toBeDefined()
})

test('alerts of before are taken over: told ones fire since their first match, and end by quiet as they would have', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'hps-alerts-')), 'hub.db')
  const last = MIGRATIONS.findIndex((text) => text.includes('CREATE TABLE alert_transitions'))
  const before = new Database(path)
  for (const migration of MIGRATIONS.slice(0, last)) before.exec(migration)
  before.pragma(`user_version = ${last}`)
  const row = before.prepare(`INSERT INTO alerts (rule, rule_version, key, state, severity, title, node_id, session_id, first_ms, last_ms, first_seq, last_seq, count, fields)
    VALUES (?, 'v', ?, ?, 'error', 'a title', 1, NULL, 1000, 2000, 10, 20, 3, ?)`)
  row.run('disk.failed', 'k', 'firing', '{"captures":{"disk":"sda"},"notifiedMs":1500}')
  row.run('disk.failed', 'old', 'resolved', '{"captures":{}}')
  row.run('silence', 'node:5', 'firing', '{"captures":{},"notifiedMs":1}')
  row.run('silence', 'node:6', 'resolved', '{"captures":{}}')
  before.close()
  const db = openHubDatabase(path)
  const alerts = createAlertRecords(db)
  expect(alerts.list({ limit: 9 }).map(({ key, state, firedMs, resolvedMs, dueMs, fields, policy }) => [key, state, firedMs, resolvedMs, dueMs, fields, policy])).toEqual([
    ['node:6', 'resolved', 1000, 2000, undefined, {}, ''],
    ['node:5', 'firing', 1000, undefined, undefined, {}, ''],
    ['old', 'resolved', 1000, 2000, undefined, {}, ''],
    ['k', 'firing', 1000, undefined, 2000 + DAY_MS, { disk: 'sda' }, ''],
  ])
  const history = (id: number) => createAlertTransitionRecords(db).of(id).map(({ atMs, reason }) => `${atMs} ${reason}`)
  expect([1, 2, 3, 4].map(history)).toEqual([['1000 found'], ['1000 found', '2000 quiet'], ['1000 found'], ['1000 found', '2000 heard']])
  // the rule is found again: the alert goes on as one of it
  const { apply, passTo, all, effects } = startEffects({ db })
  apply(aFinding({ id: 3, atMs: 3000 }))
  expect(all().at(-1)).toMatchObject({ count: 4, stateVersion: 's1', ruleVersion: 'v1', state: 'firing', dueMs: 3000 + DAY_MS })
  effects.replaceRules([])
  passTo(3000 + DAY_MS)
  expect(all().map(({ key, state }) => `${key} ${state}`)).toEqual(['node:6 resolved', 'node:5 firing', 'old resolved', 'k resolved'])
})
