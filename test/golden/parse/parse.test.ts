import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEVIATIONS } from '#domain/dialects.ts'
import { PARSE_FAULTS, type ParseFault } from '#domain/message.ts'
import { goldenCases } from '../../fixtures/ingest/golden-case.ts'
import { printCase } from '../../fixtures/ingest/golden-print.ts'

/**
 * One case a file: comment lines, one line of bytes with the escapes \n \r \t \0 \\ \xNN, `---`, and the fields that are expected.
 * Three comments are asked of each case: `# from:` the program and its version, the section of the RFC, or the project and issue or
 * test that shows the form; `# dialect:` whose form it is; `# deviation:` what the case stands for, one of PARSE_FAULTS or `none`.
 * `# received: <time>` sets the time of receipt, `# form: line` another form than syslog.
 * UPDATE_GOLDEN=1 writes what the parser says now; review it like code.
 */
const LEAST_CASES = 150
const cases = goldenCases()

test('there are cases for all the forms that were met', () => {
  expect(cases.length).toBeGreaterThanOrEqual(LEAST_CASES)
})

test('every deviation that a header can have has a case that stands for it', () => {
  const stoodFor = new Set(cases.map((golden) => golden.directive('deviation')))
  expect(PARSE_FAULTS.filter((fault) => !stoodFor.has(fault) && !NOT_OF_A_HEADER.has(fault))).toEqual([])
})
/** Noted by the framing, the joining of datagrams, the configuration or the log writer, which have tests of their own. */
const NOT_OF_A_HEADER: ReadonlySet<ParseFault> = new Set(['truncated', 'bad-frame-count', 'unterminated-frame', 'joined', 'piece-missing', 'mapped-app', 'doubled'])

test.for(cases.map((golden) => [golden.name, golden] as const))('%s says where it comes from, and stands for what it has', ([, golden]) => {
  expect(golden.directive('from')).toMatch(/\S{3}/)
  expect(golden.directive('dialect')).toMatch(/\S{3}/)
  const deviation = golden.directive('deviation')
  const found = /^faults: (.*)$/m.exec(golden.expected!)?.[1]?.split(' ') ?? []
  if (deviation === 'none') expect(found.filter((fault) => DEVIATIONS[fault as ParseFault].kind === 'damage')).toEqual([])
  else expect(found).toContain(deviation)
})

test.for(cases.map((golden) => [golden.name, golden] as const))('%s', ([, golden]) => {
  const printed = printCase(golden)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden.path, `${golden.head}\n---\n${printed}`)
  else expect(printed).toBe(golden.expected)
})
