/**
 * What the engine of the rules costs alone: time of a message against sets of rules, in a batch as the log writer lends it.
 * `node bench/engine.ts [batches]`
 */
import { createBatch, type Batch } from '#domain/batch.ts'
import { IDENTITY_METHODS } from '#domain/message.ts'
import { createRenderer } from '#render/index.ts'
import { createCorrelator } from '../src/triggers/correlate/create-correlator.ts'
import { createRulesEngine, type Taker } from '../src/triggers/engine.ts'
import { createRuleMeter } from '../src/triggers/run/meter.ts'
import { readRules } from '../src/triggers/rules/load.ts'
import type { Rule } from '../src/triggers/rules/rule.ts'
import { hostileCorpus, hostileRules, manyRules, ruledCorpus } from './load/rules.ts'

const batches = Number(process.argv[2] ?? 60)
const ROWS = 8192
const NODES = 5000
const IGNORED = { add: () => undefined, set: () => undefined }
const NO_NODES = { facts: () => undefined, all: () => [] }
const SILENT = `format: 1
pack: silent
rules:
- id: bench.silent
  title: silent
  severity: warning
  when: {absent: {each: {node: {state: running}}, expect: {}, within: 10m}}
  by: [node]
  tests: [{name: none, steps: [{expect: {not_firing: {}}}]}]
`

function rulesOf(text: string): readonly Rule[] {
  const loaded = readRules([{ name: 'bench.yaml', text }], { renderer: createRenderer() })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults.slice(0, 3)))
  return loaded.value.rules
}

/** RFC 5424 and RFC 3164 lines as ingest would place them. */
function batchOf(frames: Iterable<string>): Batch {
  const batch = createBatch(ROWS, ROWS * 400)
  for (const frame of frames) {
    const bytes = Buffer.from(frame.trimEnd())
    if (batch.rows >= ROWS || batch.byteCount + bytes.length > batch.bytes.length) break
    const text = bytes.toString('latin1')
    const found = /^<\d+>1 \S+ \S+ (\S+) \S+ - - /.exec(text) ?? /^<\d+>\w+ +\d+ \S+ \S+ ([^[:]+)\[\d+\]: /.exec(text)
    if (found === null) continue
    const row = batch.rows++
    batch.bytes.set(bytes, batch.byteCount)
    batch.frameStart[row] = batch.byteCount
    batch.frameLen[row] = bytes.length
    batch.appOff[row] = text.indexOf(found[1]!, 5)
    batch.appLen[row] = found[1]!.length
    batch.textOff[row] = found[0].length
    batch.textLen[row] = bytes.length - found[0].length
    batch.pri[row] = 13
    batch.node[row] = (row % NODES) + 1
    batch.method[row] = IDENTITY_METHODS.indexOf('lease')
    batch.receivedMs[row] = 1e12 + row
    batch.byteCount += bytes.length
  }
  return batch
}

function measure(name: string, { text, frames, times, nodes = 0 }: { readonly text: string; readonly frames: Iterable<string>; readonly times: number; readonly nodes?: number }): void {
  const rules = rulesOf(text)
  const list = Array.from({ length: nodes }, (_, index) => ({ nodeId: index + 1, name: `n${index}`, state: 'running', profile: '', labels: {}, sessionId: 0, stage: '' }))
  const inventory = nodes === 0 ? NO_NODES : { facts: (id: number) => list[id - 1], all: () => list }
  const correlator = createCorrelator({ rules, inventory, counters: IGNORED })
  correlator.watchNodes(inventory, 1e12)
  let found = 0
  const taker: Taker = {
    nextDueMs: Infinity, isFull: false, passTo: () => undefined,
    take: (rule, fulfilled, occurrence) => void (found += correlator.take(rule, fulfilled, occurrence).length),
    found: (findings) => void (found += findings.length),
  }
  const engine = createRulesEngine({ rules, counters: IGNORED, inventory: () => inventory, hearing: (rule) => correlator.hearing(rule), meter: createRuleMeter(rules.length, () => performance.now()) })
  const batch = batchOf(frames)
  const run = (): void => void engine.evaluate(batch, { from: 0, to: batch.rows }, taker)
  for (let warm = 0; warm < Math.min(5, times); warm++) run()
  found = 0
  const before = process.threadCpuUsage()
  for (let time = 0; time < times; time++) run()
  const { user, system } = process.threadCpuUsage(before)
  const rows = batch.rows * times
  process.stdout.write(`${name.padEnd(36)} ${String(rules.length).padStart(5)} rules ${((user + system) / rows).toFixed(3).padStart(9)} us/message ${(found / rows * 1000).toFixed(2).padStart(8)} findings/1,000\n`)
}

const START_MS = Date.UTC(2026, 0, 1)
measure('no rule for it', { text: SILENT.replace('absent: {each: {node: {state: running}}, expect: {}, within: 10m}', 'match: {app: nobody}'), frames: ruledCorpus(ROWS).frames(START_MS), times: batches })
measure('one with a literal', { text: manyRules(1), frames: ruledCorpus(ROWS).frames(START_MS), times: batches })
measure('1 in 20 gated, 1 in 1,000 matched', { text: manyRules(), frames: ruledCorpus(ROWS).frames(START_MS), times: batches })
measure('any message of 5,000 nodes', { text: SILENT, frames: ruledCorpus(ROWS).frames(START_MS), times: batches, nodes: NODES })
if (!process.argv.includes('--fair')) measure('hostile, 1 in 50 of 8,000 letters', { text: hostileRules(), frames: hostileCorpus(ROWS).frames(START_MS), times: 1 })
