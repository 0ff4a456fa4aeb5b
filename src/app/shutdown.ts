import type { Api } from '#api/index.ts'
import type { ReaderClient } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { HubLog } from './hub-log.ts'
import type { Receipts } from './receipts.ts'
import type { Records } from './records.ts'
import type { Storing } from './storing.ts'
import type { Sinking } from './sinking.ts'
import type { Stream } from './stream.ts'
import type { Threads } from './threads/start.ts'
import type { WriterClient } from './threads/writer-client.ts'
import type { createTriggering } from './triggering.ts'

/** Every step ends in this time or is left behind: a supervisor that sent SIGTERM must not have to kill. */
const STEP_TIMEOUT_MS = 1500
const TOTAL_TIMEOUT_MS = 4000

export interface ShutdownOptions {
  readonly signal: AbortSignal
  /** Resolves when the hub could not start: what runs of it already is ended. */
  readonly failed: Promise<void>
  readonly stream: Stream
  readonly threads: Threads
  readonly api: Api
  readonly triggering: ReturnType<typeof createTriggering>
  readonly sinking: Sinking
  readonly storing: Storing
  readonly reader: ReaderClient
  readonly receipts: Receipts
  readonly writer: WriterClient
  readonly hubLog: HubLog
  readonly log: Logger
  readonly queues: { stop(): void }
  readonly records: Records
  readonly lock: Disposable
  readonly print: (line: string) => void
}

/** Waits for the signal, a death or a failed start, then ends the parts in the order in which data flows. @returns the exit code: 0 asked, else 1 */
export async function runUntilStopped(options: ShutdownOptions): Promise<number> {
  const { signal, failed, stream, threads, log, print } = options
  const asked = new Promise<'asked'>((resolve) => {
    if (signal.aborted) resolve('asked')
    signal.addEventListener('abort', () => resolve('asked'), { once: true })
  })
  const cause = await Promise.race([asked, stream.death, failed.then(() => 'failed' as const)])
  if (cause === 'asked') log.info({}, 'Stopping: reading ends, what was read is committed')
  // whoever started it tells why it failed
  else if (cause !== 'failed') log.error({ err: cause }, 'A thread died; the hub ends so that it can be started again')
  const missed: string[] = []
  const isWhole = await within(TOTAL_TIMEOUT_MS, runSteps(options, missed))
  // a thread that is left would keep the process
  if (!isWhole) await within(STEP_TIMEOUT_MS, threads.terminate())
  for (const step of missed) print(`  did not end in time: ${step}`)
  return cause === 'asked' ? 0 : 1
}

async function runSteps({ stream, threads, api, triggering, sinking, storing, reader, receipts, writer, hubLog, queues, records, lock }: ShutdownOptions, missed: string[]): Promise<void> {
  const step = async (name: string, work: () => Promise<unknown>) => {
    if (!(await within(STEP_TIMEOUT_MS, work()))) missed.push(name)
  }
  await step('HTTP', () => api.close())
  hubLog.disconnect()
  threads.toIngest({ kind: 'stop' })
  await step('ingest', () => stream.ingestStopped)
  await step('log writer', () => writer.ask({ kind: 'stop' }))
  await step('sinks', () => sinking.stop())
  await step('rules', () => stream.stopRules())
  await step('outbox', () => triggering.stop())
  receipts.abandon()
  writer.abandon()
  await step('work on the store', () => storing.close())
  await step('readers', () => reader.close())
  await step('threads', () => threads.terminate())
  queues.stop()
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
