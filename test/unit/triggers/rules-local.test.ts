import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { loadRules, readRuleFiles } from '#triggers/index.ts'
import type { Rule } from '#triggers/rules/rule.ts'

const PACK = `format: 1
pack: disks
vars: {slow: 25m, many: 3}
rules:
- id: disk.failed
  title: '{{node}}: {{disk}} failed'
  severity: error
  when: {match: {app: kernel, regex: 'fail (?<disk>\\w+)'}}
  by: [node, disk]
  hold: $slow
  notify: {to: ops, every: 30m}
  tests:
  - name: fires
    steps: ['0s n1/a kernel.crit: fail sda', {expect: {firing: {node: n1, disk: sda}}}]
  - name: near miss
    steps: ['0s n1/a kernel.crit: failed', {expect: {nothing_new: true}}]
- id: disk.slow
  title: '{{node}}: {{disk}} slow'
  severity: warning
  when: {match: {app: kernel, regex: 'slow (?<disk>\\w+)'}}
  for: $slow + 5m
  tests: [{name: near miss, steps: ['0s n1/a kernel.crit: slower', {expect: {nothing_new: true}}]}]
`
const local = (text: string, name = 'local/a.yaml') => ({ name, text: `format: 1\n${text}`, isLocal: true })
interface Source { readonly name: string; readonly text: string; readonly isLocal?: boolean }
const load = (...files: readonly Source[]) => loadRules([{ name: 'pack.yaml', text: PACK }, ...files], { renderer: createRenderer() })
const faults = (...files: readonly Source[]): readonly string[] => {
  const loaded = load(...files)
  return loaded.ok ? [] : loaded.faults.map(formatTextFault)
}
function ruleOf(id: string, ...files: readonly Source[]): Rule {
  const loaded = load(...files)
  if (!loaded.ok) throw new Error(loaded.faults.map(formatTextFault).join('\n'))
  return loaded.value.rules.find((rule) => rule.id === id)!
}

test('an override changes what it names, and the rule says where that comes from', () => {
  const rule = ruleOf('disk.failed', local('overrides:\n  disk.failed: {status: shadow, notify: {every: 2h, wait: 0s}, when: {match: {contains: [hard]}}, owner: storage team, tests: [{name: n, steps: [{expect: {nothing_new: true}}]}]}\n'))
  expect(rule.policy.status).toBe('shadow')
  expect(rule.policy.notify).toEqual({ to: 'ops', everyMs: 7_200_000, waitMs: 0, before: 5, after: 0 })
  expect(rule.when.kind === 'match' && rule.when.on.kind === 'line' && [rule.when.on.match.app?.equal, rule.when.on.match.contains, rule.when.on.match.regex?.source]).toEqual([['kernel'], ['hard'], 'fail (?<disk>\\w+)'])
  expect(rule.tests.map(({ name }) => name)).toEqual(['n'])
  expect(rule.file).toBe('pack.yaml')
  expect(rule.line).toBe(5)
  expect(rule.overridden.map(({ what, file, line, column }) => `${what} ${file}:${line}:${column}`)).toEqual([
    'status local/a.yaml:3:25', 'notify.every local/a.yaml:3:49', 'notify.wait local/a.yaml:3:59', 'when.match.contains local/a.yaml:3:89', 'owner local/a.yaml:3:106', 'tests local/a.yaml:3:127',
  ])
  expect(ruleOf('disk.slow', local('overrides: {disk.failed: {status: shadow}}\n')).overridden).toEqual([])
})

test('nothing takes a key away, and then its default holds', () => {
  expect(ruleOf('disk.failed', local('overrides: {disk.failed: {notify: ~, hold: ~, by: [node, disk]}}\n')).policy).toMatchObject({ notify: undefined, holdMs: 0 })
})

test('a rule that says the same after an override keeps its version, and another one does not', () => {
  const version = ruleOf('disk.failed').version
  expect(ruleOf('disk.failed', local('overrides: {disk.failed: {severity: error, hold: 1500s}}\n')).version).toBe(version)
  const shadow = ruleOf('disk.failed', local('overrides: {disk.failed: {status: shadow}}\n'))
  expect(shadow.version).not.toBe(version)
  expect(shadow.stateVersion).toBe(ruleOf('disk.failed').stateVersion)
})

test('variables stand for values, sums of times for others, and a local file gives them other values', () => {
  expect([ruleOf('disk.failed').policy.holdMs, ruleOf('disk.slow').policy.forMs]).toEqual([1_500_000, 1_800_000])
  const changed = ruleOf('disk.slow', local('vars: {slow: 1h}\n', 'local/vars.yaml'))
  expect(changed.policy.forMs).toBe(3_900_000)
  expect(changed.overridden).toEqual([{ what: '$slow', file: 'local/vars.yaml', line: 2, column: 14 }])
})

