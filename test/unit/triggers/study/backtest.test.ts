import { describe, expect, test } from 'vitest'
import { readRoutes, type Routes } from '#triggers/index.ts'
import { MAX_BACKTEST_ALERTS } from '../../../../src/triggers/study/backtest.ts'
import { candidatesOf } from '../../../../src/triggers/study/backtest-candidates.ts'
import { backtestSet } from '../../../../src/triggers/study/backtest-set.ts'
import { stretches } from '../../../../src/triggers/study/backtest-source.ts'
import { stepOf } from '../../../../src/triggers/study/backtest-tally.ts'
import { NOON_MS, type RowSpec } from '../../../support/store/batches.ts'
import type { Rule } from '#triggers/rules/rule.ts'
import { ruleFile, rulesOf } from '../support.ts'
import { MINUTE, NODES, storeOf, tried } from './backtest-support.ts'

const HOUR = 60 * MINUTE
const set = (...rules: readonly (readonly [id: string, body: string])[]) => rulesOf(ruleFile(...rules.map(([id, body]) => ({ id, body: `severity: error\n${body}` }))))
const DISK = set(['disk.failed', "title: 'disk {{disk}}'\nwhen: {match: {regex: 'disk (?<disk>\\w+) failed'}}\nby: [node, disk]\nnotify: {wait: 0s}\nresolve: {match: {contains: mended}, quiet: 6h}"])
const row = (minute: number, text: string, node = 1): RowSpec => ({ receivedMs: NOON_MS + minute * MINUTE, text, node, app: 'kernel', host: `tch-00${node}` })

function routesFrom(text: string): Routes {
  const read = readRoutes('routes.yaml', `format: 1\n${text}`)
  if (!read.ok) throw new Error(JSON.stringify(read.faults))
  return read.value
}
const ROUTES = routesFrom('receivers: [{name: ops, mail: [a@b.c]}]\nroute: {receiver: ops, group_by: [alert], wait: 0s, interval: 1m, every: 4h}')

test('matches become alerts and these notices: by rule, node, time and receiver', () => {
  const rows = [row(0, 'disk sda failed'), row(1, 'disk sda failed'), row(2, 'other'), row(30, 'disk sdb failed', 2), row(31, 'mended', 2), row(600, 'disk sda failed')]
  const { result } = tried({ rules: DISK, store: storeOf(rows), routes: ROUTES, limit: 2 })
  expect(result).toMatchObject({
    complete: true, messages: 6, matches: 4, clears: 1, alerts: { opened: 3, fired: 3, openAtEnd: 0, refused: 0 }, nodes: [{ nodeId: 1, node: 'tch-001', alerts: 2 }, { nodeId: 2, node: 'tch-002', alerts: 1 }],
    rules: [{ rule: 'disk.failed', matches: 4, alerts: 3, fired: 3 }], stepMs: HOUR, companions: [],
    steps: [{ atMs: NOON_MS, alerts: 2 }, { atMs: NOON_MS + 4 * HOUR }, { atMs: NOON_MS + 6 * HOUR }, { atMs: NOON_MS + 10 * HOUR, alerts: 1 }, { atMs: NOON_MS + 14 * HOUR }, { atMs: NOON_MS + 16 * HOUR }],
  })
  expect(result.first).toMatchObject([{ title: 'disk sda', node: 'tch-001', firstSeq: 1, firedMs: NOON_MS, count: 2 }, { title: 'disk sdb', node: 'tch-002', firstSeq: 4 }])
  const [ops] = result.notices.receivers
  expect(ops).toMatchObject({ receiver: 'ops', isKnown: true, webhooks: 0, news: 3, resolved: 3, digests: 0 })
  expect(ops!.mails).toBe(ops!.news + ops!.still + ops!.resolved)
  expect(ops!.still).toBeGreaterThan(0)
  expect(result.notices.total).toBe(ops!.mails)
})

test('what is too much for a receiver goes into a digest, as it would have', () => {
  const rows = Array.from({ length: 20 }, (_, index) => row(index / 60, `disk d${index} failed`))
  const capped = routesFrom('receivers: [{name: ops, mail: [a@b.c], max_per_hour: 3}]\nroute: {receiver: ops, group_by: [alert], wait: 0s, every: 1d}')
  const { notices, alerts } = tried({ rules: DISK, store: storeOf(rows), routes: capped, untilMs: NOON_MS + HOUR }).result
  expect(alerts.fired).toBe(20)
  expect(notices.receivers).toMatchObject([{ news: 3, digests: 1 }])
  expect(notices.left).toContainEqual({ reason: 'cap', count: 17 })
})

