import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CASES, type GoldenCase } from '../fixtures/ingest/golden-case.ts'
import { createMutator, createRandom } from '../fixtures/ingest/mutated-inputs.ts'
import { readEquivalents } from './equivalent.ts'
import type { Mutant } from './mutate.ts'
import { bundle, Endless, MAX_STEPS, runMutants, type Judge } from './run.ts'

/**
 * Looks for inputs that notice mutants which no golden case notices, and writes the shortest forms of them as golden cases `found-….case`, to be named by what they guard:
 *
 *   node test/mutants/search.ts <seconds> <seed>
 *
 * What is expected in them is what the parser says today: read each before it is committed.
 */
const [seconds = '60', seed = '1'] = process.argv.slice(2)
const MAX_BYTES = 300

const run = await runMutants()
if (run.brokenCases.length > 0) throw new Error(`not read as expected: ${run.brokenCases.join(', ')}`)
const listed = new Set(readEquivalents().map(({ key }) => key))
const open = new Map<number, Mutant>(run.fates.filter(({ fate, mutant }) => fate === 'survived' && mutant.kind === 'branch' && !listed.has(mutant.key)).map(({ mutant }) => [mutant.id, mutant]))
console.log(`${open.size} survivors of ${run.fates.length}`)

const { load } = await bundle()
let active = 0
let steps = 0
let reached: Set<number> | undefined
const judge: Judge = load(
  (id) => {
    if (reached !== undefined && open.has(id)) reached.add(id)
    return id === active
  },
  () => {
    if (++steps > MAX_STEPS) throw new Endless()
  },
)

interface Guard { golden: GoldenCase; killed: Set<number> }

const inputOf = (bytes: Buffer, like: GoldenCase): GoldenCase => ({ ...like, bytes })
function isNoticed(id: number, golden: GoldenCase, right: readonly Buffer[]): boolean {
  active = id
  steps = 0
  try {
    return judge.read(golden, right) === undefined
  } catch {
    return true
  } finally {
    active = 0
  }
}

/** The open mutants that this input notices, of `among` where given. */
function noticed(golden: GoldenCase, among?: ReadonlySet<number>): Set<number> {
  reached = new Set()
  steps = 0
  const right = judge.read(golden)!
  const met = reached
  reached = undefined
  return new Set([...met].filter((id) => (among === undefined || among.has(id)) && isNoticed(id, golden, right)))
}

/** Takes away what can be taken away without losing a mutant. */
function shrink(guard: Guard): Guard {
  let best = guard
  for (let size = 64; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.golden.bytes.length; ) {
      const bytes = Buffer.concat([best.golden.bytes.subarray(0, at), best.golden.bytes.subarray(at + size)])
      const killed = noticed(inputOf(bytes, guard.golden), guard.killed)
      if (killed.size === guard.killed.size) best = { golden: inputOf(bytes, guard.golden), killed }
      else at += size
    }
  }
  return best
}

const random = createRandom(Number(seed))
const mutator = createMutator(judge.cases.map(({ bytes }) => bytes), random, 65_535)
const guards: Guard[] = []
const endMs = Date.now() + Number(seconds) * 1000
let tried = 0
for (; Date.now() < endMs; tried++) {
  mutator.next(MAX_BYTES)
  const golden = inputOf(Buffer.from(mutator.bytes.subarray(0, mutator.length)), judge.cases[mutator.seed]!)
  const killed = noticed(golden)
  if (killed.size === 0) continue
  const guard = shrink({ golden, killed })
  guards.push(guard)
  for (const id of guard.killed) open.delete(id)
}

const escapeBytes = (bytes: Buffer): string =>
  [...bytes].map((byte, at) => (byte === 92 ? '\\\\' : byte === 10 ? '\\n' : byte === 13 ? '\\r' : byte === 9 ? '\\t' : byte === 0 ? '\\0' : byte < 32 || byte > 126 || (at === 0 && byte === 35) ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte))).join('')

const mutantOf = new Map(run.fates.map(({ mutant }) => [mutant.id, mutant]))
const used = new Map<string, number>()
for (const { golden, killed } of guards) {
  const expected = judge.print(golden)
  const first = mutantOf.get([...killed][0]!)!
  const place = first.key.slice(0, first.key.indexOf(':')).replace('.ts', '').trim().replace(/ /g, '-').replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
  const nth = (used.get(place) ?? 0) + 1
  used.set(place, nth)
  const faults = /^faults: (.*)$/m.exec(expected)?.[1]?.split(' ') ?? []
  const form = golden.directive('form')
  const received = golden.directive('received')
  const head = [
    `# from: made from ${golden.name.replace(/\.case$/, '')}: without it ${killed.size === 1 ? 'a mutant' : `${killed.size} mutants`} of ${[...new Set([...killed].map((id) => mutantOf.get(id)!.key.split(':')[0]!))].slice(0, 3).join(', ')} would go unnoticed`,
    `# dialect: ${golden.directive('dialect') ?? 'none'}`,
    `# deviation: ${faults[0] ?? 'none'}`,
    ...(form === undefined ? [] : [`# form: ${form}`]),
    ...(received === undefined ? [] : [`# received: ${received}`]),
  ]
  writeFileSync(join(CASES, `found-${place}-${seed}-${nth}.case`), `${[...head, escapeBytes(golden.bytes)].join('\n')}\n---\n${expected}`, { flag: 'wx' })
}
console.log(`${tried} inputs tried, ${guards.length} cases written, ${open.size} survivors left`)
