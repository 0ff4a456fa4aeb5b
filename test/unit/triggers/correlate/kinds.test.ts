import { expect, test } from 'vitest'
import { aLine, anEvent, anInventory, aRule, bench, event, line } from './support.ts'

const SEC = 1000
const MIN = 60 * SEC
const HOUR = 60 * MIN

test('a match raises for its key each time, and what resolves it clears it', () => {
  const rule = aRule({ kind: 'match', on: line('disk') }, { by: ['node', 'disk'], resolveOn: line('disk') })
  const { take } = bench([rule])
  expect(take(rule, 'on', aLine(0), { disk: 'sda' })).toEqual(['0 raise a.rule ["node=1","disk=sda"] matched disk=sda'])
  expect(take(rule, 'on', aLine(5), { disk: 'sda' })).toEqual(['5 raise a.rule ["node=1","disk=sda"] matched disk=sda'])
  expect(take(rule, 'resolve', aLine(9), { disk: 'sda' })).toEqual(['9 clear a.rule ["node=1","disk=sda"] resolve-matched disk=sda'])
})

test('a message of no node is told apart by who sent it, and every field of a key has its place', () => {
  const rule = aRule({ kind: 'match', on: line('x') }, { by: ['node', 'session', 'app', 'host', 'x', 'rack'] })
  const { take } = bench([rule], { inventory: anInventory({ 1: { labels: { rack: 'r=1' } } }) })
  expect(take(rule, 'on', aLine(0, { sessionId: 7, host: 'ä"\\' }), { x: '' })).toEqual(['0 raise a.rule ["node=1","session=7","app=kernel","host=ä\\"\\\\","x=","rack=r=1"] matched app=kernel host=ä"\\ rack=r=1 x='])
  const bySource = aRule({ kind: 'match', on: line() }, { id: 'b.rule', by: ['node'] })
  expect(bench([bySource]).take(bySource, 'on', aLine(0, { nodeId: 0 }))).toEqual(['0 raise b.rule ["source=9"] matched'])
})

test('a label that the node lacks makes no key, and is counted', () => {
  const rule = aRule({ kind: 'count', on: line(), atLeast: 1, withinMs: MIN, distinct: undefined, reset: undefined }, { by: ['rack'] })
  const { take, counted, correlator } = bench([rule], { inventory: anInventory({ 1: {} }) })
  expect(take(rule, 'on', aLine(0))).toEqual([])
  expect(counted.get('keyless')).toBe(1)
  expect(correlator.liveKeys).toBe(0)
})

test('a count raises at the threshold and again with each further one, and takes in what is younger than the window', () => {
  const rule = aRule({ kind: 'count', on: line(), atLeast: 3, withinMs: HOUR, distinct: undefined, reset: event() })
  const { take } = bench([rule])
  expect(take(rule, 'on', aLine(0))).toEqual([])
  expect(take(rule, 'on', aLine(10 * MIN))).toEqual([])
  expect(take(rule, 'on', aLine(HOUR))).toEqual([])
  expect(take(rule, 'on', aLine(HOUR + 10 * MIN - 1))).toEqual([`${HOUR + 10 * MIN - 1} raise a.rule ["node=1"] counted count=3`])
  expect(take(rule, 'on', aLine(HOUR + 10 * MIN))).toEqual([`${HOUR + 10 * MIN} raise a.rule ["node=1"] counted count=3`])
  expect(take(rule, 'on', aLine(HOUR + 10 * MIN))).toEqual([`${HOUR + 10 * MIN} raise a.rule ["node=1"] counted count=4`])
  expect(take(rule, 'reset', anEvent(HOUR + 11 * MIN))).toEqual([])
  expect(take(rule, 'on', aLine(HOUR + 12 * MIN))).toEqual([])
})

