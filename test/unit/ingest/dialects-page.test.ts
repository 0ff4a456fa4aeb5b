import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEVIATIONS, DIALECTS } from '#domain/dialects.ts'
import { FORMATS, PARSE_FAULTS } from '#domain/message.ts'
import { parseOne } from '#ingest/index.ts'
import { ZONE_NAMES } from '../../../src/ingest/parse/zone.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/dialects.md'), 'utf8')
const RECEIVED_MS = Date.parse('2026-11-22T13:21:40Z')

/** The cells of the table below a heading, its two first lines left out. */
function tableBelow(heading: string): readonly (readonly string[])[] {
  const section = page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!
  const rows = section.split('\n').filter((line) => line.startsWith('|')).slice(2)
  return rows.map((row) => row.slice(2, -2).split(/(?<!\\) \| /).map((cell) => cell.replaceAll('\\|', '|')))
}

/** The code spans of a cell, with the tabs that it writes as `<tab>`. */
const linesOf = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!.replaceAll('<tab>', '\t'))
const read = (line: string, form: Parameters<typeof parseOne>[2] = 'syslog') => parseOne(Buffer.from(line), RECEIVED_MS, form)

test('the page has every format, in order and in the words of the catalogue', () => {
  expect(tableBelow('Formats').map(([name, means]) => [name, means])).toEqual(FORMATS.map((format) => [`\`${format}\``, DIALECTS[format]]))
})

test('the page has every deviation, in order and in the words of the catalogue', () => {
  const rows = PARSE_FAULTS.map((fault) => [`\`${fault}\``, DEVIATIONS[fault].kind, DEVIATIONS[fault].means, DEVIATIONS[fault].mend || '–'])
  expect(tableBelow('Deviations')).toEqual(rows)
})

test('the page names the zones that are taken and those that are not', () => {
  const words = page.replaceAll('\n', ' ')
  expect(words).toContain(`the names ${ZONE_NAMES.taken.join(' ')}.`)
  expect(words).toContain(`share (${ZONE_NAMES.shared.join(' ')})`)
})

/** What comes by HTTP or as a whole journal is no line of syslog. */
const NO_LINE = new Set(['`ndjson`', '`line`', '`journal`'])

describe('the example of a format', () => {
  test.for(tableBelow('Formats').filter(([name]) => !NO_LINE.has(name!)))('%s is read as that format', ([name, , example]) => {
    // Consoles have a port of their own.
    expect(`\`${read(linesOf(example!)[0]!, name === '`netconsole`' ? 'console' : 'syslog').format}\``).toBe(name)
  })
})

describe('the examples of the dialects', () => {
  const PLAIN = /^(?:anything else|MikroTik|Palo Alto.*)$/
  test.for(tableBelow('What is read').flatMap(([name, examples]) => linesOf(examples!).map((line) => [name!, line] as const)))('%s: %s', ([name, line]) => {
    const frame = read(line)
    expect(frame.format).not.toBe('raw')
    // The first word is nobody's host or program where nothing says so.
    if (!PLAIN.test(name)) expect(`${frame.host}${frame.app}`).not.toBe('')
    expect(frame.faults.filter((fault) => DEVIATIONS[fault].kind === 'damage')).toEqual([])
  })
})
