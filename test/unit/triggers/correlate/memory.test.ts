import { describe, expect, test } from 'vitest'
import { DEFAULT_BOUNDS } from '#triggers/correlate/bounds.ts'
import type { Rule, When } from '#triggers/rules/rule.ts'
import { advanceAll, aLine, anEvent, anInventory, aRule, bench, createTable, event, fulfils, line, show } from './support.ts'

const MIN = 60_000
const count = (more: Partial<Extract<When, { kind: 'count' }>> = {}): When => ({ kind: 'count', on: line('disk'), atLeast: 2, withinMs: 10 * MIN, distinct: undefined, reset: undefined, ...more })
const wait: When = { kind: 'absent', after: line('job'), expect: line('job'), withinMs: 10 * MIN, each: undefined, cancel: undefined }
const silent: When = { kind: 'absent', after: undefined, expect: line(), withinMs: 10 * MIN, each: { state: ['running'] }, cancel: undefined }

/** Another correlator that knows what the table says. */
function after(rules: readonly Rule[], table: ReturnType<typeof createTable>, pause: { fromMs: number; toMs: number }, nodes: Parameters<typeof anInventory>[0] = {}) {
  const next = bench(rules, { inventory: anInventory(nodes), seed: 7 })
  next.correlator.restore(table.rows.values(), pause)
  return next
}

describe('what ends or continues something and does not know all of a key', () => {
  test('a reset without a named group empties every window of the node, and of no other', () => {
    const rule = aRule(count({ reset: event() }), { by: ['node', 'disk'] })
    const { take, correlator } = bench([rule])
    for (const [nodeId, disk] of [[1, 'a'], [1, 'b'], [2, 'a']] as const) take(rule, 'on', aLine(0, { nodeId }), { disk })
    take(rule, 'reset', anEvent(1, { nodeId: 1 }))
    expect(correlator.keysOf('a.rule', 10).map(({ key }) => key)).toEqual(['["node=2","disk=a"]'])
    take(rule, 'on', aLine(2), { disk: 'a' })
    take(rule, 'reset', anEvent(3, { nodeId: 2 }))
    take(rule, 'reset', anEvent(4, { nodeId: 0 }))
    expect(correlator.keysOf('a.rule', 10).map(({ key }) => key)).toEqual(['["node=1","disk=a"]'])
  })

  test('a resolve clears every alert that was raised and agrees in what it knows, once, also after a restart', () => {
    const rule = aRule({ kind: 'match', on: line('disk') }, { by: ['node', 'session', 'disk'], resolveOn: event() })
    const first = bench([rule])
    for (const [sessionId, disk] of [[1, 'a'], [2, 'b'], [2, 'b']] as const) first.take(rule, 'on', aLine(0, { sessionId }), { disk })
    first.take(rule, 'on', aLine(0, { nodeId: 2 }), { disk: 'a' })
    const table = createTable()
    table.save(first.correlator)
    expect(first.take(rule, 'resolve', anEvent(1, { sessionId: 2 }))).toEqual(['1 clear a.rule ["node=1","session=2","disk=b"] resolve-matched disk=b'])
    const { take, correlator } = after([rule], table, { fromMs: 0, toMs: 1 })
    expect(take(rule, 'resolve', anEvent(2, { sessionId: 0 })).sort()).toEqual([
      '2 clear a.rule ["node=1","session=1","disk=a"] resolve-matched disk=a',
      '2 clear a.rule ["node=1","session=2","disk=b"] resolve-matched disk=b',
    ])
    expect(take(rule, 'resolve', anEvent(3))).toEqual([])
    expect(correlator.liveKeys).toBe(1)
    advanceAll(correlator, 31 * 86_400_000)
    expect(correlator.liveKeys).toBe(0)
  })

  test('a group that took no part is an empty text, in what begins and in what ends', () => {
    const rule = aRule({ kind: 'match', on: line('disk') }, { by: ['node', 'disk'], resolveOn: line('disk') })
    const { take } = bench([rule])
    expect(take(rule, 'on', aLine(0))).toEqual(['0 raise a.rule ["node=1","disk="] matched'])
    expect(take(rule, 'resolve', aLine(1))).toEqual(['1 clear a.rule ["node=1","disk="] resolve-matched'])
  })

  test('a step without a group of the key continues every sequence that agrees', () => {
    const rule = aRule({ kind: 'sequence', withinMs: MIN, steps: [{ id: 'a', on: line('disk') }, { id: 'b', on: event() }], without: undefined }, { by: ['node', 'disk'] })
    const { take } = bench([rule])
    for (const disk of ['x', 'y']) take(rule, 'step0', aLine(0), { disk })
    expect(take(rule, 'step1', anEvent(1)).sort()).toEqual(['1 raise a.rule ["node=1","disk=x"] completed disk=x', '1 raise a.rule ["node=1","disk=y"] completed disk=y'])
  })
})

