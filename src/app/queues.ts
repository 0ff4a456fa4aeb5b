import { AppFault } from '#domain/fault.ts'
import { INGEST_BOUNDS } from '#ingest/index.ts'
import { isDiskFault } from '#store/index.ts'
import { createQueues, type Logger, type Metrics, type Queues } from '#telemetry/index.ts'
import { declaredQueues, type QueueSettings } from './queue-table.ts'

/** Peaks are looked for this often. */
const LOOK_EVERY_MS = 1000

export interface WatchedQueues extends Queues {
  /** Looks no more; to be called before hub.db is closed, since the outbox is one of them. */
  stop(): void
}

/** Every queue of the hub, watched from here on. */
export function watchQueues({ config, metrics, clock, log }: { readonly config: QueueSettings; readonly metrics: Metrics; readonly clock: () => number; readonly log: Logger }): WatchedQueues {
  const queues = createQueues(metrics)
  for (const { gauge, isFree, ...queue } of declaredQueues(config)) queues.register({ ...queue, fill: () => (isFree === true ? queue.bound! - metrics.get(gauge) : metrics.get(gauge)) })
  const look = (): void => {
    try {
      queues.look(clock())
    } catch (error) {
      if (!isDiskFault(error)) throw error
      log.warn({ reason: (error as Error).message }, 'hub.db cannot be read: the peaks of queues are looked for again in a second')
    }
  }
  const timer = setInterval(look, LOOK_EVERY_MS).unref()
  return { ...queues, stop: () => clearInterval(timer) }
}

/** Whether the ingest thread has room for one body more: what waits there is in memory, however long the disk takes. */
export const hasBodyRoom = (metrics: Pick<Metrics, 'get'>): boolean => metrics.get('hps_ingest_bodies_waiting') < INGEST_BOUNDS.bodies && metrics.get('hps_ingest_bodies_waiting_bytes') < INGEST_BOUNDS.bodiesBytes

/** @throws AppFault `too-many` where there is none */
export function admitBody(metrics: Pick<Metrics, 'get' | 'add'>): void {
  if (hasBodyRoom(metrics)) return
  metrics.add('hps_http_refused_total', { reason: 'bodies' })
  throw new AppFault('too-many', 'What was sent before waits for the disk; come again', { detail: { retry_after_seconds: 5 } })
}