test('a resolved count begins anew, and what ends comes before what begins', () => {
  const rule = aRule({ kind: 'count', on: line(), atLeast: 2, withinMs: HOUR, distinct: undefined, reset: undefined }, { resolveOn: line() })
  const { take } = bench([rule])
  take(rule, 'on', aLine(0))
  expect(take(rule, 'on', aLine(1))).toHaveLength(1)
  expect(take(rule, ['on', 'resolve'], aLine(2))).toEqual(['2 clear a.rule ["node=1"] resolve-matched'])
  expect(take(rule, 'on', aLine(3))).toEqual(['3 raise a.rule ["node=1"] counted count=2'])
})

test('different values are counted once each, from when they were last seen', () => {
  const rule = aRule({ kind: 'count', on: line('user'), atLeast: 3, withinMs: HOUR, distinct: 'user', reset: undefined })
  const { take } = bench([rule])
  const of = (atMs: number, user: string) => take(rule, 'on', aLine(atMs), { user })
  of(0, 'a')
  of(1, 'b')
  expect(of(2, 'b')).toEqual([])
  expect(of(HOUR, 'c')).toEqual([]) // a has left
  expect(of(HOUR + 1, 'a')).toEqual([`${HOUR + 1} raise a.rule ["node=1"] counted count=3 distinct=3 user=a`])
  expect(of(HOUR + 2, 'd')).toEqual([`${HOUR + 2} raise a.rule ["node=1"] counted count=3 distinct=3 user=d`]) // b has left
})

const stalled = aRule({ kind: 'absent', after: event(), expect: event(), withinMs: 25 * MIN, each: undefined, cancel: event() }, { by: ['node', 'session'] })

test('a deadline passes exactly in time, before anything of that instant; what comes late clears it', () => {
  const { take, advance } = bench([stalled])
  take(stalled, 'after', anEvent(0, { sessionId: 5, seq: 42 }))
  expect(advance(25 * MIN - 1)).toEqual([])
  expect(take(stalled, 'expect', anEvent(25 * MIN, { sessionId: 5 }))).toEqual([
    `${25 * MIN} raise a.rule ["node=1","session=5"] absent`,
    `${25 * MIN} clear a.rule ["node=1","session=5"] arrived`,
  ])
  expect(take(stalled, 'expect', anEvent(26 * MIN, { sessionId: 5 }))).toEqual([])
})

test('what comes in time, or is cancelled, raises nothing; another session has its own clock', () => {
  const { take, advance, correlator } = bench([stalled])
  take(stalled, 'after', anEvent(0, { sessionId: 5 }))
  take(stalled, 'expect', anEvent(20 * MIN, { sessionId: 5 }))
  take(stalled, 'after', anEvent(20 * MIN, { sessionId: 6 }))
  take(stalled, 'cancel', anEvent(21 * MIN, { sessionId: 6 }))
  take(stalled, 'after', anEvent(22 * MIN, { sessionId: 7 }))
  expect(advance(46 * MIN)).toEqual([])
  expect(advance(47 * MIN)).toEqual([`${47 * MIN} raise a.rule ["node=1","session=7"] absent`])
  expect(take(stalled, 'cancel', anEvent(48 * MIN, { sessionId: 7 }))).toEqual([`${48 * MIN} clear a.rule ["node=1","session=7"] resolve-matched`])
  expect(correlator.liveKeys).toBe(0)
})

test('a second beginning while one waits changes nothing; what the first said comes with the deadline', () => {
  const rule = aRule({ kind: 'absent', after: line('job'), expect: line(), withinMs: HOUR, each: undefined, cancel: undefined })
  const { take, advance } = bench([rule])
  take(rule, 'after', aLine(0, { seq: 11, app: 'cron', host: 'n1' }), { job: 'backup' })
  take(rule, 'after', aLine(50 * MIN), { job: 'other' })
  expect(advance(2 * HOUR)).toEqual([`${HOUR} raise a.rule ["node=1"] absent job=backup`])
  // Heartbeats: the same message ends one wait and begins the next.
  expect(take(rule, ['after', 'expect'], aLine(2 * HOUR + 1), { job: 'next' })).toEqual([`${2 * HOUR + 1} clear a.rule ["node=1"] arrived job=next`])
  expect(advance(3 * HOUR + 1)).toEqual([`${3 * HOUR + 1} raise a.rule ["node=1"] absent job=next`])
})

