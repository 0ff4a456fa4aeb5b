import { describe, expect, test } from 'vitest'
import { createBatch, type Batch } from '#domain/batch.ts'
import { createColumnSink, openTokenColumn, writeTokenColumn, type TokenColumn } from '../../../../src/store/log/seal/columns/index.ts'
import { ByteReader } from '../../../../src/store/log/seal/byte-stream.ts'
import { BYTE_CLASSES, compileReach } from '../../../../src/store/log/read/expression-reach.ts'
import { compileMatcher } from '../../../../src/store/log/read/matcher.ts'
import { compilePlan } from '../../../../src/store/log/read/plan.ts'
import { compileTextScan } from '../../../../src/store/log/read/regex-scan.ts'
import { compileRunVerdict } from '../../../../src/store/log/read/run-verdict.ts'
import { VERDICT } from '../../../../src/store/log/read/verdict.ts'

function columnOf(tokens: readonly string[]): TokenColumn {
  const bytes = Buffer.from(tokens.join(''))
  const lengths = Uint16Array.from(tokens, (token) => token.length)
  const starts = Uint32Array.from(tokens, (_, i) => tokens.slice(0, i).join('').length)
  const sink = createColumnSink()
  writeTokenColumn(sink, { bytes, starts, lengths, from: 0, count: tokens.length })
  return openTokenColumn({ soft: new ByteReader(Buffer.from(sink.soft.bytes())), dense: new ByteReader(Buffer.from(sink.dense.bytes())) }, tokens.length)
}

const KINDS: readonly (readonly [name: string, tokens: readonly string[]])[] = [
  ['numbers', Array.from({ length: 100 }, (_, i) => String(i * 37))],
  ['numbers of one length', Array.from({ length: 100 }, (_, i) => String(i).padStart(6, '0'))],
  ['hex digits', Array.from({ length: 100 }, (_, i) => (i * 7_654_321 + 0xabcdef).toString(16).padStart(12, '0'))],
  ['long hex digits', Array.from({ length: 100 }, (_, i) => ((i + 3) * 7_654_321).toString(16).repeat(4).slice(0, 20).padStart(20, 'a'))],
  ['upper-case hex digits', Array.from({ length: 100 }, (_, i) => ((i + 3) * 7_654_321).toString(16).toUpperCase().padStart(8, 'F'))],
  ['numbers behind a name', Array.from({ length: 100 }, (_, i) => `Eth${i}up`)],
  ['a few words', Array.from({ length: 100 }, (_, i) => ['sda1', 'SDB2', 'x86_64'][i % 3]!)],
  ['anything', Array.from({ length: 100 }, (_, i) => `q${((i * 2_654_435_761) % 4_294_967_296).toString(36)}z${i}`)],
]

describe('a column never denies a part that one of its tokens has', () => {
  test.each(KINDS)('%s', (_, tokens) => {
    const column = columnOf(tokens)
    const bytes = new Uint8Array(BYTE_CLASSES)
    column.addBytes(bytes)
    for (const token of tokens.map((each) => each.toLowerCase())) {
      for (let from = 0; from < token.length; from++) {
        for (let to = from + 1; to <= token.length; to++) {
          expect(column.mayHoldPart(Buffer.from(token.slice(from, to)), { isOpenStart: from > 0, isOpenEnd: to < token.length })).toBe(true)
        }
      }
    }
    for (const byte of Buffer.from(tokens.join(''))) expect(bytes[byte]).toBe(1)
  })
})

test.each([
  ['numbers', 'zz', false], ['hex digits', 'xyz', false], ['numbers behind a name', 'qq', false], ['a few words', 'sdc', false], ['a few words', 'da', true], ['anything', '!!', false],
] as const)('%s may hold %s: %s', (kind, part, expected) => {
  const column = columnOf(KINDS.find(([name]) => name === kind)![1])
  expect(column.mayHoldPart(Buffer.from(part), { isOpenStart: true, isOpenEnd: true })).toBe(expected)
})

