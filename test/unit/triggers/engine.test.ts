import { describe, expect, test } from 'vitest'
import { foldRepeats } from '#triggers/fold-repeats.ts'
import type { IdentityMethod } from '#domain/message.ts'
import { aBatch, aRule, countCalls, findingsIn, ruleFile, rulesOf, stored, type Message } from './support.ts'

const hitsOf = (body: string, messages: readonly Message[]) => findingsIn([aRule(body)]).inBatch(aBatch(messages))
const matches = (body: string, message: Message): boolean => hitsOf(body, [message]).length > 0

describe('what a condition means', () => {
  test.for<readonly [string, Message, boolean]>([
    ['match: {app: kernel}', { app: 'kernel', text: 'x' }, true],
    ['match: {app: kernel}', { app: 'KERNEL', text: 'x' }, true],
    ['match: {app: kernel}', { app: 'kernel2', text: 'x' }, false],
    ['match: {app: postfix*}', { app: 'postfix/smtpd', text: 'x' }, true],
    ['match: {app: [cron, postfix*]}', { app: 'crond', text: 'x' }, false],
    ['match: {host: tch-*}', { host: 'TCH-001', text: 'x' }, true],
    ['match: {contains: link is down}', { text: 'eth0: Link is Down' }, true],
    ['match: {contains: [eth0, down]}', { text: 'eth1: link is down' }, false],
    ['match: {contains: [eth0, down]}', { text: 'eth0: link is DOWN' }, true],
    ['match: {contains: größe}', { text: 'die Größe stimmt' }, true],
    ['match: {contains: GRÖSSE}', { text: 'die GRöSSE stimmt' }, false], // letters beyond ASCII are compared as they are
    ["match: {regex: 'md\\d+: fail'}", { text: 'x md12: failed' }, true],
    ["match: {regex: 'md\\d+: fail'}", { text: 'x MD12: failed' }, false],
    ["match: {regex: '(?i)MD\\d+: fail'}", { text: 'x md12: FAILED' }, true],
    ['match: {facility: kern, contains: oops}', { pri: 3, text: 'oops' }, true],
    ['match: {facility: [daemon, local1], contains: oops}', { pri: 3, text: 'oops' }, false],
    ["match: {app: a, severity: '>=warning'}", { app: 'a', pri: 8 + 4, text: 'x' }, true],
    ["match: {app: a, severity: '>=warning'}", { app: 'a', pri: 8 + 0, text: 'x' }, true],
    ["match: {app: a, severity: '>=warning'}", { app: 'a', pri: 8 + 5, text: 'x' }, false],
    ["match: {app: a, severity: '<=notice'}", { app: 'a', pri: 8 + 7, text: 'x' }, true],
    ["match: {app: a, severity: '<=notice'}", { app: 'a', pri: 8 + 4, text: 'x' }, false],
    ['match: {app: a, severity: [err, info]}', { app: 'a', pri: 8 + 6, text: 'x' }, true],
    ['match: {app: a, severity: [err, info]}', { app: 'a', pri: 8 + 5, text: 'x' }, false],
    ['match: {app: a, not: {contains: test}}', { app: 'a', text: 'a Test' }, false],
    ['match: {app: a, any: [{contains: good}, {contains: fine}]}', { app: 'a', text: 'so fine' }, true],
    ['match: {app: a, any: [{contains: good}, {contains: fine}]}', { app: 'a', text: 'so so' }, false],
    ['match: {all: [{app: a}, {contains: good}]}', { app: 'a', text: 'good' }, true],
    ['match: {any: [{app: a, contains: good}, {app: b}]}', { app: 'b', text: 'x' }, true],
  ])('%s on %o is %o', ([match, message, expected]) => {
    expect(matches(`severity: info\nwhen: {${match}}`, message)).toBe(expected)
  })
})

test('named groups become fields, the key is made of ids and fields, and the first branch that holds gives them', () => {
  const body = "severity: error\nwhen: {match: {app: kernel, any: [{regex: 'disk (?<disk>sd\\w)'}, {regex: 'array (?<disk>md\\d)'}]}}\nby: [node, disk]"
  const [first, second] = hitsOf(body, [{ app: 'kernel', text: 'array md0', nodeId: 7, sourceId: 3 }, { app: 'kernel', text: 'disk sda', sourceId: 3 }])
  expect(first).toMatchObject({ fields: { disk: 'md0' }, nodeId: 7, seq: 1 })
  expect(second).toMatchObject({ fields: { disk: 'sda' }, sourceId: 3, seq: 2 })
})

test('a text that is not UTF-8 is matched as latin-1', () => {
  expect(matches('severity: info\nwhen: {match: {contains: größe}}', { text: Buffer.from('Größe', 'latin1') })).toBe(true)
})

test('what is behind 8,192 characters is not matched, and that is counted', () => {
  const { counters, counts } = countCalls()
  const engine = findingsIn([aRule('severity: info\nwhen: {match: {contains: needle}}')], { counters })
  const hits = engine.inBatch(aBatch([{ text: `${'x'.repeat(8186)}needle` }, { text: `${'x'.repeat(8187)}needle` }]))
  expect(hits.map(({ seq }) => seq)).toEqual([1])
  expect(counts['cut']).toBe(1)
  expect(engine.inStored([stored({ text: `${'x'.repeat(8187)}needle` }, 9)])).toEqual([])
})