describe('after a restart', () => {
  test('windows and deadlines go on, and a deadline of the pause is told late, once, at its time', () => {
    const rules = [aRule(count(), { id: 'c', by: ['node', 'disk'] }), aRule(wait, { id: 'w', by: ['node', 'job'] })] as const
    const first = bench(rules)
    first.take(rules[0], 'on', aLine(0), { disk: 'sda' })
    first.take(rules[1], 'after', aLine(1, { seq: 5 }), { job: 'late' })
    first.take(rules[1], 'after', aLine(8 * MIN), { job: 'later' })
    const table = createTable()
    table.save(first.correlator)
    const next = after(rules, table, { fromMs: 8 * MIN, toMs: 15 * MIN })
    // What came before the pause and was not taken yet has its own time.
    expect(next.take(rules[0], 'on', aLine(9 * MIN), { disk: 'sda' })).toEqual([`${9 * MIN} raise c ["node=1","disk=sda"] counted count=2 disk=sda`])
    expect(next.advance(20 * MIN)).toEqual([`${10 * MIN + 1} raise w ["node=1","job=late"] absent job=late late`, `${18 * MIN} raise w ["node=1","job=later"] absent job=later`])
    table.save(next.correlator)
    const third = after(rules, table, { fromMs: 20 * MIN, toMs: 30 * MIN })
    expect(third.advance(40 * MIN)).toEqual([])
    expect(third.take(rules[1], 'expect', aLine(41 * MIN), { job: 'late' })).toEqual([`${41 * MIN} clear w ["node=1","job=late"] arrived job=late`])
  })

  test('nodes get the whole time again; those that were silent still are, until they are heard', () => {
    const rule = aRule(silent)
    const nodes = { 1: {}, 2: {}, 3: {} }
    const first = bench([rule], { inventory: anInventory(nodes) })
    first.advance(0)
    first.take(rule, 'expect', aLine(9 * MIN, { nodeId: 2 }))
    expect(first.advance(10 * MIN)).toHaveLength(2)
    const table = createTable()
    table.save(first.correlator)
    expect(table.rows.size).toBe(2) // those that are silent; what is heard of others is not written
    first.take(rule, 'expect', aLine(11 * MIN, { nodeId: 2 }))
    expect([...first.correlator.changes()]).toEqual([])
    const next = after([rule], table, { fromMs: 11 * MIN, toMs: 60 * MIN }, { 1: {}, 2: {}, 3: { state: 'retired' } })
    expect(next.advance(60 * MIN)).toEqual([`${60 * MIN} clear a.rule ["node=3"] left`])
    expect(next.advance(69 * MIN)).toEqual([])
    expect(next.take(rule, 'expect', aLine(69 * MIN, { nodeId: 1 }))).toEqual([`${69 * MIN} clear a.rule ["node=1"] arrived`])
    expect(next.advance(70 * MIN)).toEqual([`${70 * MIN} raise a.rule ["node=2"] absent`])
  })

  test.each([
    ['another format', (state: Uint8Array) => state.with(0, 99)],
    ['another kind', (state: Uint8Array) => state.with(1, 0)],
    ['half of it', (state: Uint8Array) => state.subarray(0, 6)],
    ['nothing', () => new Uint8Array(0)],
    ['a window longer than its bytes', (state: Uint8Array) => state.with(6, 200)],
  ])('a row that is %s is left out, counted, and given back as gone', (_name, spoil) => {
    const rule = aRule(count(), { by: ['node', 'disk'] })
    const first = bench([rule])
    first.take(rule, 'on', aLine(0), { disk: 'a' })
    first.take(rule, 'on', aLine(0), { disk: 'b' })
    const table = createTable()
    table.save(first.correlator)
    const [id, row] = [...table.rows][0]!
    table.rows.set(id, { ...row, state: spoil(row.state) })
    const next = after([rule], table, { fromMs: 0, toMs: 0 })
    expect(next.correlator.liveKeys).toBe(1)
    expect(next.counted.get('unreadable')).toBe(1)
    table.save(next.correlator)
    expect(table.rows.size).toBe(1)
  })

  test('rows of another rule, of what it was before, and with keys that it does not have are given back as gone', () => {
    const rule = aRule(count(), { by: ['node', 'disk'] })
    const table = createTable()
    const state = new Uint8Array([1, 1])
    for (const [name, stateVersion, key] of [['gone.rule', 's1', '["node=1","disk=a"]'], ['a.rule', 's0', '["node=1","disk=a"]'], ['a.rule', 's1', '["node=1"]'], ['a.rule', 's1', 'no key']] as const) {
      table.rows.set(JSON.stringify([name, stateVersion, key]), { rule: name, stateVersion, key, state })
    }
    const next = after([rule], table, { fromMs: 0, toMs: 0 })
    table.save(next.correlator)
    expect(table.rows.size).toBe(0)
  })

  test('what could not be written is given again', () => {
    const rule = aRule(count(), { by: ['node', 'disk'] })
    const { take, correlator } = bench([rule])
    for (const disk of ['a', 'b']) take(rule, 'on', aLine(0), { disk })
    const table = createTable()
    table.save(correlator)
    advanceAll(correlator, 11 * MIN)
    take(rule, 'on', aLine(12 * MIN), { disk: 'c' })
    const lost = createTable()
    lost.save(correlator)
    correlator.unwritten()
    take(rule, 'on', aLine(12 * MIN), { disk: 'a' })
    table.save(correlator)
    expect([...table.rows.values()].map(({ key }) => key).sort()).toEqual(['["node=1","disk=a"]', '["node=1","disk=c"]'])
    expect([...correlator.changes()]).toEqual([])
  })
})

