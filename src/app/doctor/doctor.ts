import type { DoctorCheck, DoctorPart, SourceView, StoreStatsView } from '#api/index.ts'
import { parseBytes } from '#base/bytes.ts'
import { formatUtc } from '#base/time.ts'
import type { BoundListener } from '#ingest/index.ts'
import type { LossRecords } from '#store/index.ts'
import type { Health, Metrics, Queues } from '#telemetry/index.ts'
import type { HubConfig } from '../config.ts'
import type { Records } from '../records.ts'
import { readFileLimit } from './file-limit.ts'
import { examineHealth } from './of-health.ts'
import { examineFiles } from './of-limits.ts'
import { examineListeners } from './of-listeners.ts'
import { examineAcceptQueues, examineKernel, examineLosses } from './of-losses.ts'
import { examineOutbox } from './of-outbox.ts'
import { examineQueues, presentQueue } from './of-queues.ts'
import { examineSenders } from './of-senders.ts'
import { examineStore } from './of-store.ts'
import { readSamples, sumOf } from './samples.ts'
import { warn, worstOf } from './verdicts.ts'

const DAY_MS = 86_400_000
/** Entries of the ledger that are looked at: hours, sources, sessions and reasons of a day. */
const MAX_LOSSES = 100_000

export interface DoctorOptions {
  readonly config: HubConfig
  readonly about: { readonly version: string; readonly startedMs: number; readonly hostName: string }
  readonly health: Health
  readonly metrics: Pick<Metrics, 'expose'>
  readonly queues: Pick<Queues, 'list'>
  readonly losses: Pick<LossRecords, 'list'>
  readonly outbox: Pick<Records['outbox'], 'waiting' | 'oldestWaitingMs'>
  readonly clock: () => number
  listeners(): readonly BoundListener[]
  /** As written down: nothing here waits for the log writer. */
  sources(): readonly SourceView[]
  store(): Promise<StoreStatsView>
}

/** What cannot be looked at is a finding too: the others are told all the same. */
async function attempt(name: string, look: () => readonly DoctorCheck[] | Promise<readonly DoctorCheck[]>): Promise<readonly DoctorCheck[]> {
  try {
    return await look()
  } catch (error) {
    return [warn(name, `could not be looked at: ${error instanceof Error ? error.message : String(error)}`, 'hps logs app:hps-hub --since 1h')]
  }
}

/** The hub as its own examiner: everything that it knows of its troubles, as sentences with what mends them. */
export function createDoctor({ config, about, health, metrics, queues, losses, outbox, clock, listeners, sources, store }: DoctorOptions): DoctorPart {
  const samplesNow = async () => readSamples(await metrics.expose())
  return {
    async queues() {
      const samples = await samplesNow()
      return queues.list().map((queue) => presentQueue(queue, samples))
    },
    async examine() {
      const nowMs = clock()
      const [samples, ofStore] = await Promise.all([samplesNow(), attempt('store-stats', async () => examineStore(await store()))])
      const hasDhcp = config.sources.some(({ roles }) => roles?.includes('dhcp') === true)
      const checks = [
        ...examineHealth(health.report().checks),
        ...examineListeners({ configured: config.syslog.listeners, bound: listeners(), askedBufferBytes: parseBytes(config.syslog.udp_buffer)!, hasDhcp }),
        examineKernel(samples),
        examineAcceptQueues(samples),
        ...await attempt('losses', () => examineLosses(losses.list({ sinceMs: nowMs - DAY_MS, limit: MAX_LOSSES }))),
        ...examineQueues(queues.list().map((queue) => presentQueue(queue, samples))),
        ...ofStore,
        examineOutbox({ waiting: outbox.waiting(), dead: sumOf(samples, 'hps_outbox_messages{state="dead"}'), oldestMs: outbox.oldestWaitingMs(), nowMs }),
        ...await attempt('senders', () => examineSenders(sources())),
        examineFiles(readFileLimit(), config.syslog.max_connections),
      ]
      return { version: about.version, host: about.hostName, started: formatUtc(about.startedMs), now: formatUtc(nowMs), verdict: worstOf(checks), checks }
    },
  }
}