describe('evidence', () => {
  const body = 'severity: info\nwhen: {match: {contains: ready}}\nemit: {event: os.ready}'
  test.for<readonly [IdentityMethod, number, 'B' | 'C']>([
    ['token', 1, 'B'], ['registered-address', 1, 'B'], ['lease', 1, 'B'], ['subject', 1, 'B'],
    ['host-name', 1, 'C'], ['relay-host-name', 1, 'C'], ['source-address', 1, 'C'], ['none', 0, 'C'], ['lease', 0, 'C'],
  ])('a node found by %s (id %i) gives %s', ([method, nodeId, evidence]) => {
    expect(hitsOf(body, [{ text: 'ready', method, nodeId }])[0]!.evidence).toBe(evidence)
  })

  test('a rule can lower it and never raise it', () => {
    const lowered = `${body.replace('os.ready}', 'os.ready, evidence: C}')}`
    expect(hitsOf(lowered, [{ text: 'ready', method: 'lease', nodeId: 1 }])[0]!.evidence).toBe('C')
  })

  test('`trust: lease` wants it', () => {
    const trusting = `${body}\ntrust: lease`
    expect(matches(trusting, { text: 'ready', method: 'host-name', nodeId: 1 })).toBe(false)
    expect(matches(trusting, { text: 'ready', method: 'lease', nodeId: 1 })).toBe(true)
  })
})

describe('the hub’s own messages', () => {
  const own = { app: 'hps-hub', text: 'kernel panic', sourceId: 9 }
  test.for<readonly [string, boolean]>([
    ['match: {contains: kernel panic}', false],
    ['match: {app: hps*, contains: kernel panic}', false],
    ['match: {app: [kernel, hps-hub], contains: kernel panic}', true],
    ['match: {any: [{app: kernel}, {app: hps-hub}], contains: kernel panic}', false],
    ['match: {all: [{app: hps-hub}], contains: kernel panic}', true],
  ])('%s sees them: %o', ([match, expected]) => {
    expect(matches(`severity: info\nwhen: {${match}}`, own)).toBe(expected)
  })

  test('a node that calls itself hps-hub is not the hub', () => {
    const engine = findingsIn([aRule('severity: info\nwhen: {match: {app: hps-hub}}')], { isHub: (sourceId) => sourceId === 9 })
    expect(engine.inBatch(aBatch([own, { ...own, sourceId: 4 }])).map(({ seq }) => seq)).toEqual([1])
    expect(engine.inStored([stored(own, 1), stored({ ...own, sourceId: 4 }, 2)]).map(({ seq }) => seq)).toEqual([1])
  })
})

test('rules that are off are not evaluated, rules in shadow are', () => {
  const body = 'severity: info\nwhen: {match: {contains: word}}'
  const rules = rulesOf(ruleFile({ id: 'a.off', body: `${body}\nstatus: off` }, { id: 'a.shadow', body: `${body}\nstatus: shadow` }))
  expect(findingsIn(rules).inBatch(aBatch([{ text: 'a word' }])).map(({ rule }) => rule)).toEqual(['a.shadow'])
})

test('only rows of the range are looked at', () => {
  const engine = findingsIn([aRule('severity: info\nwhen: {match: {contains: word}}')])
  const batch = aBatch([{ text: 'word' }, { text: 'word' }, { text: 'word' }], 40)
  expect(engine.inBatch(batch, { from: 1, to: 2 }).map(({ seq }) => seq)).toEqual([41])
})

test('an expression that makes a backtracking engine hang is answered at once', () => {
  const engine = findingsIn([aRule("severity: info\nwhen: {match: {app: a, regex: '(a+)+$'}}")])
  const startedMs = performance.now()
  expect(engine.inBatch(aBatch([{ app: 'a', text: `${'a'.repeat(8000)}!` }]))).toEqual([])
  expect(performance.now() - startedMs).toBeLessThan(2000)
})

describe('repeats between two posts', () => {
  const rules = rulesOf(ruleFile(
    { id: 'x.start', body: 'severity: info\nwhen: {match: {contains: started}}\nemit: {event: installer.started}' },
    { id: 'x.done', body: 'severity: info\nwhen: {match: {contains: finished}}\nemit: {event: install.reported_done}' },
    { id: 'x.alert', body: 'severity: error\nwhen: {match: {contains: broken}}' },
  ))
  const fold = (...texts: readonly string[]) => {
    const batch = aBatch(texts.map((text, index) => ({ text, nodeId: 1, sessionId: 1, method: 'lease' as const, receivedMs: 1000 + index })))
    return foldRepeats(findingsIn(rules).inBatch(batch)).map(({ rule, count, seq, lastSeq }) => [rule, count, seq, lastSeq])
  }
  test('of alerts are folded, whatever lies between', () => {
    expect(fold('broken', 'started', 'broken', 'broken')).toEqual([['x.alert', 3, 1, 4], ['x.start', 1, 2, 2]])
  })
  test('of events are folded only in a row: their order counts', () => {
    expect(fold('started', 'started', 'finished', 'started')).toEqual([['x.start', 2, 1, 2], ['x.done', 1, 3, 3], ['x.start', 1, 4, 4]])
  })
})
