import { createRequire } from 'node:module'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { build } from 'esbuild'
import { instrument, type Mutant } from './mutate.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What is mutated. */
const SOURCES = 'src/ingest/parse/*.ts'
/** Rounds of loops that reading one case may take; a mutant that needs more has lost its way. */
const MAX_STEPS = 200_000

export type Fate = 'killed' | 'endless' | 'survived'
export interface MutationRun {
  /** Cases that the unmutated parser does not read as expected: judged by them, every mutant would seem killed. */
  readonly brokenCases: readonly string[]
  readonly cases: number
  readonly fates: readonly { readonly mutant: Mutant; readonly fate: Fate; readonly isReached: boolean }[]
}

interface Judge { readonly cases: readonly { readonly name: string }[]; isAsExpected(index: number): boolean }
type Load = (isOn: (id: number) => boolean, step: () => void) => Judge

/** Bundles the parser with all mutants, its cases and the printing, as a function that gives a fresh copy at each call. */
async function bundle(): Promise<{ readonly load: Load; readonly mutants: readonly Mutant[] }> {
  const mutants: Mutant[] = []
  const codes = new Map<string, string>()
  for (const path of globSync(SOURCES, { cwd: ROOT }).sort()) {
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

class Endless extends Error {}

/** Judges every mutant by the golden cases that reach it, each in a fresh copy of the parser. */
export async function runMutants(): Promise<MutationRun> {
  const { load, mutants } = await bundle()
  let steps = 0
  const step = () => {
    if (++steps > MAX_STEPS) throw new Endless()
  }
  const { casesOf, atLoad, brokenCases, cases } = recordReach(load, mutants.length)
  const every = Array.from({ length: cases }, (_, index) => index)
  const judge = (id: number): Fate => {
    try {
      steps = 0
      const { isAsExpected } = load((other) => other === id, step)
      for (const index of atLoad.has(id) ? every : casesOf[id]!) {
        steps = 0
        if (!isAsExpected(index)) return 'killed'
      }
      return 'survived'
    } catch (error) {
      return error instanceof Endless ? 'endless' : 'killed'
    }
  }
  return { brokenCases, cases, fates: mutants.map((mutant) => ({ mutant, fate: judge(mutant.id), isReached: atLoad.has(mutant.id) || casesOf[mutant.id]!.length > 0 })) }
}

/** Which mutants each case comes by, and which are met when the code is loaded. */
function recordReach(load: Load, count: number): { readonly casesOf: readonly (readonly number[])[]; readonly atLoad: ReadonlySet<number>; readonly brokenCases: readonly string[]; readonly cases: number } {
  let reached = new Set<number>()
  const judge = load((id) => (reached.add(id), false), () => undefined)
  const atLoad = reached
  const casesOf: number[][] = Array.from({ length: count + 1 }, () => [])
  const brokenCases: string[] = []
  judge.cases.forEach(({ name }, index) => {
    reached = new Set()
    if (!judge.isAsExpected(index)) brokenCases.push(name)
    for (const id of reached) casesOf[id]!.push(index)
  })
  return { casesOf, atLoad, brokenCases, cases: judge.cases.length }
}
