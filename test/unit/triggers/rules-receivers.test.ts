import { expect, test } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { loadRules, readRoutes, readRules } from '#triggers/index.ts'
import { ruleFile, rulesOf } from './support.ts'

const RULES = ruleFile({ id: 'a.rule', body: 'severity: error\nwhen: {match: {app: a}}\nnotify: {to: opz}\nescalate: [{after: 1h, to: chief}]' })
const routesOf = (text: string) => {
  const read = readRoutes('routes.yaml', `format: 1\n${text}receivers: [{name: ops, mail: [a@b.example]}]\n`)
  return read.ok ? read.value : expect.unreachable(read.faults.map(formatTextFault).join())
}
const NOBODY_ELSE = routesOf('')

test('a receiver that the routes do not have, and that nobody stands in for, is a fault with its place', () => {
  const read = readRules([{ name: 'r.yaml', text: RULES }], { renderer: createRenderer(), receivers: { routes: NOBODY_ELSE, whenNobody: 'fault' } })
  expect(read.ok ? [] : read.faults.map(formatTextFault)).toEqual([
    'r.yaml:8:16: routes.yaml has no receiver `opz`: nobody is told (did you mean ops?)', 'r.yaml:9:30: routes.yaml has no receiver `chief`: nobody is told (there are: ops)',
  ])
})

test.for([
  { name: 'where another is told instead', receivers: { routes: routesOf('default: ops\n'), whenNobody: 'fault' }, says: '`ops` is told instead' },
  { name: 'where the rules have to stay in use', receivers: { routes: NOBODY_ELSE, whenNobody: 'warning' }, says: 'nobody is told' },
] as const)('it is warned about with its place $name', ({ receivers, says }) => {
  const loaded = loadRules([{ name: 'r.yaml', text: RULES }], { renderer: createRenderer(), receivers })
  expect(loaded.ok && loaded.value.warnings.filter((warning) => warning.includes('has no receiver'))).toEqual([expect.stringMatching(/^r\.yaml:8:16: /), expect.stringMatching(/^r\.yaml:9:30: /)])
  expect(loaded.ok && loaded.value.warnings.join()).toContain(says)
})

test('without routes any name is good, and a name that is there is', () => {
  const none = { file: undefined, names: [], receiver: () => undefined }
  expect(loadRules([{ name: 'r.yaml', text: RULES }], { renderer: createRenderer(), receivers: { routes: none, whenNobody: 'fault' } }).ok).toBe(true)
  const good = RULES.replace('opz', 'ops').replace('chief', 'ops')
  expect(loadRules([{ name: 'r.yaml', text: good }], { renderer: createRenderer(), receivers: { routes: NOBODY_ELSE, whenNobody: 'fault' } }).ok).toBe(true)
})

test('alerts that the hub raises by itself go into `alerts` and `inhibit` like those of rules, in tests too', () => {
  const text = `format: 1
pack: test
rules:
- id: rack.dark
  title: '{{rack}}: {{distinct}} nodes are silent'
  severity: critical
  when: {alerts: {rule: silence, distinct: node, at_least: 2, within: 10m}}
  by: [rack]
  inhibit: {rules: [silence], equal: [rack]}
  tests:
  - name: two of a rack
    inventory: {n1: {rack: r1}, n2: {rack: r1}, n3: {rack: r2}}
    steps:
    - '0s n1 @alert firing rule=silence'
    - '1m n3 @alert firing rule=silence'
    - expect: {nothing_new: true}
    - '2m n2 @alert firing rule=silence'
    - expect: {firing: {rack: r1, distinct: 2}}
`
  expect(rulesOf(text)[0]!.policy.inhibit?.rules).toEqual(['silence'])
})

test('a rule does not take the name of an alert of the hub', () => {
  const read = readRules([{ name: 'r.yaml', text: ruleFile({ id: 'silence', body: 'severity: error\nwhen: {match: {app: a}}' }) }], { renderer: createRenderer() })
  expect(read.ok ? [] : read.faults.map(formatTextFault)).toEqual(['r.yaml:4:7: alerts that the hub raises by itself go by the name `silence` (give the rule another one)'])
})
