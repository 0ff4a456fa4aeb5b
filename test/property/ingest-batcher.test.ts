import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBatch } from '#domain/batch.ts'
import { createWorkerCounters } from '#telemetry/index.ts'
import { POOL_BATCHES, type BatchFlow, type SealedBatch } from '../../src/ingest/batch-flow.ts'
import { Batcher } from '../../src/ingest/batcher.ts'
import { INGEST_COUNTERS } from '../../src/ingest/counters.ts'
import { StreamFramer } from '../../src/ingest/framing/stream-framer.ts'
import { createSender, createSenderTable } from '../../src/ingest/sender.ts'

const MAX_FRAME = 48

/** Batches so small that every chunk crosses their ends; `isOut` makes the pool look empty. */
function createSmallFlow(): BatchFlow & { readonly sealed: SealedBatch[]; isOut: boolean } {
  const flow = {
    sealed: [] as SealedBatch[],
    isOut: false,
    isQuiet: false,
    freeBatches: POOL_BATCHES,
    take: () => (flow.isOut ? undefined : createBatch(8, 256)),
    give: (sealed: SealedBatch) => void flow.sealed.push(sealed),
  }
  return flow
}

const line = fc.string({ unit: fc.constantFrom('a', '1', ' ', ':', '<'), minLength: 1, maxLength: MAX_FRAME - 8 }).map((value) => `<13>${value}`)
const chunkSizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 })

test('whatever the chunks, the batch ends and the waits for room: every message\'s bytes come back, once and in order', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), chunkSizes, fc.infiniteStream(fc.boolean()), (lines, sizes, isOut) => {
      const flow = createSmallFlow()
      const counters = createWorkerCounters(INGEST_COUNTERS)
      const senders = createSenderTable(4)
      const batcher = new Batcher({ flow, senders, counters, clock: () => 0, maxFrameBytes: MAX_FRAME, defer: (work) => work() })
      const framer = new StreamFramer({ maxFrameBytes: MAX_FRAME, heldBudget: { freeBytes: 1 << 20 } })
      const sender = createSender({ address: '10.0.0.1', transport: 'tcp', listener: 'tcp' })
      const bytes = Buffer.from(lines.map((value) => `${value}\n`).join(''))
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const chunk = bytes.subarray(at, at + sizes[n % sizes.length]!)
        let taken = 0
        do {
          flow.isOut = isOut.next().value === true
          taken += batcher.takeStream(chunk.subarray(taken), framer, sender)
        } while (taken < chunk.length || framer.isOwed)
        at += chunk.length
      }
      flow.isOut = false
      batcher.endStream(framer, sender)
      batcher.flush()
      const raws = flow.sealed.flatMap(({ batch }) =>
        Array.from({ length: batch.rows }, (_, row) => Buffer.from(batch.bytes.subarray(batch.frameStart[row]!, batch.frameStart[row]! + batch.frameLen[row]!)).toString()),
      )
      expect(raws).toEqual(lines)
      expect(counters.get('messages-tcp')).toBe(lines.length)
      for (const { batch } of flow.sealed) expect(batch.byteCount).toBeLessThanOrEqual(batch.bytes.length)
    }),
    { numRuns: 500 },
  )
})
