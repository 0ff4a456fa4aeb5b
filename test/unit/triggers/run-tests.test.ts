import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formatTextFault } from '#domain/fault.ts'
import { createRenderer } from '#render/index.ts'
import { loadRules } from '#triggers/index.ts'

const EXAMPLES = readFileSync(new URL('examples.yaml', import.meta.url), 'utf8')

test('the eight examples come out as written', () => {
  const loaded = loadRules([{ name: 'examples.yaml', text: EXAMPLES }], { renderer: createRenderer() })
  expect(loaded.ok ? [] : loaded.faults.map(formatTextFault)).toEqual([])
  if (loaded.ok) expect([loaded.value.rules.length, loaded.value.tests]).toEqual([8, 14])
})

/** What the tests of the first rule say; the others are only there. */
function failures(rule: string, steps: readonly string[], { others = '', inventory = '{}', evidence = 'B' } = {}): readonly string[] {
  const indented = rule.trim().split('\n').map((line) => `  ${line}\n`).join('')
  const text = `format: 1\npack: p\nrules:\n- id: a.tested\n  title: t\n  severity: error\n${indented}  tests:\n  - name: t\n    evidence: ${evidence}\n    inventory: ${inventory}\n    steps:\n${steps.map((step) => `    - ${step}\n`).join('')}${others}`
  const loaded = loadRules([{ name: 'r.yaml', text }], { renderer: createRenderer() })
  return loaded.ok ? [] : loaded.faults.map((fault) => fault.message.replace('test “t”: ', ''))
}

const MATCH = `when: {match: {app: k, regex: 'fault (?<what>\\w+)'}}\nby: [node, what]`
const OTHER = `- id: b.other
  title: o
  severity: error
  when: {match: {app: k, contains: [other]}}
  by: [node]
  tests: [{name: t, steps: ['0s n1 k.err: other', {expect: {firing: {node: n1}}}]}]
`