const silent = aRule({ kind: 'absent', after: undefined, expect: line(), withinMs: 10 * MIN, each: { state: ['running'] }, cancel: undefined })

test('a node that never spoke is found, a retired one is not', () => {
  const { take, advance, correlator } = bench([silent], { inventory: anInventory({ 1: {}, 2: {}, 3: { state: 'retired' } }) })
  advance(0)
  take(silent, 'expect', aLine(MIN))
  expect(advance(10 * MIN + 30 * SEC)).toEqual([`${10 * MIN} raise a.rule ["node=2"] absent`])
  expect(advance(11 * MIN + 30 * SEC)).toEqual([`${11 * MIN} raise a.rule ["node=1"] absent`])
  expect(take(silent, 'expect', aLine(13 * MIN, { nodeId: 2 }))).toEqual([`${13 * MIN} clear a.rule ["node=2"] arrived`])
  expect(correlator.hearing('a.rule')!.heard(1, 14 * MIN, 77)).toMatchObject([{ kind: 'clear', key: '["node=1"]', reason: 'arrived', seq: 77 }])
  expect(correlator.hearing('a.rule')!.heard(1, 20 * MIN, 78)).toBeUndefined()
  expect(advance(29 * MIN)).toEqual([`${23 * MIN} raise a.rule ["node=2"] absent`])
  expect(advance(30 * MIN)).toEqual([`${30 * MIN} raise a.rule ["node=1"] absent`])
})

test('new nodes get the whole time, and those that are no longer meant clear their alerts', () => {
  const { advance, correlator } = bench([silent], { inventory: anInventory({ 1: {} }) })
  advance(0)
  expect(advance(10 * MIN)).toHaveLength(1)
  expect(correlator.watchNodes(anInventory({ 1: { state: 'retired' }, 2: {} }), 15 * MIN)).toMatchObject([{ kind: 'clear', key: '["node=1"]', reason: 'left' }])
  expect(advance(25 * MIN - 1)).toEqual([])
  expect(advance(25 * MIN)).toEqual([`${25 * MIN} raise a.rule ["node=2"] absent`])
  expect(correlator.liveKeys).toBe(1)
})

test('a key of labels is silent when all its nodes are', () => {
  const rule = aRule(silent.when, { by: ['rack'] })
  const { advance, correlator } = bench([rule], { inventory: anInventory({ 1: { labels: { rack: 'r1' } }, 2: { labels: { rack: 'r1' } }, 3: {} }) })
  advance(0)
  correlator.hearing('a.rule')!.heard(2, 5 * MIN, 1)
  expect(advance(20 * MIN)).toEqual([`${15 * MIN} raise a.rule ["rack=r1"] absent rack=r1`])
})

test('only a rule that expects any message at all listens the cheap way', () => {
  const choosy = aRule({ ...silent.when, expect: line('x') } as typeof silent.when, { id: 'b.rule' })
  const { correlator } = bench([silent, choosy, stalled])
  expect(correlator.hearing('b.rule')).toBeUndefined()
  expect(bench([silent]).correlator.hearing('a.rule')).toBeDefined()
})

const crash = aRule({ kind: 'sequence', withinMs: 10 * MIN, steps: [{ id: 'panic', on: line('why') }, { id: 'boot', on: event('session') }, { id: 'up', on: line('version') }], without: line() })

test('a sequence is completed across sessions, with the captures of all its steps', () => {
  const { take } = bench([crash])
  expect(take(crash, 'step1', anEvent(0))).toEqual([])
  take(crash, 'step0', aLine(1, { sessionId: 1 }), { why: 'fatal' })
  take(crash, 'step1', anEvent(2, { sessionId: 2 }))
  expect(take(crash, 'step2', aLine(3, { sessionId: 2 }), { version: '6.1' })).toEqual(['3 raise a.rule ["node=1"] completed version=6.1 why=fatal'])
  expect(take(crash, 'step2', aLine(4), { version: '6.1' })).toEqual([])
})

