import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { goldenCases } from '../../fixtures/ingest/golden-case.ts'
import { printCase } from '../../fixtures/ingest/golden-print.ts'

/**
 * One case a file: comment lines that say where the form comes from (`# received: <time>` sets the time of receipt, `# form: line`
 * another form than syslog), one line of bytes with the escapes \n \r \t \0 \\ \xNN, `---`, and the fields that are expected.
 * UPDATE_GOLDEN=1 writes what the parser says now; review it like code.
 */
const cases = goldenCases()

test('there are cases for all the forms that were met', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40)
})

test.for(cases.map((golden) => [golden.name, golden] as const))('%s', ([, golden]) => {
  const printed = printCase(golden)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden.path, `${golden.head}\n---\n${printed}`)
  else expect(printed).toBe(golden.expected)
})
