import { expect, test } from 'vitest'
import { compileMatcher, decodeRow, type ResolvedQuery } from '#store/index.ts'
import { batchOf, type RowSpec } from '../../../support/store/batches.ts'

const matches = (query: ResolvedQuery, row: RowSpec): boolean => compileMatcher(query)(batchOf([{ text: 'before' }, row, { text: 'behind' }]), 1)
const text = (wanted: string): ResolvedQuery => ({ kind: 'text', text: wanted })

test.for<readonly [string, ResolvedQuery, RowSpec, boolean]>([
  ['a word in any case', text('LINK'), { text: 'the Link is up' }, true],
  ['a word at the very end', text('up'), { text: 'link up' }, true],
  ['a word that begins in this text and ends in the next frame', text('up <'), { text: 'link up' }, false],
  ['a pattern that overlaps itself', text('aab'), { text: 'aaab' }, true],
  ['the header, which is not text', text('tch-001'), { host: 'tch-001', text: 'x' }, false],
  ['an empty text', text('x'), { text: '' }, false],
  ['UTF-8 letters as they are', text('größe'), { text: 'GRößE' }, true],
  ['letters beyond ASCII in another case', text('Ö'), { text: 'ö' }, false],
  ['latin-1 text by its letters', text('gr\u00f6'), { text: Buffer.from('gr\u00f6', 'latin1') }, true],
  ['an expression, anchored at the text', { kind: 'regex', pattern: '^link' }, { host: 'h', text: 'link' }, true],
  ['an APP-NAME that is equal but for case', { kind: 'field', field: 'app', value: 'KERNEL' }, { app: 'kernel' }, true],
  ['an APP-NAME that only begins so', { kind: 'field', field: 'app', value: 'kern' }, { app: 'kernel' }, false],
  ['a prefix', { kind: 'field', field: 'app', value: 'kern*' }, { app: 'kernel' }, true],
  ['a prefix longer than the field', { kind: 'field', field: 'app', value: 'kernel-x*' }, { app: 'kernel', text: '-x' }, false],
  ['no ids', { kind: 'ids', field: 'node', ids: [] }, { node: 0 }, false],
  ['an id beyond 31 bits', { kind: 'ids', field: 'source', ids: [3, 4_000_000_000] }, { source: 4_000_000_000 }, true],
  ['a severity by importance', { kind: 'severity', comparison: '<=', code: 4 }, { pri: 8 * 3 + 4 }, true],
  ['a severity that is less important', { kind: 'severity', comparison: '<=', code: 4 }, { pri: 8 * 3 + 5 }, false],
  ['an empty choice', { kind: 'or', terms: [] }, {}, false],
  ['an empty conjunction', { kind: 'and', terms: [] }, {}, true],
])('%s', ([, query, row, expected]) => {
  expect(matches(query, row)).toBe(expected)
})

test('an expression that cannot be compiled is a fault of the query', () => {
  expect(() => compileMatcher({ kind: 'regex', pattern: '(' })).toThrow(expect.objectContaining({ code: 'bad-query' }))
})

test('values outside the catalogues read as their first word, and a message owns its bytes', () => {
  const batch = batchOf([{ text: 'abc', pri: 255 }])
  batch.format[0] = 99
  batch.method[0] = 99
  const message = decodeRow(batch, 0)
  batch.bytes.fill(0)
  expect(message).toMatchObject({ facility: 'kern', severity: 'debug', format: 'raw', method: 'none', text: 'abc' })
  expect(Buffer.from(message.raw).toString()).toBe('<255>abc ')
})
