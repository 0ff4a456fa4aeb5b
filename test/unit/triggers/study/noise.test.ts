import { describe, expect, test } from 'vitest'
import { createAlertFates, createAlertRecords, createAlertTransitionRecords, createNotifyRecords, openHubDatabase, type AlertFate } from '#store/index.ts'
import { noiseOf } from '../../../../src/triggers/study/noise.ts'
import type { NoiseRule } from '../../../../src/triggers/study/noise-report.ts'
import { adviceOf } from '../../../../src/triggers/study/noise-advice.ts'
import { wasSilenced } from '../../../../src/triggers/study/noise-silenced.ts'
import { ALERT } from '../notify/support.ts'

const MINUTE = 60_000
let ids = 0
const fate = (given: Partial<AlertFate> = {}): AlertFate => {
  const firstMs = given.firstMs ?? ++ids * 100 * MINUTE
  return { id: ++ids, rule: 'r', key: `k${ids}`, severity: 'error', state: 'resolved', nodeId: 1, firstMs, firedMs: firstMs, overMs: firstMs + MINUTE, flaps: 0, told: 2, wasAcknowledged: 0, wasClosed: 0, ended: 'cleared', ...given }
}
const many = (count: number, given: Partial<AlertFate> = {}): AlertFate[] => Array.from({ length: count }, () => fate(given))
const report = (fates: readonly AlertFate[], isSilenced: (fate: AlertFate) => boolean = () => false) => noiseOf({ fates, nodeName: (id) => `n${id}`, isSilenced })

test('rules are sorted by how often people were told of what nobody looked after', () => {
  const { rules, alerts, told } = report([...many(3, { rule: 'loud' }), ...many(50, { rule: 'kept', wasAcknowledged: 1 }), ...many(2, { rule: 'quiet', told: 0 }), fate({ rule: 'never', firedMs: null })])
  expect(rules.map(({ rule, noise }) => `${rule} ${noise}`)).toEqual(['loud 6', 'kept 0', 'quiet 0', 'never 0'])
  expect({ alerts, told }).toEqual({ alerts: 55, told: 106 })
  expect(rules.at(-1)).toMatchObject({ alerts: 0, unlasted: 1 })
})

test('what became of the alerts of a rule', () => {
  const acked = fate({ wasAcknowledged: 1, nodeId: 2 })
  const closed = fate({ wasClosed: 1, ended: 'closed' })
  const open = fate({ state: 'firing', overMs: null, ended: null, flaps: 3 })
  const long = fate({ overMs: 1e9, firstMs: 1000, firedMs: 1000 })
  const short = fate({ nodeId: 0 })
  const [rule] = report([acked, closed, open, long, short, fate({ firedMs: null })], ({ id }) => id === short.id).rules
  expect(rule).toMatchObject({ alerts: 5, unlasted: 1, open: 1, told: 10, acknowledged: 1, closed: 1, unattended: 3, selfResolved: 2, short: 1, shortWithinMs: MINUTE, flaps: 3, silenced: 1, noise: 9 })
  expect(rule!.nodes).toEqual([{ node: 'n1', alerts: 3 }, { node: 'n2', alerts: 1 }])
})

test('an alert that comes again about the same within an hour came again; a later one, or one about something else, did not', () => {
  const at = (minute: number, key: string) => fate({ key, firstMs: minute * MINUTE, firedMs: minute * MINUTE, overMs: (minute + 1) * MINUTE })
  expect(report([at(0, 'a'), at(10, 'a'), at(20, 'b'), at(90, 'a')]).rules[0]).toMatchObject({ returned: 1 })
})

