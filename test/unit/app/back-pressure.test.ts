import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { INGEST_COUNTERS } from '#ingest/index.ts'
import { createMetrics, exportWorkerCounters, silentLogger } from '#telemetry/index.ts'
import { MAIN_METRICS } from '../../../src/app/metric-tables.ts'
import { watchQueues } from '../../../src/app/queues.ts'
import { startIngest, until } from '../../fixtures/ingest/fake-writer.ts'

/** More than the pool holds, and than the kernel buffers of a loopback connection. */
const MESSAGES = 200_000
const line = (n: number): string => `<13>1 - n1 app - - - pressed ${n} ${'x'.repeat(60)}\n`

test('a writer that stalls is felt at the socket of the sender: queues stand at their bound, nothing is lost, and all comes back to nothing', async () => {
  const ingest = await startIngest()
  const metrics = createMetrics(MAIN_METRICS)
  exportWorkerCounters(metrics, INGEST_COUNTERS, ingest.counters)
  const queues = watchQueues({ config: { syslog: { max_connections: 100 }, http: { max_streams: 10 } }, metrics, clock: () => 0, log: silentLogger })
  const fillOf = (name: string): number => queues.list().find((queue) => queue.name === name)!.fill
  const boundOf = (name: string): number => queues.list().find((queue) => queue.name === name)!.bound!

  ingest.writer.isHolding = true
  const socket = connect({ port: ingest.portOf('tcp'), host: '127.0.0.1' })
  await once(socket, 'connect')
  let isAllTaken = false
  const text = Array.from({ length: MESSAGES }, (_, n) => line(n)).join('')
  socket.write(text, () => (isAllTaken = true))

  await until(() => ingest.counters.get('connections-paused') > 0)
  expect(fillOf('batches')).toBeGreaterThanOrEqual(boundOf('batches') * 0.8)
  expect(fillOf('at-writer')).toBe(boundOf('at-writer'))
  expect(fillOf('rows')).toBeGreaterThan(0)
  expect(fillOf('rows')).toBeLessThanOrEqual(boundOf('rows'))
  expect(fillOf('connections')).toBe(1)
  const takenAtStall = ingest.counters.get('messages-tcp')
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(ingest.counters.get('messages-tcp')).toBe(takenAtStall)
  expect(isAllTaken, 'the sender was made to wait').toBe(false)
  expect(takenAtStall).toBeLessThan(MESSAGES)

  ingest.writer.isHolding = false
  ingest.writer.release()
  await until(() => ingest.writer.rows.length === MESSAGES)
  socket.end()
  await until(() => ingest.counters.get('connections-open') === 0)
  await until(() => fillOf('at-writer') === 0)
  expect(ingest.writer.rows.every((row, n) => row.text.startsWith(`pressed ${n} `))).toBe(true)
  expect(['rows', 'batches-waiting', 'at-writer', 'connections', 'bodies', 'half-frames'].map((name) => [name, fillOf(name)])).toEqual([['rows', 0], ['batches-waiting', 0], ['at-writer', 0], ['connections', 0], ['bodies', 0], ['half-frames', 0]])
  expect(fillOf('batches')).toBeLessThanOrEqual(1)
  expect(queues.list().find(({ name }) => name === 'batches')!.peak).toBeGreaterThanOrEqual(8)
  expect([ingest.counters.get('dropped-no-free-batch'), ingest.counters.get('shed-debug'), ingest.counters.get('connections-paused')]).toEqual([0, 0, 0])
  await ingest.stop()
})
