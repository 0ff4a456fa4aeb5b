import { readFileSync } from 'node:fs'
import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { readYaml } from '#config/index.ts'
import { readRuleFiles, rulesJsonSchema } from '#triggers/index.ts'

const root = new URL('../../../', import.meta.url)
const schema = rulesJsonSchema()
const validator = Compile(schema as never)
const valid = (text: string): boolean => {
  const value = readYaml('r.yaml', text)
  if (!value.ok) throw new Error(JSON.stringify(value.faults))
  return validator.Check(value.value)
}

test('the schema that editors use is what `hps rules schema` prints', () => {
  expect(readFileSync(new URL('schemas/rules.schema.json', root), 'utf8')).toBe(`${JSON.stringify(schema, undefined, 2)}\n`)
})

test('it takes the examples and the rules that come with the hub', () => {
  expect(valid(readFileSync(new URL('./examples.yaml', import.meta.url), 'utf8'))).toBe(true)
  const files = readRuleFiles([new URL('rules', root).pathname])
  if (!files.ok) throw new Error(JSON.stringify(files.faults))
  for (const { name, text } of files.value) expect(valid(text), name).toBe(true)
})

const RULE = `format: 1
pack: p
vars: {slow: 25m, many: 3}
rules:
- id: a.b
  title: x
  severity: error
  when: {count: {match: {app: kernel}, at_least: $many, within: $slow}}
  tests: [{name: n, steps: [{expect: {nothing_new: true}}]}]
`
test.for<readonly [string, string, string, boolean]>([
  ['variables', 'within: $slow', 'within: $slow + 1m', true],
  ['an event beside `match`', '{match: {app: kernel}, at_least', '{event: session, to: start, at_least', true],
  ['a nested event', '{match: {app: kernel}, at_least', '{event: {event: session, to: start}, at_least', true],
  ['a condition in a condition', '{app: kernel}', '{app: kernel, any: [{contains: a}, {not: {contains: [b, c]}}]}', true],
  ['two kinds', 'when: {count', 'when: {match: {app: x}, count', false],
  ['an unknown key', 'at_least', 'atleast', false],
  ['an unknown key in a condition', '{app: kernel}', '{ap: kernel}', false],
  ['a stage that is none', 'severity: error', 'severity: error\n  emit: {stage: nowhere}', false],
  ['overrides', 'rules:', 'overrides: {x.y: {status: shadow, notify: ~, when: {count: {at_least: 5}}}}\nrules:', true],
  ['an unknown key in overrides', 'rules:', 'overrides: {x.y: {when: {count: {atleast: 5}}}}\nrules:', false],
])('it knows %s', ([, from, to, isValid]) => {
  expect(RULE).toContain(from)
  expect(valid(RULE.replace(from, to))).toBe(isValid)
})
