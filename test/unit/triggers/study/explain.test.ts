import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoredMessage } from '#domain/message.ts'
import { createRenderer } from '#render/index.ts'
import { answerStudy, readRules } from '#triggers/index.ts'
import { createCorrelator } from '../../../../src/triggers/correlate/create-correlator.ts'
import { holds, textSet } from '../../../../src/triggers/match/condition.ts'
import { compileExpression } from '../../../../src/triggers/match/expression.ts'
import { lineOfMessage } from '../../../../src/triggers/match/line.ts'
import type { Match } from '../../../../src/triggers/rules/rule.ts'
import { missesOf } from '../../../../src/triggers/study/explain-miss.ts'
import type { StudyWorld } from '../../../../src/triggers/study/explain-world.ts'

const message = (given: Partial<StoredMessage> = {}): StoredMessage => ({
  seq: 7, receivedMs: 1000, sentMs: undefined, facility: 'kern', severity: 'crit', host: 'n1', app: 'kernel', procid: '', msgid: '', structuredData: '', text: 'Disk failure on sda1', label: '', raw: new Uint8Array(),
  format: 'rfc5424', faults: [], sourceId: 1, nodeId: 1, sessionId: 0, method: 'host-name', confidence: 90, ...given,
})

const STEPS = `tests: [{name: t, steps: ['0s n1 x.info: y', expect: {nothing_new: true}]}]`
const RULES = `
format: 1
pack: study
rules:
- {id: disk, title: t, severity: error, by: [node, disk], when: {match: {app: kernel, regex: 'Disk failure on (?<disk>\\w+)'}}, ${STEPS}}
- {id: proven, title: t, severity: error, by: [node], trust: tls, where: {node: {state: running}}, when: {match: {contains: Disk failure}}, ${STEPS}}
- {id: drill, title: t, severity: info, by: [node], when: {match: {contains: drill}}, suppress: {for_rules: [disk], reason: a drill}, ${STEPS}}
- {id: asleep, title: t, severity: info, status: 'off', by: [node], when: {match: {app: kernel, contains: Disk failed}}, ${STEPS}}
`
const loaded = readRules([{ name: 'x.yaml', text: RULES }], { renderer: createRenderer() })
if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults))
const { rules } = loaded.value
const facts = { nodeId: 1, name: 'n1', state: 'retired', profile: '', labels: {}, sessionId: 0, stage: '' }
const inventory = { facts: (id: number) => (id === 1 ? facts : undefined), all: () => [facts] }
const ignored = { add() {}, set() {} }
const world = (given: Partial<StudyWorld> = {}): StudyWorld => ({ rules, stopped: new Set(), inventory, correlator: createCorrelator({ rules, inventory, counters: ignored }), nowMs: 2000, cursor: 7, elapsedMs: () => 0, ...given })
const explain = (given: Partial<StoredMessage> = {}, of: Partial<StudyWorld> = {}) => {
  const answer = answerStudy({ kind: 'message', message: message(given) }, world(of))
  if (answer.kind !== 'message') throw new Error(answer.kind)
  return answer.study
}
const whyOf = (rule: string, messages: readonly StoredMessage[]) => {
  const answer = answerStudy({ kind: 'node', rule, nodeId: 1, messages, events: [] }, world())
  if (answer.kind !== 'node') throw new Error(answer.kind)
  return answer.study
}

