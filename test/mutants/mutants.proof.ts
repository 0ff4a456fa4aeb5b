import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEquivalents } from './equivalent.ts'
import { instrument } from './mutate.ts'
import { runMutants, type Fate, type MutationRun } from './run.ts'

const run: MutationRun = await runMutants()
const equivalents = readEquivalents()
/**
 * open.txt: survivors that nobody has looked at, neither guarded by a case nor known to be equivalent. It may only become shorter: a
 * survivor that stands in neither list fails the run. UPDATE_MUTANTS=1 writes it anew; `node test/mutants/search.ts` looks for cases.
 */
const OPEN = join(import.meta.dirname, 'open.txt')
const known = new Set(readFileSync(OPEN, 'utf8').split('\n'))
const listed = new Map(equivalents.map((entry) => [entry.key, entry]))

test('the cases that judge the mutants are all read as expected', () => {
  expect(run.brokenCases).toEqual([])
})

test('every mutant of the parser is noticed by a golden case, or is listed', () => {
  const count = (fate: Fate) => run.fates.filter((entry) => entry.fate === fate).length
  const survivors = run.fates.filter(({ fate }) => fate === 'survived')
  const unlisted = survivors.filter(({ mutant }) => !listed.has(mutant.key))
  const open = unlisted.filter(({ mutant }) => !known.has(mutant.key))
  if (process.env['UPDATE_MUTANTS'] === '1') writeFileSync(OPEN, unlisted.map(({ mutant }) => `${mutant.key}\n`).join(''))
  const files = new Set(run.fates.map(({ mutant }) => mutant.file))
  for (const file of files) console.log(`mutants: ${file} ${tally(run.fates.filter(({ mutant }) => mutant.file === file).map(({ fate }) => fate))}`)
  console.log(
    `proof: ${run.fates.length} mutants of ${files.size} files judged by ${run.cases} golden cases: ${count('killed')} killed, ${count('endless')} endless, ` +
      `${survivors.length} survived (${survivors.length - unlisted.length} of them equivalent, ${unlisted.length - open.length} open, ${open.length} new)`,
  )
  expect(open.map(({ mutant, isReached }) => `${mutant.file}:${mutant.line}:${mutant.column} ${mutant.key}${isReached ? '' : ' (no case comes by)'}`)).toEqual([])
})

test('what is listed as equivalent is there, has a reason, and survives', () => {
  const survived = new Set(run.fates.filter(({ fate }) => fate === 'survived').map(({ mutant }) => mutant.key))
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
      ...['true', 'false', 'not', '<='].map((change) => `f: a < MAX → ${change}`),
      ...['true', 'false', 'not', '2 + 1', '2 - 1'].map((change) => `f: a !== 2 → ${change}`),
      ...['true', 'false', 'not', '||'].map((change) => `f: a < MAX && a !== 2 → ${change}`),
      ...['true', 'false', 'not', '>=', '1 + 1', '1 - 1'].map((change) => `f: a > 1 → ${change}`),
      'f: a++ → nothing',
    ].toSorted(),
  )
})

function tally(fates: readonly Fate[]): string {
  const of = (fate: Fate) => fates.filter((other) => other === fate).length
  return `${of('killed')} killed, ${of('endless')} endless, ${of('survived')} survived`
}
