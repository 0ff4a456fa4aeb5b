import { openBatch, type Batch } from '#domain/batch.ts'
import type { WorkerCounters } from '#telemetry/index.ts'
import type { RulesCounter } from '../counters.ts'
import { BATCHES_AHEAD, type RulesFeed } from '../protocol.ts'

/** Rows that are looked at before findings are posted and messages from other threads are let in. */
const SLICE_ROWS = 1024

/** Messages that come next: the rows `from <= row < to`. */
export interface Slice { readonly kind: 'rows'; readonly batch: Batch; readonly from: number; readonly to: number; readonly isStored: boolean }
/** Or: numbers up to this one were never given; or nothing waits; or the store cannot be read now. */
export type Next = Slice | { readonly kind: 'gap'; readonly to: number } | { readonly kind: 'none' } | { readonly kind: 'failed'; readonly reason: string }

export interface IntakeOptions {
  /** The stored run of messages that holds the first one after a seq: the log store's reader. */
  readonly reader: { batchAfter(afterSeq: number): Batch | undefined }
  readonly counters: Pick<WorkerCounters<RulesCounter>, 'add' | 'set'>
  /** All up to here was taken before the start. */
  readonly cursor: number
  /** A batch is not needed any more. */
  readonly giveBack: (lastSeq: number) => void
}

/** Committed messages in order and without gaps: from memory as the log writer lends them, and what was not lent from the store. */
export interface Intake {
  /** Highest seq known to be on disk. */
  readonly committed: number
  hear(message: RulesFeed): void
  next(cursor: number): Next
  /** Everything up to the cursor was taken: batches that are used up go back. */
  took(cursor: number): void
  /** Nothing is known behind the cursor. */
  isIdle(cursor: number): boolean
}

export function createIntake({ reader, counters, cursor: startCursor, giveBack }: IntakeOptions): Intake {
  let committed = startCursor
  /** Everything that was there at the start is read first. */
  let isStart = true
  const waiting: Batch[] = [] // bound: BATCHES_AHEAD
  /** Read from the store and not used up: what is looked at in slices is read once. */
  let held: Batch | undefined
  const lastSeqOf = ({ firstSeq, rows }: Batch): number => firstSeq + rows - 1

  function drop(cursor: number): void {
    while (waiting.length > 0 && lastSeqOf(waiting[0]!) <= cursor) giveBack(lastSeqOf(waiting.shift()!))
    counters.set('waitingBatches', waiting.length)
  }

  function rowsOf(batch: Batch, { cursor, before, isStored }: { readonly cursor: number; readonly before: number; readonly isStored: boolean }): Slice {
    const from = Math.max(0, cursor + 1 - batch.firstSeq)
    return { kind: 'rows', batch, from, to: Math.min(batch.rows, from + SLICE_ROWS, before - batch.firstSeq), isStored }
  }

  /** What is between the cursor and the next batch, or the end of the store. */
  function fromStore(cursor: number): Next {
    const before = waiting[0]?.firstSeq ?? Infinity
    let batch = held !== undefined && held.firstSeq <= cursor + 1 && lastSeqOf(held) > cursor ? held : undefined
    try {
      batch ??= reader.batchAfter(cursor)
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
    }
    held = batch
    if (batch !== undefined && batch.firstSeq < before) return rowsOf(batch, { cursor, before, isStored: true })
    isStart = false
    return { kind: 'gap', to: Math.max(cursor, before === Infinity ? committed : before - 1) }
  }

  return {
    get committed() {
      return committed
    },
    hear(message) {
      if (message.kind === 'committed') {
        committed = Math.max(committed, message.lastSeq)
        return
      }
      const batch = openBatch(message.header)
      committed = Math.max(committed, lastSeqOf(batch))
      if (waiting.length < BATCHES_AHEAD) {
        waiting.push(batch)
        counters.set('waitingBatches', waiting.length)
        counters.add('takenBatches')
      } else {
        counters.add('skippedBatches')
        giveBack(lastSeqOf(batch))
      }
    },
    next(cursor) {
      drop(cursor)
      const batch = waiting[0]
      if (!isStart && batch !== undefined && batch.firstSeq <= cursor + 1) return rowsOf(batch, { cursor, before: Infinity, isStored: false })
      return isStart || batch !== undefined || cursor < committed ? fromStore(cursor) : { kind: 'none' }
    },
    took: drop,
    isIdle: (cursor) => !isStart && waiting.length === 0 && cursor >= committed,
  }
}
