import { parentPort, workerData } from 'node:worker_threads'
import { createLogKeeper, LOG_SEALER_COUNTERS, type MaintenanceReport, type WatermarkShared } from '#store/index.ts'
import { createWorkerCounters } from '#telemetry/threads.ts'
import { yieldToOthers } from './yield-to.ts'

/** Thread entry: closed segments become blocks, old day files go. Works on request and at intervals. */
export interface SealerData {
  readonly logDirectory: string
  readonly watermark: WatermarkShared
  readonly retentionMs: number
  readonly counters: SharedArrayBuffer
}
export type SealerEvent = { readonly kind: 'maintained'; readonly report: MaintenanceReport } | { readonly kind: 'failed'; readonly reason: string }

/** Retention and segments that failed before are looked at this often without being asked. */
const EVERY_MS = 60_000

yieldToOthers(10)
const { logDirectory, watermark, retentionMs, counters } = workerData as SealerData
const keeper = createLogKeeper({ directory: logDirectory, watermark, retentionMs, clock: Date.now, counters: createWorkerCounters(LOG_SEALER_COUNTERS, counters) })
const tell = (event: SealerEvent): void => parentPort!.postMessage(event)

function maintain(): void {
  try {
    tell({ kind: 'maintained', report: keeper.maintain({ nowMs: Date.now() }) })
  } catch (fault) {
    // a full or read-only disk: the segments stay, the next round tries again
    tell({ kind: 'failed', reason: fault instanceof Error ? fault.message : String(fault) })
  }
}

parentPort!.on('message', maintain)
setInterval(maintain, EVERY_MS).unref()
