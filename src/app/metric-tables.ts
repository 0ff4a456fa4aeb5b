import { API_METRICS } from '#api/index.ts'
import { INGEST_COUNTERS } from '#ingest/index.ts'
import { PROVISION_METRICS } from '#provision/index.ts'
import { WRITER_COUNTERS } from '#sessions/index.ts'
import { SINK_METRICS } from '#sinks/index.ts'
import { LOG_READER_COUNTERS, LOG_SEALER_COUNTERS, LOG_SEARCH_COUNTERS, LOG_WRITER_COUNTERS } from '#store/index.ts'
import { createWorkerCounters, exportWorkerCounters, processMetrics, QUEUE_METRICS, type MetricDeclaration, type Metrics, type WorkerCounter, type WorkerCounters } from '#telemetry/index.ts'
import { RULES_COUNTERS, TRIGGER_METRICS } from '#triggers/index.ts'
import { LISTENER_METRICS } from './listener-metrics.ts'
import { APP_METRICS } from './metrics.ts'
import { FEED_COUNTERS } from './threads/feed-counters.ts'

/** Every metric that main keeps. */
export const MAIN_METRICS: readonly MetricDeclaration[] = [...APP_METRICS, ...LISTENER_METRICS, ...API_METRICS, ...PROVISION_METRICS, ...TRIGGER_METRICS, ...SINK_METRICS, ...QUEUE_METRICS]

/** Every catalogue of counters in shared memory; threads take theirs from here, so that the reference has them all. */
export const SHARED_COUNTERS = {
  ingest: INGEST_COUNTERS,
  sessions: WRITER_COUNTERS,
  log: LOG_WRITER_COUNTERS,
  sealer: LOG_SEALER_COUNTERS,
  reader: LOG_READER_COUNTERS,
  search: LOG_SEARCH_COUNTERS,
  rules: RULES_COUNTERS,
  feeds: FEED_COUNTERS,
} as const

/** New shared counters of a catalogue, which are part of the exposition from here on. */
export function shareCounters<Name extends string>(metrics: Metrics, catalogue: Readonly<Record<Name, WorkerCounter>>): WorkerCounters<Name> {
  const counters = createWorkerCounters(catalogue)
  exportWorkerCounters(metrics, catalogue, counters)
  return counters
}

export interface MetricTable { readonly title: string; readonly metrics: readonly MetricDeclaration[] }

/** Everything that `/metrics` can show, by subject: for docs/reference/metrics.md. */
export const metricTables = (): readonly MetricTable[] => [
  { title: 'The hub', metrics: APP_METRICS },
  { title: 'Queues', metrics: QUEUE_METRICS },
  { title: 'Receiving', metrics: [...declared(SHARED_COUNTERS.ingest), ...LISTENER_METRICS] },
  { title: 'Nodes, sessions and the log writer', metrics: declared(SHARED_COUNTERS.sessions) },
  { title: 'Log store: writing', metrics: declared(SHARED_COUNTERS.log) },
  { title: 'Log store: sealing and retention', metrics: declared(SHARED_COUNTERS.sealer) },
  { title: 'Log store: searching', metrics: [...declared(SHARED_COUNTERS.reader), ...declared(SHARED_COUNTERS.search)] },
  { title: 'From the log writer to rules and live tails', metrics: declared(SHARED_COUNTERS.feeds) },
  { title: 'Rules', metrics: declared(SHARED_COUNTERS.rules) },
  { title: 'Alerts and notices', metrics: TRIGGER_METRICS },
  { title: 'Sinks', metrics: SINK_METRICS },
  { title: 'Provisioning', metrics: PROVISION_METRICS },
  { title: 'HTTP', metrics: API_METRICS },
  { title: 'The process', metrics: processMetrics() },
]

/** Slots that share a name are one metric; their labels are its closed values. */
function declared(catalogue: Readonly<Record<string, WorkerCounter>>): MetricDeclaration[] {
  return [...Map.groupBy(Object.values(catalogue), ({ metric }) => metric)].map(([name, slots]) => {
    const labels: Record<string, string[]> = {}
    for (const slot of slots) for (const [label, value] of Object.entries(slot.labels ?? {})) (labels[label] ??= []).push(value)
    const { kind, help } = slots[0]!
    return { kind, name, help, labels }
  })
}