test('a reader of changes that fails halfway gets all of them again', () => {
  const rule = aRule(count(), { by: ['node', 'disk'] })
  const { take, correlator } = bench([rule])
  for (const disk of ['a', 'b', 'c']) take(rule, 'on', aLine(0), { disk })
  const read = (): void => {
    for (const { key } of correlator.changes()) if (key.includes('b')) throw new Error('the disk is full')
  }
  expect(read).toThrow('the disk is full')
  correlator.unwritten()
  expect([...correlator.changes()].map(({ key }) => key).sort()).toEqual(['a', 'b', 'c'].map((disk) => `["node=1","disk=${disk}"]`))
  expect([...correlator.changes()]).toEqual([])
})

describe('another set of rules', () => {
  test('what did not change in its memory goes on, also with another resolve; the rest begins anew', () => {
    const rules = ['same', 'other', 'gone'].map((id) => aRule(count(), { id, by: ['node'] }))
    const { take, correlator } = bench(rules)
    for (const rule of rules) take(rule, 'on', aLine(0))
    const table = createTable()
    table.save(correlator)
    const same = aRule(count(), { id: 'same', version: 'v2', resolveOn: line() })
    const other = aRule(count({ atLeast: 2 }), { id: 'other', stateVersion: 's2' })
    const fresh = aRule(count({ atLeast: 1 }), { id: 'new' })
    expect(correlator.replaceRules([same, other, fresh], 1)).toEqual({ kept: 1, reset: ['other'], gone: ['gone'] })
    expect(correlator.take(same, fulfils(same, 'on'), aLine(2))).toMatchObject([{ version: 'v2', fields: { count: '2' } }])
    expect(take(same, 'resolve', aLine(2))).toHaveLength(1)
    expect(take(other, 'on', aLine(2))).toEqual([])
    expect(take(fresh, 'on', aLine(2))).toHaveLength(1)
    expect(take(rules[2]!, 'on', aLine(2))).toEqual([])
    table.save(correlator)
    expect([...table.rows.values()].map(({ rule, stateVersion }) => `${rule} ${stateVersion}`).sort()).toEqual(['new s1', 'other s2'])
  })

  test('nodes that a new rule is about get the whole time', () => {
    const { correlator, advance } = bench([], { inventory: anInventory({ 1: {} }) })
    advance(5 * MIN)
    correlator.replaceRules([aRule(silent)], 6 * MIN)
    expect(advance(16 * MIN - 1)).toEqual([])
    expect(advance(16 * MIN)).toHaveLength(1)
  })
})