test('without routes nobody is told, and it says so', () => {
  const { result } = tried({ rules: DISK, store: storeOf([row(0, 'disk sda failed')]) })
  expect(result.notices).toMatchObject({ total: 0, receivers: [] })
  expect(result.remarks).toContain('There are no routes: nobody would have been told.')
})

test('only messages of the time count, and what waited is not known', () => {
  const rows = [row(0, 'disk sda failed'), row(10, 'disk sdb failed'), row(20, 'disk sdc failed')]
  const { result } = tried({ rules: DISK, store: storeOf(rows), fromMs: NOON_MS + 5 * MINUTE, untilMs: NOON_MS + 15 * MINUTE })
  expect(result).toMatchObject({ messages: 1, matches: 1, alerts: { openAtEnd: 1 } })
})

test('an alert that another one says is told by nobody: the rule that inhibits it runs too', () => {
  const rules = set(['disk.failed', "when: {match: {contains: failed}}\nby: [node]"], ['node.down', 'when: {match: {contains: down}}\nby: [node]\ninhibit: {rules: [disk.*], equal: [node]}'])
  const rows = [row(0, 'down'), row(1, 'disk failed'), row(2, 'disk failed', 2)]
  const { result } = tried({ rules, tested: ({ id }) => id === 'disk.failed', store: storeOf(rows), routes: ROUTES, untilMs: NOON_MS + HOUR })
  expect(result).toMatchObject({ companions: ['node.down'], alerts: { fired: 2 }, notices: { total: 1 } })
  expect(result.notices.left.map(({ reason }) => reason)).toContain('inhibited')
  expect(result.rules.map(({ rule }) => rule)).toEqual(['disk.failed'])
})

test('a rule about alerts counts those that the replay makes, and of other rules those that were recorded', () => {
  const rules = set(['disk.failed', "when: {match: {contains: failed}}\nby: [node]"], ['many.disks', 'when: {alerts: {rules: [disk.failed, other.*], at_least: 3, within: 10m}}'], ['other.rule', 'status: off\nwhen: {match: {contains: other}}'])
  const rows = [row(0, 'failed', 1), row(1, 'failed', 2), row(5, 'nothing')]
  const recorded = { kind: 'alert', to: 'firing', from: '', nodeId: 3, sessionId: 0, seq: 0, atMs: NOON_MS + 2 * MINUTE, evidence: 'A' } as const
  const of = (rule: string) => tried({ rules, tested: ({ id }) => id === 'many.disks', store: storeOf(rows), events: [{ ...recorded, fields: { rule, key: 'k', severity: 'error', alert: '9' } }] }).result.alerts.fired
  expect(of('other.rule')).toBe(1)
  expect(of('disk.failed')).toBe(0) // that alert was of the rule that runs here: it is made anew, or not at all
})

test('rules that feed each other end with a fault, not never', () => {
  // the loader refuses such a rule: this is about one that it does not see through
  const event = { kind: 'event', event: { event: 'alert', to: ['firing'], from: undefined } } as const
  const rules = set(['a', 'when: {match: {contains: x}}'], ['b', 'when: {match: {contains: failed}}\nby: [node]']).map((rule): Rule => (rule.id === 'a' ? { ...rule, by: ['alert'], when: { kind: 'match', on: event } } : rule))
  expect(() => tried({ rules, store: storeOf([row(0, 'failed')]) })).toThrow('feed each other')
})

test('nodes are in the states that they had then: where it asks for one, what the hub noted later is no matter', () => {
  const rules = set(['a', 'when: {match: {contains: failed}}\nby: [node]\nwhere: {node: {state: [installing]}}'])
  const rows = [row(0, 'failed'), row(10, 'failed')]
  const change = { kind: 'state', to: 'running', from: 'installing', nodeId: 1, sessionId: 1, seq: 0, atMs: NOON_MS + 5 * MINUTE, evidence: 'A', fields: {} } as const
  expect(tried({ rules, store: storeOf(rows), events: [change] }).result.matches).toBe(1)
  expect(tried({ rules, store: storeOf(rows), nodes: NODES }).result.matches).toBe(0)
})

