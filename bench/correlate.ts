/**
 * What the memory of rules costs: time of a call for each kind of condition, among few keys and among a million, and bytes for a key. Alone in
 * its process and without an engine before it.
 * `node --expose-gc bench/correlate.ts [keys]`
 */
import { setTimeout } from 'node:timers/promises'
import { EVIDENCE_CLASSES } from '#domain/lifecycle.ts'
import type { HubEvent } from '#domain/hub-event.ts'
import { createCorrelator } from '../src/triggers/correlate/create-correlator.ts'
import type { Correlator, Occurrence } from '../src/triggers/correlate/correlator.ts'
import { DEFAULT_BOUNDS } from '../src/triggers/correlate/bounds.ts'
import type { NodeFacts } from '../src/triggers/inventory.ts'
import type { Match, Pattern, Rule, When } from '../src/triggers/rules/rule.ts'

const keys = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1_000_000)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const BOUNDS = { ...DEFAULT_BOUNDS, keysPerRule: keys, keys: keys + 1 }
const counters = { add: () => undefined, set: () => undefined }

const match = (groups: readonly string[]): Match => ({
  app: undefined, host: undefined, facilities: undefined, severities: undefined, contains: [], fields: [], not: undefined, any: [], all: [],
  regex: groups.length === 0 ? undefined : { source: 'x', groups, test: () => true, captures: () => ({}) },
})
const line = (...groups: readonly string[]): Pattern => ({ kind: 'line', match: match(groups) })

function ruleOf(when: When, by: readonly string[]): Rule {
  const rule: Partial<Rule> = { id: 'bench.rule', version: 'v1', stateVersion: 's1', when, by, resolveOn: undefined, emit: undefined }
  return rule as Rule
}

function nodes(count: number) {
  const list = Array.from({ length: count }, (_, i): NodeFacts => ({ nodeId: i + 1, name: `n${i + 1}`, state: 'running', profile: 'thin', labels: { rack: `r${i % 100}` }, sessionId: 0, stage: '' }))
  return { facts: (nodeId: number) => list[nodeId - 1], all: () => list }
}
const INVENTORY = nodes(10_000)

const lineOf = (i: number, atMs: number): Occurrence => ({
  kind: 'line',
  line: { seq: i, receivedMs: atMs, app: 'kernel', host: `tch-${i % 10_000}`, facility: 0, severity: 4, text: 'EDAC MC0: 1 CE memory read error', nodeId: (i % 10_000) + 1, sessionId: 1_000_000 + i, sourceId: 5, evidence: EVIDENCE_CLASSES[1] },
})
const eventOf = (i: number, atMs: number, to: string): Occurrence => {
  const event: HubEvent = { kind: 'alert', id: i, to, from: '', nodeId: (i % 10_000) + 1, sessionId: 1, seq: i, atMs, evidence: 'A', fields: { rule: 'node.silent', key: `["node=${i % 10_000}"]`, severity: 'error' } }
  return { kind: 'event', event }
}

interface Kind { readonly name: string; readonly when: When; readonly by: readonly string[]; readonly patterns: readonly number[]; readonly occurrence?: (i: number, atMs: number) => Occurrence }
const KINDS: readonly Kind[] = [
  { name: 'match', when: { kind: 'match', on: line('dimm') }, by: ['node', 'dimm'], patterns: [0] },
  { name: 'count', when: { kind: 'count', on: line('dimm'), atLeast: 1000, withinMs: HOUR, distinct: undefined, reset: undefined }, by: ['node', 'session'], patterns: [0] },
  { name: 'count of 16 values', when: { kind: 'count', on: line('dimm'), atLeast: 1000, withinMs: HOUR, distinct: 'dimm', reset: undefined }, by: ['node', 'session'], patterns: [0] },
  { name: 'absent: after, then expect', when: { kind: 'absent', after: line('dimm'), expect: line('dimm'), withinMs: HOUR, each: undefined, cancel: undefined }, by: ['node', 'session'], patterns: [0, 1] },
  { name: 'absent of each node', when: { kind: 'absent', after: undefined, expect: line('dimm'), withinMs: HOUR, each: {}, cancel: undefined }, by: ['node'], patterns: [0] },
  { name: 'sequence: first, then second of three', when: { kind: 'sequence', withinMs: HOUR, steps: ['a', 'b', 'c'].map((id) => ({ id, on: line('dimm') })), without: undefined }, by: ['node', 'session'], patterns: [0, 1] },
  { name: 'change', when: { kind: 'change', on: line('dimm'), value: 'dimm', versus: 'previous_event' }, by: ['node', 'session'], patterns: [0] },
  { name: 'rate', when: { kind: 'rate', on: line('dimm'), nowMs: 600_000, versusMs: DAY, factor: 4, min: 1000 }, by: ['node'], patterns: [0] },
  { name: 'alerts, 100 by rack', when: { kind: 'alerts', rules: ['node.*'], distinct: 'node', atLeast: 1000, withinMs: HOUR }, by: ['rack'], patterns: [0], occurrence: (i, atMs) => eventOf(i, atMs, i % 20_000 < 10_000 ? 'firing' : 'resolved') },
]

