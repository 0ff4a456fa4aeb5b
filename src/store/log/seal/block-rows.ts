import { createBatch, type Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../segments/format.ts'

/** Bounds of a block: few enough rows that one message is found quickly, enough that zstd finds repetition. */
export const BLOCK_ROWS = 4096
export const BLOCK_BYTES = 1024 * 1024
const DAY_MS = 86_400_000

/** A run of rows that becomes one block: one day, no gap in seq. It is an ordinary batch. */
export interface BlockRun { readonly batch: Batch; readonly day: number }

/** Days since the epoch; a time that is none counts as day 0. */
const dayOf = (receivedMs: number): number => (Number.isFinite(receivedMs) && receivedMs > 0 ? Math.floor(receivedMs / DAY_MS) : 0)

/** Gathers batches into runs; `flush` hands over the last one. `take` is called with a batch that is used again afterwards. */
export function createRunBuilder(take: (run: BlockRun) => void): { add(batch: Batch): void; flush(): void } {
  let run = createBatch(BLOCK_ROWS, BLOCK_BYTES + 65_536)
  let day = 0

  const flush = (): void => {
    if (run.rows > 0) take({ batch: run, day })
    run.rows = 0
    run.byteCount = 0
  }

  /** Row `from` of `batch` begins a run or goes on with the open one; @returns the first row that does not fit it any more. */
  const takeRun = (batch: Batch, from: number): number => {
    if (run.rows > 0 && (run.firstSeq + run.rows !== batch.firstSeq + from || dayOf(batch.receivedMs[from]) !== day)) flush()
    if (run.rows === 0) {
      day = dayOf(batch.receivedMs[from])
      run.firstSeq = batch.firstSeq + from
    }
    const limit = Math.min(batch.rows, from + BLOCK_ROWS - run.rows)
    let end = from
    let low = batch.frameStart[from]
    let high = low
    while (end < limit && (end === from || dayOf(batch.receivedMs[end]) === day)) {
      const start = batch.frameStart[end]
      const newLow = Math.min(low, start)
      const newHigh = Math.max(high, start + batch.frameLen[end])
      if (end > from && run.byteCount + newHigh - newLow > BLOCK_BYTES) break
      low = newLow
      high = newHigh
      end++
    }
    // one copy for all frames, whatever lies between them comes along
    run.bytes.set(batch.bytes.subarray(low, high), run.byteCount)
    for (let row = from; row < end; row++) run.frameStart[run.rows + row - from] = batch.frameStart[row] - low + run.byteCount
    run.byteCount += high - low
    for (const { name } of STORED_COLUMNS) if (name !== 'frameStart') run[name].set(batch[name].subarray(from, end), run.rows)
    run.rows += end - from
    if (run.rows === BLOCK_ROWS || run.byteCount >= BLOCK_BYTES || end < limit) flush()
    return end
  }

  return {
    add(batch) {
      for (let row = 0; row < batch.rows; ) row = takeRun(batch, row)
    },
    flush,
  }
}
