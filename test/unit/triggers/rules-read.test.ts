import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { readRules } from '#triggers/index.ts'
import type { Match, Pattern, Rule, When } from '#triggers/rules/rule.ts'

const NEAR_MISS = '  tests: [{name: n, inventory: {n1: {rack: r1}}, steps: [{expect: {nothing_new: true}}]}]\n'
const fileOf = (body: string, others = ''): string => `format: 1\npack: p\nrules:\n- id: a.rule\n  title: x\n  severity: error\n${body.split('\n').map((line) => `  ${line}\n`).join('')}${NEAR_MISS}${others}`
const read = (body: string, others = '') => readRules([{ name: 'r.yaml', text: fileOf(body, others) }], { renderer: createRenderer(), nowMs: Date.UTC(2026, 10, 23) })
const faultsOf = (body: string, others = ''): readonly string[] => {
  const result = read(body, others)
  return result.ok ? [] : result.faults.map((fault) => formatTextFault(fault).replace(/^r\.yaml:/, ''))
}
const warningsOf = (body: string): readonly string[] => {
  const result = read(body)
  if (!result.ok) throw new Error(result.faults.map(formatTextFault).join('\n'))
  return result.value.warnings.map((warning) => warning.replace(/^r\.yaml:/, ''))
}
function ruleOf(body: string, others = ''): Rule {
  const result = read(body, others)
  if (!result.ok) throw new Error(result.faults.map(formatTextFault).join('\n'))
  return result.value.rules[0]!
}
/** A pattern as a person would say it. */
function said(on: Pattern): string {
  if (on.kind === 'event') return [on.event.event, ...(on.event.from ?? []).map((word) => `from ${word}`), ...(on.event.to ?? [])].join(' ')
  const { app, contains, regex }: Match = on.match
  return [...(app?.equal ?? []), ...contains, ...(regex === undefined ? [] : [`/${regex.source}/`])].join(' ') || 'any message'
}
/** The same of a condition, every pattern in words. */
function shown(when: When): unknown {
  return JSON.parse(JSON.stringify(when, (_key, value: unknown) => (typeof value === 'object' && value !== null && 'kind' in value && ((value.kind === 'line' && 'match' in value) || value.kind === 'event') ? said(value as Pattern) : value)))
}

test('the eight examples are read, each as another way of asking', () => {
  const loaded = readRules([{ name: 'examples.yaml', text: readFileSync(new URL('./examples.yaml', import.meta.url), 'utf8') }], { renderer: createRenderer() })
  if (!loaded.ok) throw new Error(loaded.faults.map(formatTextFault).join('\n'))
  expect(loaded.value.warnings).toEqual([])
  expect(loaded.value.rules.map(({ id, when }) => [id, when.kind])).toEqual([
    ['storage.raid-degraded', 'match'], ['hw.ecc-correctable', 'count'], ['provision.install-stalled', 'absent'], ['node.silent', 'absent'], ['node.crash-reboot', 'sequence'],
    ['hw.inventory-changed', 'change'], ['rack.outage', 'alerts'], ['node.boot-loop', 'count'],
  ])
  expect(loaded.value.tests).toBe(14)
})

