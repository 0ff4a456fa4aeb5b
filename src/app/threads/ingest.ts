import { parentPort, workerData } from 'node:worker_threads'
import { createIngest, INGEST_COUNTERS, type SyslogConfig } from '#ingest/index.ts'
import { createWorkerCounters } from '#telemetry/threads.ts'
import type { MessagePort } from 'node:worker_threads'

/** Thread entry: sockets, framing, parsing. Knows no node. */
export interface IngestData {
  readonly config: SyslogConfig
  readonly counters: SharedArrayBuffer
  readonly writerPort: MessagePort
}

const { config, counters, writerPort } = workerData as IngestData
createIngest({ config, clock: Date.now, writerPort, mainPort: parentPort!, counters: createWorkerCounters(INGEST_COUNTERS, counters) })
