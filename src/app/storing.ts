import type { StorePart } from '#api/index.ts'
import type { KeeperState, ReaderClient, WatermarkShared } from '#store/index.ts'
import type { Logger, Metrics } from '#telemetry/index.ts'
import { createStorePart } from './parts/store.ts'
import type { HubPaths } from './paths.ts'
import { createStoreJobs, type Job } from './store-jobs.ts'
import type { SealerCommand, SealerEvent } from './threads/sealer.ts'

export interface StoringOptions {
  readonly paths: Pick<HubPaths, 'database' | 'log'>
  readonly watermark: WatermarkShared
  readonly reader: ReaderClient
  readonly clock: () => number
  readonly log: Logger
  readonly metrics: Metrics
  toSealer(command: SealerCommand): void
}

/** Main's end of keeping the store: work on it, its state, and what of it is measured. */
export interface Storing {
  readonly part: StorePart
  on(event: SealerEvent): void
  close(): Promise<void>
}

export function createStoring({ paths, watermark, reader, clock, log, metrics, toSealer }: StoringOptions): Storing {
  let state: KeeperState | undefined
  const jobs = createStoreJobs({ checker: { directory: paths.log, databasePath: paths.database, watermark }, clock, toSealer, onEnd })

  function onEnd(job: Job): void {
    metrics.add('hps_store_jobs_total', { kind: job.kind, outcome: job.state })
    const fields = { kind: job.kind, by: job.by, seconds: Math.round((clock() - job.startedMs) / 100) / 10 }
    if (job.failure !== undefined) return log.error({ ...fields, reason: job.failure.reason }, 'Work on the store failed')
    if (job.kind === 'backup') metrics.set('hps_store_last_backup_timestamp_seconds', Math.floor(clock() / 1000))
    if (job.kind !== 'check') return log.info({ ...fields, ...job.result }, 'Work on the store done')
    const { problems, ...figures } = job.result as { readonly problems: readonly string[]; readonly problem_count: number }
    metrics.set('hps_store_problems', figures.problem_count)
    if (figures.problem_count === 0) log.info({ ...fields, ...figures }, 'The store is sound')
    else log.error({ ...fields, ...figures, first: problems[0] }, 'The store has problems')
  }

  return {
    part: createStorePart({ reader, jobs, log, keeper: () => state }),
    on(event) {
      if (event.kind === 'maintained') {
        state = event.report.state
        // a removed file takes up room for as long as a reader has it open: looking again lets go of it
        if (event.report.removals.length > 0) reader.stats().catch((fault: unknown) => log.warn({ err: fault }, 'Removed files may still take up room'))
      }
      if (event.kind === 'compacted') {
        log.info({ file: event.name, cause: event.cause, before: event.bytesBefore, after: event.bytesAfter }, 'Sealed file rewritten')
        reader.stats().catch((fault: unknown) => log.warn({ err: fault }, 'Rewritten files may still take up room'))
      }
      jobs.on(event)
    },
    close: () => jobs.close(),
  }
}
