import { Worker } from 'node:worker_threads'
import { connectReader, LOG_READER_COUNTERS, LOG_SEARCH_COUNTERS, type ReaderClient, type WatermarkShared } from '#store/index.ts'
import { createWorkerCounters, exportWorkerCounters, type Metrics } from '#telemetry/index.ts'
import type { ReaderData } from './threads/reader.ts'

/** A search that has not come back this long after its deadline loses its thread. */
const DEADLINE_GRACE_MS = 1000
const MAX_HEAP_MIB = 512

/** The client of the reader thread; the thread is started when it is first asked and again after it had to be terminated. */
export function openReaders({ directory, watermark, clock, metrics }: { readonly directory: string; readonly watermark: WatermarkShared; readonly clock: () => number; readonly metrics: Metrics }): ReaderClient {
  const inReader = createWorkerCounters(LOG_READER_COUNTERS)
  const here = createWorkerCounters(LOG_SEARCH_COUNTERS)
  exportWorkerCounters(metrics, LOG_READER_COUNTERS, inReader)
  exportWorkerCounters(metrics, LOG_SEARCH_COUNTERS, here)
  const start = () =>
    new Worker(new URL('./threads/reader.ts', import.meta.url), {
      workerData: { directory, watermark, counters: inReader.shared } satisfies ReaderData,
      name: 'reader',
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    })
  return connectReader(start, { clock, deadlineGraceMs: DEADLINE_GRACE_MS, counters: here })
}