const DIGITS = Uint8Array.from({ length: BYTE_CLASSES }, (_, byte) => (byte >= 48 && byte <= 57 ? 1 : 0))
/** `#` stands for a number. */
function mayMatch(pattern: string, text: string): boolean {
  const reach = compileReach(pattern)!
  reach.begin()
  return text.split(/(#)/).some((part) => (part === '#' ? reach.passAny(DIGITS) : reach.pass(Buffer.from(part), 0, Buffer.from(part).length)))
}

test.each([
  ['[xq][yz]', 'took # ms', false], ['k # ms', 'took # ms', false], ['ok [0-9]+ m', 'took # ms', true], ['[0-9]{3} ms', 'took # ms', true], ['[0-9]{3}ms', 'took # ms', false],
  ['(?:a|took) \\d ms$', 'took # ms', true], ['^ms', 'took # ms', true], ['(?i)TOOK', 'took # ms', true], ['TOOK', 'took # ms', false], ['5\\D+7', '#: # up', true], ['5[a-z]+7', '#: # up', false],
  ['\u00e9t', '\u00e9t\u00e9 #', true], ['t[^a-z]+9', 't\u00e9 #', true], ['o{2,}k', 'took', true], ['o{3}k', 'took', false], ['x?y?z', 'took', false],
] as const)('the expression %s reaches a match in %s: %s', (pattern, text, expected) => {
  expect(mayMatch(pattern, text)).toBe(expected)
})

test.each(['x*', '\\pL', 'a'.repeat(31), '(a'])('nothing is known of the expression %s', (pattern) => {
  expect(compileReach(pattern)).toBeUndefined()
})

function textsOf(texts: readonly string[]): Batch {
  const batch = createBatch(64, 4096)
  for (const [row, text] of texts.entries()) {
    const bytes = Buffer.from(`${text}\n`, 'latin1')
    batch.bytes.set(bytes, batch.byteCount)
    batch.frameStart[row] = batch.byteCount
    batch.textLen[row] = bytes.length - 1
    batch.byteCount += bytes.length
    batch.rows++
  }
  return batch
}

const TEXTS = ['link up', '', 'up', 'a\nup', 'no', 'caf\u00e9 up', 'x y', '7', 'link', 'x'.repeat(300), 'u', 'p']
test.each(['up$', '^up', '^$', 'k', 'p\\s+u', 'u[^z]p', '[^a]', 'x{100}', '\\bup\\b', '\\B', '7|link', 'nothing', '^x[a-z ]*y?$', 'o.*o', 'a.*b.*c.*d'])('texts that lie together answer %s as each by itself does', (pattern) => {
  const batch = textsOf(TEXTS)
  const match = compileMatcher({ kind: 'regex', pattern })
  const found = new Uint8Array(64).fill(9)
  for (const count of [TEXTS.length, 5, 1]) {
    compileTextScan({ kind: 'regex', pattern }, match)({ batch, places: Uint16Array.from(TEXTS.keys()), count }, found)
    expect([...found.subarray(0, count)]).toEqual(TEXTS.slice(0, count).map((_, row) => (match(batch, row) ? 1 : 0)))
  }
})

const RUN = { firstSeq: 10, lastSeq: 20, minMs: 100, maxMs: 200 }
test.each([
  [{ kind: 'time', fromMs: 100, untilMs: 201 }, 'yes'], [{ kind: 'time', fromMs: 101, untilMs: undefined }, 'maybe'], [{ kind: 'time', fromMs: undefined, untilMs: 100 }, 'no'],
  [{ kind: 'seq', comparison: '<', value: 21 }, 'yes'], [{ kind: 'seq', comparison: '=', value: 15 }, 'maybe'], [{ kind: 'seq', comparison: '>', value: 20 }, 'no'],
  [{ kind: 'not', term: { kind: 'seq', comparison: '>=', value: 10 } }, 'no'], [{ kind: 'or', terms: [] }, 'no'], [{ kind: 'ids', field: 'node', ids: [1] }, 'maybe'],
] as const)('what the bounds of a run say of %o is %s', (query, expected) => {
  expect(compileRunVerdict(query)(RUN)).toBe(VERDICT[expected])
})

test('the seqs that a query asks for are bounds, whatever else it asks', () => {
  const plan = compilePlan({ kind: 'and', terms: [{ kind: 'seq', comparison: '>=', value: 5 }, { kind: 'seq', comparison: '<', value: 9 }, { kind: 'text', text: 'x' }] })
  expect([plan.afterSeq, plan.beforeSeq, plan.facts]).toEqual([4, 9, undefined])
})