test('what comes in between begins it anew, and so does the time', () => {
  const { take, correlator, advance } = bench([crash])
  take(crash, 'step0', aLine(0), { why: 'a' })
  take(crash, 'without', aLine(1))
  take(crash, 'step1', anEvent(2))
  expect(take(crash, 'step2', aLine(3))).toEqual([])
  take(crash, 'step0', aLine(10), { why: 'b' })
  take(crash, 'step1', anEvent(11))
  expect(take(crash, 'step2', aLine(10 + 10 * MIN))).toEqual([])
  advance(HOUR)
  expect(correlator.liveKeys).toBe(0)
})

test('of beginnings that overlap the newest can still be completed', () => {
  const { take } = bench([crash])
  take(crash, 'step0', aLine(0), { why: 'old' })
  take(crash, 'step1', anEvent(1))
  take(crash, 'step0', aLine(5 * MIN), { why: 'new' })
  expect(take(crash, 'step2', aLine(6 * MIN))).toEqual([`${6 * MIN} raise a.rule ["node=1"] completed why=old`])
  take(crash, 'step1', anEvent(7 * MIN))
  expect(take(crash, 'step2', aLine(14 * MIN))).toEqual([`${14 * MIN} raise a.rule ["node=1"] completed why=new`])
})

test('one message is never two steps of one sequence', () => {
  const { take } = bench([crash])
  expect(take(crash, ['step0', 'step1', 'step2'], aLine(0))).toEqual([])
  expect(take(crash, ['step0', 'step1', 'step2'], aLine(1))).toEqual([])
  expect(take(crash, ['step0', 'step1', 'step2'], aLine(2))).toHaveLength(1)
})

const changed = (versus: 'previous_session' | 'previous_event' | 'ever_seen' | 'fleet_profile') => aRule({ kind: 'change', on: line('hash'), value: 'hash', versus })

test('the first session is learned, the same value is quiet, another one is told once', () => {
  const rule = changed('previous_session')
  const { take } = bench([rule])
  const of = (atMs: number, sessionId: number, hash: string) => take(rule, 'on', aLine(atMs, { sessionId }), { hash })
  expect(of(0, 1, 'c0ffee')).toEqual([])
  expect(of(1, 1, 'other')).toEqual([]) // the session before has none to compare with
  expect(of(2, 1, 'c0ffee')).toEqual([])
  expect(of(3, 2, 'c0ffee')).toEqual([])
  expect(of(4, 3, 'decafb')).toEqual(['4 raise a.rule ["node=1"] changed hash=decafb previous=c0ffee value=decafb'])
  expect(of(5, 3, 'decafb')).toEqual([])
  expect(of(6, 2, 'c0ffee')).toEqual([]) // late, of the session before
  expect(of(7, 0, 'beef')).toEqual([]) // of no session
  expect(of(8, 4, 'decafb')).toEqual([])
})

test('a value is compared with the last one, or with all that were seen', () => {
  const last = changed('previous_event')
  const ever = changed('ever_seen')
  const run = (rule: typeof last) => {
    const { take } = bench([rule])
    return ['a', 'a', 'b', 'a', 'b', 'c'].map((hash, atMs) => take(rule, 'on', aLine(atMs), { hash }).length)
  }
  expect(run(last)).toEqual([0, 0, 1, 1, 1, 1])
  expect(run(ever)).toEqual([0, 0, 1, 0, 0, 1])
})

test('a node that is unlike most of its profile is told, until it agrees', () => {
  const rule = changed('fleet_profile')
  const profile = { profile: 'storage' }
  const { take } = bench([rule], { inventory: anInventory({ 1: profile, 2: profile, 3: profile, 4: { profile: 'other' }, 5: {} }) })
  const of = (nodeId: number, hash: string) => take(rule, 'on', aLine(nodeId, { nodeId }), { hash })
  expect(of(1, 'x')).toEqual([])
  expect(of(2, 'x')).toEqual([])
  expect(of(4, 'y')).toEqual([])
  expect(of(5, 'y')).toEqual([])
  expect(of(3, 'y')).toEqual(['5 raise a.rule ["node=3"] changed hash=y previous=x value=y'])
  expect(of(3, 'y')).toEqual([])
  expect(of(3, 'x')).toEqual(['5 clear a.rule ["node=3"] arrived hash=x previous=x value=x'])
})

