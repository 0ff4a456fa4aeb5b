import type { Api } from '#api/index.ts'
import type { ReaderClient } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { HubLog } from './hub-log.ts'
import type { Receipts } from './receipts.ts'
import type { Records } from './records.ts'
import type { Stream } from './stream.ts'
import type { Threads } from './threads/start.ts'
import type { WriterClient } from './threads/writer-client.ts'
import type { createTriggering } from './triggering.ts'

/** Every step ends in this time or is left behind: a supervisor that sent SIGTERM must not have to kill. */
const STEP_TIMEOUT_MS = 1500
const TOTAL_TIMEOUT_MS = 4500

export interface ShutdownOptions {
  readonly signal: AbortSignal
  readonly stream: Stream
  readonly threads: Threads
  readonly api: Api
  readonly triggering: ReturnType<typeof createTriggering>
  readonly reader: ReaderClient
  readonly receipts: Receipts
  readonly writer: WriterClient
  readonly hubLog: HubLog
  readonly log: Logger
  readonly records: Records
  readonly lock: Disposable
  readonly print: (line: string) => void
}

/** Waits for the signal or a death, then ends the parts in the order in which data flows. @returns the exit code: 0 asked, 1 a thread died */
export async function runUntilStopped(options: ShutdownOptions): Promise<number> {
  const { signal, stream, log, print } = options
  const asked = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const fault = await Promise.race([asked, stream.death])
  if (fault === undefined) log.info({}, 'Stopping: reading ends, what was read is committed')
  else log.error({ err: fault }, 'A thread died; the hub ends so that it can be started again')
  const missed: string[] = []
  await within(TOTAL_TIMEOUT_MS, runSteps(options, missed))
  for (const step of missed) print(`  did not end in time: ${step}`)
  return fault === undefined ? 0 : 1
}

async function runSteps({ stream, threads, api, triggering, reader, receipts, writer, hubLog, records, lock }: ShutdownOptions, missed: string[]): Promise<void> {
  const step = async (name: string, work: () => Promise<unknown>) => {
    if (!(await within(STEP_TIMEOUT_MS, work()))) missed.push(name)
  }
  await step('HTTP', () => api.close())
  hubLog.disconnect()
  threads.toIngest({ kind: 'stop' })
  await step('ingest', () => stream.ingestStopped)
  await step('log writer', () => writer.ask({ kind: 'stop' }))
  threads.toRules({ kind: 'stop' })
  await step('rules', () => stream.rulesStopped)
  await step('outbox', () => triggering.stop())
  receipts.abandon()
  writer.abandon()
  await step('readers', () => reader.close())
  await step('threads', () => threads.terminate())
  records[Symbol.dispose]()
  lock[Symbol.dispose]()
}

/** Whether `work` ended in time. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), ms)
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
