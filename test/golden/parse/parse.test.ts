import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseOne, type ParsedFrame } from '#ingest/index.ts'
import { goldenCases } from '../../fixtures/ingest/golden-case.ts'

/**
 * One case a file: comment lines that say where the form comes from (`# received: <time>` sets the time of receipt, `# form: line`
 * another form than syslog), one line of bytes with the escapes \n \r \t \0 \\ \xNN, `---`, and the fields that are expected.
 * UPDATE_GOLDEN=1 writes what the parser says now; review it like code.
 */
const DEFAULT_RECEIVED = '2026-11-22T13:21:40Z'
const cases = goldenCases()

test('there are cases for all the forms that were met', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40)
})

test.for(cases.map((golden) => [golden.name, golden] as const))('%s', ([, golden]) => {
  const form = (golden.directive('form') ?? 'syslog') as Parameters<typeof parseOne>[2]
  const printed = print(parseOne(golden.bytes, Date.parse(golden.directive('received') ?? DEFAULT_RECEIVED), form))
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden.path, `${golden.head}\n---\n${printed}`)
  else expect(printed).toBe(golden.expected)
})

/** The fields that are there, one a line; texts as JSON so that blanks and control characters can be seen. */
function print(frame: ParsedFrame): string {
  const texts = ['host', 'app', 'procid', 'msgid', 'structuredData', 'label', 'text'] as const
  const rows: string[] = [`format: ${frame.format}`, `priority: ${frame.facility}.${frame.severity}`]
  if (frame.sentMs !== undefined) rows.push(`sent: ${new Date(frame.sentMs).toISOString()}`)
  for (const name of texts) if (frame[name] !== '') rows.push(`${name}: ${JSON.stringify(frame[name])}`)
  if (frame.printkUs !== undefined) rows.push(`printk: ${frame.printkUs} us`)
  if (frame.hints.length > 0) rows.push(`hints: ${frame.hints.join(' ')}`)
  if (frame.faults.length > 0) rows.push(`faults: ${frame.faults.join(' ')}`)
  rows.push(`template: ${frame.template}`)
  return `${rows.join('\n')}\n`
}