test.for<readonly [string, string, unknown]>([
  ['match', 'when: {match: {app: kernel, contains: [a, b]}}', { kind: 'match', on: 'kernel a b' }],
  ['match of an event', 'when: {event: state, to: failed, from: [installing, verifying]}', { kind: 'match', on: 'state from installing from verifying failed' }],
  ['count', 'when: {count: {match: {app: a}, at_least: 3, within: 1h, distinct: host, reset: {event: session, to: start}}}', { kind: 'count', on: 'a', atLeast: 3, withinMs: 3_600_000, distinct: 'host', reset: 'session start' }],
  ['count of events, nested', 'when: {count: {event: {event: session, to: start}, at_least: 3, within: 30m}}', { kind: 'count', on: 'session start', atLeast: 3, withinMs: 1_800_000 }],
  ['count of any message', 'when: {count: {match: {}, at_least: 4096, within: 1m}}', { kind: 'count', on: 'any message', atLeast: 4096, withinMs: 60_000 }],
  ['absent after', 'when: {absent: {after: {match: {app: a}}, expect: {match: {app: b}}, within: 90s, cancel: {event: session, to: end}}}', { kind: 'absent', after: 'a', expect: 'b', withinMs: 90_000, cancel: 'session end' }],
  ['absent each', 'when: {absent: {each: {node: {state: [running, trial], rack: r1}}, expect: {}, within: 10m}}', { kind: 'absent', each: { state: ['running', 'trial'], rack: ['r1'] }, expect: 'any message', withinMs: 600_000 }],
  ['sequence', 'when: {sequence: {within: 10m, steps: [{id: one, match: {app: a}}, {id: two, event: session, to: start}], without: {match: {app: c}}}}', { kind: 'sequence', steps: [{ id: 'one', on: 'a' }, { id: 'two', on: 'session start' }], withinMs: 600_000, without: 'c' }],
  ['change', "when: {change: {match: {app: a, regex: 'v(?<version>[0-9.]+)'}, value: version, versus: ever_seen}}", { kind: 'change', on: 'a /v(?<version>[0-9.]+)/', value: 'version', versus: 'ever_seen' }],
  ['rate', 'when: {rate: {match: {app: a}, now: 10m, versus: 1d, factor: 2.5, min: 20}}', { kind: 'rate', on: 'a', nowMs: 600_000, versusMs: 86_400_000, factor: 2.5, min: 20 }],
  ['schedule', "when: {schedule: {cron: '0  7 * * mon-fri'}}", { kind: 'schedule', cron: '0 7 * * mon-fri', tz: 'UTC' }],
  ['schedule in a zone', "when: {schedule: {cron: '*/10 0 7 1,15 jan *', tz: Europe/Berlin}}", { kind: 'schedule', cron: '*/10 0 7 1,15 jan *', tz: 'Europe/Berlin' }],
])('%s is read', ([, body, when]) => {
  expect(shown(ruleOf(body).when)).toEqual(when)
})

test('alerts name other rules, by `rule` or `rules`', () => {
  const other = `- id: b.rule\n  title: x\n  severity: error\n  when: {match: {app: b}}\n${NEAR_MISS}`
  for (const key of ['rule: b.*', 'rules: [b.rule]']) expect(ruleOf(`when: {alerts: {${key}, at_least: 3, within: 5m, distinct: node}}\nby: [rack]`, other).when).toMatchObject({ kind: 'alerts', distinct: 'node', atLeast: 3, withinMs: 300_000 })
})

test.for<readonly [string, string, readonly string[]]>([
  ['a message', 'when: {match: {app: a}}', ['node', 'session']],
  ['each node', 'when: {absent: {each: {node: {}}, expect: {}, within: 1h}}', ['node']],
  ['a calendar', "when: {schedule: {cron: '0 7 * * *'}}", []],
])('what is not said about the key follows from the condition: %s', ([, body, by]) => {
  expect(ruleOf(body).by).toEqual(by)
})

test.for<readonly [string, string, object]>([
  ['nothing said', 'when: {match: {app: a}}', { quietMs: 86_400_000, atSessionEnd: false, never: false }],
  ['nothing said of what clears itself', 'when: {absent: {each: {node: {}}, expect: {}, within: 1h}}', { quietMs: undefined, atSessionEnd: false, never: false }],
  ['quiet', 'when: {match: {app: a}}\nresolve: {quiet: 1h}', { quietMs: 3_600_000, atSessionEnd: false, never: false }],
  ['the end of the session', 'when: {match: {app: a}}\nresolve: {session_end: true}', { quietMs: undefined, atSessionEnd: true, never: false }],
  ['a message, or quiet', 'when: {match: {app: a}}\nresolve: {match: {app: b}, quiet: 7d}', { quietMs: 604_800_000, atSessionEnd: false, never: false }],
  ['a person', 'when: {match: {app: a}}\nresolve: {never: true}', { quietMs: undefined, atSessionEnd: false, never: true }],
])('an alert ends by %s', ([, body, resolve]) => {
  expect(ruleOf(body).policy.resolve).toEqual(resolve)
})

