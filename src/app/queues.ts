import { AppFault } from '#domain/fault.ts'
import { INGEST_BOUNDS } from '#ingest/index.ts'
import { createQueues, type Metrics, type Queues } from '#telemetry/index.ts'
import { declaredQueues, type QueueSettings } from './queue-table.ts'

/** Peaks are looked for this often. */
const LOOK_EVERY_MS = 1000

/** Every queue of the hub, watched from here on. */
export function watchQueues({ config, metrics, clock }: { readonly config: QueueSettings; readonly metrics: Metrics; readonly clock: () => number }): Queues {
  const queues = createQueues(metrics)
  for (const { gauge, isFree, ...queue } of declaredQueues(config)) queues.register({ ...queue, fill: () => (isFree === true ? queue.bound! - metrics.get(gauge) : metrics.get(gauge)) })
  setInterval(() => queues.look(clock()), LOOK_EVERY_MS).unref()
  return queues
}

/** Whether the ingest thread has room for one body more: what waits there is in memory, however long the disk takes. */
export const hasBodyRoom = (metrics: Pick<Metrics, 'get'>): boolean => metrics.get('hps_ingest_bodies_waiting') < INGEST_BOUNDS.bodies && metrics.get('hps_ingest_bodies_waiting_bytes') < INGEST_BOUNDS.bodiesBytes

/** @throws AppFault `too-many` where there is none */
export function admitBody(metrics: Pick<Metrics, 'get' | 'add'>): void {
  if (hasBodyRoom(metrics)) return
  metrics.add('hps_http_refused_total', { reason: 'bodies' })
  throw new AppFault('too-many', 'What was sent before waits for the disk; come again', { detail: { retry_after_seconds: 5 } })
}
