import { Worker } from 'node:worker_threads'
import { connectReader, type ReaderClient, type WatermarkShared } from '#store/index.ts'
import { createWorkerCounters, exportWorkerCounters, type Metrics } from '#telemetry/index.ts'
import { SHARED_COUNTERS, shareCounters } from './metric-tables.ts'
import type { ReaderData } from './threads/reader.ts'

/** A search that has not come back this long after its deadline loses its thread. */
const DEADLINE_GRACE_MS = 1000
const MAX_HEAP_MIB = 512
const MAX_YOUNG_MIB = 6

export interface OpenReadersOptions {
  readonly directory: string
  readonly watermark: WatermarkShared
  readonly clock: () => number
  readonly metrics: Metrics
  /** Threads at most. */
  readonly readers: number
}

/** The client of the reader threads; each is started when there is work for it and again after it had to be terminated. */
export function openReaders({ directory, watermark, clock, metrics, readers }: OpenReadersOptions): ReaderClient {
  const inReaders = shareReaderCounters(metrics, readers)
  const here = shareCounters(metrics, SHARED_COUNTERS.search)
  const start = (place: number) =>
    new Worker(new URL('./threads/reader.ts', import.meta.url), {
      workerData: { directory, watermark, counters: inReaders[place]! } satisfies ReaderData,
      name: `reader ${place}`,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: MAX_YOUNG_MIB },
    })
  return connectReader(start, { clock, deadlineGraceMs: DEADLINE_GRACE_MS, readers, counters: here })
}

/** A buffer for each place, since a slot has one writing thread; shown as one: counters add up, gauges are the highest. */
function shareReaderCounters(metrics: Metrics, readers: number): readonly SharedArrayBuffer[] {
  const catalogue = SHARED_COUNTERS.reader
  const places = Array.from({ length: readers }, () => createWorkerCounters(catalogue))
  const total = createWorkerCounters(catalogue)
  exportWorkerCounters(metrics, catalogue, {
    ...total,
    get(name) {
      const values = places.map((counters) => counters.get(name))
      return catalogue[name].kind === 'gauge' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0)
    },
  })
  return places.map(({ shared }) => shared)
}
