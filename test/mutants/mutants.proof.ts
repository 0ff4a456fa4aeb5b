import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEquivalents } from './equivalent.ts'
import { instrument, type MutantKind } from './mutate.ts'
import { runMutants, type Fate, type MutationRun } from './run.ts'

const run: MutationRun = await runMutants()
const equivalents = readEquivalents()
const listed = new Set(equivalents.map(({ key }) => key))
/**
 * floors.txt: how many percent of a file's finer mutants the cases notice at least. A file that does better raises its line:
 * UPDATE_MUTANTS=1 writes all anew.
 */
const FLOORS = join(import.meta.dirname, 'floors.txt')
const floors = new Map(readFileSync(FLOORS, 'utf8').trim().split('\n').map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1])]))
const files = [...new Set(run.fates.map(({ mutant }) => mutant.file))]

/** Mutants of a kind, of one file or of all. */
function tallyOf(kind: MutantKind, file?: string): { readonly all: number; readonly noticed: number; readonly fates: Readonly<Record<Fate, number>> } {
  const of = run.fates.filter(({ mutant }) => mutant.kind === kind && (file === undefined || mutant.file === file))
  const fates = { killed: 0, cut: 0, endless: 0, survived: 0 }
  for (const { fate } of of) fates[fate]++
  return { all: of.length, noticed: of.length - fates.survived, fates }
}
const percentOf = ({ all, noticed }: { readonly all: number; readonly noticed: number }): number => (all === 0 ? 100 : Math.floor((100 * noticed) / all))

test('the cases that judge the mutants are all read as expected', () => {
  expect(run.brokenCases).toEqual([])
})

test('each branch of the parser is needed by a golden case, or is listed with the reason why none can need it', () => {
  const { all, fates } = tallyOf('branch')
  const reasons = new Set(equivalents.map(({ reason }) => reason)).size
  console.log(
    `proof: ${all} mutants of the branches of ${files.length} files judged by ${run.cases} golden cases: ${fates.killed} noticed by what is read, ` +
      `${fates.cut} by a case that ends early, ${fates.endless} never end; ${fates.survived} change nothing, for ${reasons} reasons (equivalent.txt)`,
  )
  const open = run.fates.filter(({ mutant, fate }) => fate === 'survived' && mutant.kind === 'branch' && !listed.has(mutant.key))
  expect(open.map(({ mutant, isReached }) => `${mutant.file}:${mutant.line}:${mutant.column} ${mutant.key}${isReached ? '' : ' (no case comes by)'}`)).toEqual([])
})

test('of the finer mutants, the cases notice as many in each file as before', () => {
  const tallies = files.map((file) => ({ file, branch: tallyOf('branch', file), finer: tallyOf('finer', file) }))
  for (const { file, branch, finer } of tallies) console.log(`mutants: ${file} branches ${branch.noticed} of ${branch.all}, finer ${finer.noticed} of ${finer.all} (${percentOf(finer)} %)`)
  const { all, noticed } = tallyOf('finer')
  console.log(`proof: ${all} finer mutants (boundaries, numbers, \`&&\` for \`||\`): ${noticed} noticed`)
  if (process.env['UPDATE_MUTANTS'] === '1') writeFileSync(FLOORS, tallies.map(({ file, finer }) => `${file} ${percentOf(finer)}\n`).join(''))
  expect(tallies.filter(({ file, finer }) => !(percentOf(finer) >= floors.get(file)!)).map(({ file }) => file)).toEqual([])
})

test('what is listed as equivalent is there, has a reason, and survives', () => {
  const survived = new Set(run.fates.filter(({ fate, mutant }) => fate === 'survived' && mutant.kind === 'branch').map(({ mutant }) => mutant.key))
  expect(equivalents.filter(({ reason }) => reason.length < 10).map(({ key }) => key)).toEqual([])
  expect(equivalents.filter(({ key }) => !survived.has(key)).map(({ key, line }) => `equivalent.txt:${line} ${key}`)).toEqual([])
  expect(listed.size).toBe(equivalents.length)
})

test('a piece of code gives the mutants it should, and only those', () => {
  const source = 'const MAX = 3\nexport function f(a: number): number {\n  while (a < MAX && a !== 2) a++\n  return a > 1 ? a : 0\n}\n'
  const { mutants } = instrument({ file: 'x.ts', source, firstId: 1 })
  expect(mutants.map(({ key }) => key.replace('x.ts ', '')).toSorted()).toEqual(
    [
      ': 3 → 3 + 1', ': 3 → 3 - 1',
      ...['true', 'false', '<='].map((change) => `f: a < MAX → ${change}`),
      ...['true', 'false', '2 + 1', '2 - 1'].map((change) => `f: a !== 2 → ${change}`),
      'f: a < MAX && a !== 2 → ||',
      ...['true', 'false', '>=', '1 + 1', '1 - 1'].map((change) => `f: a > 1 → ${change}`),
      'f: a++ → nothing',
    ].toSorted(),
  )
})
