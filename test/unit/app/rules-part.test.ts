import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RuleSummary } from '#triggers/index.ts'
import { createRulesPart, type RulesPartOptions } from '../../../src/app/parts/rules.ts'
import type { DeskAnswer, DeskQuestion } from '../../../src/app/rule-answer.ts'
import { createRuleDesk, MAX_TRIES } from '../../../src/app/rule-desk.ts'
import { createWrittenRules } from '../../../src/app/written-rules.ts'

const NOW_MS = Date.parse('2026-11-22T03:04:05.000Z')
const summary = (given: Partial<RuleSummary> = {}): RuleSummary => ({ id: 'site.a', version: 'v1', file: 'rules/a.yaml', severity: 'warning', title: 'a', status: 'live', kind: 'match', pack: 'site', ...given })
const deskRule: DeskAnswer['written'][number] = { id: 'site.a', version: 'v1', file: 'rules/a.yaml', line: 3, text: '- id: site.a', overridden: [], by: ['node'], requires: [], tags: [], falseAlarms: 'none', runbook: undefined, owner: undefined, tests: [{ name: 'one', steps: ['x'] }] }
const good: DeskAnswer = { faults: [], warnings: [], rules: 1, tests: 0, written: [deskRule] }

function aPart({ answer = good, ...given }: { readonly answer?: DeskAnswer } & Partial<RulesPartOptions['rules']> = {}) {
  const asked: DeskQuestion[] = []
  const part = createRulesPart({
    rules: { list: () => [summary()], faults: () => [], warnings: () => [], matches: new Map([['site.a', 4]]), costs: () => undefined, ...given },
    alerts: { openCounts: () => [{ rule: 'site.a', count: 2 }] }, directories: ['rules'], clock: () => NOW_MS,
    async desk(question) {
      asked.push(question)
      return answer
    },
  })
  return { part, asked }
}

test('a rule is listed with what it did, what it costs, and why it is not tried', async () => {
  const { part } = aPart({ costs: () => ({ costs: [{ rule: 'site.a', candidates: 9, matches: 4, cpuMs: 12.5, keys: 3 }], stopped: [{ rule: 'site.a', share: 0.42, untilMs: NOW_MS }] }) })
  expect((await part.list()).rules).toEqual([expect.objectContaining({ id: 'site.a', matches: 4, alerts_open: 2, cpu_ms: 12.5, live_keys: 3, kind: 'match', pack: 'site', breaker: expect.stringContaining('42 %') })])
  expect((await aPart().part.list()).rules[0]).toMatchObject({ cpu_ms: null, live_keys: null, breaker: null })
  expect((await aPart({ costs: () => ({ costs: [], stopped: [] }) }).part.list()).rules[0]).toMatchObject({ live_keys: 0 })
})

test('the text of a rule is shown while it is the one in use; else why it is not', async () => {
  expect(await aPart().part.rule('site.a')).toMatchObject({ text: '- id: site.a', text_why: null, tests: [{ name: 'one', steps: ['x'] }], false_alarms: 'none', by: ['node'] })
  expect(await aPart({ answer: { ...good, written: [{ ...deskRule, version: 'v2' }] } }).part.rule('site.a')).toMatchObject({ text: null, text_why: expect.stringContaining('another version') })
  expect(await aPart({ answer: { ...good, written: [] } }).part.rule('site.a')).toMatchObject({ text: null, text_why: 'It stands in no file any more' })
  await expect(aPart().part.rule('no.such')).rejects.toMatchObject({ code: 'not-found' })
})

test('files are read once for a set: those who look at the same time wait for one reading, and a set that came since is read anew', async () => {
  let inUse = [summary(), summary({ id: 'site.b' })]
  const answer: DeskAnswer = { ...good, written: [deskRule, { ...deskRule, id: 'site.b' }] }
  const { part, asked } = aPart({ list: () => inUse, answer })
  await Promise.all([part.rule('site.a'), part.rule('site.b'), part.rule('site.a')])
  expect(await part.rule('site.b')).toMatchObject({ id: 'site.b', text: '- id: site.a' })
  expect(asked.map(({ kind }) => kind)).toEqual(['rules'])
  inUse = [...inUse]
  await part.rule('site.a')
  await part.rule('site.a')
  expect(asked).toHaveLength(2)
})