describe('bounds', () => {
  test('a rule with too many keys forgets what was touched longest ago, and it is told once that it is the first time', () => {
    const rule = aRule(count(), { by: ['node', 'disk'] })
    const other = aRule(count(), { id: 'b.rule', by: ['node'] })
    const { take, correlator, counted } = bench([rule, other], { bounds: { ...DEFAULT_BOUNDS, keysPerRule: 3 } })
    take(other, 'on', aLine(0))
    for (const disk of ['a', 'b', 'c']) take(rule, 'on', aLine(0), { disk })
    take(rule, 'on', aLine(1), { disk: 'a' })
    take(rule, 'on', aLine(2), { disk: 'd' })
    expect(correlator.keysOf('a.rule', 10).map(({ key }) => key)).toEqual(['d', 'a', 'c'].map((disk) => `["node=1","disk=${disk}"]`))
    expect(correlator.drops()).toEqual([{ rule: 'a.rule', dropped: 1, total: 1, isFirst: true }])
    expect(correlator.drops()).toEqual([])
    take(rule, 'on', aLine(3), { disk: 'e' })
    expect(correlator.drops()).toEqual([{ rule: 'a.rule', dropped: 1, total: 2, isFirst: false }])
    expect(counted.get('droppedOfRule')).toBe(2)
    expect(correlator.liveKeys).toBe(4)
  })

  test('all rules together forget the oldest of any, and nodes of the inventory stay', () => {
    const rules = [aRule(silent, { id: 'each' }), aRule(count(), { id: 'x', by: ['node', 'disk'] }), aRule(count(), { id: 'y', by: ['node', 'disk'] })] as const
    const { take, correlator, counted, advance } = bench(rules, { bounds: { ...DEFAULT_BOUNDS, keys: 4 }, inventory: anInventory({ 1: {}, 2: {} }) })
    advance(0)
    take(rules[2], 'on', aLine(0), { disk: 'a' })
    take(rules[1], 'on', aLine(0), { disk: 'a' })
    take(rules[1], 'on', aLine(0), { disk: 'b' })
    expect(['x', 'y'].map((id) => correlator.keysOf(id, 9).length)).toEqual([2, 0])
    expect(counted.get('droppedOfAll')).toBe(1)
    expect(advance(10 * MIN)).toHaveLength(2)
  })

  test('what takes too much room goes too, and its memory is used again', () => {
    const rule = aRule({ ...wait, cancel: undefined } as When, { by: ['node', 'job'] })
    const { take, correlator, counted } = bench([rule], { bounds: { ...DEFAULT_BOUNDS, bytes: 20_000 } })
    for (let i = 0; i < 1000; i++) take(rule, 'after', aLine(i), { job: `${i} ${'x'.repeat(500)}` })
    expect(correlator.liveKeys).toBeLessThan(20)
    expect(correlator.liveKeys).toBeGreaterThan(10)
    expect(counted.get('droppedForRoom')).toBe(1000 - correlator.liveKeys)
    expect(counted.get('keyBytes')).toBeLessThan(2 ** 19)
  })

  test('a jump of the clock is worked off in bounded calls, and nothing is lost', () => {
    const rule = aRule(wait, { by: ['node', 'job'] })
    const { correlator } = bench([rule], { bounds: { ...DEFAULT_BOUNDS, timersPerAdvance: 10 } })
    for (let i = 0; i < 25; i++) correlator.take(rule, fulfils(rule, 'after', { job: `${i}` }), aLine(i))
    const sizes = []
    for (; correlator.nextDueMs! <= 60 * MIN; ) sizes.push(correlator.advance(60 * MIN).length)
    expect(sizes).toEqual([10, 10, 5])
    expect(correlator.advance(0)).toEqual([])
  })

  test('a deadline that waits its turn in a jump is still before what comes for its key', () => {
    const rule = aRule(wait, { by: ['node', 'job'] })
    const { correlator } = bench([rule], { bounds: { ...DEFAULT_BOUNDS, timersPerAdvance: 1 } })
    for (const job of ['a', 'b']) correlator.take(rule, fulfils(rule, 'after', { job }), aLine(0))
    correlator.advance(20 * MIN)
    expect(correlator.take(rule, fulfils(rule, 'expect', { job: 'b' }), aLine(20 * MIN)).map(show)).toEqual([
      `${10 * MIN} raise a.rule ["node=1","job=b"] absent job=b`,
      `${20 * MIN} clear a.rule ["node=1","job=b"] arrived job=b`,
    ])
  })

  test('a clock that goes back changes nothing: what comes counts as of the time reached', () => {
    const rule = aRule(count({ atLeast: 3 }), { by: ['node'] })
    const { correlator } = bench([rule])
    const take = (atMs: number) => correlator.take(rule, fulfils(rule, 'on'), aLine(atMs)).map(show)
    take(60 * MIN)
    take(1)
    expect(take(60 * MIN + 1)).toEqual([`${60 * MIN + 1} raise a.rule ["node=1"] counted count=3`])
    expect(correlator.advance(2)).toEqual([])
  })
})

