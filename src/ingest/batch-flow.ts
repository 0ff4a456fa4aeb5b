import { COLUMNS, createSharedBatch, openBatch, packBatch, type Batch, type BatchHeader } from '#domain/batch.ts'
import type { BatchMessage, IngestLoss, Receipt, ReturnMessage, SourceDefinition } from '#domain/stream.ts'
import type { IngestCounters } from './counters.ts'
import type { Port } from './port.ts'

/** Batches in the house: filled, waiting, at the writer, read by the rules (at most four) and free. Each is about 3 MiB, of which only what was used takes memory. */
export const POOL_BATCHES = 10
/** At the writer: one being committed, one next in line. */
export const MAX_OUTSTANDING = 2

/** A batch that takes no more rows, with what the writer must know beside it. */
export interface SealedBatch {
  readonly batch: Batch
  readonly sources: readonly SourceDefinition[]
  readonly epoch: number
  readonly receipts: readonly Receipt[]
  readonly losses: readonly IngestLoss[]
}

export interface BatchFlow {
  /** Nothing is at the writer or waiting for it: a message should leave at once. */
  readonly isQuiet: boolean
  /** Batches that `take` would give now; the one being filled is not among them. */
  readonly freeBatches: number
  /** An empty batch, or undefined while none is free. */
  take(): Batch | undefined
  /** Hands a batch on, now or as soon as the writer may be given another. The batch must not be used afterwards. */
  give(sealed: SealedBatch): void
}

/** The batches' way to the writer and back: a fixed pool, so that memory is bounded and a slow disk is felt at the sockets. */
export function createBatchFlow(options: {
  readonly writerPort: Port<BatchMessage, ReturnMessage>
  readonly counters: IngestCounters
  /** Called after each answer, when a batch may be free or the writer idle. */
  readonly onReturn: () => void
  /** Batches are settled in the order in which they were given: this is the `number`-th, from 1. */
  readonly onSettled: (number: number, isStored: boolean) => void
}): BatchFlow {
  const { writerPort, counters, onReturn, onSettled } = options
  const free: Batch[] = Array.from({ length: POOL_BATCHES }, createSharedBatch)
  const waiting: SealedBatch[] = [] // never longer than the pool
  let outstanding = 0
  let settled = 0
  /** Messages of the batches that are waiting or at the writer, in the order in which they were given. */
  const givenRows: number[] = [] // never longer than the pool
  let rowsInHouse = 0
  /** Sent and not yet returned. */
  let away = 0
  /** Most rows of any batch that is away: what must be cleared in a returned one, whatever the writer has done to its header. */
  let usedRows = 0

  const report = () => {
    counters.set('batches-free', free.length)
    counters.set('batches-outstanding', outstanding)
    counters.set('batches-waiting', waiting.length)
    counters.set('rows-in-house', rowsInHouse)
  }
  const send = () => {
    while (outstanding < MAX_OUTSTANDING && waiting.length > 0) {
      const { batch, ...rest } = waiting.shift()!
      usedRows = Math.max(usedRows, batch.rows)
      outstanding++
      away++
      counters.add('batches-sent')
      writerPort.postMessage({ kind: 'batch', header: packBatch(batch), ...rest }, [])
    }
    report()
  }
  const takeBack = (header: BatchHeader) => {
    const batch = openBatch({ ...header, rows: 0, byteCount: 0, firstSeq: 0 })
    for (const { name } of COLUMNS) batch[name].fill(0, 0, usedRows)
    free.push(batch)
    away--
    if (away === 0) usedRows = 0
  }
  writerPort.on('message', (message) => {
    if (message.kind === 'return') takeBack(message.header)
    else {
      outstanding--
      rowsInHouse -= givenRows.shift() ?? 0
      onSettled(++settled, message.isStored)
    }
    send()
    onReturn()
  })
  report()

  return {
    get isQuiet() {
      return outstanding === 0 && waiting.length === 0
    },
    get freeBatches() {
      return free.length
    },
    take() {
      const batch = free.pop()
      report()
      return batch
    },
    give(sealed) {
      waiting.push(sealed)
      givenRows.push(sealed.batch.rows)
      rowsInHouse += sealed.batch.rows
      send()
    },
  }
}
