import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { backtested, noisy } from '../api/fake-study.ts'
import { startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => {
  hub.asked.length = 0
  hub.refusals.clear()
})
const answers = (view: unknown, path = '/rules/backtest') => hub.refusals.set(path, { status: 200, problem: view })

test('says first whether the rule would have woken somebody, and then why', async () => {
  answers(backtested())
  const { code, out } = await runLine('rules backtest storage.raid-degraded --since 7d', { hub })
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toBe('In 7d: 400 notices of something new about 400 alerts; 801 notices in all.')
  for (const words of ['390 over within 5 minutes', '1 flaps', 'unchanged 3', 'node.silent', 'ops', 'tch-001', 'and 1 other node with 1 alert', '2026-11-15 ', 'the first 1 of 400', 'Nobody acknowledges here.', 'RAID md0\\x1b[2J']) expect(out).toContain(words)
  expect(out).not.toContain('\u001b')
  expect(JSON.parse(hub.asked[0]!.body)).toEqual({ rule: 'storage.raid-degraded', since: '7d' })
})

test('a file is posted with its name, and is tried, not loaded', async () => {
  answers(backtested())
  expect((await runLine('rules backtest some/mine.yml -S 1d -U 1h -n 3', { hub, input: 'format: 1\n' })).code).toBe(0)
  expect(JSON.parse(hub.asked[0]!.body)).toEqual({ text: 'format: 1\n', file: 'mine.yaml', since: '1d', until: '1h', limit: 3 })
  expect(hub.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /rules/backtest'])
})

test.each(['-', './mine.txt'])('%s is posted without a name', async (file) => {
  answers(backtested())
  await runLine(`rules backtest ${file}`, { hub, input: 'format: 1\n' })
  expect(JSON.parse(hub.asked[0]!.body)).toEqual({ text: 'format: 1\n' })
})

test.each([
  ['cancelled', 1, 'it was stopped'],
  ['alerts', 0, 'not for people'],
])('an answer that ends with %s says so, and ends with code %i', async (reason, expected, words) => {
  answers(backtested({ complete: false, reason, reached: '2026-11-16T03:00:00.000Z' }))
  const { code, out } = await runLine('rules backtest a.rule', { hub })
  expect(code).toBe(expected)
  expect(out).toContain(words)
  expect(out).toMatch(/^In 1d: /)
})

test('as JSON it is the whole answer', async () => {
  answers(backtested())
  expect(JSON.parse((await runLine('rules backtest a.rule -o json', { hub })).out)).toEqual(backtested())
})

test('noise: a table, the noisiest first, and an advice for each', async () => {
  answers(noisy(), '/rules/noise')
  const { code, out } = await runLine('rules noise --since 30d', { hub })
  expect(code).toBe(0)
  expect(out).toMatch(/^RULE .*NOISE/)
  expect(out).toContain('login.guessing: 94 of 96 resolved themselves within 5m and nobody acknowledged one: add `for: 10m` (tch-001 50 %)\n')
  expect(hub.asked[0]!.parameters).toEqual({ since: '30d' })
  expect(JSON.parse((await runLine('rules noise -o json', { hub })).out)).toEqual(noisy().rules[0])
})

test('without alerts there is nothing to say', async () => {
  answers({ ...noisy(), rules: [] }, '/rules/noise')
  expect((await runLine('rules noise', { hub })).out).toBe('')
})
