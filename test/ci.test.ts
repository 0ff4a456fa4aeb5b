import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** `.ci/run` runs every system test, in exactly one suite, and all suites together keep within the time that a run may take. */
const ROOT = join(import.meta.dirname, '..')
const LONGEST_RUN_S = 5400

interface Suite {
  readonly name: string
  readonly budgetS: number
  readonly path: string
}

const table = /^SUITES="\n(?<rows>[^"]*)"/mu.exec(readFileSync(join(ROOT, '.ci/run'), 'utf8'))?.groups?.['rows'] ?? ''
const suites: readonly Suite[] = table.trim().split('\n').map((row) => {
  const [name = '', budget, path = ''] = row.trim().split(/\s+/u)
  return { name, budgetS: Number(budget), path }
})
const files = globSync('test/system/**/*.test.ts', { cwd: ROOT })
/** How vitest takes a path: whatever contains it. */
const runs = (suite: Suite, file: string): boolean => suite.path !== '-' && file.includes(suite.path)

test.each(files)('%s is run, and only once', (file) => {
  expect(suites.filter((suite) => runs(suite, file)).map((suite) => suite.name)).toHaveLength(1)
})

test.each(suites.filter((suite) => suite.path !== '-'))('suite $name has something to run', (suite) => {
  expect(files.filter((file) => runs(suite, file))).not.toHaveLength(0)
})

test('all budgets together are no longer than a run may be', () => {
  const sumS = suites.reduce((sum, suite) => sum + suite.budgetS, 0)
  expect(sumS).toBeGreaterThan(0)
  expect(sumS).toBeLessThan(LONGEST_RUN_S)
})
