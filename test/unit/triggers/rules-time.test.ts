import { afterEach, describe, expect, test } from 'vitest'
import { DEFAULT_BOUNDS } from '#triggers/correlate/bounds.ts'
import { aWorld, DAY, HOUR, MIN, SEC, type WorldOptions } from './rules-lives.ts'
import { ruleFile } from './support.ts'

let world: ReturnType<typeof aWorld>
const begin = (options: WorldOptions): void => {
  world = aWorld(options)
  world.start()
  world.pass(SEC)
  expect(world.told.filter(({ kind }) => kind === 'refused')).toEqual([])
}
afterEach(() => world.end())

const rule = (id: string, when: string, by = '[node]'): string => ruleFile({ id, body: `severity: error\nwhen: ${when}\nby: ${by}` })
const EACH = rule('a.silent', '{absent: {expect: {match: {}}, within: 10m, each: {node: {state: running}}}}')
const REPLY = rule('a.reply', '{absent: {after: {match: {contains: ask}}, expect: {match: {contains: answer}}, within: 10m}}')

describe('the hub was down', () => {
  test('nodes that nobody could hear are no storm: each gets its whole time again, and then it is told', () => {
    begin({ rules: EACH, nodes: 200 })
    for (let nodeId = 1; nodeId <= 200; nodeId++) world.receive({ text: 'alive', nodeId })
    world.pass(MIN)
    world.stop()
    world.pass(9 * DAY)
    world.start()
    world.pass(9 * MIN)
    expect(world.raised()).toEqual([])
    for (let nodeId = 1; nodeId <= 199; nodeId++) world.receive({ text: 'alive', nodeId })
    world.pass(2 * MIN)
    expect(world.raised()).toEqual(['a.silent ["node=200"]'])
    expect(world.found[0]!.isLate).toBe(false)
  })

  test('messages that came while only the rules were down are taken first, and what they end raises nothing', () => {
    begin({ rules: EACH, nodes: 200 })
    world.stop()
    for (let day = 0; day < 3; day++) {
      world.pass(DAY)
      for (let nodeId = 1; nodeId <= 200; nodeId += 2) world.receive({ text: 'alive', nodeId })
    }
    world.start()
    world.pass(9 * MIN)
    expect(world.raised()).toEqual([])
  })

  test('a deadline that ran out is told once, late, at its own time; one that did not still waits', () => {
    begin({ rules: REPLY })
    const askedMs = world.now()
    world.receive({ text: 'ask', nodeId: 1 })
    world.stop()
    world.pass(5 * MIN)
    world.receive({ text: 'ask', nodeId: 2 })
    world.pass(6 * MIN)
    world.start()
    world.pass(SEC)
    expect(world.found).toMatchObject([{ key: '["node=1"]', kind: 'raise', isLate: true, atMs: askedMs + 10 * MIN }])
    world.stop()
    world.start()
    world.pass(SEC)
    expect(world.found).toHaveLength(1)
    world.pass(10 * MIN)
    expect(world.found).toMatchObject([{ key: '["node=1"]' }, { key: '["node=2"]', isLate: false }])
  })

  test('an answer that came while the rules were down is in time by when it was received', () => {
    begin({ rules: REPLY })
    world.receive({ text: 'ask', nodeId: 1 }, { text: 'ask', nodeId: 2 })
    world.pass(SEC)
    world.stop()
    world.pass(9 * MIN)
    world.receive({ text: 'answer', nodeId: 1 })
    world.pass(5 * MIN)
    world.receive({ text: 'answer', nodeId: 2 })
    world.pass(HOUR)
    world.start()
    world.pass(SEC)
    expect(world.found).toMatchObject([{ key: '["node=2"]', kind: 'raise', isLate: true }, { key: '["node=2"]', kind: 'clear', reason: 'arrived' }])
  })
})

/** A rule of each kind that goes by time, and what opens a window of it that must not be completed. */
const OPEN: readonly (readonly [string, string, readonly string[]])[] = [
  ['count', rule('a.count', '{count: {match: {contains: bad}, at_least: 3, within: 10m}}'), ['bad', 'bad']],
  ['sequence', rule('a.sequence', '{sequence: {steps: [{id: one, match: {contains: one}}, {id: two, match: {contains: two}}], within: 10m}}'), ['one']],
  ['absent', REPLY, ['ask']],
  ['each', EACH, ['alive']],
  ['rate', rule('a.rate', '{rate: {match: {contains: bad}, now: 5m, versus: 1h, factor: 5, min: 5}}'), ['bad']],
  ['change', rule('a.change', "{change: {match: {regex: 'firmware (?<version>\\S+)'}, value: version, versus: previous_event}}"), ['firmware 1', 'firmware 1']],
  ['schedule', ruleFile({ id: 'a.daily', body: "severity: error\nwhen: {schedule: {cron: '30 11 * * *', tz: UTC}}" }), []],
]

