import { expect, test } from 'vitest'
import { createBatch } from '#domain/batch.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { POOL_BATCHES, type SealedBatch } from '../../../src/ingest/batch-flow.ts'
import { Batcher } from '../../../src/ingest/batcher.ts'
import { INGEST_COUNTERS } from '../../../src/ingest/counters.ts'
import { createSender, createSenderTable } from '../../../src/ingest/sender.ts'

test('when the table of senders is full the next batch begins a new epoch, and its refs are defined anew', () => {
  const sealed: SealedBatch[] = []
  const counters = createWorkerCounters(INGEST_COUNTERS)
  const flow = { isQuiet: false, freeBatches: POOL_BATCHES, take: () => createBatch(64, 4096), give: (batch: SealedBatch) => void sealed.push(batch) }
  const batcher = new Batcher({ flow, senders: createSenderTable(3), counters, clock: () => 0, maxFrameBytes: 1024, defer: () => undefined })
  const senders = ['a', 'b', 'c', 'd'].map((address) => createSender({ address, transport: 'udp', listener: 'udp' }))
  const send = (n: number) => expect(batcher.take({ bytes: Buffer.from('<13>x: y'), form: 'syslog' }, senders[n]!)).toBe(true)
  for (const n of [0, 1, 0, 2, 3, 0, 3]) send(n)
  batcher.flush()
  expect(sealed.map(({ epoch, sources, batch }) => ({ epoch, sources: sources.map((source) => `${source.ref}=${source.address}`), refs: [...batch.source.subarray(0, batch.rows)] }))).toEqual([
    { epoch: 0, sources: ['1=a', '2=b', '3=c'], refs: [1, 2, 1, 3] },
    { epoch: 1, sources: ['1=d', '2=a'], refs: [1, 2, 1] },
  ])
  expect(counters.get('epochs')).toBe(1)
})
