import { expect, test } from 'vitest'
import { openLogAppender, openLogReader } from '#store/index.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const RECORDS = 40
const textOf = (record: number): string => `text of record ${record} ${'x'.repeat((record * 37) % 100)}`

/** A log of records of different sizes, in one segment that is not sealed. */
function recordedLog(): string {
  const directory = testFolder()
  const appender = openLogAppender({ directory, segmentBytes: 1 << 30, sealAfterMs: Infinity, clock: () => NOON_MS })
  for (let record = 0; record < RECORDS; record++) appender.append(batchOf([{ text: textOf(record) }]))
  appender.sync()
  return directory
}

test.for([[1], [500], [1 << 20]])('with %i bytes for kept records every message is itself, also after others took its memory', ([cacheBytes]) => {
  const reader = openLogReader({ directory: recordedLog(), clock: () => NOON_MS, cacheBytes: cacheBytes! })
  const texts = Array.from({ length: RECORDS }, (_, record) => textOf(record))
  for (const order of ['oldest', 'newest', 'oldest'] as const) {
    const { messages, complete } = reader.search({ kind: 'all' }, { limit: RECORDS, order, deadlineAtMs: Infinity })
    expect(complete).toBe(true)
    expect(messages.map(({ text }) => text)).toEqual(order === 'oldest' ? texts : texts.toReversed())
  }
  reader.close()
})

test('a reader that goes forward is given each record in turn', () => {
  const reader = openLogReader({ directory: recordedLog(), clock: () => NOON_MS, cacheBytes: 0 })
  for (let seq = 0; seq < RECORDS; seq++) {
    const batch = reader.batchAfter(seq)!
    expect([batch.firstSeq, Buffer.from(batch.bytes.subarray(0, batch.byteCount)).toString()]).toEqual([seq + 1, expect.stringContaining(textOf(seq))])
  }
  expect(reader.batchAfter(RECORDS)).toBeUndefined()
  reader.close()
})
