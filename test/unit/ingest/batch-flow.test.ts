import { expect, test } from 'vitest'
import { packBatch, type Batch } from '#domain/batch.ts'
import type { BatchMessage, ReturnMessage } from '#domain/stream.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { createBatchFlow, MAX_OUTSTANDING, POOL_BATCHES } from '../../../src/ingest/batch-flow.ts'
import { INGEST_COUNTERS } from '../../../src/ingest/counters.ts'

function start() {
  const sent: BatchMessage[] = []
  let deliver: (message: ReturnMessage) => void = () => undefined
  const counters = createWorkerCounters(INGEST_COUNTERS)
  const flow = createBatchFlow({
    writerPort: { postMessage: (message) => void sent.push(message), on: (_, listener) => void (deliver = listener) },
    counters,
    onReturn: () => undefined, onSettled: () => undefined,
  })
  const give = (batch: Batch) => flow.give({ batch, sources: [], epoch: 0, receipts: [], losses: [] })
  return { flow, sent, counters, give, settle: () => deliver({ kind: 'settled', isStored: true }), returnOne: (n: number) => deliver({ kind: 'return', header: sent[n]!.header }) }
}

test('no more than two batches are at the writer; the others wait in order', () => {
  const { flow, sent, give, settle, counters } = start()
  const batches = Array.from({ length: 4 }, () => flow.take()!)
  for (const [i, batch] of batches.entries()) {
    batch.rows = i + 1
    give(batch)
  }
  expect(sent).toHaveLength(MAX_OUTSTANDING)
  settle()
  settle()
  expect(sent.map((message) => message.header.rows)).toEqual([1, 2, 3, 4])
  expect(counters.get('batches-outstanding')).toBe(2)
})

test('the pool is bounded, and a returned batch comes out clean', () => {
  const { flow, give, settle, returnOne, counters } = start()
  const taken = Array.from({ length: POOL_BATCHES }, () => flow.take()!)
  expect(flow.take()).toBeUndefined()
  expect(counters.get('batches-free')).toBe(0)
  const [first] = taken as [Batch]
  first.rows = 3
  first.hostLen.fill(7, 0, 3)
  first.faults.fill(7, 0, 3)
  give(first)
  expect(flow.isQuiet).toBe(false)
  settle()
  expect(flow.isQuiet).toBe(true)
  expect(flow.take()).toBeUndefined() // others still read it
  returnOne(0)
  const again = flow.take()!
  expect({ rows: again.rows, bytes: again.byteCount, host: again.hostLen[2], faults: again.faults[0] }).toEqual({ rows: 0, bytes: 0, host: 0, faults: 0 })
  expect(packBatch(again).buffer).toBe(first.buffer)
  expect(flow.isQuiet).toBe(true)
})
