import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { createFrameReader } from '#ingest/index.ts'
import { rulerLines } from '../../../src/cli/parse/ruler.ts'
import { runLine } from './run-line.ts'

const GOLDEN = join(import.meta.dirname, '../../golden/cli')
const RECEIVED = '--received 2026-11-22T13:21:40Z'

/** The lines are written with \xNN; UPDATE_GOLDEN=1 writes what is printed now; review it like code. */
test('a dozen lines are shown with their parts, their values and why they were read so', async () => {
  const input = readFileSync(join(GOLDEN, 'parse-lines.txt'), 'utf8')
  const { out, code } = await runLine(`parse --hex ${RECEIVED}`, { input })
  const path = join(GOLDEN, 'parse-lines.expected')
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, out)
  expect(out).toBe(readFileSync(path, 'utf8'))
  expect(code).toBe(0)
})

test('nothing of the input reaches the terminal as a command', async () => {
  const input = '<13>Nov 22 13:21:39 h\u001bost app\u001b[2J: \u001b]0;title\u0007 \u202e \u009b31m\n'
  for (const form of ['', ' -o json', ' --summary']) {
    const { out } = await runLine(`parse ${RECEIVED}${form}`, { input })
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  }
})

test('JSON has a value a line, with the parts as places in the line', async () => {
  const { out } = await runLine(`parse ${RECEIVED} --json`, { input: '<38>LINK port 3 up\n<13>a: b\n' })
  const [first, second] = out.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(first).toMatchObject({ number: 1, format: 'rfc3164', facility: 'auth', severity: 'info', app: '', text: 'LINK port 3 up', sent: null, spans: [{ field: 'priority', from: 0, to: 4 }, { field: 'text', from: 4, to: 18 }] })
  expect(first!['deviations']).toContainEqual(expect.objectContaining({ deviation: 'no-app', kind: 'lack' }))
  expect(second).toMatchObject({ number: 2, app: 'a', text: 'b' })
})

test.for<[what: string, line: string, input: string, texts: readonly string[]]>([
  ['lines', 'parse', '<13>a: b\n\n<13>c: d', ['b', '', 'd']],
  ['NUL', 'parse -0', '<13>a: b\nmore\0<13>c: d\0', ['b\nmore', 'd']],
  ['hexadecimal', 'parse --hex', '3c31333e 613a 2062\n0x3c,0x31,0x33,0x3e,0x63,0x3a,0x20,0x64\n', ['b', 'd']],
  ['escapes', 'parse --hex', String.raw`<13>a: b\x21\n\\` + '\n', ['b!\n\\']],
  ['a stream', 'parse --framing', '8 <13>a: b<13>c: d\n<13>e: f\0', ['b', 'd', 'f']],
  ['a stream in hexadecimal', 'parse --framing --hex', '38203c31333e613a2062\n3c31333e633a20640a\n', ['b', 'd']],
])('input as %s', async ([, line, input, texts]) => {
  const { out } = await runLine(`${line} --json`, { input })
  expect(out.trimEnd().split('\n').map((row) => (JSON.parse(row) as { text: string }).text.replace(/\n$/, ''))).toEqual(texts)
})

test('an odd number of digits is told with its line', async () => {
  const { code, talk } = await runLine('parse --hex', { input: '3c31\n3c313\n' })
  expect(code).toBe(2)
  expect(talk).toContain('line 2 has an odd number of hexadecimal digits')
})

test('a line longer than any message is cut and says so', async () => {
  const { out } = await runLine('parse --json', { input: `<13>a: ${'x'.repeat(100_000)}\n<13>b: c\n` })
  const rows = out.trimEnd().split('\n').map((row) => JSON.parse(row) as { text: string; deviations: { deviation: string }[] })
  expect(rows.map(({ text }) => text.length)).toEqual([65_535 - 7, 1])
  expect(rows[0]!.deviations.map(({ deviation }) => deviation)).toContain('truncated')
})

test('the summary counts dialects and deviations alone', async () => {
  const { out } = await runLine(`parse --summary ${RECEIVED}`, { input: '<13>a: b\n<38>no tag\nraw\n' })
  expect(out.split('\n').map((line) => line.trim().split(/ +/).slice(0, 3).join(' '))).toEqual(
    ['MESSAGES WHAT KIND', '1 raw dialect', '2 rfc3164 dialect', '1 no-priority lack', '3 no-timestamp lack', '3 no-host lack', '2 no-app lack', ''])
  const json = JSON.parse((await runLine('parse --summary -o json', { input: '<13>a: b\n' })).out) as { messages: number; dialects: unknown[] }
  expect(json).toMatchObject({ messages: 1, dialects: [{ dialect: 'rfc3164', count: 1 }] })
})

test('syslog.tags of the configuration is tried for the sender that is named, and only then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hps-parse-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hub.yaml')
  writeFileSync(file, 'syslog:\n  tags:\n    - { from: 10.1.0.0/16, starts: nothing, app: never }\n    - { from: 10.1.0.0/16, app_word: 1 }\n')
  const input = '<38>LINK port 3 up\n'
  expect((await runLine(`parse --config ${file} --from 10.1.2.3`, { input })).out).toContain('  a app       LINK (from syslog.tags[1])\n')
  expect((await runLine(`parse --config ${file} --from 10.2.2.3`, { input })).out).not.toContain('syslog.tags[')
  expect((await runLine(`parse --config ${file}`, { input })).out).not.toContain('syslog.tags[')
  expect((await runLine('parse --from nobody', { input })).code).toBe(2)
})

test('nothing to read is told', async () => {
  expect(await runLine('parse', { input: '' })).toEqual({ code: 1, out: '', talk: '-- No lines --\n' })
})

test('the marks stand below what they mark, whatever the bytes and the width', () => {
  const reader = createFrameReader()
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(`<13>Nov 22 13:21:39 host app: ${text}`))), fc.integer({ min: 1, max: 200 }), (bytes, columns) => {
      const frame = reader.read({ bytes, receivedMs: 0 })
      const rows = rulerLines(frame, columns)
      for (const { line, marks } of rows) if (marks.length > line.length || line.length > Math.max(columns, 20)) return false
      const letters = rows.reduce((sum, { marks }) => sum + marks.replace(/[ -]/g, '').length, 0)
      const isNested = frame.spans.some((span, i) => i > 0 && span.from < frame.spans[i - 1]!.to)
      return isNested ? letters > 0 : letters === frame.spans.length
    }),
    { numRuns: 300 },
  )
})
