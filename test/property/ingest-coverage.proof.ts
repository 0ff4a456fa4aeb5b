import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const LEAST_PERCENT = 95
/** What the parser is tested by besides its proofs: the golden cases, and the unit tests of the folder. */
const TESTS = ['test/golden', 'test/unit/ingest/parse']
const ROOT = join(import.meta.dirname, '../..')

interface Count { readonly total: number; readonly covered: number; readonly pct: number }
type Summary = Readonly<Record<string, { readonly lines: Count; readonly branches: Count }>>

/** Vitest's own line coverage of src/ingest/parse, as a process of its own so that nothing else counts. */
async function readCoverage(): Promise<Summary> {
  const folder = mkdtempSync(join(tmpdir(), 'hps-coverage-'))
  try {
    const coverage = ['enabled', 'provider=v8', 'include=src/ingest/parse/**', 'reporter=json-summary', `reportsDirectory=${folder}`].map((option) => `--coverage.${option}`)
    await promisify(execFile)(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...TESTS, ...coverage], { cwd: ROOT, env: { ...process.env, VITEST: undefined } })
    return JSON.parse(readFileSync(join(folder, 'coverage-summary.json'), 'utf8')) as Summary
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test(`the golden cases and the unit tests of the parser run through at least ${LEAST_PERCENT} % of its lines`, async () => {
  const { total, ...files } = await readCoverage()
  const byFile = Object.entries(files).sort(([, a], [, b]) => a.lines.pct - b.lines.pct)
  const open = byFile.filter(([, { lines }]) => lines.covered < lines.total).map(([file, { lines }]) => `${basename(file)} ${lines.pct} %`)
  console.log(
    `proof: line coverage of src/ingest/parse ${total!.lines.pct} % (${total!.lines.covered} of ${total!.lines.total} lines in ${byFile.length} files), ` +
      `branches ${total!.branches.pct} %${open.length > 0 ? `; not whole: ${open.join(', ')}` : ''}`,
  )
  expect(byFile.length).toBeGreaterThan(10)
  expect(total!.lines.pct).toBeGreaterThanOrEqual(LEAST_PERCENT)
})
