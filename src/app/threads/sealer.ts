import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { AppFault, type FaultCode } from '#domain/fault.ts'
import { backUp, createLogKeeper, createPinRecords, openHubDatabase, LOG_SEALER_COUNTERS, type BackUpResult, type KeeperReport, type SpaceSettings, type WatermarkShared } from '#store/index.ts'
import { createWorkerCounters } from '#telemetry/threads.ts'
import { tellBegun } from './begun.ts'
import { yieldToOthers } from './yield-to.ts'

/** Thread entry, the keeper of the store: closed segments become runs, old day files go, backups are written. Works on request and at intervals. */
export interface SealerData {
  readonly dataDirectory: string
  readonly databasePath: string
  readonly logDirectory: string
  readonly watermark: WatermarkShared
  readonly retentionMs: number
  readonly space: SpaceSettings
  readonly program: string
  readonly counters: SharedArrayBuffer
}
export type SealerCommand =
  | { readonly kind: 'maintain' }
  | { readonly kind: 'compact'; readonly id: number }
  | { readonly kind: 'backup'; readonly id: number; readonly target: string }
  | { readonly kind: 'accept-loss'; readonly id: number; readonly name: string; readonly by: string }
  | { readonly kind: 'cancel'; readonly id: number }
export type SealerEvent =
  | { readonly kind: 'maintained'; readonly report: KeeperReport }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'progress'; readonly id: number; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly id: number; readonly backup?: BackUpResult; readonly accepted?: boolean; readonly report?: KeeperReport; readonly compaction?: CompactionResult }
  | { readonly kind: 'compacted'; readonly name: string; readonly cause: string; readonly bytesBefore: number; readonly bytesAfter: number }
  | { readonly kind: 'refused'; readonly id: number; readonly code: FaultCode; readonly reason: string }

/** What a compaction did. */
export interface CompactionResult { readonly files: number; readonly bytesBefore: number; readonly bytesAfter: number; readonly storeBytes: number | undefined }

/** Retention and segments that failed before are looked at this often without being asked. */
const EVERY_MS = 60_000
/** Progress is told this often at most. */
const TELL_EVERY_MS = 200

yieldToOthers(10)
const { dataDirectory, databasePath, logDirectory, watermark, retentionMs, space, program, counters } = workerData as SealerData
const pins = createPinRecords(openHubDatabase(databasePath))
tellBegun()
const keeper = createLogKeeper({
  directory: logDirectory, watermark, retentionMs, space, pinned: () => pins.sessionIds(), clock: Date.now, counters: createWorkerCounters(LOG_SEALER_COUNTERS, counters),
})
const cancelled = new Set<number>()
const tell = (event: SealerEvent): void => parentPort!.postMessage(event)

function maintain(): KeeperReport | undefined {
  try {
    const report = keeper.maintain({ nowMs: Date.now() })
    tell({ kind: 'maintained', report })
    if (report.state.waitingSegments === 0) compactWhenIdle()
    return report
  } catch (fault) {
    // a full or read-only disk: the segments stay, the next round tries again
    tell({ kind: 'failed', reason: reasonOf(fault) })
    return undefined
  }
}

/** The rounds of the keeper go on between two slices: a long copy holds off neither sealing nor retention. */
async function runBackup(id: number, target: string): Promise<void> {
  let toldMs = 0
  const result = await backUp({
    data: dataDirectory, directory: logDirectory, databasePath, watermark, target, program, nowMs: Date.now(),
    async breathe() {
      await new Promise((resolve) => setImmediate(resolve))
      if (cancelled.delete(id)) throw new AppFault('conflict', 'the backup was cancelled')
    },
    onProgress({ doneBytes, totalBytes }) {
      if (performance.now() - toldMs < TELL_EVERY_MS) return
      toldMs = performance.now()
      tell({ kind: 'progress', id, done: doneBytes, total: totalBytes })
    },
  })
  tell({ kind: 'done', id, backup: result })
}

async function obey(command: SealerCommand): Promise<void> {
  switch (command.kind) {
    case 'maintain':
      return void maintain()
    case 'compact': {
      const report = maintain()
      const compaction = report === undefined ? undefined : await compact(0)
      return tell(report === undefined || compaction === undefined ? { kind: 'refused', id: command.id, code: 'store-failed', reason: 'the store could not be maintained, see the log' } : { kind: 'done', id: command.id, report, compaction })
    }
    case 'backup':
      backupsRunning++
      return runBackup(command.id, command.target).finally(() => backupsRunning--)
    case 'accept-loss': {
      const accepted = keeper.acceptLoss(command)
      tell({ kind: 'done', id: command.id, accepted })
      return void maintain()
    }
    case 'cancel':
      return void cancelled.add(command.id)
  }
}

/** Slices of compaction while nothing waits to be sealed; a slice is short, since sealing waits for it. */
const SLICE_MS = 100
/** Idle work takes half of the thread's time at most. */
const PAUSE_MS = 100
let isCompacting = false
let backupsRunning = 0

/** Rewrites what is worth it until there is no more. @param pauseMs between slices */
async function compact(pauseMs: number): Promise<CompactionResult> {
  const result = { files: 0, bytesBefore: 0, bytesAfter: 0 }
  let isPostponed = false
  for (let isMore = true; isMore; ) {
    await delay(pauseMs)
    // a file that is being backed up is not replaced under the copy
    if (backupsRunning > 0) break
    const step = keeper.compact(SLICE_MS)
    // one round to seal what was closed meanwhile; what cannot be sealed now is no reason to wait
    if (step.isPostponed === true && isPostponed) break
    isPostponed = step.isPostponed === true
    if (isPostponed) maintain()
    isMore = step.isMore
    if (step.finished !== undefined) {
      result.files++
      result.bytesBefore += step.finished.bytesBefore
      result.bytesAfter += step.finished.bytesAfter
      tell({ kind: 'compacted', ...step.finished })
    }
  }
  return { ...result, storeBytes: result.files === 0 ? undefined : maintain()?.state.disk?.usedBytes }
}

function compactWhenIdle(): void {
  if (isCompacting) return
  isCompacting = true
  compact(PAUSE_MS)
    .catch((fault: unknown) => tell({ kind: 'failed', reason: `compaction: ${reasonOf(fault)}` }))
    .finally(() => (isCompacting = false))
}

const reasonOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault))

parentPort!.on('message', (command: SealerCommand) => {
  obey(command).catch((fault: unknown) => {
    if (command.kind !== 'maintain') tell({ kind: 'refused', id: command.id, code: fault instanceof AppFault ? fault.code : 'store-failed', reason: reasonOf(fault) })
  })
})
setInterval(maintain, EVERY_MS).unref()
maintain()
