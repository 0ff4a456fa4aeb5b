import { parentPort, workerData } from 'node:worker_threads'
import { createIngest, INGEST_COUNTERS, warmUp, type SyslogConfig } from '#ingest/index.ts'
import { createWorkerCounters } from '#telemetry/threads.ts'
import type { MessagePort } from 'node:worker_threads'
import { tellBegun } from './begun.ts'
import { letEngineYield } from './yield-to.ts'

/** Thread entry: sockets, framing, parsing. Knows no node. */
export interface IngestData {
  readonly config: SyslogConfig
  readonly counters: SharedArrayBuffer
  readonly writerPort: MessagePort
}

/** Half of what ingest has. */
const ENGINE_NICENESS = 4

tellBegun()
warmUp({ counters: createWorkerCounters(INGEST_COUNTERS), clock: Date.now })
letEngineYield(ENGINE_NICENESS)
const { config, counters, writerPort } = workerData as IngestData
createIngest({ config, clock: Date.now, writerPort, mainPort: parentPort!, counters: createWorkerCounters(INGEST_COUNTERS, counters) })