describe('the clock of the hub is set', () => {
  const ahead = (): readonly string[] => world.logs().filter((line) => line.startsWith('The clock jumped ahead'))

  test.each(OPEN)('%s: two hours back, nothing fires, it is told once, and time goes on when the clock is as far again', (_kind, rules, texts) => {
    begin({ rules, nodes: 20 })
    for (const text of texts) for (let nodeId = 1; nodeId <= 20; nodeId++) world.receive({ text, nodeId })
    world.pass(SEC)
    world.setClock(-2 * HOUR)
    for (let minute = 0; minute < 60; minute++) world.pass(MIN)
    expect(world.raised()).toEqual([])
    expect(world.logs()).toEqual(['The clock was set back: for rules time stands still until it is as far again'])
    world.pass(HOUR)
    expect(world.logs()).toHaveLength(2)
    expect(world.logs()[1]).toContain('believed again')
  })

  test.each(OPEN)('%s: two days ahead, nothing fires by the clock alone, and it is told once', (_kind, rules, texts) => {
    begin({ rules, nodes: 20 })
    for (const text of texts) for (let nodeId = 1; nodeId <= 20; nodeId++) world.receive({ text, nodeId })
    world.pass(SEC)
    world.setClock(2 * DAY)
    for (let second = 0; second < 20; second++) world.pass(SEC)
    expect(world.raised()).toEqual([])
    expect(ahead()).toHaveLength(1)
    expect(world.counts['held']).toBe(1)
    world.setClock(-2 * DAY)
    world.pass(SEC)
    expect(world.raised()).toEqual([])
    expect(world.counts['held']).toBe(0)
  })

  test.for<readonly [string, (toMs: () => void) => void]>([
    ['between two messages', (jump) => jump()],
    ['with a tick in between', (jump) => (jump(), world.pass(SEC))],
  ])('two days ahead %s: nodes that nobody could hear are no storm, and it is told once', ([, jump]) => {
    begin({ rules: EACH, nodes: 200 })
    for (let nodeId = 1; nodeId <= 200; nodeId++) world.receive({ text: 'alive', nodeId })
    jump(() => world.setClock(2 * DAY))
    for (let nodeId = 1; nodeId <= 199; nodeId++) world.receive({ text: 'alive', nodeId })
    world.pass(9 * MIN)
    expect(world.raised()).toEqual([])
    expect(ahead()).toHaveLength(1)
    world.receive(...Array.from({ length: 199 }, (_, index) => ({ text: 'alive', nodeId: index + 1 })))
    world.pass(2 * MIN)
    expect(world.raised()).toEqual(['a.silent ["node=200"]'])
    expect(ahead()).toHaveLength(1)
  })

  test('it leaps within one batch, or by what the hub noticed: the same', () => {
    begin({ rules: EACH, nodes: 50 })
    const alive = (atMs: number) => Array.from({ length: 50 }, (_, index) => ({ text: 'alive', nodeId: index + 1, receivedMs: atMs }))
    const fromMs = world.now()
    world.setClock(2 * DAY)
    world.receive(...alive(fromMs), ...alive(world.now()))
    world.setClock(2 * DAY)
    world.notice({ kind: 'trigger', to: 'ops' })
    world.pass(SEC)
    world.receive({ text: 'alive', nodeId: 1 })
    world.pass(SEC)
    expect(world.raised()).toEqual([])
    expect(ahead()).toHaveLength(2)
  })

  test('a deadline that the clock leapt over is told once, and late', () => {
    begin({ rules: REPLY })
    world.receive({ text: 'ask', nodeId: 1 })
    world.setClock(2 * DAY)
    world.receive({ text: 'other', nodeId: 2 })
    world.pass(SEC)
    expect(world.found).toMatchObject([{ key: '["node=1"]', isLate: true }])
  })
})

