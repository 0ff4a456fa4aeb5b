import { isAbsolute } from 'node:path'
import type { LossView, StoreJobView, StorePart } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { AppFault } from '#domain/fault.ts'
import type { KeeperState, Loss, ReaderClient } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { Job, StoreJobs } from '../store-jobs.ts'

export interface StorePartOptions {
  readonly reader: Pick<ReaderClient, 'stats'>
  readonly jobs: StoreJobs
  readonly log: Logger
  /** The keeper's last word; undefined before its first round. */
  keeper(): KeeperState | undefined
}

/** The state of the store and work on it, as the API shows it. */
export function createStorePart({ reader, jobs, log, keeper }: StorePartOptions): StorePart {
  return {
    async stats() {
      const stats = await reader.stats()
      const state = keeper()
      const disk = state?.disk
      const stored = stats.segmentBytes + stats.fileBytes
      const messages = stats.rows
      return {
        messages,
        sealed_messages: stats.sealedRows,
        first_seq: stats.firstSeq,
        last_seq: stats.lastSeq,
        oldest: stats.oldestMs === undefined ? null : formatUtc(stats.oldestMs),
        newest: stats.newestMs === undefined ? null : formatUtc(stats.newestMs),
        files: stats.files,
        file_bytes: stats.fileBytes,
        segments: stats.segments,
        segment_bytes: stats.segmentBytes,
        bytes_per_message: messages === 0 ? null : Math.round((stored / messages) * 10) / 10,
        sealed_bytes_per_message: stats.sealedRows === 0 ? null : Math.round((stats.fileBytes / stats.sealedRows) * 10) / 10,
        waiting_segments: state?.waitingSegments ?? 0,
        disk_bytes: disk?.diskBytes ?? null,
        disk_free_bytes: disk?.freeBytes ?? null,
        max_bytes: disk === undefined || !Number.isFinite(disk.maxBytes) ? null : Math.round(disk.maxBytes),
        min_free_bytes: disk === undefined ? null : Math.round(disk.minFreeBytes),
        retention_held: state?.ageHeld ?? null,
        space_short: state?.space.reason ?? null,
        troubles: state?.troubles ?? [],
        damaged: stats.damaged,
        losses: (state?.losses ?? []).map(lossView),
      }
    },
    start({ kind, directory, by }) {
      if (kind === 'backup' && (directory === undefined || !isAbsolute(directory))) throw new AppFault('bad-request', '`directory` must be the absolute path of a folder on the machine of the hub')
      log.info({ kind, by, ...(directory === undefined ? {} : { directory }) }, 'Work on the store begun')
      return jobView(jobs.start({ kind, by, ...(directory === undefined ? {} : { target: directory }) }))
    },
    job(id) {
      const job = jobs.job(id)
      if (job === undefined) throw new AppFault('not-found', `There is no job ${id}; ended ones are forgotten after a while`)
      return jobView(job)
    },
    jobs: () => jobs.list().map(jobView),
    cancel(id, by) {
      if (!jobs.cancel(id)) throw new AppFault('not-found', `No job ${id} is running`)
      log.info({ id, by }, 'Work on the store is cancelled')
    },
    async acceptLoss(name, by) {
      if (!(await jobs.acceptLoss(name, by))) throw new AppFault('not-found', `No file ${name} is set aside and not accepted`)
      log.warn({ name, by }, 'The loss of a damaged file is accepted')
    },
  }
}

const lossView = ({ name, reason, atMs, fromSeq, toSeq, accepted }: Loss): LossView => ({
  name, reason, at: formatUtc(atMs), from_seq: fromSeq === 0 ? null : fromSeq, to_seq: toSeq === 0 ? null : toSeq,
  accepted: accepted === null ? null : formatUtc(accepted.atMs), accepted_by: accepted?.by ?? null,
})

const jobView = ({ id, kind, by, state, startedMs, endedMs, done, total, failure, result }: Job): StoreJobView => ({
  id, kind, by, state, started: formatUtc(startedMs), ended: endedMs === undefined ? null : formatUtc(endedMs), done, total,
  failure: failure?.reason ?? null, result: result ?? null,
})