describe('it ends before its time', () => {
  const rows = Array.from({ length: 100 }, (_, index) => row(index, `disk d${index} failed`))
  test('when nobody wants more: with what was found', () => {
    let asked = 0
    const { result } = tried({ rules: DISK, store: storeOf(rows, 50), passesOver: false, isCancelled: () => asked++ > 2 })
    expect(result).toMatchObject({ complete: false, reason: 'cancelled', messages: 50, matches: 50 })
    expect(result.reachedMs).toBe(NOON_MS + 49 * MINUTE)
  })
  test('when there are so many alerts that more say nothing', () => {
    const many = Array.from({ length: MAX_BACKTEST_ALERTS + 10 }, (_, index): RowSpec => ({ receivedMs: NOON_MS + index, text: `disk d${index} failed`, node: 1, app: 'kernel' }))
    const { result } = tried({ rules: DISK, store: storeOf(many, 0), limit: 1, untilMs: NOON_MS + HOUR })
    expect(result).toMatchObject({ complete: false, reason: 'alerts' })
    expect(result.alerts.opened).toBeGreaterThanOrEqual(MAX_BACKTEST_ALERTS)
  }, 30_000)
  test('how far it is, is told', () => {
    const told: { done: number; total: number }[] = []
    tried({ rules: DISK, store: storeOf(rows, 50), passesOver: false, onProgress: (progress) => void told.push(progress) })
    expect(told).toEqual([{ done: 50, total: 100 }, { done: 100, total: 100 }])
  })
})

test('a time of which nothing is stored', () => {
  const { result } = tried({ rules: DISK, store: storeOf([row(0, 'x')]), fromMs: NOON_MS - 10 * HOUR, untilMs: NOON_MS - 9 * HOUR })
  expect(result).toMatchObject({ messages: 0, matches: 0, complete: true, remarks: expect.arrayContaining([expect.stringContaining('No message of this time')]) as string[] })
})

describe('what can be passed over', () => {
  test.each([
    ['letters that every match has', 'match: {contains: Disk Failure}', { kind: 'text', text: 'disk failure', open: 'both' }],
    ['an application', 'match: {app: [sshd, postfix*]}', { kind: 'or', terms: [{ kind: 'field', field: 'app', value: 'sshd' }, { kind: 'field', field: 'app', value: 'postfix*' }] }],
    ['severities', 'match: {severity: [emerg, alert, crit, err]}', { kind: 'severity', comparison: '<=', code: 3 }],
    ['an expression that asks for no letters', "match: {regex: '^[0-9]+$'}", undefined],
    ['one pattern that anything may fulfil', 'absent: {after: {match: {contains: x}}, expect: {match: {}}, within: 1m}', undefined],
    ['an event alone', 'event: state', { kind: 'or', terms: [] }],
  ])('%s', (_, when, query) => {
    expect(candidatesOf(set(['a', `when: {${when}}\nby: [node]`]))).toEqual(query)
  })

  test('where most messages are candidates they are read, and none is given twice', () => {
    const rows = Array.from({ length: 6000 }, (_, index) => row(index / 1000, index < 5000 ? 'failed' : 'x'))
    const store = storeOf(rows, 3000)
    const seqs: number[] = []
    let read = 0
    for (const stretch of stretches({ reader: store.reader, firstSeq: 1, lastSeq: 6000, candidates: { kind: 'text', text: 'failed', open: 'both' }, isCancelled: () => false })) {
      if (stretch.kind === 'rows') for (let at = stretch.from; at < stretch.to; at++) seqs.push(stretch.batch.firstSeq + at)
      else seqs.push(...stretch.messages.map(({ seq }) => seq))
      if (stretch.kind === 'rows') read += stretch.to - stretch.from
    }
    expect(seqs.slice(0, 5000)).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
    expect(new Set(seqs).size).toBe(seqs.length)
    expect(read).toBeGreaterThan(0)
  })
})

test('a set is the tried rules, live, and those without which they would do something else', () => {
  const rules = set(['a', 'status: off\nwhen: {match: {contains: x}}'], ['b', 'when: {match: {contains: y}}'], ['c', "when: {match: {contains: z}}\nsuppress: {for_rules: [a], reason: drill}"], ['d', 'status: off\nwhen: {match: {contains: z}}\ninhibit: {rules: [a], equal: []}'])
  const { rules: running, tested } = backtestSet(rules, ({ id }) => id === 'a')
  expect(running.map(({ id, policy }) => `${id} ${policy.status}`)).toEqual(['a live', 'c live'])
  expect([...tested]).toEqual(['a'])
})

test.each([[HOUR, HOUR], [48 * HOUR, HOUR], [7 * 24 * HOUR, 24 * HOUR], [300 * 24 * HOUR, 7 * 24 * HOUR], [10_000 * 24 * HOUR, 100 * 24 * HOUR]])('of %i ms the steps are %i ms', (span, step) => {
  expect(stepOf(span)).toBe(step)
})