/** Nanoseconds of CPU for a call. `distinctKeys`: among so many. */
function measure(kind: Kind, distinctKeys: number, calls: number): number {
  const rule = ruleOf(kind.when, kind.by)
  const correlator = createCorrelator({ rules: [rule], inventory: INVENTORY, bounds: BOUNDS, counters })
  correlator.watchNodes(INVENTORY, 0)
  const occurrences = Array.from({ length: Math.min(calls, 100_000) }, (_, i) => (kind.occurrence ?? lineOf)(i, 1))
  const fulfilled = kind.patterns.map((pattern) => [{ pattern, captures: { dimm: 'DIMM_A1' } }])
  const call = (i: number): void => {
    const of = occurrences[i % occurrences.length]!
    const occurrence = kind.occurrence !== undefined || of.kind !== 'line' ? of : { kind: of.kind, line: { ...of.line, sessionId: i % distinctKeys, receivedMs: i >> 4 } }
    correlator.take(rule, fulfilled[i % fulfilled.length]!, occurrence)
  }
  for (let i = 0; i < Math.min(distinctKeys * 2, calls); i++) call(i)
  const begun = process.cpuUsage()
  for (let i = 0; i < calls; i++) call(i)
  const { user, system } = process.cpuUsage(begun)
  return ((user + system) * 1000) / calls
}

/** Buffers are given back some time after nobody holds them. */
async function collect(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await setTimeout(50)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

interface Filled { readonly correlator: Correlator; readonly bytes: number; readonly seconds: number }
async function fill(when: When, times: number): Promise<Filled> {
  const rule = ruleOf(when, ['node', 'session'])
  const before = await collect()
  const correlator = createCorrelator({ rules: [rule], inventory: INVENTORY, bounds: BOUNDS, counters })
  const fulfilled = [{ pattern: 0, captures: {} }]
  const begun = process.cpuUsage()
  for (let time = 0; time < times; time++) for (let i = 0; i < keys; i++) correlator.take(rule, fulfilled, lineOf(i, time * 1000 + (i >> 10)))
  const { user, system } = process.cpuUsage(begun)
  return { correlator, bytes: (await collect()) - before, seconds: (user + system) / 1e6 }
}

async function million(name: string, when: When, times: number): Promise<void> {
  const { correlator, bytes, seconds } = await fill(when, times)
  const live = correlator.liveKeys
  const say = (what: string, value: string): void => console.log(`  ${what.padEnd(38)}${value}`)
  console.log(`${live.toLocaleString('en')} keys, ${name}`)
  say('bytes a key (heap + buffers)', (bytes / live).toFixed(0))
  say('ns a call that made them', ((seconds * 1e9) / (live * times)).toFixed(0))
  const begun = process.cpuUsage()
  let rows = 0
  let rowBytes = 0
  for (const { key, state } of correlator.changes()) {
    rows++
    rowBytes += key.length + (state?.length ?? 0)
  }
  const written = process.cpuUsage(begun)
  say('rows to write: bytes, ns each', `${(rowBytes / rows).toFixed(0)}, ${(((written.user + written.system) * 1000) / rows).toFixed(0)}`)
  let calls = 0
  let longestMs = 0
  const from = process.cpuUsage()
  while (correlator.nextDueMs !== undefined) {
    const start = process.cpuUsage()
    correlator.advance(400 * DAY)
    longestMs = Math.max(longestMs, process.cpuUsage(start).user / 1000)
    calls++
    for (const _ of correlator.changes());
  }
  const { user, system } = process.cpuUsage(from)
  say('a jump of the clock: calls, longest', `${calls}, ${longestMs.toFixed(1)} ms of CPU`)
  say('ns a deadline, with its row', (((user + system) * 1000) / live).toFixed(0))
}

console.log(`ns of CPU a call        among 1,000 keys   among ${(keys / 10).toLocaleString('en')}`)
for (const kind of KINDS) {
  const few = measure(kind, 1000, 400_000)
  const many = measure(kind, keys / 10, 400_000)
  console.log(`${kind.name.padEnd(40)}${few.toFixed(0).padStart(6)}${many.toFixed(0).padStart(10)}`)
}
const hearing = createCorrelator({ rules: [ruleOf({ kind: 'absent', after: undefined, expect: line(), withinMs: HOUR, each: {}, cancel: undefined }, ['node'])], inventory: INVENTORY, counters })
hearing.watchNodes(INVENTORY, 0)
const listener = hearing.hearing('bench.rule')!
for (let i = 0; i < 1e6; i++) listener.heard((i % 10_000) + 1, i >> 8, i)
const begun = process.cpuUsage()
for (let i = 0; i < 5e6; i++) listener.heard((i % 10_000) + 1, i >> 8, i)
const heard = process.cpuUsage(begun)
console.log(`${'absent of each node, any message'.padEnd(40)}${(((heard.user + heard.system) * 1000) / 5e6).toFixed(0).padStart(6)}`)
await million('windows of three', { kind: 'count', on: line(), atLeast: 3, withinMs: DAY, distinct: undefined, reset: undefined }, 3)
await million('deadlines', { kind: 'absent', after: line(), expect: line('x'), withinMs: DAY, each: undefined, cancel: undefined }, 1)
