import { expect, test } from 'vitest'
import type { LogStore, ResolvedQuery, SearchPage } from '#store/index.ts'
import { batchOf, NOON_MS, type RowSpec } from '../support/store/batches.ts'

/** What every implementation of the port must do. `settle` brings what was written into another state of the store (sealed, reopened …) and may return the store to go on with. */
export interface LogStoreCase {
  readonly name: string
  readonly open: () => LogStore
  readonly settle: (store: LogStore) => LogStore
}

const rowsOf = (count: number, spec: (i: number) => RowSpec): RowSpec[] => Array.from({ length: count }, (_, i) => spec(i))
const all: ResolvedQuery = { kind: 'all' }
const search = (store: LogStore, query: ResolvedQuery, options: { limit?: number; order?: 'newest' | 'oldest'; cursor?: string | undefined; deadlineAtMs?: number } = {}): SearchPage =>
  store.reader.search(query, { limit: 100, order: 'newest', deadlineAtMs: Infinity, ...options })

export function logStoreContract({ name, open, settle }: LogStoreCase): void {
  const filled = (rows: readonly RowSpec[], perBatch = 3): LogStore => {
    const store = open()
    for (let i = 0; i < rows.length; i += perBatch) store.writer.append(batchOf(rows.slice(i, i + perBatch)))
    store.writer.sync()
    return settle(store)
  }

  test(`${name}: seqs begin at 1, have no gap, and are set on the batch`, () => {
    const store = open()
    const [first, second] = [batchOf([{}, {}]), batchOf([{}])]
    store.writer.append(first)
    store.writer.append(second)
    store.writer.sync()
    expect([first.firstSeq, second.firstSeq, store.writer.nextSeq]).toEqual([1, 3, 4])
    expect(settle(store).reader.readAfter(0, 10).map((message) => message.seq)).toEqual([1, 2, 3])
  })

  test(`${name}: nothing is seen before the sync`, () => {
    const store = open()
    store.writer.append(batchOf([{ text: 'a' }]))
    expect(search(store, all).messages).toEqual([])
    store.writer.sync()
    expect(search(settle(store), all).messages.map((message) => message.text)).toEqual(['a'])
  })

  test(`${name}: every field comes back as it went in, bytes and all`, () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const store = filled([{ host: 'tch-001', app: 'kernel', procid: '77', msgid: 'ID1', text: bytes, pri: 28, node: 5, session: 9, source: 3, sentMs: NOON_MS - 1.5, receivedMs: NOON_MS + 7 }])
    const [message] = search(store, all).messages
    expect(message).toMatchObject({ host: 'tch-001', app: 'kernel', procid: '77', msgid: 'ID1', facility: 'daemon', severity: 'warning', nodeId: 5, sessionId: 9, sourceId: 3, sentMs: NOON_MS - 1.5, receivedMs: NOON_MS + 7, format: 'rfc5424', method: 'lease', confidence: 80 })
    expect(Buffer.from(message.raw).equals(Buffer.concat([Buffer.from('<28>tch-001 kernel 77 ID1 '), bytes, Buffer.from(' ')]))).toBe(true)
    expect(message.text).toBe(Buffer.from(bytes).toString('latin1'))
  })

  test(`${name}: a message without a time of its own has none`, () => {
    const store = filled([{}, { sentMs: 0 }, {}])
    expect(store.reader.readAfter(0, 9).map((message) => message.sentMs)).toEqual([undefined, 0, undefined])
  })

  for (const order of ['newest', 'oldest'] as const) {
    test(`${name}: pages of any size, ${order} first, give each message once and in order`, () => {
      const store = filled(rowsOf(23, (i) => ({ text: `m${i}`, session: i % 4 })))
      const seqs = Array.from({ length: 23 }, (_, i) => i + 1)
      for (const limit of [1, 4, 22, 23, 50]) {
        const got: number[] = []
        let cursor: string | undefined
        do {
          const page = search(store, all, { limit, order, cursor })
          expect(page.messages.length).toBeLessThanOrEqual(limit)
          got.push(...page.messages.map((message) => message.seq))
          cursor = page.cursor
        } while (cursor !== undefined)
        expect(got).toEqual(order === 'newest' ? seqs.toReversed() : seqs)
      }
    })
  }

  test(`${name}: paging neither skips nor repeats while messages arrive`, () => {
    const store = filled(rowsOf(10, (i) => ({ text: `m${i}` })))
    const got: number[] = []
    let cursor: string | undefined
    do {
      const page = search(store, all, { limit: 3, cursor })
      got.push(...page.messages.map((message) => message.seq))
      cursor = page.cursor
      store.writer.append(batchOf([{ text: 'late' }]))
      store.writer.sync()
    } while (cursor !== undefined)
    expect(got).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  })

  test(`${name}: a deadline that has passed gives an incomplete page whose cursor goes on`, () => {
    const store = filled(rowsOf(5, () => ({})))
    const page = search(store, all, { deadlineAtMs: 0 })
    expect(page).toMatchObject({ messages: [], complete: false, reason: 'deadline' })
    expect(search(store, all, { cursor: page.cursor }).messages).toHaveLength(5)
  })

  test(`${name}: a cursor that is not ours, or of the other order, is refused`, () => {
    const store = filled(rowsOf(5, () => ({})))
    const { cursor } = search(store, all, { limit: 1 })
    expect(() => search(store, all, { order: 'oldest', cursor })).toThrow(expect.objectContaining({ code: 'bad-cursor' }))
    expect(() => search(store, all, { cursor: 'nonsense' })).toThrow(expect.objectContaining({ code: 'bad-cursor' }))
  })

  test(`${name}: one message by seq, and what is around it, of its node or of all`, () => {
    const store = filled(rowsOf(12, (i) => ({ text: `m${i + 1}`, node: i % 2 })))
    expect(store.reader.message(7)?.text).toBe('m7')
    expect(store.reader.message(13)).toBeUndefined()
    const around = (nodeId?: number): number[] => store.reader.context(7, { before: 2, after: 2, ...(nodeId === undefined ? {} : { nodeId }) }).map((message) => message.seq)
    expect(around()).toEqual([5, 6, 7, 8, 9])
    expect(around(0)).toEqual([3, 5, 7, 9, 11])
    expect(around(1)).toEqual([4, 6, 8, 10])
    expect(store.reader.context(1, { before: 3, after: 0 }).map((message) => message.seq)).toEqual([1])
  })

  test(`${name}: cursors read after a seq, in order, as many as they ask for`, () => {
    const store = filled(rowsOf(9, () => ({})))
    expect(store.reader.readAfter(4, 3).map((message) => message.seq)).toEqual([5, 6, 7])
    expect(store.reader.readAfter(9, 3)).toEqual([])
  })

  test(`${name}: figures tell what is there`, () => {
    const store = filled(rowsOf(6, (i) => ({ receivedMs: NOON_MS + i })))
    expect(store.reader.stats()).toMatchObject({ firstSeq: 1, lastSeq: 6, oldestMs: NOON_MS, newestMs: NOON_MS + 5, damaged: [] })
    expect(open().reader.stats()).toMatchObject({ firstSeq: 0, lastSeq: 0, oldestMs: undefined, newestMs: undefined })
  })

  test(`${name}: an empty batch takes no seq`, () => {
    const store = open()
    store.writer.append(batchOf([]))
    store.writer.sync()
    expect(store.writer.nextSeq).toBe(1)
    expect(search(settle(store), all)).toMatchObject({ messages: [], cursor: undefined, complete: true })
  })
}
