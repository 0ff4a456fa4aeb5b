import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

const LEAST_PERCENT = 95
/** What the parser is tested by besides its proofs: the golden cases, the unit tests of the folder, and those of `hps parse`, which shows how it reads. */
const TESTS = ['test/golden', 'test/unit/ingest/parse', 'test/unit/cli/parse.test.ts']
const ROOT = join(import.meta.dirname, '../..')

interface Count { readonly total: number; readonly covered: number; readonly pct: number }
type Summary = Readonly<Record<string, { readonly lines: Count; readonly branches: Count }>>

interface Outcome { readonly exitCode: number | null; readonly output: string; readonly summary: Summary }

/** Vitest's own line coverage of src/ingest/parse, by a process of its own so that nothing else counts. */
function readCoverage(): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'hps-coverage-'))
  try {
    const coverage = ['enabled', 'provider=v8', 'include=src/ingest/parse/**', 'reporter=json-summary', 'reportOnFailure', `reportsDirectory=${folder}/report`].map((option) => `--coverage.${option}`)
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...TESTS, ...coverage]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env: { ...process.env, VITEST: undefined }, encoding: 'utf8' })
    return { exitCode: status, output: `${stdout}${stderr}`.slice(-4000), summary: JSON.parse(readFileSync(join(folder, 'report/coverage-summary.json'), 'utf8')) as Summary }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test(`the golden cases and the unit tests of the parser and of hps parse run through at least ${LEAST_PERCENT} % of its lines`, () => {
  const { exitCode, output, summary } = readCoverage()
  const { total, ...files } = summary
  const byFile = Object.entries(files).sort(([, a], [, b]) => a.lines.pct - b.lines.pct)
  const open = byFile.filter(([, { lines }]) => lines.covered < lines.total).map(([file, { lines }]) => `${basename(file)} ${lines.pct} %`)
  console.log(
    `proof: line coverage of src/ingest/parse ${total!.lines.pct} % (${total!.lines.covered} of ${total!.lines.total} lines in ${byFile.length} files), ` +
      `branches ${total!.branches.pct} %${open.length > 0 ? `; not whole: ${open.join(', ')}` : ''}`,
  )
  expect(exitCode, output).toBe(0)
  expect(byFile.length).toBeGreaterThan(10)
  expect(total!.lines.pct).toBeGreaterThanOrEqual(LEAST_PERCENT)
})