test('everything that main has to know is in the policy', () => {
  const { policy, where, trust, resolveOn, tags, requires, falseAlarms } = ruleOf(`when: {match: {app: a}}
where: {node: {profile: storage, rack: [r1, r2]}, stage: [packages, post]}
for: 2m
hold: 10m
trust: tls
resolve: {event: state, to: running}
notify: {to: team, wait: 30s, every: 4h, context: {before: 10, after: 5}}
escalate: [{after: 30m, to: lead}, {after: 2h, unless: nothing, to: boss, severity: critical}]
inhibit: {rules: ['storage.*'], equal: [node, rack]}
requires: [zfs]
runbook: docs/runbooks/a.md
owner: storage
tags: [disk]
false_alarms: a disk that was pulled`)
  expect(policy).toMatchObject({
    forMs: 120_000, holdMs: 600_000, notify: { to: 'team', waitMs: 30_000, everyMs: 14_400_000, before: 10, after: 5 },
    escalate: [{ afterMs: 1_800_000, unlessAcknowledged: true, to: 'lead', severity: undefined }, { afterMs: 7_200_000, unlessAcknowledged: false, to: 'boss', severity: 'critical' }],
    inhibit: { rules: ['storage.*'], equal: ['node', 'rack'] }, raisesAlerts: true, runbook: 'docs/runbooks/a.md', owner: 'storage',
  })
  expect([where, trust, resolveOn === undefined ? '' : said(resolveOn), tags, requires, falseAlarms]).toEqual([
    { node: { profile: ['storage'], rack: ['r1', 'r2'] }, stage: ['packages', 'post'] }, 'tls', 'state running', ['disk'], ['zfs'], 'a disk that was pulled',
  ])
})

test('fields of an expression are compared as numbers or texts', () => {
  const { when } = ruleOf("when: {match: {app: a, regex: '(?<temp>\\d+) C on (?<sensor>\\w+)', field: {temp: {gte: 90, lt: 120}, sensor: {ne: none}}}}")
  expect(when.kind === 'match' && when.on.kind === 'line' && when.on.match.fields).toEqual([{ name: 'temp', is: 'gte', value: 90 }, { name: 'temp', is: 'lt', value: 120 }, { name: 'sensor', is: 'ne', value: 'none' }])
  const short = ruleOf("when: {match: {app: a, regex: 'port (?<port>\\d+)', field: {port: 22}}}").when
  expect(short.kind === 'match' && short.on.kind === 'line' && short.on.match.fields).toEqual([{ name: 'port', is: 'eq', value: 22 }])
})

test('a rule that suppresses raises no alert', () => {
  const { suppress, policy } = ruleOf("when: {match: {app: kernel, contains: 'ACPI Error'}}\nsuppress: {for_rules: ['hw.*'], until: 2027-06-01, reason: a known fault of the BIOS}")
  expect(suppress).toEqual({ rules: ['hw.*'], untilMs: Date.UTC(2027, 5, 1), reason: 'a known fault of the BIOS' })
  expect(policy.raisesAlerts).toBe(false)
})

