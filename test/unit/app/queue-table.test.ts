import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { declaredQueues, metricTables } from '#app/index.ts'
import { createMetrics, silentLogger } from '#telemetry/index.ts'
import { MAIN_METRICS } from '../../../src/app/metric-tables.ts'
import { admitBody, watchQueues } from '../../../src/app/queues.ts'

const SETTINGS = { syslog: { max_connections: 100 }, http: { max_streams: 20 } }
const queues = declaredQueues(SETTINGS)
const metrics = metricTables().filter(({ title }) => title !== 'The process').flatMap((table) => table.metrics)

/** Gauges in which nothing waits, by what they are. One that is not here is a queue, and has its row in src/app/queue-table.ts. */
const NO_QUEUES: readonly RegExp[] = [
  /^hps_notify_groups$/, /^hps_outbox_failing_targets$/,
  /_seconds$/, // moments
  /_(seq|cursor)$/, // positions
  /_(up|loaded|info|health|retention_held|short|troubles|damaged|losses|problems)$/, // states
  /^hps_rules_(blocked|clock_held|stopped)$/, // states
  /^hps_rules_(keys|key_bytes|timers)$/, // what rules remember: its bounds are counted by hps_rules_keys_dropped_total
  /^hps_queue_/, // the queues themselves
  /^hps_sink_/, // one queue a sink, registered by name
  /^hps_(nodes|rules|alerts|alerts_muted|live_tails|outbox_messages|store_readers|silent)$/, // how many there are
  /^hps_ingest_(hosts|sources)_known$/, // tables that begin anew when they are full
  /^hps_ingest_connections_paused$/, // what a full queue leads to
  /^hps_(store_(used|max|disk_free|min_free)|thread_memory|udp_receive_buffer)_bytes$/, // sizes
]

test('every gauge is the fill of a queue, or says something else than what waits', () => {
  const gauges = metrics.filter(({ kind }) => kind === 'gauge').map(({ name }) => name)
  const filled = new Set(queues.map(({ gauge }) => gauge))
  expect(gauges.filter((name) => !filled.has(name) && !NO_QUEUES.some((pattern) => pattern.test(name)))).toEqual([])
  expect([...filled].filter((name) => NO_QUEUES.some((pattern) => pattern.test(name)))).toEqual([])
})

test('every queue has a name of its own, a gauge that there is and a counter that there is, with labels that it can have', () => {
  expect(queues.length).toBeGreaterThan(30)
  expect(new Set(queues.map(({ name }) => name)).size).toBe(queues.length)
  const byName = new Map(metrics.map((metric) => [metric.name, metric]))
  for (const { name, gauge, counter } of queues) {
    expect(byName.get(gauge)?.kind, `${name}: ${gauge}`).toBe('gauge')
    if (counter === undefined) continue
    const [, metric, label, value] = /^(\w+)(?:\{(\w+)="([^"]+)"\})?$/.exec(counter)!
    expect(byName.get(metric!)?.kind, `${name}: ${counter}`).toBe('counter')
    if (label !== undefined) expect(byName.get(metric!)?.labels?.[label], `${name}: ${counter}`).toContain(value)
  }
})

test('what drops or refuses is bounded, and counted or told in a sentence', () => {
  expect(queues.filter(({ full, bound }) => full !== 'waits' && !(bound! > 0)).map(({ name }) => name)).toEqual([])
  for (const { name, full, counter, whenFull } of queues) if (full === 'drops') expect(counter ?? whenFull, name).toMatch(/hps_\w+_total/)
})

test('bounds of settings follow the settings', () => {
  expect(queues.filter(({ bound }) => bound === 100 || bound === 20).map(({ name }) => name)).toEqual(['connections', 'handshakes', 'relp', 'streams', 'alert-streams'])
})

test('docs/reference/queues.md has each of them', () => {
  const page = readFileSync(new URL('../../../docs/reference/queues.md', import.meta.url), 'utf8')
  expect(queues.filter(({ name }) => !page.includes(`\n| ${name} | `) || !page.includes(`\n- **${name}**: `)).map(({ name }) => name)).toEqual([])
})

test('the registry shows what is taken, also where the gauge tells what is free', () => {
  const registry = createMetrics(MAIN_METRICS)
  registry.measure('hps_ingest_batches_free', () => 3)
  registry.measure('hps_ingest_rows_in_house', () => 42)
  const watched = watchQueues({ config: SETTINGS, metrics: registry, clock: () => 0, log: silentLogger })
  const of = (name: string) => watched.list().find((queue) => queue.name === name)
  expect(of('batches')).toMatchObject({ fill: 7, bound: 10 })
  expect(of('rows')).toMatchObject({ fill: 42 })
})

test.for([
  { what: 'too many bodies', gauge: 'hps_ingest_bodies_waiting', full: 2048 },
  { what: 'too many bytes', gauge: 'hps_ingest_bodies_waiting_bytes', full: 128 * 1024 * 1024 },
])('with $what waiting for the disk the next is refused and counted, before anything is held', async ({ gauge, full }) => {
  const registry = createMetrics(MAIN_METRICS)
  let waiting = full - 1
  registry.measure(gauge, () => waiting)
  expect(() => admitBody(registry)).not.toThrow()
  waiting = full
  expect(() => admitBody(registry)).toThrow('waits for the disk')
  expect(await registry.expose()).toContain('hps_http_refused_total{reason="bodies"} 1')
})
