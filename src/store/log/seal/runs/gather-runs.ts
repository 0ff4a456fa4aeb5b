import type { Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../../segments/format.ts'
import { RUN_BYTES, RUN_ROWS } from './run.ts'

const DAY_MS = 86_400_000

/** Days since the epoch; a time that is none counts as day 0. */
export const dayOf = (receivedMs: number): number => (Number.isFinite(receivedMs) && receivedMs > 0 ? Math.floor(receivedMs / DAY_MS) : 0)

/** Room for a run: its rows, its bytes and the one frame that may go beyond them. */
export const RUN_BATCH = { rows: RUN_ROWS, bytes: RUN_BYTES + 65_536 } as const

/**
 * Gathers batches into runs of one day without a gap in seq; `flush` hands over the last one. `take` is called with `run`,
 * which is used again afterwards.
 */
export function createRunGatherer(run: Batch, take: (day: number) => void): { add(batch: Batch): void; flush(): void } {
  let day = 0

  const flush = (): void => {
    if (run.rows > 0) take(day)
    run.rows = 0
    run.byteCount = 0
  }

  /** Row `from` of `batch` begins a run or goes on with the open one; @returns the first row that does not fit it any more. */
  const takeRows = (batch: Batch, from: number): number => {
    if (run.rows > 0 && (run.firstSeq + run.rows !== batch.firstSeq + from || dayOf(batch.receivedMs[from]!) !== day)) flush()
    if (run.rows === 0) {
      day = dayOf(batch.receivedMs[from]!)
      run.firstSeq = batch.firstSeq + from
    }
    const limit = Math.min(batch.rows, from + RUN_ROWS - run.rows)
    let end = from
    let low = batch.frameStart[from]!
    let high = low
    while (end < limit && (end === from || dayOf(batch.receivedMs[end]!) === day)) {
      const start = batch.frameStart[end]!
      const newLow = Math.min(low, start)
      const newHigh = Math.max(high, start + batch.frameLen[end]!)
      if (end > from && run.byteCount + newHigh - newLow > RUN_BYTES) break
      low = newLow
      high = newHigh
      end++
    }
    // one copy for all frames, whatever lies between them comes along
    run.bytes.set(batch.bytes.subarray(low, high), run.byteCount)
    for (let row = from; row < end; row++) run.frameStart[run.rows + row - from] = batch.frameStart[row]! - low + run.byteCount
    run.byteCount += high - low
    for (const { name } of STORED_COLUMNS) if (name !== 'frameStart') run[name].set(batch[name].subarray(from, end), run.rows)
    run.rows += end - from
    if (run.rows === RUN_ROWS || run.byteCount >= RUN_BYTES || end < limit) flush()
    return end
  }

  return {
    add(batch) {
      for (let row = 0; row < batch.rows; ) row = takeRows(batch, row)
    },
    flush,
  }
}
