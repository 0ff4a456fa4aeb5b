import { parentPort, workerData } from 'node:worker_threads'
import { LOG_READER_COUNTERS, serveReader, type WatermarkShared } from '#store/index.ts'
import { createWorkerCounters } from '#telemetry/threads.ts'
import { yieldToOthers } from './yield-to.ts'

/** Thread entry: runs searches. It may be terminated at any moment when one overruns its deadline. */
export interface ReaderData {
  readonly directory: string
  readonly watermark: WatermarkShared
  readonly counters: SharedArrayBuffer
}

yieldToOthers(2)
const { directory, watermark, counters } = workerData as ReaderData
serveReader(parentPort!, { directory, watermark, clock: Date.now, counters: createWorkerCounters(LOG_READER_COUNTERS, counters) })