describe('time of receipt', () => {
  test('what a message says of its time plays no part, and of what was received before the time reached counts as now', () => {
    begin({ rules: rule('a.count', '{count: {match: {contains: bad}, at_least: 3, within: 10m}}') })
    world.receive({ text: '2001-01-01T00:00:00Z bad', nodeId: 1 }, { text: '2031-01-01T00:00:00Z bad', nodeId: 1 })
    world.pass(MIN)
    world.receive({ text: 'bad', nodeId: 1, receivedMs: world.now() - 5 * MIN })
    world.pass(SEC)
    expect(world.raised()).toEqual(['a.count ["node=1"]'])
  })

  test('what waited in a sender for hours is as fresh as its receipt', () => {
    begin({ rules: rule('a.count', '{count: {match: {contains: bad}, at_least: 3, within: 10m}}') })
    for (let hour = 0; hour < 3; hour++) {
      world.receive({ text: 'at one time, says the sender: bad', nodeId: 1 })
      world.pass(HOUR)
    }
    expect(world.raised()).toEqual([])
  })
})

describe('rules over alerts', () => {
  const fired = (alert: string, by: string): void => world.notice({ kind: 'alert', to: 'firing', nodeId: 1, fields: { rule: by, key: `["${alert}"]`, severity: 'error', alert } })

  test('each finding of a chain is one step, and ends with its last rule: what it found is not its own food', () => {
    begin({ rules: ruleFile(
      { id: 'a.first', body: 'severity: error\nwhen: {match: {contains: bad}}' },
      { id: 'b.second', body: 'severity: error\nwhen: {alerts: {rule: a.first, at_least: 1, within: 1h}}' },
      { id: 'c.third', body: 'severity: error\nwhen: {alerts: {rule: b.second, at_least: 1, within: 1h}}' },
    ) })
    let told = 0
    world.receive({ text: 'bad', nodeId: 1 })
    for (let round = 0; round < 20; round++) {
      world.pass(SEC)
      for (const { rule: by } of world.found.slice(told)) fired(String(++told), by)
    }
    expect(world.found.map(({ rule: by }) => by)).toEqual(['a.first', 'b.second', 'c.third'])
  })
})

describe('what each rule knows', () => {
  const keys = () => world.told.findLast((event) => event.kind === 'costs')?.costs.map(({ rule: id, keys: known, matches }) => [id, known, matches])

  test('its keys are told with its costs, also of a rule that has nothing to do, and are others when they ran out', () => {
    const text = ruleFile(
      { id: 'a.each', body: 'severity: error\nwhen: {absent: {expect: {match: {}}, within: 3h, each: {node: {state: running}}}}\nby: [node]' },
      { id: 'a.idle', body: 'severity: error\nwhen: {match: {contains: never}}' },
      { id: 'a.reply', body: 'severity: error\nwhen: {absent: {after: {match: {contains: ask}}, expect: {match: {contains: answer}}, within: 10m}}\nby: [node]' },
    )
    begin({ rules: text, nodes: 7 })
    world.receive({ text: 'ask', nodeId: 1 }, { text: 'ask', nodeId: 2 })
    world.pass(11 * SEC)
    expect(keys()).toEqual([['a.each', 7, 0], ['a.reply', 2, 2]])
    world.receive({ text: 'answer', nodeId: 2 })
    world.stop()
    world.start()
    world.pass(11 * SEC)
    expect(keys()).toEqual([['a.each', 7, 0], ['a.reply', 1, 0]])
    expect(world.counts['keys']).toBe(8)
  })
})

describe('keys that a sender makes up', () => {
  test('the bound of the rule holds, it is told once, and the keys of another rule stay', () => {
    begin({
      bounds: { ...DEFAULT_BOUNDS, keysPerRule: 100, keys: 1000 },
      rules: ruleFile(
        { id: 'a.forged', body: 'severity: error\nwhen: {count: {match: {contains: bad}, at_least: 3, within: 1h}}\nby: [host]' },
        { id: 'a.other', body: 'severity: error\nwhen: {count: {match: {contains: worse}, at_least: 3, within: 1h}}\nby: [node]' },
      ),
    })
    world.receive({ text: 'worse', nodeId: 1 }, { text: 'worse', nodeId: 1 })
    for (let batch = 0; batch < 20; batch++) world.receive(...Array.from({ length: 250 }, (_, index) => ({ text: 'bad', host: `forged-${batch}-${index}` })))
    world.pass(2 * MIN)
    expect(world.counts['droppedOfRule']).toBe(4900)
    expect(world.counts['keys']).toBe(101)
    expect(world.logs()).toEqual(['Rules forgot keys before their time: there are as many as may be'])
    world.receive({ text: 'worse', nodeId: 1 })
    world.pass(SEC)
    expect(world.raised()).toEqual(['a.other ["node=1"]'])
  })
})