describe('an expectation', () => {
  test.for<readonly [string, string, readonly string[], readonly string[]]>([
    ['firing', MATCH, ["'0s n1/a k.err: fault x'", 'expect: {firing: {node: n1, session: a, what: x, app: k, host: n1, severity: error, rule: a.tested}}'], []],
    ['firing, told what is instead', MATCH, ["'0s n1/a k.err: fault x'", 'expect: {firing: {what: y}}'], ['expected {"what":"y"} to be firing, but firing is {"what":"x","node":"n1","session":"a","host":"n1","app":"k"}']],
    ['firing, when nothing is', MATCH, ["'0s n1 k.err: a fine x'", 'expect: {firing: {what: y}}'], ['expected {"what":"y"} to be firing, but nothing is firing']],
    ['not_firing', MATCH, ["'0s n1 k.err: fault x'", 'expect: {not_firing: {what: y}}', 'expect: {not_firing: {node: n1}}'], ['{"node":"n1"} is firing']],
    ['resolved after a day', MATCH, ["'0s n1 k.err: fault x'", 'advance: 23h59m', 'expect: {firing: {}}', 'advance: 1m', 'expect: {resolved: {what: x}, not_firing: {}}'], []],
    ['resolved, when it is not', MATCH, ["'0s n1 k.err: fault x'", 'expect: {resolved: {what: x}}'], ['expected {"what":"x"} to be resolved, but nothing is resolved']],
    ['count', MATCH, ["'0s n1 k.err: fault x'", "'1s n1 k.err: fault x'", 'expect: {count: 2}', 'expect: {count: 3}'], ['expected count 3, but it is 2']],
    ['count of several is of none', MATCH, ["'0s n1 k.err: fault x'", "'1s n1 k.err: fault y'", 'expect: {firing: {what: y}, count: 1}', 'expect: {count: 1}'], ['expected count 1, but it is 1, 1']],
    ['nothing_new: a repeat is none', MATCH, ["'0s n1 k.err: fault x'", 'expect: {firing: {}}', "'1s n1 k.err: fault x'", 'expect: {nothing_new: true}', "'2s n1 k.err: fault y'", 'expect: {nothing_new: true}'], ['expected nothing new, but firing is {"node":"n1","what":"y","host":"n1","app":"k"}']],
    ['nothing_new: nor what ends', `${MATCH}\nresolve: {match: {app: k, regex: 'mended (?<what>\\w+)'}}`, ["'0s n1 k.err: fault x'", 'expect: {firing: {}}', "'1s n1 k.err: mended x'", 'expect: {nothing_new: true, resolved: {what: x}}'], []],
    ['nothing_new: an escalation is', `${MATCH}\nescalate: [{after: 1h, to: lead}]`, ["'0s n1 k.err: fault x'", 'expect: {firing: {}}', 'advance: 1h', 'expect: {nothing_new: true}'], ['expected nothing new, but firing is {"node":"n1","what":"x","host":"n1","app":"k"}']],
    ['the severity after an escalation', `${MATCH}\nescalate: [{after: 1h, to: lead, severity: critical}]`, ["'0s n1 k.err: fault x'", 'advance: 1h', 'expect: {firing: {severity: critical}}'], []],
    ['pending, then firing', `${MATCH}\nfor: 2m`, ["'0s n1 k.err: fault x'", 'expect: {pending: {what: x}, not_firing: {}, nothing_new: true}', 'advance: 2m', 'expect: {firing: {what: x}}'], []],
    ['pending, but over before', `${MATCH}\nfor: 2m\nresolve: {match: {app: k, regex: 'mended (?<what>\\w+)'}}`, ["'0s n1 k.err: fault x'", "'1m n1 k.err: mended x'", 'advance: 5m', 'expect: {nothing_new: true, not_firing: {}}', 'expect: {resolved: {}}'], ['expected {} to be resolved, but nothing is resolved']],
    ['held open, and back', `${MATCH}\nhold: 5m\nresolve: {match: {app: k, regex: 'mended (?<what>\\w+)'}}`, ["'0s n1 k.err: fault x'", "'1m n1 k.err: mended x'", 'expect: {firing: {what: x}}', "'2m n1 k.err: fault x'", 'expect: {nothing_new: true, count: 2}', "'3m n1 k.err: mended x'", 'advance: 5m', 'expect: {resolved: {what: x}}'], []],
    ['the end of the session', `${MATCH}\nresolve: {session_end: true}`, ["'0s n1/a k.err: fault x'", "'1m n1/a @session end'", 'expect: {resolved: {session: a}}'], []],
    ['another boot ends the session before', `${MATCH}\nresolve: {session_end: true}`, ["'0s n1/a k.err: fault x'", "'1m n1/b @session start'", 'expect: {resolved: {session: a}}'], []],
    ['a line of another session is no boot', `${MATCH}\nresolve: {session_end: true}`, ["'0s n1/a k.err: fault x'", "'1m n1/b k.err: good'", 'expect: {firing: {session: a}}'], []],
  ])('%s', ([, rule, steps, expected]) => {
    expect(failures(rule, steps).map((message) => message.replace(/`.*$/, ''))).toEqual(expected)
  })

  test('labels of the inventory are fields, and `where` asks for them', () => {
    const rule = `${MATCH}\nwhere: {node: {rack: r1}, stage: [packages]}`
    const inventory = '{n1: {rack: r1, stage: packages}, n2: {rack: r2, stage: packages}, n3: {rack: r1}}'
    const lines = ["'0s n1 k.err: fault x'", "'0s n2 k.err: fault x'", "'0s n3 k.err: fault x'"]
    expect(failures(rule, [...lines, 'expect: {firing: {rack: r1, node: n1}, not_firing: {node: n2}}', 'expect: {not_firing: {node: n3}}'], { inventory })).toEqual([])
    expect(failures(rule, ["'0s n3/a @session start'", "'1s n3/a @stage packages'", "'2s n3/a k.err: fault x'", 'expect: {firing: {node: n3}}'], { inventory })).toEqual([])
  })

  test('`inhibited` asks for the alerts of the rule that it names', () => {
    const rule = `${MATCH}\ninhibit: {rules: [b.*], equal: [node]}`
    const lines = ["'0s n1 k.err: fault x'", "'0s n1 k.err: other'", "'0s n2 k.err: other'"]
    expect(failures(rule, [...lines, 'expect: {inhibited: {rule: b.other, node: n1}}', 'expect: {inhibited: {rule: b.other, node: n2}}'], { others: OTHER })).toEqual(['expected {"rule":"b.other","node":"n2"} to be inhibited, but it would be told'])
    expect(failures(rule, [...lines, 'expect: {inhibited: {rule: b.other, node: n3}}'], { others: OTHER })[0]).toMatch(/^expected .* to be inhibited, but firing is /)
  })

  test('`emits` since the expectation before, by how sure the node is', () => {
    const rule = `${MATCH}\nemit: {event: install.failed}`
    expect(failures(rule, ["'0s n1 k.err: fault x'", 'expect: {emits: {event: install.failed, evidence: B, node: n1}, firing: {}}', 'expect: {emits: {event: install.failed}}'])).toEqual(['expected {"event":"install.failed"} to be emitted, but nothing is emitted'])
    expect(failures(rule, ["'0s n1 k.err: fault x'", 'expect: {emits: {evidence: B}}'], { evidence: 'C' })[0]).toMatch(/^expected \{"evidence":"B"\} to be emitted, but emitted is \{"evidence":"C"/)
    expect(failures(rule, ["'0s n1 k.err: fault x'", 'expect: {firing: {}, nothing_new: true}'])[0]).toMatch(/^expected nothing new/)
  })

  test('`trust: lease` leaves out what only a name says', () => {
    expect(failures(`${MATCH}\ntrust: lease`, ["'0s n1 k.err: fault x'", 'expect: {not_firing: {}}'], { evidence: 'C' })).toEqual([])
    expect(failures(`${MATCH}\ntrust: lease`, ["'0s n1 k.err: fault x'", 'expect: {firing: {}}'])).toEqual([])
  })
})

test('alerts of other rules are there by their own conditions, or said by an event', () => {
  const rule = 'when: {alerts: {rule: [b.other], distinct: node, at_least: 2, within: 5m}}\nby: [rack]'
  const inventory = '{n1: {rack: r1}, n2: {rack: r1}, n3: {rack: r2}}'
  const steps = ["'0s n1 k.err: other'", "'1m n3 k.err: other'", 'expect: {nothing_new: true}', "'2m n2 k.err: other'", 'expect: {firing: {rack: r1, distinct: "2"}, not_firing: {rack: r2}}']
  expect(failures(rule, steps, { others: OTHER, inventory })).toEqual([])
  expect(failures(rule, ["'0s n1 @alert firing rule=b.other node=n1'", "'0s n2 @alert firing rule=b.other node=n2'", 'expect: {firing: {rack: r1}}'], { others: OTHER, inventory })).toEqual([])
})

test('a rule by the calendar fires when its time comes; a test begins on a Thursday at midnight, UTC', () => {
  const rule = "when: {schedule: {cron: '0 7 * * 1-5', tz: UTC}}"
  expect(failures(rule, ['advance: 6h59m', 'expect: {not_firing: {}}', 'advance: 1m', 'expect: {firing: {}, count: 1}', 'advance: 1d', 'expect: {firing: {}, resolved: {}, count: 1}', 'advance: 1d', 'expect: {not_firing: {}}'])).toEqual([])
})

test('`trust: tls` trusts what comes with a certificate, which the nodes of a test have unless they are known by name only', () => {
  expect(failures(`${MATCH}\ntrust: tls`, ["'0s n1 k.err: fault x'", 'expect: {firing: {}}'])).toEqual([])
  expect(failures(`${MATCH}\ntrust: tls`, ["'0s n1 k.err: fault x'", 'expect: {not_firing: {}}'], { evidence: 'C' })).toEqual([])
})

test('an alert whose numbers change while it fires is the same one when it is over', () => {
  const others = `- id: b.counted
  title: o
  severity: error
  when: {count: {match: {app: k, contains: [other]}, at_least: 1, within: 1h}}
  by: [node]
  resolve: {match: {app: k, contains: [mended]}}
  tests: [{name: t, steps: ['0s n1 k.err: other', {expect: {firing: {node: n1}}}]}]
`
  const rule = 'when: {alerts: {rule: [b.counted], at_least: 1, within: 5m}}\nby: [node]'
  const steps = ["'0s n1 k.err: other'", 'expect: {firing: {node: n1}}', "'1m n1 k.err: other'", "'2m n1 k.err: mended'", 'expect: {resolved: {node: n1}}']
  expect(failures(rule, steps, { others })).toEqual([])
})

test('a rule that is off or on trial is tested as if it were live', () => {
  for (const status of ['off', 'shadow']) expect(failures(`status: ${status}\n${MATCH}`, ["'0s n1 k.err: fault x'", 'expect: {firing: {node: n1}}'])).toEqual([])
})

test('a test in which too much falls due fails, and does not go on for hours', () => {
  const everyMinute = `when: {schedule: {cron: '* * * * *', tz: UTC}}`
  expect(failures(everyMinute, ['advance: 36500d', 'expect: {firing: {}}'])).toEqual(['something falls due more than 100000 times: let less time pass'])
  expect(failures(everyMinute, ['advance: 2m', 'expect: {firing: {}}'])).toEqual([])
})

test('aliases that stand for gigabytes are a fault of the file', () => {
  const names = 'abcdefghijkl'.split('')
  const lines = names.map((name, index) => `  ${name}: &${name} [${Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*${names[index - 1]!}`)).join(', ')}]\n`)
  const loaded = loadRules([{ name: 'bomb.yaml', text: `format: 1\npack: p\nvars:\n${lines.join('')}rules: []\n` }], { renderer: createRenderer() })
  expect(loaded.ok ? [] : loaded.faults.map(formatTextFault)).toEqual([expect.stringMatching(/^bomb\.yaml:1:1: aliases .* stand for too much/)])
})
