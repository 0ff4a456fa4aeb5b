import { expect, test } from 'vitest'
import { DEFAULT_BOUNDS, MAX_AT_LEAST, MAX_KEPT_CHARACTERS, MAX_STEPS } from '#triggers/correlate/bounds.ts'
import { MAX_ALERTS } from '#triggers/correlate/kinds/alerts.ts'
import { MAX_VALUES_SEEN } from '#triggers/correlate/kinds/change.ts'
import type { When } from '#triggers/rules/rule.ts'
import { aLine, anEvent, anInventory, aRule, bench, createTable, event, fulfils, line, type RoleName } from './support.ts'

test('the largest thresholds that a rule may ask for are counted exactly, and their states can be written', () => {
  const plain = aRule({ kind: 'count', on: line(), atLeast: MAX_AT_LEAST, withinMs: 10_000, distinct: undefined, reset: undefined }, { id: 'plain' })
  const values = aRule({ kind: 'count', on: line('x'), atLeast: MAX_AT_LEAST, withinMs: 10_000, distinct: 'x', reset: undefined }, { id: 'values' })
  const { correlator } = bench([plain, values])
  const take = (i: number) => [plain, values].map((rule) => correlator.take(rule, fulfils(rule, 'on', { x: `${i}` }), aLine(i)).length)
  for (let i = 0; i < MAX_AT_LEAST - 1; i++) if (take(i).some((found) => found > 0)) expect.unreachable()
  expect(take(MAX_AT_LEAST)).toEqual([1, 1])
  expect(take(10_005)).toEqual([0, 0]) // six left, one came
  const table = createTable()
  table.save(correlator)
  const next = bench([plain, values])
  next.correlator.restore(table.rows.values(), { fromMs: 10_005, toMs: 10_005 })
  expect(next.counted.get('unreadable')).toBeUndefined()
  expect(next.correlator.keysOf('plain', 1)[0]!.state.have).toBe(MAX_AT_LEAST - 5)
})

test('a value that is longest unseen among very many is new again', () => {
  const rule = aRule({ kind: 'change', on: line('x'), value: 'x', versus: 'ever_seen' })
  const { take } = bench([rule])
  for (let i = 0; i < MAX_VALUES_SEEN; i++) take(rule, 'on', aLine(i), { x: `${i}` })
  const at = MAX_VALUES_SEEN
  expect(take(rule, 'on', aLine(at), { x: '0' })).toEqual([])
  take(rule, 'on', aLine(at), { x: 'another' })
  expect(take(rule, 'on', aLine(at), { x: '0' })).toEqual([])
  expect(take(rule, 'on', aLine(at), { x: '1' })).toHaveLength(1)
})

test('of more alerts than are remembered those that began first are forgotten, and it recedes by the others', () => {
  const rule = aRule({ kind: 'alerts', rules: ['x'], distinct: undefined, atLeast: 2, withinMs: 1000 }, { by: [] })
  const { correlator } = bench([rule])
  const take = (i: number, to: string) => correlator.take(rule, fulfils(rule, 'on'), anEvent(i, { kind: 'alert', to, nodeId: i, fields: { rule: 'x', key: `${i}` } }))
  for (let i = 1; i < MAX_ALERTS + 10; i++) take(i, 'firing')
  expect(take(MAX_ALERTS + 10, 'firing')).toMatchObject([{ fields: { count: `${MAX_ALERTS}` }, nodeId: 0 }])
  expect(take(1, 'resolved')).toEqual([])
  const found = Array.from({ length: MAX_ALERTS }, (_, i) => take(i + 11, 'resolved')).flat()
  expect(found).toMatchObject([{ kind: 'clear', reason: 'receded', fields: { count: '1' } }])
  expect(correlator.liveKeys).toBe(0)
})

test('what waits keeps so much of its captures, in their order', () => {
  const rule = aRule({ kind: 'absent', after: line('a', 'b', 'c'), expect: event(), withinMs: 10, each: undefined, cancel: undefined })
  const { take, correlator } = bench([rule])
  take(rule, 'after', aLine(0), { a: 'short', b: 'y'.repeat(MAX_KEPT_CHARACTERS - 10), c: 'left out' })
  expect(correlator.advance(10)).toMatchObject([{ fields: { a: 'short', b: 'y'.repeat(MAX_KEPT_CHARACTERS - 10) } }])
})

