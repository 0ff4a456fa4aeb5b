import { expect, onTestFinished, test } from 'vitest'
import { openLogStore, type CountAnswer, type CountKey, type LogStore, type ResolvedQuery } from '#store/index.ts'
import { createTally, MAX_GROUPS } from '../../../../src/store/log/read/tally.ts'
import { createValueTable, MAX_VALUE_BYTES } from '../../../../src/store/log/read/value-table.ts'
import { batchOf, NOON_MS, type RowSpec } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

function storeOf(batches: readonly (readonly RowSpec[])[]): LogStore {
  const store = openLogStore({ directory: testFolder(), segmentBytes: 1 << 20, sealAfterMs: 1e9, retentionMs: 1e12, clock: Date.now })
  onTestFinished(() => store.close())
  for (const rows of batches) store.writer.append(batchOf(rows))
  store.writer.sync()
  return store
}
const field = (name: Extract<CountKey, { kind: 'field' }>['field']): CountKey => ({ kind: 'field', field: name })
const count = (store: LogStore, by: readonly CountKey[], { query = { kind: 'all' }, limit = 100 }: { readonly query?: ResolvedQuery; readonly limit?: number } = {}): CountAnswer =>
  store.reader.count(query, { by, limit, deadlineAtMs: Infinity })
const groups = (answer: CountAnswer): unknown[] => answer.groups.map(({ keys, count: number }) => [...keys, number])

const ROWS: readonly RowSpec[] = [
  { node: 1, app: 'sshd', pri: 11, host: 'A', receivedMs: NOON_MS },
  { node: 1, app: 'SSHD', pri: 14, host: 'a', receivedMs: NOON_MS + 59_999 },
  { node: 2, app: 'cron', pri: 12, receivedMs: NOON_MS + 60_000 },
  { node: 0, app: '', pri: 30, receivedMs: NOON_MS + 200_000 },
]

test('without a key only the total is counted', () => {
  expect(count(storeOf([ROWS]), [])).toMatchObject({ total: 4, groups: [], distinct: 0, others: 0, isBounded: false, complete: true, scannedRows: 4 })
})

test.for([
  ['an id', [field('node')], [[1, 2], [0, 1], [2, 1]]],
  ['a text, letters without case, none as the empty text', [field('app')], [['sshd', 2], ['', 1], ['cron', 1]]],
  ['a severity code', [field('severity')], [[6, 2], [3, 1], [4, 1]]],
  ['a facility code', [field('facility')], [[1, 3], [3, 1]]],
  ['a word of a catalogue', [field('format')], [['rfc5424', 4]]],
  ['a time step, in order of time, without the empty ones', [{ kind: 'time', stepMs: 60_000 }], [[NOON_MS, 2], [NOON_MS + 60_000, 1], [NOON_MS + 180_000, 1]]],
  ['two keys', [field('node'), field('app')], [[1, 'sshd', 2], [0, '', 1], [2, 'cron', 1]]],
  ['a field and a time step', [field('node'), { kind: 'time', stepMs: 3_600_000 }], [[1, NOON_MS, 2], [0, NOON_MS, 1], [2, NOON_MS, 1]]],
] as const)('groups by %s', ([, by, expected]) => {
  expect(groups(count(storeOf([ROWS.slice(0, 2), ROWS.slice(2)]), by))).toEqual(expected)
})

test('only what matches is counted, and what is not given is in others', () => {
  const store = storeOf([ROWS])
  expect(count(store, [field('node')], { query: { kind: 'ids', field: 'node', ids: [1, 2] }, limit: 1 })).toMatchObject({ total: 3, groups: [{ keys: [1], count: 2 }], distinct: 2, others: 1 })
})

test('a template has the newest of its messages for an example', () => {
  const store = storeOf([[{ template: 7 }, { template: 8 }], [{ template: 7 }, { template: 7 }]])
  expect(count(store, [field('template')]).groups).toEqual([{ keys: ['0000000000000007'], count: 3, exampleSeq: 4 }, { keys: ['0000000000000008'], count: 1, exampleSeq: 2 }])
})

test('a deadline and a cancel end the count with what there is, and progress is told on the way', () => {
  const store = storeOf([ROWS, ROWS])
  const options = { by: [], limit: 1, deadlineAtMs: Infinity }
  expect(store.reader.count({ kind: 'all' }, { ...options, deadlineAtMs: 0 })).toMatchObject({ total: 0, complete: false, reason: 'deadline' })
  let looks = 0
  expect(store.reader.count({ kind: 'all' }, { ...options, isCancelled: () => ++looks > 1 })).toMatchObject({ total: 4, complete: false, reason: 'cancelled' })
  const seen: number[] = []
  store.reader.count({ kind: 'all' }, { ...options, onProgress: ({ doneRows, totalRows }) => seen.push(doneRows, totalRows) })
  expect(seen).toEqual([0, 8, 4, 8])
})

test('a search tells its progress, also of what lies behind its cursor', () => {
  const store = storeOf([ROWS, ROWS, ROWS])
  const seen: string[] = []
  const search = (cursor?: string) => store.reader.search({ kind: 'all' }, { limit: 4, order: 'oldest', cursor, deadlineAtMs: Infinity, onProgress: ({ doneRows, totalRows }) => seen.push(`${doneRows}/${totalRows}`) })
  const { cursor } = search()
  search(cursor)
  expect(seen).toContain('0/12')
  expect(seen.at(-1)).toBe('8/12')
})

test('new groups are counted up to a bound, and the rest is in others', () => {
  const tally = createTally([field('app')])
  for (let i = 0; i < MAX_GROUPS + 5; i++) tally.add(tally.part(0, `v${i}`), 0, 2, i)
  expect(tally.answer(10)).toMatchObject({ total: 2 * (MAX_GROUPS + 5), distinct: MAX_GROUPS, isBounded: true, others: 2 * (MAX_GROUPS + 5 - 10) })
})

test('a value is told apart by its first bytes, and one that was met is not made a string again', () => {
  const asked: string[] = []
  const table = createValueTable((text) => asked.push(text) - 1, 10)
  const long = Buffer.from(`${'x'.repeat(MAX_VALUE_BYTES)}one${'x'.repeat(MAX_VALUE_BYTES)}two`)
  const numbers = [table.lookUp(Buffer.from('abc'), 0, 3), table.lookUp(Buffer.from('zABCz'), 1, 3), table.lookUp(long, 0, MAX_VALUE_BYTES + 3), table.lookUp(long, MAX_VALUE_BYTES + 3, MAX_VALUE_BYTES + 3), table.lookUp(long, 0, 0)]
  expect(numbers).toEqual([0, 0, 1, 1, 2])
  expect(asked).toEqual(['abc', 'x'.repeat(MAX_VALUE_BYTES), ''])
})
