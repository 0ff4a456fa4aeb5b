import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { STAGES } from '#domain/stages.ts'
import { WRITER_COUNTERS } from '#sessions/index.ts'

const read = (name: string): string => readFileSync(fileURLToPath(new URL(`../../../docs/reference/${name}.md`, import.meta.url)), 'utf8')

test('the table of stages in the reference is the catalogue, in order', () => {
  const [, table] = /\| stage \| means \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(read('sessions'))!
  expect(table).toBe(STAGES.map(({ name, means }) => `| \`${name}\` | ${means} |\n`).join(''))
})

test('every reason for which a text of the wire contract is not followed is in its reference', () => {
  const reasons = Object.entries(WRITER_COUNTERS).flatMap(([name, { labels }]) => (/^(malformed|label|stage):/.test(name) ? [labels!['reason']!] : []))
  expect(reasons.length).toBeGreaterThan(10)
  expect(reasons.filter((reason) => !read('wire').includes(`\`${reason}\``))).toEqual([])
})
