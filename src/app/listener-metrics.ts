import type { ToldCounts } from '#ingest/index.ts'
import type { MetricDeclaration, Metrics } from '#telemetry/index.ts'

const LOST = { kernelDrops: 'kernel-buffer', noFreeBatch: 'no-free-batch', shed: 'shed' } as const

/** What the listeners count; their names come from the configuration, so the worker's shared counters cannot hold them. */
export const LISTENER_METRICS: readonly MetricDeclaration[] = [
  { kind: 'counter', name: 'hps_listener_datagrams_total', help: 'Datagrams received that hold at least a byte, by listener.', labels: { listener: 'open' } },
  { kind: 'counter', name: 'hps_listener_connections_total', help: 'Connections taken, by listener; of TLS before the handshake.', labels: { listener: 'open' } },
  { kind: 'counter', name: 'hps_listener_messages_total', help: 'Messages taken in, by listener; `http` and `hub` (its own) are listeners too.', labels: { listener: 'open' } },
  { kind: 'counter', name: 'hps_listener_lost_total', help: 'Messages lost, by listener. kernel-buffer: datagrams that the kernel dropped. no-free-batch: there was no room at all. shed: left out because batches ran short and their sender held more than its share.', labels: { listener: 'open', reason: 'open' } },
]

/** @returns takes what the ingest thread tells about once a second: totals since it began */
export function createListenerMetrics(metrics: Pick<Metrics, 'add'>): (listeners: readonly ToldCounts[]) => void {
  const known = new Map<string, ToldCounts>() // one a listener
  return (listeners) => {
    for (const told of listeners) {
      const { listener, transport } = told
      const before = known.get(`${transport} ${listener}`)
      const since = (key: keyof typeof LOST | 'datagrams' | 'connections' | 'messages') => told[key] - (before?.[key] ?? 0)
      known.set(`${transport} ${listener}`, told)
      metrics.add('hps_listener_messages_total', { listener }, since('messages'))
      if (transport === 'udp') {
        metrics.add('hps_listener_datagrams_total', { listener }, since('datagrams'))
        for (const key of ['kernelDrops', 'noFreeBatch', 'shed'] as const) metrics.add('hps_listener_lost_total', { listener, reason: LOST[key] }, since(key))
      } else if (transport !== 'http' && transport !== 'internal') metrics.add('hps_listener_connections_total', { listener }, since('connections'))
    }
  }
}
