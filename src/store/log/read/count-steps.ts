import type { Batch } from '#domain/batch.ts'
import type { PartReader } from './count-keys.ts'
import type { RunDecoder } from './load-run.ts'
import type { RunChunk } from './run-files.ts'
import type { Tally } from './tally.ts'

/** Counts all rows of a run by steps of time: with its bounds alone where it lies in one step. */
export function createStepCounter({ stepMs, read, tally }: { readonly stepMs: number; readonly read: PartReader; readonly tally: Tally }): (chunk: RunChunk, decoder: RunDecoder) => void {
  const bounds = { receivedMs: new Float64Array(1) }
  return (chunk, decoder) => {
    if (Math.floor(chunk.minMs / stepMs) === Math.floor(chunk.maxMs / stepMs)) {
      bounds.receivedMs[0] = chunk.minMs
      return tally.add(read(bounds as unknown as Batch, 0), 0, chunk.rows, 0)
    }
    decoder.loadHead(chunk)
    const row = { receivedMs: decoder.head.receivedMs } as unknown as Batch
    let [step, count] = [0, 0]
    // rows in order of seq are in order of time: few steps, many rows each
    for (let i = 0; i < chunk.rows; i++) {
      const part = read(row, i)
      if (part !== step && count > 0) {
        tally.add(step, 0, count, 0)
        count = 0
      }
      step = part
      count++
    }
    tally.add(step, 0, count, 0)
  }
}