test.for<readonly [string, Partial<DeskAnswer>]>([
  ['have another version by now', { written: [{ ...deskRule, version: 'v2' }] }],
  ['have it no more', { written: [] }],
  ['have faults', { written: [], faults: [{ file: 'a.yaml', line: 1, column: 1, message: 'odd', text: 'a.yaml:1:1: odd' }] }],
])('files that %s are read again at the next look', async ([, change]) => {
  const inUse = [summary()]
  const { part, asked } = aPart({ list: () => inUse, answer: { ...good, ...change } })
  await part.rule('site.a')
  expect(await part.rule('site.a')).toMatchObject({ text: null })
  expect(asked).toHaveLength(2)
})

test('a reading that failed is not kept', async () => {
  const inUse = [summary()]
  let tries = 0
  const read = createWrittenRules({ list: () => inUse, read: async () => (++tries === 1 ? Promise.reject(new Error('no thread')) : good) })
  await expect(read(inUse[0]!)).rejects.toThrow('no thread')
  expect(await read(inUse[0]!)).toMatchObject({ rule: deskRule })
})

const metrics = { add: () => undefined, measure: () => undefined }
const rule = (id: string, expected: string): string => `- id: ${id}\n  title: 'x on {{node}}'\n  severity: warning\n  when: {match: {app: kernel, contains: [broken]}}\n  by: [node]\n  tests:\n  - name: one\n    steps:\n    - '0s n1 kernel.warning: it is broken'\n    - expect: ${expected}\n  - name: near\n    steps: ['0s n1 kernel.warning: it works', {expect: {nothing_new: true}}]\n`

test('files are read and tried in a thread of their own: a rule as it stands, a text in place of a file or beside them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-desk-'))
  mkdirSync(join(folder, 'local'))
  writeFileSync(join(folder, 'a.yaml'), `format: 1\npack: site\nrules:\n${rule('site.a', '{firing: {node: n1}}')}\n${rule('site.b', '{firing: {node: n1}}')}`)
  writeFileSync(join(folder, 'local', 'own.yaml'), 'format: 1\npack: local\noverrides:\n  site.a: {severity: error}\n')
  const desk = createRuleDesk(metrics)
  const common = { directories: [folder], nowMs: NOW_MS }
  const found = (await desk({ ...common, kind: 'rules' })).written.find(({ id }) => id === 'site.a')!
  expect(found).toMatchObject({ line: 4, by: ['node'], overridden: [{ what: 'severity', line: 4 }], tests: [{ name: 'one', steps: ['0s n1 kernel.warning: it is broken', '{"expect":{"firing":{"node":"n1"}}}'] }, { name: 'near' }] })
  expect(found.text.split('\n').slice(0, 2)).toEqual(['- id: site.a', "  title: 'x on {{node}}'"])
  expect(found.text).not.toContain('site.b')
  expect(await desk({ ...common, kind: 'test', file: 'c.yaml', text: `format: 1\npack: site\nrules:\n${rule('site.c', '{firing: {node: n1}}')}` })).toMatchObject({ faults: [], rules: 3, tests: 6 })
  expect(await desk({ ...common, kind: 'lint', file: 'a.yaml', text: `format: 1\npack: site\nrules:\n${rule('site.a', '{nothing_new: true}')}` })).toMatchObject({ faults: [], rules: 1, tests: 0 })
  const wrong = await desk({ ...common, kind: 'test', file: 'a.yaml', text: `format: 1\npack: site\nrules:\n${rule('site.a', '{nothing_new: true}')}` })
  expect(wrong.faults.map(({ file, message }) => [file, message.slice(0, 10)])).toEqual([['a.yaml', 'test “one”']])
}, 30_000)

test('more questions than there is room for are refused, and counted', async () => {
  const refused: unknown[] = []
  const desk = createRuleDesk({ measure: () => undefined, add: (...about) => void refused.push(about) })
  const question = { kind: 'rules', directories: [], nowMs: NOW_MS } as const
  const taken = Array.from({ length: MAX_TRIES }, () => desk(question))
  await expect(desk(question)).rejects.toMatchObject({ code: 'too-many' })
  expect(refused).toEqual([['hps_http_refused_total', { reason: 'rule-tries' }]])
  expect((await Promise.all(taken)).map(({ written }) => written)).toEqual(Array(MAX_TRIES).fill([]))
  expect(await desk(question)).toMatchObject({ rules: 0 })
}, 60_000)
