import type { Batch } from '#domain/batch.ts'
import { lastSeqOf, loadChunk } from './chunk.ts'
import { openSnapshots } from './snapshot.ts'

/** Everything stored after `afterSeq`, oldest first, as batches; rows before `fromRow` are not asked for. For the log writer at start, before it appends. A chunk that cannot be read is passed over. */
export function forEachBatchAfter(directory: string, afterSeq: number, take: (batch: Batch, fromRow: number) => void): void {
  const snapshots = openSnapshots(directory, undefined)
  try {
    for (const chunk of snapshots.take()) {
      if (lastSeqOf(chunk) <= afterSeq) continue
      let batch: Batch
      try {
        batch = loadChunk(chunk)
      } catch {
        continue // the reader reports what is damaged; here only counters are at stake
      }
      take(batch, Math.max(0, afterSeq + 1 - chunk.firstSeq))
    }
  } finally {
    snapshots.close()
  }
}
