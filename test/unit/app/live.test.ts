import { expect, test } from 'vitest'
import { cluesOf, createGate, type Clue } from '../../../src/app/live-gate.ts'
import { createLive, type LiveItem as Item, type LiveMatcher } from '../../../src/app/live.ts'
import { createBatch, type Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'
import { compileMatcher, parseQuery, type ResolvedQuery } from '#store/index.ts'
import { batchOf as storedBatch } from '../../support/store/batches.ts'

const message = (seq: number): StoredMessage => ({ seq }) as StoredMessage
const decode = (batch: Batch, row: number): StoredMessage => message(batch.firstSeq + row)
type LiveItem = Item<StoredMessage>
const asked = (matches: LiveMatcher['matches']): (() => LiveMatcher) => {
  const matcher = { matches, clues: undefined }
  return () => matcher
}
const still = { now: () => 0, onSize() {}, onLeft() {} }
const everything = asked(() => true)

function batchOf(firstSeq: number, rows: number): Batch {
  const batch = createBatch(8, 8)
  batch.firstSeq = firstSeq
  batch.rows = rows
  return batch
}

/** A store that holds messages 1..last. */
const storeOf = (last: () => number, pageSize = 100) => (afterSeq: number, uptoSeq: number) => {
  const doneSeq = Math.min(uptoSeq, last(), afterSeq + pageSize)
  return Promise.resolve({ messages: Array.from({ length: doneSeq - afterSeq }, (_, i) => message(afterSeq + 1 + i)), doneSeq })
}

const settle = () => new Promise((resolve) => setImmediate(resolve))
const seqs = (items: readonly LiveItem[]) => items.map((item) => item.message?.seq ?? `skipped ${item.skipped!.fromSeq}-${item.skipped!.toSeq} (${item.skipped!.count})`)

test('a tail gets what is stored, then what is committed, each once and in order', async () => {
  const items: LiveItem[] = []
  const live = createLive({ decode, ...still })
  live.committed(250)
  live.tail({ key: 'all', afterSeq: 0, matcher: everything, backfill: storeOf(() => 253), deliver: (item) => items.push(item) > 0, onFault() {} })
  live.deliver(batchOf(251, 3))
  live.committed(253)
  await settle()
  live.deliver(batchOf(254, 2))
  live.committed(255)
  await settle()
  // 251..253 were committed while the tail was still reading the store
  expect(seqs(items)).toEqual(Array.from({ length: 255 }, (_, i) => i + 1))
})

test('a batch that was not copied is read from the store', async () => {
  const items: LiveItem[] = []
  const live = createLive({ decode, ...still })
  live.committed(10)
  live.tail({ key: 'all', afterSeq: 10, matcher: everything, backfill: storeOf(() => 20), deliver: (item) => items.push(item) > 0, onFault() {} })
  await settle()
  live.deliver(batchOf(16, 5)) // 11..15 never came
  live.committed(20)
  await settle()
  expect(seqs(items)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
})

test('a reader that cannot take more is told what it missed', async () => {
  const items: LiveItem[] = []
  let room = 2
  const live = createLive({ decode, ...still })
  live.tail({ key: 'all', afterSeq: 0, matcher: everything, backfill: storeOf(() => 0), deliver: (item) => room-- > 0 && items.push(item) > 0, onFault() {} })
  live.deliver(batchOf(1, 6))
  live.committed(6)
  room = 10
  live.deliver(batchOf(7, 1))
  live.committed(7)
  await settle()
  expect(seqs(items)).toEqual([1, 2, 'skipped 3-6 (4)', 7])
})

test('it is told what it missed although nothing more matches', () => {
  const items: LiveItem[] = []
  let room = 1
  const live = createLive({ decode, ...still })
  live.tail({ key: 'all', afterSeq: 0, matcher: asked((batch, row) => batch.firstSeq + row <= 3), backfill: storeOf(() => 0), deliver: (item) => room-- > 0 && items.push(item) > 0, onFault() {} })
  live.deliver(batchOf(1, 3))
  live.committed(3)
  room = 10
  live.deliver(batchOf(4, 1))
  live.committed(4)
  expect(seqs(items)).toEqual([1, 'skipped 2-3 (2)'])
})

test('only matching rows are delivered, and a tail that ended gets nothing', () => {
  const items: LiveItem[] = []
  const sizes: number[] = []
  const live = createLive({ decode, ...still, onSize: (size) => sizes.push(size) })
  const end = live.tail({ key: 'all', afterSeq: 0, matcher: asked((_, row) => row % 2 === 0), backfill: storeOf(() => 0), deliver: (item) => items.push(item) > 0, onFault() {} })
  live.deliver(batchOf(1, 4))
  end()
  end()
  live.deliver(batchOf(5, 4))
  expect(seqs(items)).toEqual([1, 3])
  expect(sizes).toEqual([1, 0])
})

test('a store that fails ends the tail and says so', async () => {
  const faults: unknown[] = []
  const live = createLive({ decode, ...still })
  live.committed(5)
  live.tail({ key: 'all', afterSeq: 0, matcher: everything, backfill: () => Promise.reject(new Error('disk gone')), deliver: () => true, onFault: (fault) => faults.push(fault) })
  await settle()
  expect(faults.map(String)).toEqual(['Error: disk gone'])
  expect(live.size).toBe(0)
})

test('when many tails have to read the store, a few do at a time and all get everything', async () => {
  let reading = 0
  let most = 0
  const got: number[] = []
  const live = createLive({ decode, ...still })
  live.committed(10)
  for (let tail = 0; tail < 50; tail++) {
    const store = storeOf(() => 10, 3)
    live.tail({
      key: 'all', afterSeq: 0, matcher: everything, onFault() {},
      deliver: (item) => (got[tail] = item.message!.seq) > 0,
      async backfill(after, upto) {
        most = Math.max(most, ++reading)
        await settle()
        reading--
        return store(after, upto)
      },
    })
  }
  while (live.size > 0 && got.filter((seq) => seq === 10).length < 50) await settle()
  expect(most).toBe(4)
})

test('a row that many tails want is decoded once', () => {
  let times = 0
  const live = createLive({ decode: (batch, row) => (times++, decode(batch, row)), ...still })
  for (let tail = 0; tail < 5; tail++) live.tail({ key: 'all', afterSeq: 0, matcher: everything, backfill: storeOf(() => 0), deliver: () => true, onFault() {} })
  return settle().then(() => {
    live.deliver(batchOf(1, 3))
    expect(times).toBe(3)
  })
})

test('tails of one query ask about each row once, tails of another for themselves', async () => {
  const rows: string[] = []
  const live = createLive({ decode, ...still })
  const matcherOf = (name: string) => asked((batch, row) => rows.push(`${name} ${batch.firstSeq + row}`) > 0)
  const same = matcherOf('a')
  const got: number[] = []
  for (const [tail, key] of ['a', 'a', 'a', 'b'].entries()) {
    live.tail({ key, afterSeq: 0, matcher: key === 'a' ? same : matcherOf('b'), backfill: storeOf(() => 0), deliver: () => (got[tail] = (got[tail] ?? 0) + 1) > 0, onFault() {} })
  }
  await settle()
  live.deliver(batchOf(1, 2))
  expect([rows, got]).toEqual([['a 1', 'b 1', 'a 2', 'b 2'], [2, 2, 2, 2]])
})

test('a tail that is behind the others of its query gets no message twice', async () => {
  const items: LiveItem[] = []
  const live = createLive({ decode, ...still })
  const tail = (afterSeq: number, into: LiveItem[]) => live.tail({ key: 'all', afterSeq, matcher: everything, backfill: storeOf(() => 0), deliver: (item) => into.push(item) > 0, onFault() {} })
  tail(0, [])
  tail(2, items)
  await settle()
  live.deliver(batchOf(1, 4))
  expect(seqs(items)).toEqual([3, 4])
})

test('a query that means something else from now on is asked anew', async () => {
  const items: LiveItem[] = []
  const live = createLive({ decode, ...still })
  let matcher: LiveMatcher = { matches: () => true, clues: [{ kind: 'node', value: 1 }] }
  live.tail({ key: 'node:x', afterSeq: 0, matcher: () => matcher, backfill: storeOf(() => 0), deliver: (item) => items.push(item) > 0, onFault() {} })
  await settle()
  const batchAbout = (firstSeq: number) => {
    const batch = batchOf(firstSeq, 2)
    batch.node.set([1, 2])
    return batch
  }
  live.deliver(batchAbout(1))
  matcher = { matches: () => true, clues: [{ kind: 'node', value: 2 }] }
  live.deliver(batchAbout(3))
  expect(seqs(items)).toEqual([1, 4])
})

const TEXTS = ['link is down', 'Link is up', 'links are down', 'link_up', 'eth0: link is down, caf\u00e9', '', 'cable 7f3a cut']
const QUERIES = ['link', 'LINK', '"link is down"', 'link*', '"is down, caf\u00e9"', 'caf\u00e9', 'down or cut', 'link -up', 'app:sshd link', 'app:SSHD', 'app:ss*', '/down$/', 'down (7f3a or eth0)', '"is" or severity:<=err', 'link is']
test.for(QUERIES)('what the clues of %s leave out does not match', (text) => {
  const parsed = parseQuery(text, { nowMs: 0 })
  if (!parsed.ok) throw new Error(text)
  const query = parsed.value as ResolvedQuery
  const batch = storedBatch(TEXTS.flatMap((said, i) => ['sshd', 'cron'].map((app) => ({ text: said, app, node: i, pri: 11 + (i % 3) }))))
  const matches = compileMatcher(query)
  const gate = createGate([query], cluesOf)
  const byGate: number[] = []
  const byRow: number[] = []
  for (let row = 0; row < batch.rows; row++) {
    gate.forEach(batch, row, () => void (matches(batch, row) && byGate.push(row)))
    if (matches(batch, row)) byRow.push(row)
  }
  expect(byGate).toEqual(byRow)
})

test('a row is only asked about by those whose clue it holds, each once', () => {
  const clues: Readonly<Record<string, readonly Clue[] | undefined>> = { node: [{ kind: 'node', value: 7 }, { kind: 'node', value: 8 }], words: cluesOf({ kind: 'or', terms: [{ kind: 'text', text: 'link' }, { kind: 'text', text: 'down' }] }), other: cluesOf({ kind: 'text', text: 'cable' }), any: undefined }
  const gate = createGate(Object.keys(clues), (name) => clues[name])
  const asked: string[] = []
  gate.forEach(storedBatch([{ text: 'link is down', node: 7 }]), 0, (name) => asked.push(name))
  expect(asked.toSorted()).toEqual(['any', 'node', 'words'])
})

test('when matching takes more than its share, the tails read the store until there is time again', async () => {
  const items: LiveItem[] = []
  let nowMs = 0
  let left = 0
  const live = createLive({ ...still, decode, now: () => nowMs, onLeft: () => left++ })
  const slow = asked(() => (nowMs += 200) > 0)
  live.tail({ key: 'slow', afterSeq: 0, matcher: slow, backfill: storeOf(() => 6), deliver: (item) => items.push(item) > 0, onFault() {} })
  await settle()
  const come = async (firstSeq: number) => {
    live.deliver(batchOf(firstSeq, 2))
    live.committed(firstSeq + 1)
    await settle()
  }
  await come(1) // 400 ms
  await come(3)
  expect(left).toBe(1)
  nowMs += 100
  await come(5)
  expect([left, seqs(items)]).toEqual([1, [1, 2, 3, 4, 5, 6]])
})
