import type { Batch } from '#domain/batch.ts'
import { lastSeqOf, loadChunk } from './chunk.ts'
import { createRunDecoder, withoutGaps } from './load-run.ts'
import { openSnapshots } from './snapshot.ts'

/** Everything stored after `afterSeq`, oldest first, as batches; rows before `fromRow` are not asked for. For the log writer at start, before it appends. A chunk that cannot be read is passed over. */
export function forEachBatchAfter(directory: string, afterSeq: number, take: (batch: Batch, fromRow: number) => void): void {
  const snapshots = openSnapshots(directory, undefined)
  const decoder = createRunDecoder()
  try {
    for (const chunk of snapshots.take()) {
      if (lastSeqOf(chunk) <= afterSeq) continue
      let batch: Batch
      try {
        batch = loadChunk(chunk, decoder)
      } catch {
        continue // the reader reports what is damaged; here only counters are at stake
      }
      for (let after = afterSeq; after < lastSeqOf(chunk); ) {
        const stretch = withoutGaps(batch, after)
        take(stretch, Math.max(0, after + 1 - stretch.firstSeq))
        after = stretch.firstSeq + stretch.rows - 1
      }
    }
  } finally {
    snapshots.close()
  }
}
