import { expect, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { loadRules, readRuleFiles } from '#triggers/index.ts'
import { faultsOf } from './support.ts'

const GOOD = `format: 1
pack: disks
rules:
- id: disk.failed
  title: '{{node}}: {{disk}} failed'
  severity: error
  when: {match: {app: kernel, regex: 'fail (?<disk>\\w+)'}}
  by: [node, disk]
  emit: {event: install.failed, stage: storage}
  notify: {to: ops, every: 30m}
  tests:
  - name: fires
    steps: ['0s n1/a kernel.crit: fail sda', {expect: {firing: {node: n1, disk: sda}, count: 1}}]
  - name: near miss
    steps: ['0s n1/a kernel.crit: failed', {expect: {nothing_new: true}}]
`

test('a good file is loaded', () => {
  expect(faultsOf(GOOD)).toEqual([])
})

const edit = (from: string, to: string): string => {
  expect(GOOD).toContain(from)
  return GOOD.replace(from, to)
}

test.for<readonly [string, string, string, readonly string[]]>([
  ['an unknown condition kind', 'match: {app', 'mtch: {app', ['r.yaml:7:10: rules[0].when.mtch: there is no such key (did you mean match?)']],
  ['a kind that lacks what it needs', 'match: {app: kernel, regex: \'fail (?<disk>\\w+)\'}', 'count: {match: {app: kernel}, at_least: 0}', ['r.yaml:7:17: rules[0].when.count lacks `within` (a text)', 'r.yaml:7:50: rules[0].when.count.at_least must be a whole number from 1 to 4096, not 0']],
  ['an unknown key in a condition', 'app: kernel', 'ap: kernel', ['r.yaml:7:18: rules[0].when.match.ap: there is no such key (did you mean app?)']],
  ['an unknown severity', 'severity: error', 'severity: eror', ['r.yaml:6:13: rules[0].severity must be one of critical, error, warning, info, not "eror" (did you mean error?)']],
  ['an unknown key of a rule', 'notify:', 'notfy:', ['r.yaml:10:3: rules[0].notfy: there is no such key (did you mean notify?)']],
  ['look-ahead', 'fail (?<disk>', 'fail(?!ed) (?<disk>', ['r.yaml:7:38: the expression cannot be used: invalid or unsupported Perl syntax: `(?!` (RE2 has no look-around: use `not:` for what must not be there)']],
  ['a severity of messages that is none', 'app: kernel', "severity: '>=warnig'", ['r.yaml:7:28: there is no severity `warnig` (did you mean warning?)']],
  ['a field that the rule does not have', '[node, disk]', '[node, dsk]', ['r.yaml:8:14: there is no field `dsk` in this rule (did you mean disk?)']],
  ['a name in the title that is none', '{{disk}} failed', '{{dick}} failed', ['r.yaml:5:10: there is no field `dick` in this rule (did you mean disk?)']],
  ['a title that cannot be read', '{{disk}} failed', '{{disk failed', ['r.yaml:5:10: the title cannot be read: cannot be read: `}}` or a name is missing here']],
  ['an event that is none', 'install.failed', 'install.fialed', ['r.yaml:9:17: there is no lifecycle event `install.fialed` (did you mean install.failed?)']],
  ['an event of operators', 'event: install.failed', 'event: op.retire', ['r.yaml:9:17: a rule cannot report `op.retire` (there are: op.hold, installer.started, install.reported_done, install.failed, os.ready)']],
  ['a stage that is none', 'stage: storage', 'stage: storag', ['r.yaml:9:40: there is no stage `storag` (did you mean storage?)']],
  ['a time that is none', 'every: 30m', 'every: soon', ['r.yaml:10:28: `soon` is not a time from 1m to 366d (e.g. 90s, 25m, 1h30m, 7d)']],
  ['a test step that is none', '{expect: {nothing_new: true}}', '{expct: {nothing_new: true}}', ['r.yaml:15:45: rules[0].tests[1].steps[1].expct: there is no such key (did you mean expect?)']],
  ['an expectation that is none', 'nothing_new: true', 'nothing_nw: true', ['r.yaml:15:54: rules[0].tests[1].steps[1].expect.nothing_nw: there is no such key (did you mean nothing_new?)']],
  ['a test line that cannot be read', "'0s n1/a kernel.crit: failed'", "'0s n1/a kernel failed'", ["r.yaml:15:13: the line cannot be read (e.g. '5s n1/a1b2c3 kernel.crit: text' or '5s n1/a1b2c3 @session start')"]],
  ['trust in what there is not', 'by:', 'trust: tlss\n  by:', ['r.yaml:8:10: rules[0].trust must be one of any, lease, tls, not "tlss" (did you mean tls?)']],
])('%s is refused, with its place', ([, from, to, faults]) => {
  expect(faultsOf(edit(from, to)).toSorted()).toEqual(faults.toSorted())
})

test('a rule without a test is not loaded', () => {
  expect(faultsOf(GOOD.slice(0, GOOD.indexOf('  tests:')))).toEqual(['r.yaml:4:3: rules[0] lacks `tests` (a list of at least 1)'])
})

test('a key that is there twice is refused', () => {
  const faults = faultsOf(edit('  severity: error\n', '  severity: error\n  severity: info\n'))
  expect(faults).toEqual(['r.yaml:7:3: Map keys must be unique'])
})

test('a test that does not come out refuses the set, at the place of the expectation', () => {
  expect(faultsOf(edit('disk: sda}', 'disk: sdb}'))).toEqual([
    'r.yaml:13:55: test “fires”: expected {"node":"n1","disk":"sdb"} to be firing, but firing is {"node":"n1","disk":"sda","session":"a","host":"n1","app":"kernel"}',
  ])
  expect(faultsOf(edit('kernel.crit: failed', 'kernel.crit: fail sdc'))[0]).toContain('test “near miss”: expected nothing new, but firing is {"node":"n1"')
  expect(faultsOf(edit('count: 1', 'count: 2'))[0]).toContain('expected count 2, but it is 1')
})

test('the virtual clock closes an alert that was quiet for a day, and emitted events are seen', () => {
  const steps = `['0s n1/a kernel.crit: fail sda', {expect: {emits: {event: install.failed, stage: storage, evidence: B}}}, {advance: 25h}, {expect: {resolved: {disk: sda}}}, {expect: {not_firing: {disk: sda}}}]`
  expect(faultsOf(edit("['0s n1/a kernel.crit: fail sda', {expect: {firing: {node: n1, disk: sda}, count: 1}}]", steps))).toEqual([])
  expect(faultsOf(edit("['0s n1/a kernel.crit: fail sda', {expect: {firing: {node: n1, disk: sda}, count: 1}}]", steps.replace('25h', '23h')))[0]).toContain('to be resolved')
})

test('the same id in two files is refused', () => {
  const loaded = loadRules([{ name: 'a.yaml', text: GOOD }, { name: 'b.yaml', text: GOOD }], { renderer: createRenderer() })
  expect(loaded.ok ? [] : loaded.faults.map((fault) => `${fault.file}:${fault.line} ${fault.message} ${fault.hint}`)).toEqual(['b.yaml:4 there is a rule `disk.failed` already in a.yaml:4'])
})

test('more than twenty rules that would be tried on every message are refused', () => {
  const rule = (index: number) => `- id: r.n${index}\n  title: x\n  severity: info\n  when: {match: {regex: 'a.b'}}\n  tests: [{name: n, steps: [{expect: {not_firing: {}}}]}]\n`
  const file = (count: number) => `format: 1\npack: p\nrules:\n${Array.from({ length: count }, (_, index) => rule(index)).join('')}`
  expect(faultsOf(file(20))).toEqual([])
  expect(faultsOf(file(21))).toEqual(['r.yaml:107:9: more than 20 rules have neither an application nor a literal (add `app:` or `contains:`)'])
})

test('tests and remarks do not make another version of a rule, its meaning does', () => {
  const versionOf = (text: string): string => {
    const loaded = loadRules([{ name: 'a.yaml', text }], { renderer: createRenderer() })
    if (!loaded.ok) throw new Error('refused')
    return loaded.value.rules[0]!.version
  }
  expect(versionOf(edit('name: fires', 'name: it fires'))).toBe(versionOf(GOOD))
  expect(versionOf(edit('every: 30m', 'every: 31m'))).not.toBe(versionOf(GOOD))
})

test('the rules that come with the hub load without a fault or a warning', () => {
  const files = readRuleFiles([new URL('../../../rules', import.meta.url).pathname])
  if (!files.ok) throw new Error(JSON.stringify(files.faults))
  const loaded = loadRules(files.value, { renderer: createRenderer() })
  expect(loaded.ok ? loaded.value.warnings : loaded.faults).toEqual([])
  expect(loaded.ok && loaded.value.rules.length).toBeGreaterThanOrEqual(15)
})

test('a folder that is not there has no rules, and routes are not read as rules', () => {
  const files = readRuleFiles(['/nonexistent/rules', new URL('../../../rules', import.meta.url).pathname])
  const names = files.ok ? files.value.map(({ name }) => name.split('/').at(-1)!) : []
  expect(names).toEqual(expect.arrayContaining(['hub.yaml', 'provisioning.yaml']))
  expect(names.filter((name) => name.startsWith('routes'))).toEqual([])
})
