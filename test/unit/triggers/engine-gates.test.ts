import { expect, test } from 'vitest'
import type { HubEvent } from '#domain/hub-event.ts'
import type { Inventory, NodeFacts } from '#triggers/inventory.ts'
import { createRulesEngine } from '#triggers/index.ts'
import { createSchedules } from '#triggers/schedule/schedules.ts'
import { RulesMemory } from '#triggers/run/memory.ts'
import { aBatch, aRule, aTaker, countCalls, findingsIn, ruleFile, rulesOf } from './support.ts'

const nodes: readonly NodeFacts[] = [
  { nodeId: 1, name: 'n1', state: 'running', profile: 'storage', labels: { rack: 'r1' }, sessionId: 0, stage: 'os.ready' },
  { nodeId: 2, name: 'n2', state: 'installing', profile: 'thin', labels: {}, sessionId: 0, stage: 'kernel.up' },
]
const inventory: Inventory = { facts: (id) => nodes[id - 1], all: () => nodes }

test.for<readonly [string, readonly number[]]>([
  ['where: {node: {profile: storage}}', [1]],
  ['where: {node: {rack: [r1, r2]}}', [1]],
  ['where: {stage: [kernel.up]}', [2]],
  ['where: {node: {state: retired}}', []],
])('%s lets nodes %j through', ([where, expected]) => {
  const rule = aRule(`severity: info\nwhen: {match: {contains: word}}\n${where}`)
  const batch = aBatch([1, 2, 0].map((nodeId) => ({ text: 'a word', nodeId, method: 'lease' as const })))
  expect(findingsIn([rule], { inventory }).inBatch(batch).map(({ nodeId }) => nodeId)).toEqual(expected)
})

test('what one rule suppresses others do not see, and that is counted', () => {
  const { counters, counts } = countCalls()
  const rules = rulesOf(ruleFile(
    { id: 'disk.failed', body: 'severity: error\nwhen: {match: {contains: disk failed}}' },
    { id: 'net.down', body: 'severity: error\nwhen: {match: {contains: link down}}' },
    { id: 'site.known', body: "severity: info\nwhen: {match: {contains: on sdq}}\nsuppress: {for_rules: ['disk.*'], reason: known bad}" },
  ))
  const found = findingsIn(rules, { counters }).inBatch(aBatch([{ text: 'disk failed on sdq' }, { text: 'disk failed on sda' }, { text: 'link down on sdq' }]))
  expect(found.map(({ rule, seq }) => `${rule} ${seq}`).filter((line) => !line.startsWith('site'))).toEqual(['disk.failed 2', 'net.down 3'])
  expect(counts['suppressed']).toBe(1)
})

test('any message of a node is heard without a look at it; the hub’s own are not', () => {
  const rule = aRule('severity: error\nwhen: {absent: {each: {node: {state: [running, installing]}}, expect: {}, within: 10m}}\nby: [node]')
  const { counters, counts } = countCalls()
  const { taker, findings, correlator, hearing } = aTaker([rule], inventory)
  correlator.watchNodes(inventory, 0)
  const engine = createRulesEngine({ rules: [rule], counters, inventory: () => inventory, hearing })
  engine.evaluate(aBatch([{ text: 'x', nodeId: 1, receivedMs: 60_000 }, { text: 'x', nodeId: 2, app: 'hps-hub', receivedMs: 60_001 }]), { from: 0, to: 2 }, taker)
  engine.evaluate(aBatch([{ text: 'x', nodeId: 1, receivedMs: 600_001 }], 3), { from: 0, to: 1 }, taker)
  expect(findings.map(({ nodeId, reason, atMs }) => [nodeId, reason, atMs])).toEqual([[2, 'absent', 600_000]])
  expect(counts['candidates']).toBeUndefined()
})

test('deadlines come before the message of the same moment, and all of one message go together', () => {
  const rule = aRule('severity: error\nwhen: {absent: {after: {match: {contains: begin}}, expect: {match: {contains: ready}}, within: 10s}}\nby: [app]')
  const found = findingsIn([rule]).inBatch(aBatch([{ text: 'begin', receivedMs: 1000 }, { text: 'ready', receivedMs: 11_000 }]))
  expect(found.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(['raise absent', 'clear arrived'])
})

test('events reach the rules that ask for their kind and word', () => {
  const rule = aRule('severity: error\nwhen: {event: state, to: [held], from: running}\nby: [node]')
  const { taker, findings, hearing } = aTaker([rule], inventory)
  const engine = createRulesEngine({ rules: [rule], counters: countCalls().counters, inventory: () => inventory, hearing })
  const event = (fields: Partial<HubEvent>): HubEvent => ({ kind: 'state', id: 1, to: 'held', from: 'running', nodeId: 1, sessionId: 0, seq: 0, atMs: 1, evidence: 'A', fields: {}, ...fields })
  for (const fields of [{}, { to: 'failed' }, { from: 'ready' }, { kind: 'stage' as const }]) engine.evaluateEvent(event(fields), taker)
  expect(findings).toHaveLength(1)
})

test('a disk that is full loses nothing: what was found is written with what comes after, under the same numbers', () => {
  const rules = [aRule('severity: error\nwhen: {match: {contains: word}}\nby: [app]')]
  const { correlator, hearing } = aTaker(rules)
  const commits: number[][] = []
  let isFull = true
  const memory = new RulesMemory({
    correlator, counters: countCalls().counters, findingId: 7, schedules: createSchedules({ marks: [], pause: { fromMs: 0, toMs: 0 } }),
    state: {
      position: () => undefined, rows: () => [], findings: () => [], firstFinding: () => undefined, schedules: () => [], close: () => undefined,
      commit({ findings }) {
        if (isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
        commits.push(findings.map(({ id }) => id))
      },
    },
  })
  const engine = createRulesEngine({ rules, counters: countCalls().counters, inventory: () => inventory, hearing })
  const reached = { cursor: 1, eventId: 0, watermarkMs: 1 }
  engine.evaluate(aBatch([{ text: 'word', app: 'a' }]), { from: 0, to: 1 }, memory)
  expect(() => memory.commit(reached)).toThrow('full')
  isFull = false
  engine.evaluate(aBatch([{ text: 'word', app: 'b' }], 2), { from: 0, to: 1 }, memory)
  expect(memory.commit(reached).map(({ id, app }) => [id, app])).toEqual([[8, 'a'], [9, 'b']])
  expect(commits).toEqual([[8, 9]])
})