describe('a message against all rules', () => {
  test('what it fulfils, with groups and key; what keeps it from a rule; what it nearly fulfils', () => {
    expect(explain()).toMatchObject({
      tried: 4, isCut: false, cursor: 7,
      rules: [{ rule: 'disk', key: '["node=1","disk=sda1"]', isTrusted: true, suppressedBy: undefined, patterns: [{ role: 'on', captures: { disk: 'sda1' } }] }, { rule: 'proven', isTrusted: false, where: [{ fact: 'state', asked: 'running', has: 'retired' }] }],
      near: [{ rule: 'asleep', misses: [{ kind: 'contains', asked: 'disk failed' }] }],
    })
  })

  test('the literal is there and the application is another one', () => {
    expect(explain({ app: 'mdadm' }).near).toContainEqual({ rule: 'disk', role: 'on', hasLiteral: true, misses: [{ kind: 'app', asked: 'kernel', has: 'mdadm' }] })
  })

  test('a rule that leaves it out, unless that is stopped', () => {
    const text = 'Disk failure on sda1 drill'
    expect(explain({ text }).rules[0]).toMatchObject({ rule: 'disk', suppressedBy: 'drill' })
    expect(explain({ text }, { stopped: new Set(['drill']) }).rules[0]).toMatchObject({ rule: 'disk', suppressedBy: undefined })
  })

  test('the stream is not held up: when it takes too long, it says so', () => {
    let nowMs = 0
    expect(explain({}, { elapsedMs: () => (nowMs += 150) })).toMatchObject({ tried: 1, isCut: true })
  })

  test('messages of the hub are for rules that name it', () => {
    expect(explain({ app: 'hps-hub' }).rules).toEqual([])
  })

  test.each([['no-rule', world()], ['not-ready', undefined]] as const)('it says %s', (kind, of) => {
    expect(answerStudy({ kind: 'outline', rule: 'no.such' }, of)).toEqual({ kind })
  })
})

describe('messages of a node against one rule', () => {
  test.each([
    ['disk', [message({ app: 'sshd' })], { ofApp: undefined, held: undefined }],
    ['disk', [message({ text: 'something else' })], { ofApp: { seq: 7 }, ofLiteral: undefined, held: undefined }],
    ['disk', [message({ text: 'Disk failure on ' }), message({ seq: 6 })], { ofLiteral: { seq: 7 }, nearest: { seq: 7, misses: [{ kind: 'regex' }] }, held: { seq: 6 }, taken: { seq: 6, key: '["node=1","disk=sda1"]' } }],
    ['proven', [message()], { held: { seq: 7 }, trusted: undefined, taken: undefined, where: [{ fact: 'state' }] }],
    ['disk', [message({ text: 'Disk failure on sda1 drill' })], { trusted: { seq: 7 }, suppressed: { by: 'drill' }, taken: undefined }],
  ])('%s: as far as they came (%#)', (rule, messages, reached) => {
    expect(whyOf(rule, messages)).toMatchObject(reached)
  })
})

describe('what a condition misses', () => {
  test('is nothing exactly where the engine says that it holds', () => {
    const regex = compileExpression('(?P<n>[0-9])')
    if ('wrong' in regex) throw new Error(regex.wrong)
    const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
    const leaf = {
      app: optional(fc.constantFrom(textSet(['kernel']), textSet(['ker*', 'x']))), host: optional(fc.constantFrom(textSet(['n1']))), facilities: optional(fc.integer({ min: 1, max: 7 })), severities: optional(fc.integer({ min: 1, max: 255 })),
      contains: fc.array(fc.constantFrom('a', 'b', 'disk'), { maxLength: 2 }), regex: optional(fc.constant(regex)),
    }
    const fields = fc.constantFrom<Match['fields']>([], [{ name: 'n', is: 'gt', value: 4 }])
    const flat = fc.record({ ...leaf, fields, not: fc.constant(undefined), any: fc.constant([]), all: fc.constant([]) })
    const within = (inner: fc.Arbitrary<Match>): fc.Arbitrary<Match> => fc.record({ ...leaf, fields, not: optional(inner), any: fc.array(inner, { maxLength: 2 }), all: fc.array(inner, { maxLength: 2 }) })
    const match = within(within(flat))
    const text = fc.array(fc.constantFrom('A', 'b', 'Disk', '3', '7'), { maxLength: 3 }).map((words) => words.join(' '))
    fc.assert(fc.property(match, text, fc.constantFrom('kernel', 'KERN', 'x'), (condition, said, app) => {
      const line = lineOfMessage(message({ text: said, app }))
      expect(missesOf(condition, line).length === 0).toBe(holds(condition, line))
    }))
  })
})