describe('the advice is the first that applies', () => {
  const figures = (given: Partial<NoiseRule>): Omit<NoiseRule, 'advice'> => ({
    rule: 'r', severity: 'error', alerts: 96, unlasted: 0, open: 0, told: 96, acknowledged: 0, closed: 0, unattended: 96, selfResolved: 96, short: 0, shortWithinMs: 0, flaps: 0, returned: 0, silenced: 0,
    nodes: [{ node: 'n1', alerts: 30 }, { node: 'n2', alerts: 30 }], noise: 96, ...given,
  })
  test.each([
    ['short ones', { short: 94, shortWithinMs: 4 * MINUTE }, '94 of 96 resolved themselves within 5m and nobody acknowledged one: add `for: 10m`'],
    ['very short ones', { short: 96, shortWithinMs: 2000 }, 'add `for: 2m`'],
    ['short ones that somebody looked after', { short: 80, shortWithinMs: 1000, acknowledged: 2, unattended: 94 }, '2 were acknowledged or closed'],
    ['silenced ones', { silenced: 50, short: 96 }, '50 of 96 were silenced'],
    ['flapping ones', { flaps: 200 }, 'came back 200 times'],
    ['ones that come again', { returned: 60 }, 'hold: 1h'],
    ['one node', { nodes: [{ node: 'r1-07', alerts: 90 }] }, '90 of 96 are about r1-07'],
    ['repeats', { told: 960 }, '10 times of each'],
    ['nobody cared', {}, 'nobody acknowledged or closed one of 96'],
    ['nobody was told', { told: 0 }, 'it told nobody'],
    ['people look after it', { acknowledged: 90, unattended: 6 }, 'people looked after 90 of 96'],
    ['few', { alerts: 4, unattended: 4, nodes: [] }, 'too few'],
    ['for: does its work', { alerts: 0, told: 0, unlasted: 12, unattended: 0 }, '12 were over before `for:`'],
    ['nothing', { alerts: 0, told: 0, unattended: 0 }, 'nothing to say'],
    ['still open', { told: 1, open: 96, unattended: 95, acknowledged: 1, selfResolved: 0 }, 'all of them go on'],
  ])('%s', (_, given, words) => {
    expect(adviceOf(figures(given))).toContain(words)
  })
})

test('a silence counts that was in force when the alert fired, and had not been ended', () => {
  const silence = { id: 1, matchers: [{ field: 'rule', is: 'equal', value: 'r' }], fromMs: 100, untilMs: 200, reason: '', by: 'anna', madeMs: 0, endedMs: undefined, endedBy: undefined } as const
  const at = (ms: number, endedMs?: number) => wasSilenced([{ ...silence, endedMs }], ms, (field) => (field === 'rule' ? 'r' : undefined))
  expect([at(99), at(100), at(199), at(200), at(150, 140), at(130, 140)]).toEqual([false, true, true, false, false, true])
  expect(wasSilenced([silence], 150, () => 'other')).toBe(false)
})

test('fates are read from the alerts, their history, and what receivers were told; in pages', () => {
  const db = openHubDatabase(':memory:')
  const alerts = createAlertRecords(db)
  const transitions = createAlertTransitionRecords(db)
  const add = (given: object): number => alerts.insert({ ...ALERT, key: `k${++ids}`, ...given })
  const step = (alertId: number, to: 'firing' | 'acknowledged' | 'resolved', reason: 'found' | 'acknowledged' | 'closed' | 'cleared'): void => transitions.add({ alertId, atMs: 1, from: undefined, to, reason, by: '', note: '', seq: 0 })
  add({ firstMs: 10 })
  const acked = add({ firstMs: 1000, firedMs: 1000, state: 'resolved', overMs: 1500, resolvedMs: 1700, flaps: 2, nodeId: 7 })
  for (const [to, reason] of [['firing', 'found'], ['acknowledged', 'acknowledged'], ['resolved', 'closed']] as const) step(acked, to, reason)
  for (const receiver of ['ops', 'boss']) createNotifyRecords(db).putTold({ alertId: acked, receiver, state: 'resolved', atMs: 1, count: 2, thread: '', title: '' })
  const pending = add({ firstMs: 1001, firedMs: undefined, state: 'pending' })
  const fates = createAlertFates(db, 1000)
  expect(fates.page(0, 1)).toMatchObject([{ id: acked, nodeId: 7, firstMs: 1000, firedMs: 1000, overMs: 1500, flaps: 2, told: 4, wasAcknowledged: 1, wasClosed: 1, ended: 'closed', state: 'resolved' }])
  expect(fates.page(acked, 10)).toMatchObject([{ id: pending, firedMs: null, overMs: null, told: 0, wasAcknowledged: 0, wasClosed: 0, ended: null }])
  expect(fates.page(pending, 10)).toEqual([])
})
