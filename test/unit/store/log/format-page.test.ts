import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { NUMBER_CODEC, MAX_WIDTH, NEGATIVE_BASE } from '../../../../src/store/log/seal/columns/number-codecs.ts'
import { CODEC_BITS, TOKEN_CODEC, TOKEN_FLAG } from '../../../../src/store/log/seal/columns/token-codecs.ts'
import { APPLICATION_ID } from '../../../../src/store/log/seal/day-files.ts'
import { PLAIN_COLUMNS } from '../../../../src/store/log/seal/runs/plain-rows.ts'
import { BLOCK_BYTES, BLOCK_ROWS, MAX_BLOCKS, RUN_BYTES, RUN_ROWS } from '../../../../src/store/log/seal/runs/run.ts'
import { openRunFile, RUN_FILE_VERSION } from '../../../../src/store/log/seal/runs/run-file.ts'
import { MAX_LITERAL_BYTES, MAX_PIECES, PIECE, SPAN_FIELDS } from '../../../../src/store/log/seal/shapes/shape.ts'
import { MAX_SHAPES } from '../../../../src/store/log/seal/shapes/shape-book.ts'
import { BUCKET_BITS, FLAG_ANYTHING, HEAD_BYTES, MAGIC, PAD_BYTES, UNIVERSE_BITS } from '../../../../src/store/log/seal/tokens/index-layout.ts'
import { MAX_TOKENS } from '../../../../src/store/log/seal/tokens/token-collector.ts'
import { DAY_FILE_VERSION } from '../../../../src/store/log/seal/version-1/day-file.ts'
import { ROW_BYTES, SEGMENT_VERSION, STORED_COLUMNS } from '../../../../src/store/log/segments/format.ts'
import { testFolder } from '../../../support/store/folder.ts'

const page = readFileSync(new URL('../../../../docs/reference/store-format.md', import.meta.url), 'utf8')
const flowing = page.replaceAll(/\s+/g, ' ')
const english = (value: number): string => value.toLocaleString('en')
const kib = (bytes: number): string => `${bytes / 1024} KiB`
const mib = (bytes: number): string => `${bytes / 1024 ** 2} MiB`
/** What stands in backticks from `after` on, up to the next full stop and line end or `until`. */
const listed = (after: string, until: string): string[] => [...page.split(after)[1]!.split(until)[0]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
/** `| 64 | `dictionary` | …`: numbers and names of a table under a heading. */
const rowsUnder = (heading: string): [number, string][] => [...page.split(`### ${heading}\n`)[1]!.split('\n##')[0]!.matchAll(/^\| (\d+) \| `(\w+)`/gm)].map((match) => [Number(match[1]), match[2]!])
const entriesOf = (tags: Readonly<Record<string, number>>): [number, string][] => Object.entries(tags).map(([name, tag]): [number, string] => [tag, name])

test('the page names the versions and the columns of the code', () => {
  expect(page).toContain(`## Segments, version ${SEGMENT_VERSION}`)
  expect(page).toContain(`## Sealed files, version ${RUN_FILE_VERSION}`)
  expect(page).toContain(`**Version ${DAY_FILE_VERSION}** of sealed files`)
  expect(page).toContain(`\`application_id\` 0x${APPLICATION_ID.toString(16)}`)
  expect(page).toContain(`\`user_version\` ${RUN_FILE_VERSION}`)
  expect(listed(`Stored columns, ${ROW_BYTES} bytes a row:`, '.\n')).toEqual(STORED_COLUMNS.map(({ name, type }) => `${name}:${type}`))
  expect(listed('a number column each for\n', ', then')).toEqual(PLAIN_COLUMNS)
  expect(listed('The fields are ', ', in this order')).toEqual(SPAN_FIELDS.map(([off]) => off))
})

test('the page has the schema of a sealed file and its page size', () => {
  const path = join(testFolder(), '2026-11-22.001.db')
  openRunFile(path, 'write').close()
  const file = new Database(path)
  const schema = file.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid").pluck().all() as string[]
  const pageBytes = file.pragma('page_size', { simple: true }) as number
  file.close()
  const statements = page.split('\n').filter((line) => line.startsWith('    CREATE ')).map((line) => line.trim())
  expect(statements).toEqual(schema.map((sql) => sql.replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')')))
  expect(page).toContain(`pages of ${kib(pageBytes)}`)
})

test.for([
  ['rows and bytes of a run', `up to ${english(RUN_ROWS)} messages of one UTC day that follow each other, up to ${mib(RUN_BYTES)} of frames`],
  ['rows and bytes of a block', `blocks of up to ${BLOCK_ROWS} rows or ${mib(BLOCK_BYTES)} of frames`],
  ['blocks of a run', `at most ${MAX_BLOCKS} blocks`],
  ['parts of a run', `run × ${MAX_BLOCKS + 2} + 0 is the head`],
  ['pieces and literals of a shape', `At most ${MAX_PIECES} pieces and ${MAX_LITERAL_BYTES} literal bytes`],
  ['shapes of a file', `at most ${english(MAX_SHAPES)} a file`],
  ['widths', `| 0–${MAX_WIDTH} | (width)`],
  ['the bit of a negative base', `and ${NEGATIVE_BASE} when the base is negative`],
  ['flags of a token column', `${TOKEN_FLAG.hexadecimal} hexadecimal, ${TOKEN_FLAG.upperCase} upper case, ${TOKEN_FLAG.affixed} affixed`],
  ['head of a token index', `Head, ${HEAD_BYTES} bytes: 0x${MAGIC.toString(16)}, flags (${FLAG_ANYTHING}: anything may be anywhere, there were more than ${english(MAX_TOKENS)} tokens)`],
  ['buckets of a token index', `one for ${2 ** BUCKET_BITS} tokens`],
  ['bucket of a hash', `\`b << (${BUCKET_BITS} + bits)\``],
  ['universe of a token index', `universe bits (u8, ${UNIVERSE_BITS})`],
  ['a stranger in a token index', `about 1 in ${2 ** UNIVERSE_BITS}`],
  ['end of a token index', `${PAD_BYTES} zero bytes end the index`],
])('the page says what the code says: %s', ([, sentence]) => {
  expect(flowing).toContain(sentence)
})

test('the page has every codec and every kind of piece', () => {
  expect(rowsUnder('Number columns')).toEqual(entriesOf(NUMBER_CODEC))
  expect(rowsUnder('Token columns')).toEqual(entriesOf(TOKEN_CODEC))
  expect(Math.max(...Object.values(TOKEN_CODEC))).toBeLessThanOrEqual(CODEC_BITS)
  expect(rowsUnder('Shapes')).toEqual(entriesOf(PIECE))
})
