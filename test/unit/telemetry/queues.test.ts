import { expect, test } from 'vitest'
import { createMetrics, createQueues, createWorkerCounters, exportWorkerCounters, QUEUE_METRICS, type Queue } from '#telemetry/index.ts'

function start() {
  const metrics = createMetrics(QUEUE_METRICS)
  let fill = 0
  const queue: Queue = { name: 'q', unit: 'things', bound: 10, fill: () => fill, full: 'drops', means: 'Things.', whenFull: 'They are lost.', counter: 'hps_lost_total' }
  return { metrics, queues: createQueues(metrics), queue, set: (now: number) => void (fill = now) }
}
const sample = async (text: Promise<string>, series: string): Promise<string | undefined> => (await text).split('\n').find((line) => line.startsWith(`${series} `))?.split(' ')[1]

test('a queue shows its fill, its bound and what becomes of more', async () => {
  const { metrics, queues, queue, set } = start()
  queues.register(queue)
  set(3)
  expect(await sample(metrics.expose(), 'hps_queue_fill{queue="q",full="drops"}')).toBe('3')
  expect(await sample(metrics.expose(), 'hps_queue_bound{queue="q",full="drops"}')).toBe('10')
  const [state] = queues.list()
  expect(state).toMatchObject({ name: 'q', fill: 3, peak: 3, bound: 10, counter: 'hps_lost_total' })
  expect(state).toHaveProperty('fill', 3)
})

test('a queue that only the store bounds has no bound', async () => {
  const { metrics, queues, queue } = start()
  queues.register({ ...queue, bound: undefined, full: 'waits' })
  expect(await sample(metrics.expose(), 'hps_queue_fill{queue="q",full="waits"}')).toBe('0')
  expect(await metrics.expose()).not.toContain('hps_queue_bound{')
})

test('a peak is remembered for five minutes at least, and forgotten after ten', () => {
  const { queues, queue, set } = start()
  queues.register(queue)
  const peak = (): number => queues.list()[0]!.peak
  queues.look(1_000_000)
  set(9)
  queues.look(1_001_000)
  set(0)
  expect(peak()).toBe(9)
  queues.look(1_300_000)
  queues.look(1_599_000)
  expect(peak()).toBe(9)
  queues.look(1_600_000)
  expect(peak()).toBe(0)
})

test('two queues of one name are a fault of the program', () => {
  const { queues, queue } = start()
  queues.register(queue)
  expect(() => queues.register(queue)).toThrow('there is a queue q already')
})

test('a gauge without labels can be read: one that was set, one that is measured, one of a thread', async () => {
  const metrics = createMetrics([{ kind: 'gauge', name: 'hps_set', help: 'Set.' }, { kind: 'gauge', name: 'hps_read', help: 'Read.' }])
  const catalogue = { held: { metric: 'hps_held', kind: 'gauge', help: 'Held.' } } as const
  const counters = createWorkerCounters(catalogue)
  exportWorkerCounters(metrics, catalogue, counters)
  counters.set('held', 7)
  metrics.set('hps_set', 5)
  metrics.measure('hps_read', () => 6)
  expect(['hps_set', 'hps_read', 'hps_held', 'hps_unknown'].map((name) => metrics.get(name))).toEqual([5, 6, 7, 0])
  expect(await sample(metrics.expose(), 'hps_read')).toBe('6')
})
