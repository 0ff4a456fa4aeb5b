import { expect, test } from 'vitest'
import type { ToldCounts } from '#ingest/index.ts'
import { createMetrics } from '#telemetry/index.ts'
import { createListenerMetrics, LISTENER_METRICS } from '../../../src/app/listener-metrics.ts'

const told = (listener: string, transport: ToldCounts['transport'], over: Partial<ToldCounts>): ToldCounts =>
  ({ listener, transport, datagrams: 0, connections: 0, messages: 0, kernelDrops: 0, noFreeBatch: 0, shed: 0, ...over })

test('totals of the ingest thread become counters by listener, whose series are there before anything is lost', async () => {
  const metrics = createMetrics(LISTENER_METRICS)
  const onListeners = createListenerMetrics(metrics)
  onListeners([told('udp', 'udp', { datagrams: 5, messages: 4, kernelDrops: 2, shed: 1 }), told('tcp', 'tcp', { connections: 1, messages: 7 }), told('http', 'http', {})])
  onListeners([told('udp', 'udp', { datagrams: 9, messages: 7, kernelDrops: 2, shed: 2 }), told('tcp', 'tcp', { connections: 3, messages: 7 }), told('http', 'http', { messages: 2 })])
  const samples = (await metrics.expose()).split('\n').filter((line) => line.startsWith('hps_listener_')).toSorted()
  expect(samples).toEqual([
    'hps_listener_connections_total{listener="tcp"} 3',
    'hps_listener_datagrams_total{listener="udp"} 9',
    'hps_listener_lost_total{listener="udp",reason="kernel-buffer"} 2',
    'hps_listener_lost_total{listener="udp",reason="no-free-batch"} 0',
    'hps_listener_lost_total{listener="udp",reason="shed"} 2',
    'hps_listener_messages_total{listener="http"} 2',
    'hps_listener_messages_total{listener="tcp"} 7',
    'hps_listener_messages_total{listener="udp"} 7',
  ])
})