test('a local file has rules of its own, which may use variables of the packs', () => {
  const own = ruleOf('my.own', local('rules:\n- id: my.own\n  title: x\n  severity: info\n  when: {match: {app: x}}\n  hold: $slow\n  tests: [{name: n, steps: [{expect: {nothing_new: true}}]}]\nvars: {slow: 1m, mine: 2}\n'))
  expect([own.pack, own.policy.holdMs]).toEqual(['local', 60_000])
  expect(ruleOf('disk.failed', local('vars: {slow: 1m}\n')).policy.holdMs).toBe(60_000)
})

test.for<readonly [string, string, readonly string[]]>([
  ['a rule that there is not', 'overrides: {disk.fialed: {status: off}}', ['local/a.yaml:2:13: there is no rule `disk.fialed` (did you mean disk.failed?)']],
  ['an unknown key', 'overrides: {disk.failed: {staus: off}}', ['local/a.yaml:2:27: overrides.disk.failed.staus: there is no such key (did you mean status?; the rule stands in pack.yaml:5)']],
  ['a value that is none', 'overrides: {disk.failed: {notify: {every: soon}}}', ['local/a.yaml:2:43: `soon` is not a time from 1m to 366d (e.g. 90s, 25m, 1h30m, 7d; the rule stands in pack.yaml:5)']],
  ['another kind beside the one that is there', 'overrides: {disk.failed: {when: {schedule: {cron: "0 7 * * *"}}}}', ['local/a.yaml:2:33: `when` is one kind of condition, not match and schedule (one of match, event, count, absent, sequence, change, rate, alerts, schedule; the rule stands in pack.yaml:5)']],
  ['another id', 'overrides: {disk.failed: {id: disk.broken}}', ['local/a.yaml:2:13: the id of a rule cannot be overridden (alerts and history hang on it)']],
  ['a variable that there is not', 'vars: {slw: 1h}', ['local/a.yaml:2:8: no rule file has a variable `slw` (did you mean slow?)']],
  ['the use of a variable that there is not', 'overrides: {disk.failed: {hold: $slw}}', ['local/a.yaml:2:33: there is no variable `$slw` (did you mean slow?; the rule stands in pack.yaml:5)']],
  ['a sum that is none', 'overrides: {disk.failed: {hold: $slow + 3}}', ['local/a.yaml:2:33: only times can be added (e.g. `$slow_install + 1m`; the rule stands in pack.yaml:5)']],
  ['a rule that a pack has', 'rules: [{id: disk.failed, title: x, severity: info, when: {match: {app: x}}, tests: [{name: n, steps: [{expect: {nothing_new: true}}]}]}]', ['local/a.yaml:2:14: there is a rule `disk.failed` already (in pack.yaml:5; what is otherwise in it stands in `overrides`)']],
])('%s is refused at its place', ([, text, expected]) => {
  expect(faults(local(`${text}\n`))).toEqual(expected)
})

test('what is wrong in the rule itself says which override takes part', () => {
  expect(faults(local('overrides: {disk.failed: {when: {match: {regex: "fail (?<dsk>\\\\w+)"}}}}\n'))).toEqual([
    'pack.yaml:9:14: there is no field `disk` in this rule (did you mean dsk?; with when.match.regex of local/a.yaml:2:49)',
  ])
})

test('a test of the pack that fails by an override tells both places', () => {
  expect(faults(local('overrides: {disk.failed: {when: {match: {app: kern}}}}\n'))).toEqual([
    'pack.yaml:14:55: test “fires”: expected {"node":"n1","disk":"sda"} to be firing, but nothing is firing (with when.match.app of local/a.yaml:2:47)',
  ])
})

test('overrides of one rule stand in one place, in a local file, and packs have names and rules', () => {
  expect(faults(local('overrides: {disk.failed: {status: off}}\n'), local('overrides: {disk.failed: {hold: 1m}}\n', 'local/b.yaml'))).toEqual(['local/b.yaml:2:13: there are overrides of `disk.failed` already (in local/a.yaml:2)'])
  expect(faults(local('vars: {slow: 1h}\n'), local('vars: {slow: 2h}\n', 'local/b.yaml'))).toEqual(['local/b.yaml:2:8: `slow` has another value already (in local/a.yaml:2)'])
  expect(faults({ name: 'b.yaml', text: 'format: 1\noverrides: {disk.failed: {status: off}}\n' })).toEqual([
    'b.yaml:1:1: the file lacks `pack` (the name of the collection)', 'b.yaml:1:1: the file lacks `rules` (a list)', 'b.yaml:2:1: `overrides` stand in a folder `local` beside the rules (e.g. rules/local/changes.yaml)',
  ])
})

test('the folder `local` is read with the folder that it stands in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-rules-'))
  mkdirSync(join(folder, 'local'))
  writeFileSync(join(folder, 'pack.yaml'), PACK)
  writeFileSync(join(folder, 'local', 'vars.yaml'), 'format: 1\nvars: {slow: 1h}\n')
  const files = readRuleFiles([folder])
  expect(files.ok && files.value.map(({ name, isLocal = false }) => [name.slice(folder.length + 1), isLocal])).toEqual([['pack.yaml', false], ['local/vars.yaml', true]])
})