test.for<readonly [string, string, readonly string[]]>([
  ['no kind', 'when: {}', ['7:9: `when` says what it waits for (one of match, event, count, absent, sequence, change, rate, alerts, schedule)']],
  ['two kinds', "when: {match: {app: a}, schedule: {cron: '0 7 * * *'}}", ['7:9: `when` is one kind of condition, not match and schedule (one of match, event, count, absent, sequence, change, rate, alerts, schedule)']],
  ['an empty condition', 'when: {match: {}}', ['7:17: a condition says at least one thing (e.g. `match: {app: kernel}` or `event: session`)']],
  ['an empty condition inside', 'when: {match: {app: a, not: {}}}', ['7:31: a condition says at least one thing (e.g. `app: kernel`)']],
  ['conditions in conditions in conditions', `when: {match: ${'{not: '.repeat(5)}{app: a}${'}'.repeat(5)}}`, ['7:47: conditions stand in conditions at most 4 deep']],
  ['match and event', 'when: {count: {match: {app: a}, event: session, at_least: 1, within: 1m}}', ['7:17: either `match` or `event`, not both']],
  ['`to` without an event', 'when: {count: {match: {app: a}, to: start, at_least: 1, within: 1m}}', ['7:39: `to` and `from` go with `event`']],
  ['`to` twice', 'when: {event: {event: session, to: start}, to: end}', ['7:9: `to` and `from` stand either inside of `event` or beside it, not both']],
  ['an event of alerts', 'when: {event: alert, to: firing}', ['7:17: a rule cannot wait for single alerts: it would answer its own (`alerts:` counts those of other rules)']],
  ['an event that is none', 'when: {event: sesion}', ['7:17: rules[0].when.event must be one of session, stage, state, alert, trigger, not "sesion" (did you mean session?)']],
  ['a state that is none', 'when: {event: state, to: [failed, instaling]}', ['7:37: there is no `state` `instaling` (did you mean installing?)']],
  ['a stage that is a state', 'when: {event: stage, to: installing}', ['7:28: there is no `stage` `installing` (there are: power.on, dhcp.discover, dhcp.ack, nbp.sent, ipxe.start, decide, kernel.fetch, initrd.fetch, ready, kernel.up, initramfs.net, installer.start, config.fetch, storage, packages, bootloader, post, install.done, reboot, os.syslog, os.ready)']],
  ['`from` of a session', 'when: {event: session, from: end}', ['7:32: only `state` has a `from`']],
  ['an absence after nothing', 'when: {absent: {expect: {}, within: 1m}}', ['7:18: an absence is `after` something or for `each` node (e.g. `each: {node: {state: running}}`)']],
  ['an absence after something for each', 'when: {absent: {after: {event: session}, each: {node: {}}, expect: {}, within: 1m}}', ['7:18: an absence is `after` something or for `each` node (either, not both)']],
  ['a state of the inventory that is none', 'when: {absent: {each: {node: {state: runing}}, expect: {}, within: 1m}}', ['7:40: there is no lifecycle state `runing` (did you mean running?)']],
  ['each node by what only its messages have', "when: {absent: {each: {node: {}}, expect: {match: {app: a, regex: '(?<x>y)'}}, within: 1m}}\nby: [rack, x]", ["8:14: there is no field `x` in this rule (there are: node, session, name, state, profile, stage, rack; a label of nodes is one that a test's `inventory` has)"]],
  ['a sequence of one', 'when: {sequence: {within: 1m, steps: [{id: a, match: {app: a}}]}}', ['7:40: rules[0].when.sequence.steps must be a list from 2 to 16, not of 1']],
  ['two steps of one name', 'when: {sequence: {within: 1m, steps: [{id: a, match: {app: a}}, {id: a, match: {app: b}}]}}', ['7:72: there is a step `a` already']],
  ['a changed value that is none', "when: {change: {match: {app: a, regex: '(?<hash>x+)'}, value: hsh, versus: ever_seen}}", ['7:65: there is no named group `hsh` in this condition (did you mean hash?)']],
  ['a comparison with what is none', 'when: {change: {match: {app: a}, value: x, versus: last_session}}', ['7:54: rules[0].when.change.versus must be one of previous_session, previous_event, ever_seen, fleet_profile, not "last_session"']],
  ['a rate against less than itself', 'when: {rate: {match: {app: a}, now: 1h, versus: 90m, factor: 2, min: 1}}', ['7:51: what is usual is taken from at least twice the time of `now` (e.g. versus: 24h)']],
  ['different values of what is no field', 'when: {count: {match: {app: a}, at_least: 1, within: 1m, distinct: hst}}', ['7:70: there is no field `hst` in this rule (did you mean host?)']],
  ['a calendar that is none', "when: {schedule: {cron: '0 25 * * *'}}", ["7:27: `0 25 * * *` is no calendar: hour: `25` is not from 0 to 23 (e.g. '0 7 * * 1-5': at 7:00, Monday to Friday)"]],
  ['a day that never comes', "when: {schedule: {cron: '0 7 31 2 *'}}", ["7:27: `0 7 31 2 *` is no calendar: 31 2 is an impossible day of month for the given month (e.g. '0 7 * * 1-5': at 7:00, Monday to Friday)"]],
  ['a zone that is none', "when: {schedule: {cron: '0 5 * * *', tz: Europe/Berln}}", ['7:44: there is no time zone `Europe/Berln` (did you mean Europe/Berlin?)']],
  ['a calendar about nodes', "when: {schedule: {cron: '0 5 * * *'}}\nby: [node]", ['8:7: a calendar is about no node (leave `by` out)']],
  ['a time that is too short', 'when: {count: {match: {app: a}, at_least: 1, within: 1ms}}', ['7:56: `1ms` is not a time from 1s to 366d (e.g. 90s, 25m, 1h30m, 7d)']],
  ['a field that no expression gives', 'when: {match: {app: a, field: {temp: {gt: 1}}}}', ['7:40: there is no named group `temp` in this condition (e.g. `regex: (?<temp>\\d+) C`)']],
  ['a comparison that is none', "when: {match: {app: a, regex: '(?<temp>x)', field: {temp: {more: 1}}}}", ['7:62: rules[0].when.match.field.temp.more: there is no such key (here may stand: gt, gte, lt, lte, eq, ne)']],
  ['a stage in a condition', 'when: {match: {app: a, stage: packages}}', ['7:26: rules[0].when.match.stage: there is no such key (`where: {stage: […]}` beside `when`)']],
  ['a stage of `where` that is none', 'when: {match: {app: a}}\nwhere: {stage: running}', ['8:18: there is no stage `running` (there are: power.on, dhcp.discover, dhcp.ack, nbp.sent, ipxe.start, decide, kernel.fetch, initrd.fetch, ready, kernel.up, initramfs.net, installer.start, config.fetch, storage, packages, bootloader, post, install.done, reboot, os.syslog, os.ready)']],
  ['a key by what only a later step says', "when: {sequence: {within: 1m, steps: [{id: a, match: {app: a}}, {id: b, match: {app: b, regex: '(?<x>y)'}}]}}\nby: [node, x]", ['8:14: what begins it has no field `x`: alerts could not be told apart by it (there are: node, session, app, host)']],
  ['a key by the application of an event', 'when: {event: session}\nby: [app]', ["8:8: there is no field `app` in this rule (there are: node, session, name, state, profile, stage, rack; a label of nodes is one that a test's `inventory` has)"]],
  ['a key twice', 'when: {match: {app: a}}\nby: [node, node]', ['8:14: `node` stands there already']],
  ['a group that hides a field', "when: {match: {app: a, regex: '(?<count>x)'}}", ['7:9: the named group `count` hides a field of the message (give it another name)']],
  ['never, and something else', 'when: {match: {app: a}}\nresolve: {never: true, quiet: 1h}', ['8:12: `never` stands alone: only a person closes it']],
  ['no end at all', 'when: {match: {app: a}}\nresolve: {never: false}', ['8:12: `resolve` says what ends the alert (match, event, quiet, session_end, never)']],
  ['equal by what is no field', 'when: {match: {app: a}}\ninhibit: {rules: [b], equal: [rak]}', ['8:33: there is no field `rak` in this rule (did you mean rack?)']],
  ['an alert that mutes itself', 'when: {match: {app: a}}\ninhibit: {rules: [a.rule], equal: []}', ['8:20: an alert cannot mute itself']],
  ['alerts of a rule that there is not', 'when: {alerts: {rule: [b.rle], at_least: 1, within: 1m}}', ['7:18: there is no rule `b.rle` (there are: a.rule, silence, rules-behind, rules-ended, rules-refused)']],
  ['alerts of the hub itself, mistyped', 'when: {alerts: {rule: [silense], at_least: 1, within: 1m}}', ['7:18: there is no rule `silense` (did you mean silence?)']],
  ['alerts of no rule', 'when: {alerts: {at_least: 1, within: 1m}}', ['7:18: `alerts` names other rules (e.g. `rule: [node.silent]`)']],
  ['alerts of itself', "when: {alerts: {rule: 'a.*', at_least: 1, within: 1m}}", ['7:18: alerts of this rule would set it off again: a.rule ← a.rule']],
  ['actions', 'when: {match: {app: a}}\nactions: [{set_state: {to: held}}]', ['8:3: rules[0].actions: there is no such key (a rule starts nothing by itself: `emit: {event: op.hold}` holds a node, `notify` tells a receiver, which may be a webhook)']],
  ['hours', 'when: {match: {app: a}}\nhours: business', ['8:3: rules[0].hours: there is no such key (quiet hours belong to a route or receiver in routes.yaml)']],
  ['suppressing what is no message', "when: {event: session}\nsuppress: {for_rules: [x], reason: y}", ['8:13: `suppress` leaves messages out: it goes with `when: {match: …}`']],
  ['suppressing and telling', 'when: {match: {app: a}}\nsuppress: {for_rules: [x], reason: y}\nnotify: {to: z}', ['9:11: a rule that suppresses raises no alert and has no `notify`']],
  ['a day that is none', 'when: {match: {app: a}}\nsuppress: {for_rules: [x], until: next week, reason: y}', ["8:37: `next week` is not a day or a time (e.g. 2027-06-01 or '2027-06-01T12:00Z')"]],
  ['reporting about no node', 'when: {match: {app: a}}\nby: [rack]\nemit: {event: op.hold}', ['9:9: `emit` is about one node (put `node` into `by`)']],
  ['a variable that there is not', 'when: {match: {app: a}}\nhold: $slow', ['8:9: there is no variable `$slow` (the file has no `vars`; `$$` at the beginning means the sign itself)']],
])('%s is refused, with its place', ([, body, faults]) => {
  expect(faultsOf(body)).toEqual(faults)
})

