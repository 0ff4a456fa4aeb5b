import { Worker } from 'node:worker_threads'
import { connectReader, type ReaderClient, type WatermarkShared } from '#store/index.ts'
import type { Metrics } from '#telemetry/index.ts'
import { SHARED_COUNTERS, shareCounters } from './metric-tables.ts'
import type { ReaderData } from './threads/reader.ts'

/** A search that has not come back this long after its deadline loses its thread. */
const DEADLINE_GRACE_MS = 1000
const MAX_HEAP_MIB = 512

/** The client of the reader thread; the thread is started when it is first asked and again after it had to be terminated. */
export function openReaders({ directory, watermark, clock, metrics }: { readonly directory: string; readonly watermark: WatermarkShared; readonly clock: () => number; readonly metrics: Metrics }): ReaderClient {
  const inReader = shareCounters(metrics, SHARED_COUNTERS.reader)
  const here = shareCounters(metrics, SHARED_COUNTERS.search)
  const start = () =>
    new Worker(new URL('./threads/reader.ts', import.meta.url), {
      workerData: { directory, watermark, counters: inReader.shared } satisfies ReaderData,
      name: 'reader',
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    })
  return connectReader(start, { clock, deadlineGraceMs: DEADLINE_GRACE_MS, counters: here })
}