test('a spike is measured against the time before, once that has been seen', () => {
  const rule = aRule({ kind: 'rate', on: line(), nowMs: 12 * SEC, versusMs: 120 * SEC, factor: 4, min: 3 })
  const { take, advance } = bench([rule])
  advance(0)
  for (let i = 0; i < 5; i++) expect(take(rule, 'on', aLine(10 * SEC + i))).toEqual([])
  for (let t = 20 * SEC; t < 200 * SEC; t += 10 * SEC) expect(take(rule, 'on', aLine(t))).toEqual([])
  const at = 300 * SEC
  expect([0, 1, 2, 3].map((i) => take(rule, 'on', aLine(at + i)).length)).toEqual([0, 0, 1, 1])
})

test('alerts of other rules are gathered by value, and recede', () => {
  const rule = aRule({ kind: 'alerts', rules: ['node.*'], distinct: 'node', atLeast: 2, withinMs: 5 * MIN }, { by: ['rack'] })
  const racks = anInventory({ 1: { labels: { rack: 'r1' } }, 2: { labels: { rack: 'r1' } }, 3: { labels: { rack: 'r1' } }, 4: { labels: { rack: 'r2' } } })
  const { take } = bench([rule], { inventory: racks })
  const of = (atMs: number, nodeId: number, to: string, name = 'node.silent') => take(rule, 'on', anEvent(atMs, { kind: 'alert', nodeId, to, fields: { rule: name, severity: to, node: `n${nodeId}` } }))
  expect(of(0, 1, 'firing')).toEqual([])
  expect(of(1, 1, 'firing', 'node.other')).toEqual([])
  expect(of(2, 4, 'firing')).toEqual([])
  expect(of(3, 2, 'firing', 'a.rule')).toEqual([])
  expect(of(5 * MIN, 2, 'firing')).toEqual([`${5 * MIN} raise a.rule ["rack=r1"] gathered count=2 distinct=2 rack=r1`]) // of node 1 the second one is young enough
  expect(of(20 * MIN, 3, 'firing')).toEqual([`${20 * MIN} raise a.rule ["rack=r1"] gathered count=3 distinct=3 rack=r1`])
  expect(of(21 * MIN, 2, 'acknowledged')).toEqual([])
  expect(of(21 * MIN, 1, 'resolved')).toEqual([]) // the other one of node 1 is left
  expect(of(22 * MIN, 1, 'resolved', 'node.other')).toEqual([])
  expect(of(23 * MIN, 2, 'resolved')).toEqual([`${23 * MIN} clear a.rule ["rack=r1"] receded count=1 distinct=1 rack=r1`])
  expect(of(24 * MIN, 3, 'resolved')).toEqual([])
})

test('an alert that is over leaves the place where it was counted, also when its node has another label by then', () => {
  const rule = aRule({ kind: 'alerts', rules: ['x'], distinct: undefined, atLeast: 2, withinMs: MIN }, { by: ['rack'] })
  const { take, correlator } = bench([rule], { inventory: anInventory({ 1: { labels: { rack: 'r1' } }, 2: { labels: { rack: 'r1' } } }) })
  const of = (atMs: number, nodeId: number, to: string) => take(rule, 'on', anEvent(atMs, { kind: 'alert', nodeId, to, fields: { rule: 'x', key: `${nodeId}` } }))
  of(0, 1, 'firing')
  expect(of(1, 2, 'firing')).toHaveLength(1)
  correlator.watchNodes(anInventory({ 1: { labels: { rack: 'r2' } }, 2: {} }), 2)
  expect(of(3, 1, 'resolved')).toEqual(['3 clear a.rule ["rack=r1"] receded count=1 rack=r1'])
  expect(of(4, 2, 'resolved')).toEqual([])
  expect(correlator.liveKeys).toBe(0)
})