test('rules that feed each other in a ring are refused, each of them', () => {
  const other = `- id: b.rule\n  title: x\n  severity: error\n  when: {alerts: {rule: a.rule, at_least: 1, within: 1m}}\n${NEAR_MISS}`
  expect(faultsOf('when: {alerts: {rule: b.rule, at_least: 1, within: 1m}}', other)).toEqual([
    '7:18: alerts of this rule would set it off again: a.rule ← b.rule ← a.rule', '12:18: alerts of this rule would set it off again: b.rule ← a.rule ← b.rule',
  ])
})

test('a text that begins with the sign of a variable is written with two', () => {
  const { when } = ruleOf('when: {match: {app: a, contains: [$$home, $5, $HOME]}}')
  expect(said(when.kind === 'match' ? when.on : expect.unreachable())).toBe('a $home $5 $home')
})

test.for<readonly [string, string, readonly string[]]>([
  ['an expression with neither application nor literal', "when: {match: {regex: 'a.b'}}", ['7:9: rule a.rule has neither an application nor a literal of 4 letters: it is tried on every message (add `app:` or `contains:`)']],
  ['any message at all, said so', 'when: {absent: {each: {node: {}}, expect: {}, within: 1h}}', []],
  ['any number in the key', "when: {match: {app: a, regex: 'pid (?<pid>\\d+)'}}\nby: [node, pid]", ['8:14: `pid` may be any number: each value makes an alert of its own (leave it out of `by`, or say more closely what it may be, e.g. \\d{1,3})']],
  ['a hash in the key', "when: {match: {app: a, regex: 'id (?<id>[0-9a-f]{32})'}}\nby: [node, id]", ['8:14: `id` may be any number: each value makes an alert of its own (leave it out of `by`, or say more closely what it may be, e.g. \\d{1,3})']],
  ['the rest of a line in the key', "when: {match: {app: a, regex: 'why: (?<why>.+)'}}\nby: [node, why]", ['8:14: `why` may be anything: each value makes an alert of its own (leave it out of `by`, or say more closely what it may be, e.g. \\d{1,3})']],
  ['a key that some branches do not give', "when: {match: {app: a, any: [{regex: 'disk (?<disk>sd[a-z])'}, {contains: all disks}]}}\nby: [node, disk]", ['8:14: not every branch of `any` has a named group `disk`: what matches in the others shares one key (give each of them the group)']],
  ['a key that every branch gives', "when: {match: {app: a, any: [{regex: 'disk (?<disk>sd[a-z])'}, {all: [{regex: 'drive (?<disk>sd[a-z])'}]}]}}\nby: [node, disk]", []],
  ['a few numbers, and names with numbers', "when: {match: {app: a, regex: 'cpu (?<cpu>\\d{1,3}) (?<array>md\\d+) (?<disk>[a-z]+)'}}\nby: [node, cpu, array, disk]", []],
  ['muting what there is not', "when: {match: {app: a}}\ninhibit: {rules: ['x.*'], equal: [node]}", ['8:20: there is no rule `x.*` that could be muted']],
  ['suppressing that has run out', 'when: {match: {app: kernel}}\nsuppress: {for_rules: [a.rule], until: 2026-01-01, reason: y}', ['8:42: rule a.rule suppresses nothing any more (take it away, or give it another day)']],
])('%s is warned about, or is not', ([, body, warnings]) => {
  expect(warningsOf(body)).toEqual(warnings)
})

test('a rule without a near miss is warned about', () => {
  const loaded = readRules([{ name: 'r.yaml', text: fileOf('when: {match: {app: a}}').replace('nothing_new: true', 'firing: {node: n1}') }], { renderer: createRenderer() })
  expect(loaded.ok && loaded.value.warnings).toEqual(['r.yaml:8:10: rule a.rule has no test of what must not set it off (a line that is nearly right, and `expect: {nothing_new: true}`)'])
})

test('what the scheduler says of a calendar counts too', () => {
  const loaded = readRules([{ name: 'r.yaml', text: fileOf("when: {schedule: {cron: '0 7 * * *'}}") }], { renderer: createRenderer(), validCron: () => 'it never comes' })
  expect(loaded.ok ? [] : loaded.faults.map(({ message }) => message)).toEqual(['`0 7 * * *` is no calendar: it never comes'])
})
