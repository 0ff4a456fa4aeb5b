import { createRequire } from 'node:module'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { compileFunction } from 'node:vm'
import { build } from 'esbuild'
import type { GoldenCase } from '../fixtures/ingest/golden-case.ts'
import { instrument, type Mutant } from './mutate.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What is mutated: the parser, without what shows people how a line was read (`hps parse`), which golden cases do not see. */
const SOURCES = 'src/ingest/parse/*.ts'
const NOT_MUTATED: readonly string[] = ['frame-reader.ts', 'frame-spans.ts', 'parse-one.ts']
/** Rounds of loops that reading one case may take; a mutant that needs more has lost its way. */
export const MAX_STEPS = 20_000
/** The same for reading a case as often as it has bytes. */
const CUT_STEPS = 1_000_000

/** `cut`: noticed by a case that ends early, since bytes behind its end were read. `endless`: noticed, since a loop never ends. */
export type Fate = 'killed' | 'cut' | 'endless' | 'survived'
export interface MutationRun {
  /** Cases that the unmutated parser does not read as expected: judged by them, every mutant would seem killed. */
  readonly brokenCases: readonly string[]
  readonly cases: number
  readonly fates: readonly { readonly mutant: Mutant; readonly fate: Fate; readonly isReached: boolean }[]
}

export interface Judge {
  readonly cases: readonly GoldenCase[]
  print(golden: GoldenCase): string
  read(golden: GoldenCase, before?: readonly Buffer[]): readonly Buffer[] | undefined
  isReadWithinCuts(golden: GoldenCase): boolean
}
export type Load = (isOn: (id: number) => boolean, step: () => void) => Judge

/** Bundles the parser with all mutants, its cases and the printing, as a function that gives a fresh copy at each call. */
export async function bundle(): Promise<{ readonly load: Load; readonly mutants: readonly Mutant[] }> {
  const mutants: Mutant[] = []
  const codes = new Map<string, string>()
  for (const path of globSync(SOURCES, { cwd: ROOT }).filter((name) => !NOT_MUTATED.includes(basename(name))).sort()) {
    const { code, mutants: found } = instrument({ file: path.replace(/^src\/ingest\/(parse\/)?/, ''), source: readFileSync(join(ROOT, path), 'utf8'), firstId: mutants.length + 1 })
    codes.set(join(ROOT, path), code)
    mutants.push(...found)
  }
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'test/mutants/judge.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'esnext',
    define: { 'import.meta.dirname': JSON.stringify(join(ROOT, 'test/fixtures/ingest')) },
    logLevel: 'error',
    plugins: [{ name: 'mutants', setup: (on) => on.onLoad({ filter: /\.ts$/ }, ({ path }) => (codes.has(path) ? { contents: codes.get(path)!, loader: 'ts' } : undefined)) }],
  })
  const factory = compileFunction(outputFiles[0]!.text, ['$m', '$s', 'require', 'module', 'exports']) as (...args: readonly unknown[]) => void
  const requireHere = createRequire(import.meta.url)
  const load: Load = (isOn, step) => {
    const module = { exports: {} }
    factory(isOn, step, requireHere, module, module.exports)
    return module.exports as Judge
  }
  return { load, mutants }
}

export class Endless extends Error {}

/** Judges every mutant by the golden cases that reach it. */
export async function runMutants(): Promise<MutationRun> {
  const { load, mutants } = await bundle()
  let steps = 0
  const step = () => {
    if (++steps > MAX_STEPS) throw new Endless()
  }
  const { casesOf, atLoad, brokenCases, right } = recordReach(load, mutants.length)
  const every = right.map((_, index) => index)
  let active = 0
  const shared = load((id) => id === active, step)
  const judge = (id: number): Fate => {
    try {
      steps = 0
      active = id
      // What is met when the code is loaded needs a copy of its own.
      const { cases, read, isReadWithinCuts } = atLoad.has(id) ? load((other) => other === id, step) : shared
      const reaching = atLoad.has(id) ? every : casesOf[id]!
      for (const index of reaching) {
        steps = 0
        if (read(cases[index]!, right[index]) === undefined) return 'killed'
      }
      if (atLoad.has(id) || mutants[id - 1]!.kind === 'finer') return 'survived'
      for (const index of reaching) {
        steps = -CUT_STEPS
        if (!isReadWithinCuts(cases[index]!)) return 'cut'
      }
      return 'survived'
    } catch (error) {
      return error instanceof Endless ? 'endless' : 'killed'
    }
  }
  return { brokenCases, cases: right.length, fates: mutants.map((mutant) => ({ mutant, fate: judge(mutant.id), isReached: atLoad.has(mutant.id) || casesOf[mutant.id]!.length > 0 })) }
}

interface Reach {
  readonly casesOf: readonly (readonly number[])[]
  readonly atLoad: ReadonlySet<number>
  readonly brokenCases: readonly string[]
  /** The columns of each case by the unmutated parser. */
  readonly right: readonly (readonly Buffer[])[]
}

/** Which mutants each case comes by, and which are met when the code is loaded. */
function recordReach(load: Load, count: number): Reach {
  let reached = new Set<number>()
  const judge = load((id) => (reached.add(id), false), () => undefined)
  const atLoad = reached
  const casesOf: number[][] = Array.from({ length: count + 1 }, () => [])
  const brokenCases: string[] = []
  const right: (readonly Buffer[])[] = []
  judge.cases.forEach((golden, index) => {
    reached = new Set()
    if (judge.print(golden) !== golden.expected) brokenCases.push(golden.name)
    right.push(judge.read(golden)!)
    for (const id of reached) casesOf[id]!.push(index)
  })
  return { casesOf, atLoad, brokenCases, right }
}
