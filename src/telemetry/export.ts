import { Counter, Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'
import type { WorkerCounter, WorkerCounters } from './worker-counters.ts'

/** Makes a worker's shared counters part of the exposition; they are read at each scrape, the worker is not asked. */
export function exportWorkerCounters<Name extends string>(metrics: Metrics, catalogue: Readonly<Record<Name, WorkerCounter>>, counters: WorkerCounters<Name>): void {
  const families = Map.groupBy(Object.entries<WorkerCounter>(catalogue), ([, entry]) => entry.metric)
  for (const [metric, entries] of families) {
    const first = entries[0]![1]
    const options = { name: metric, help: first.help, labelNames: Object.keys(first.labels ?? {}), registers: [metrics.registry] }
    const values = () => entries.map(([name, entry]) => ({ labels: entry.labels ?? {}, value: counters.get(name as Name) }))
    if (first.kind === 'gauge') {
      const gauge = new Gauge(options)
      const [name, entry] = entries[0]!
      if (entry.labels === undefined) metrics.measure(metric, () => counters.get(name as Name))
      metrics.onCollect(() => values().forEach(({ labels, value }) => gauge.set({ ...labels }, value)))
    } else {
      const counter = new Counter(options)
      metrics.onCollect(() => {
        counter.reset()
        for (const { labels, value } of values()) counter.inc({ ...labels }, value)
      })
    }
  }
}