test('texts of any length make keys and states of bounded length, of every kind', () => {
  const long = '\u{1f600}'.repeat(400_000)
  const by = ['node', 'host', 'app', 'x', 'y']
  const on = line('x', 'y')
  const whens: readonly (readonly [When, RoleName])[] = [
    [{ kind: 'match', on }, 'on'],
    [{ kind: 'count', on, atLeast: 1, withinMs: 10, distinct: 'x', reset: undefined }, 'on'],
    [{ kind: 'absent', after: on, expect: on, withinMs: 10, each: undefined, cancel: undefined }, 'after'],
    [{ kind: 'sequence', withinMs: 10, steps: Array.from({ length: MAX_STEPS }, (_, i) => ({ id: `s${i}`, on })), without: undefined }, 'step0'],
    [{ kind: 'change', on, value: 'x', versus: 'previous_session' }, 'on'],
    [{ kind: 'change', on, value: 'x', versus: 'fleet_profile' }, 'on'],
    [{ kind: 'rate', on, nowMs: 10, versusMs: 100, factor: 1, min: 1 }, 'on'],
  ]
  for (const [when, role] of whens) {
    const rule = aRule(when, { by, resolveOn: event() })
    const { take, correlator, advance } = bench([rule], { inventory: anInventory({ 1: { profile: 'p' } }) })
    advance(0)
    const found = [1, 2, 3].flatMap((session) => take(rule, role, aLine(session, { host: long, app: long, sessionId: session, text: long }), { x: `${session}${long}`.slice(0, 512), y: long.slice(0, 512) }))
    expect(Math.max(0, ...found.map((text) => text.length))).toBeLessThan(10_000)
    for (const { key, state } of correlator.changes()) expect(key.length + state!.length).toBeLessThan(20_000)
  }
})

test('after keys of a rate were dropped, one that comes anew is not measured against what was forgotten', () => {
  const rule = aRule({ kind: 'rate', on: line(), nowMs: 12, versusMs: 120, factor: 2, min: 2 })
  const { take, advance } = bench([rule], { bounds: { ...DEFAULT_BOUNDS, keysPerRule: 1 } })
  advance(0)
  for (let t = 100; t < 400; t += 4) take(rule, 'on', aLine(t, { nodeId: 1 }))
  take(rule, 'on', aLine(400, { nodeId: 2 })) // takes the place of node 1
  for (let t = 401; t < 530; t += 3) expect(take(rule, 'on', aLine(t, { nodeId: 1 }))).toEqual([])
  expect(take(rule, 'on', aLine(800, { nodeId: 1 }))).toEqual([])
  expect(take(rule, 'on', aLine(801, { nodeId: 1 }))).toHaveLength(1)
})

test('after a long pause a rate waits until it has seen the time before again', () => {
  const rule = aRule({ kind: 'rate', on: line(), nowMs: 12, versusMs: 120, factor: 2, min: 2 })
  const first = bench([rule])
  first.advance(0)
  const table = createTable()
  table.save(first.correlator)
  const later = (pauseMs: number, atMs: number) => {
    const { correlator, take } = bench([rule])
    correlator.restore(table.rows.values(), { fromMs: 500, toMs: 500 + pauseMs })
    return [atMs, atMs + 1].flatMap((t) => take(rule, 'on', aLine(t)))
  }
  expect(later(10, 520)).toHaveLength(1)
  expect(later(20, 520)).toEqual([])
  expect(later(20, 720)).toHaveLength(1)
})

test.each([
  ['windows of three', aRule({ kind: 'count', on: line(), atLeast: 3, withinMs: 1e9, distinct: undefined, reset: undefined }, { by: ['node', 'session'] }), 'on', 3],
  ['deadlines', aRule({ kind: 'absent', after: line(), expect: event(), withinMs: 1e9, each: undefined, cancel: undefined }, { by: ['node', 'session'] }), 'after', 1],
] as const)('a hundred thousand %s take at most 130 bytes each', (_name, rule, role, times) => {
  const { correlator, counted } = bench([rule])
  const fulfilled = fulfils(rule, role)
  for (let time = 0; time < times; time++) {
    for (let i = 0; i < 100_000; i++) correlator.take(rule, fulfilled, aLine(time * 1e6 + i, { seq: 1_000_000 + i, nodeId: 1 + (i % 5000), sessionId: 100_000 + i, host: 'tch-001', app: 'kernel' }))
  }
  correlator.advance(0)
  expect(correlator.liveKeys).toBe(100_000)
  expect(counted.get('keyBytes')! / 100_000).toBeLessThan(130)
})

test('seeds change nothing but where keys lie', () => {
  const rule = aRule({ kind: 'count', on: line('x'), atLeast: 2, withinMs: 100, distinct: undefined, reset: undefined }, { by: ['node', 'x'] })
  const run = (seed: number) => {
    const { take } = bench([rule], { seed, inventory: anInventory() })
    return Array.from({ length: 200 }, (_, i) => take(rule, 'on', aLine(i, { nodeId: i % 3 }), { x: `${i % 7}` })).flat()
  }
  expect(run(1)).toEqual(run(2 ** 31))
  expect(run(1).length).toBeGreaterThan(100)
})