describe('for people', () => {
  test.each([
    ['count', aRule(count(), { by: ['node'] }), 'on', '1 of 2, the oldest leaves the window at 1970-01-01T00:10:00.000Z', 10 * MIN],
    ['distinct', aRule(count({ distinct: 'disk', atLeast: 3 }), { by: ['node'] }), 'on', '1 of 3 different values of disk, the first leaves the window at 1970-01-01T00:10:00.000Z', 10 * MIN],
    ['absent', aRule(wait, { by: ['node'] }), 'after', 'waits until 1970-01-01T00:10:00.000Z', 10 * MIN],
    ['sequence', aRule({ kind: 'sequence', withinMs: MIN, steps: [{ id: 'one', on: line() }, { id: 'two', on: line() }], without: undefined }), 'step0', '1 of 2 steps (one); begins anew at 1970-01-01T00:01:00.000Z', MIN],
    ['change', aRule({ kind: 'change', on: line(), value: 'disk', versus: 'ever_seen' }), 'on', '`sda` the last time, 1 different values seen', undefined],
    ['rate', aRule({ kind: 'rate', on: line(), nowMs: MIN, versusMs: 10 * MIN, factor: 2, min: 5 }), 'on', '1 now, usually 0.0; the time before has not been seen for its whole length', undefined],
  ] as const)('the state of a %s is said in words', (_name, rule, role, summary, dueMs) => {
    const { take, correlator } = bench([rule])
    take(rule, role, aLine(0), { disk: 'sda' })
    expect(correlator.explain('a.rule', '["node=1"]', 1)).toMatchObject({ summary, dueMs })
    expect(correlator.explain('a.rule', '["node=2"]', 1)).toBeUndefined()
    expect(correlator.explain('no.rule', '["node=1"]', 1)).toBeUndefined()
    expect(correlator.keysOf('a.rule', 10, 1)).toHaveLength(1)
    expect(correlator.keysOf('a.rule', 10, 2)).toEqual([])
  })

  test('so are a deadline that passed, and alerts of others', () => {
    const rules = [aRule(wait, { id: 'w', by: ['node'] }), aRule({ kind: 'alerts', rules: ['w'], distinct: 'node', atLeast: 2, withinMs: MIN }, { id: 'a', by: [] })] as const
    const { take, correlator, advance } = bench(rules)
    take(rules[0], 'after', aLine(0))
    advance(10 * MIN)
    take(rules[0], 'after', aLine(11 * MIN))
    expect(correlator.explain('w', '["node=1"]', 11 * MIN)!.summary).toBe('the deadline passed at 1970-01-01T00:10:00.000Z; waits until 1970-01-01T00:21:00.000Z')
    const fire = (nodeId: number) => take(rules[1], 'on', anEvent(12 * MIN, { kind: 'alert', to: 'firing', nodeId, fields: { rule: 'w', key: `${nodeId}` } }))
    fire(1)
    expect(correlator.explain('a', '[]', 12 * MIN)).toMatchObject({ summary: '1 of 2 different values of node; 1 firing', have: 1, need: 2 })
    expect(fire(2)).toHaveLength(1)
    expect(correlator.explain('a', '[]', 60 * MIN)!.summary).toBe('2 of 2 different values of node, raised; 2 firing')
  })

  test('so is that a node was not heard, and a fleet', () => {
    const rules = [aRule(silent, { id: 'each' }), aRule({ kind: 'change', on: line(), value: 'disk', versus: 'fleet_profile' }, { id: 'fleet' })] as const
    const { take, correlator, advance } = bench(rules, { inventory: anInventory({ 1: { profile: 'thin' } }) })
    advance(0)
    expect(correlator.keysOf('each', 5)).toMatchObject([{ key: '["node=1"]', state: { dueMs: 10 * MIN } }])
    advance(10 * MIN)
    expect(correlator.explain('each', '["node=1"]', 11 * MIN)!.summary).toBe('not heard since 1970-01-01T00:00:00.000Z')
    take(rules[1], 'on', aLine(11 * MIN), { disk: 'x' })
    expect(correlator.explain('fleet', '["node=1"]', 11 * MIN)!.summary).toBe('`x`; of profile thin: `x` 1')
  })
})

test('evidence is that of the weakest: of what is in the window, and of all steps', () => {
  const counted = aRule(count({ atLeast: 2 }), { id: 'c', by: ['node'] })
  const steps = aRule({ kind: 'sequence', withinMs: MIN, steps: [{ id: 'a', on: line() }, { id: 'b', on: line() }], without: undefined }, { id: 's', emit: { event: 'op.hold', stage: undefined, evidence: 'B' } })
  const { correlator } = bench([counted, steps])
  const take = (rule: Rule, role: 'on' | 'step0' | 'step1', evidence: 'A' | 'B' | 'C') => correlator.take(rule, fulfils(rule, role), aLine(0, { evidence }))
  take(counted, 'on', 'C')
  expect(take(counted, 'on', 'B')).toMatchObject([{ evidence: 'C', emit: undefined }])
  take(steps, 'step0', 'A')
  expect(take(steps, 'step1', 'A')).toMatchObject([{ evidence: 'B', emit: { event: 'op.hold', stage: undefined } }])
  take(steps, 'step0', 'C')
  expect(take(steps, 'step1', 'A')).toMatchObject([{ evidence: 'C' }])
})
