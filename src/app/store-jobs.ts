import { Worker } from 'node:worker_threads'
import { AppFault, type FaultCode } from '#domain/fault.ts'
import type { CheckReport } from '#store/index.ts'
import type { CheckerData, CheckerEvent } from './threads/checker.ts'
import type { SealerCommand, SealerEvent } from './threads/sealer.ts'

export const JOB_KINDS = ['check', 'backup', 'compact'] as const
export type JobKind = (typeof JOB_KINDS)[number]
const JOB_STATES = ['running', 'done', 'failed'] as const

/** A piece of work on the store that takes its time. */
export interface Job {
  readonly id: number
  readonly kind: JobKind
  readonly by: string
  readonly startedMs: number
  state: (typeof JOB_STATES)[number]
  endedMs: number | undefined
  done: number
  total: number
  /** Of a failed one. */
  failure: { readonly code: FaultCode; readonly reason: string } | undefined
  /** Of a finished one, by kind. */
  result: Readonly<Record<string, unknown>> | undefined
}

/** Ended jobs that can still be asked for; the oldest are forgotten. */
const MAX_KEPT = 20

export interface StoreJobs {
  /** @throws AppFault `conflict` while another job runs */
  start(request: { readonly kind: JobKind; readonly target?: string; readonly by: string }): Job
  job(id: number): Job | undefined
  list(): readonly Job[]
  /** Asks it to end; what it had written is removed. @returns false when it does not run */
  cancel(id: number): boolean
  acceptLoss(name: string, by: string): Promise<boolean>
  on(event: SealerEvent): void
  close(): Promise<void>
}

export interface StoreJobsOptions {
  readonly checker: CheckerData
  readonly clock: () => number
  toSealer(command: SealerCommand): void
  onEnd(job: Job): void
}

/** One job at a time: two of them would only slow each other, and sealing, down. */
export function createStoreJobs({ checker, clock, toSealer, onEnd }: StoreJobsOptions): StoreJobs {
  const jobs = new Map<number, Job>()
  const asked = new Map<number, PromiseWithResolvers<boolean>>()
  let nextId = 1
  let checking: Worker | undefined

  const end = (job: Job, outcome: Pick<Job, 'state' | 'failure' | 'result'>): void => {
    if (job.state !== 'running') return
    Object.assign(job, outcome, { endedMs: clock(), done: outcome.state === 'done' ? job.total : job.done })
    for (const id of [...jobs.keys()].slice(0, -MAX_KEPT)) jobs.delete(id)
    onEnd(job)
  }
  const fail = (job: Job, code: FaultCode, reason: string): void => end(job, { state: 'failed', failure: { code, reason }, result: undefined })

  const startCheck = (job: Job): void => {
    const worker = new Worker(new URL('./threads/checker.ts', import.meta.url), { workerData: checker, name: 'checker', resourceLimits: { maxOldGenerationSizeMb: 256 } })
    checking = worker
    worker.on('message', (event: CheckerEvent) => {
      if (event.kind === 'progress') Object.assign(job, { done: event.done, total: event.total })
      else end(job, { state: 'done', failure: undefined, result: checkResult(event.report) })
    })
    worker.on('error', (error) => fail(job, 'store-failed', error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => {
      checking = undefined
      fail(job, 'conflict', 'the check was cancelled')
    })
  }

  return {
    start({ kind, target, by }) {
      const running = [...jobs.values()].find((job) => job.state === 'running')
      if (running !== undefined) throw new AppFault('conflict', `a ${running.kind} of the store is running (job ${running.id}); wait for it or cancel it`)
      const job: Job = { id: nextId++, kind, by, startedMs: clock(), state: 'running', endedMs: undefined, done: 0, total: 0, failure: undefined, result: undefined }
      jobs.set(job.id, job)
      if (kind === 'check') startCheck(job)
      else if (kind === 'backup') toSealer({ kind, id: job.id, target: target! })
      else toSealer({ kind, id: job.id })
      return job
    },
    job: (id) => jobs.get(id),
    list: () => [...jobs.values()].toReversed(),
    cancel(id) {
      const job = jobs.get(id)
      if (job?.state !== 'running') return false
      if (job.kind === 'check') void checking?.terminate()
      else toSealer({ kind: 'cancel', id })
      return true
    },
    acceptLoss(name, by) {
      const answer = Promise.withResolvers<boolean>()
      const id = nextId++
      asked.set(id, answer)
      toSealer({ kind: 'accept-loss', id, name, by })
      return answer.promise
    },
    on(event) {
      if (event.kind === 'maintained' || event.kind === 'failed' || event.kind === 'compacted') return
      const answer = asked.get(event.id)
      asked.delete(event.id)
      if (answer !== undefined && event.kind === 'done') return answer.resolve(event.accepted === true)
      if (answer !== undefined && event.kind === 'refused') return answer.reject(new AppFault(event.code, event.reason))
      const job = jobs.get(event.id)
      if (job === undefined) return
      if (event.kind === 'progress') return void Object.assign(job, { done: event.done, total: event.total })
      if (event.kind === 'refused') return fail(job, event.code, event.reason)
      end(job, { state: 'done', failure: undefined, result: keeperResult(event) })
    },
    async close() {
      await checking?.terminate()
    },
  }
}

const checkResult = ({ rows, chunks, files, firstSeq, lastSeq, problems, problemCount }: CheckReport): Readonly<Record<string, unknown>> => ({ messages: rows, chunks, files, first_seq: firstSeq, last_seq: lastSeq, problems, problem_count: problemCount })

function keeperResult({ backup, report, compaction }: Extract<SealerEvent, { kind: 'done' }>): Readonly<Record<string, unknown>> {
  if (backup !== undefined) return { path: backup.path, bytes: backup.bytes, files: backup.files, last_seq: backup.lastSeq, left_out: backup.leftOut }
  return {
    sealed_segments: report?.sealedSegments ?? 0, sealed_messages: report?.sealedRows ?? 0, removed_files: report?.removedFiles ?? [], rewritten_files: compaction?.files ?? 0,
    saved_bytes: compaction === undefined ? 0 : compaction.bytesBefore - compaction.bytesAfter, store_bytes: compaction?.storeBytes ?? report?.state.disk?.usedBytes ?? null,
  }
}
