import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/**
 * The only metrics registry. Every metric is declared once, in the table of the room that owns it, and all label
 * combinations of closed sets are created at zero so that alerts on absence work. docs/reference/metrics.md is held to it.
 */
export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels?: Readonly<Record<string, readonly string[] | 'open'>>
  readonly buckets?: readonly number[]
}

export interface Metrics {
  readonly registry: Registry
  add(name: string, labels?: Readonly<Record<string, string>>, value?: number): void
  set(name: string, value: number, labels?: Readonly<Record<string, string>>): void
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void
  /** A gauge without labels, declared or of a thread, that is read off something: at each scrape and by `get`. */
  measure(name: string, read: () => number): void
  /** A gauge without labels as it stands; 0 before it was set. */
  get(name: string): number
  /** Runs before each scrape, for values that are read off something. */
  onCollect(read: () => void): void
  /** The text exposition format. */
  expose(): Promise<string>
}

const PREFIX = 'hps_'

/** What prom-client adds by itself about the process and its Node. */
export function processMetrics(): readonly MetricDeclaration[] {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  return registry.getMetricsAsArray().map((metric) => {
    const { labelNames } = metric as typeof metric & { readonly labelNames: readonly string[] }
    return { kind: String(metric.type) as MetricDeclaration['kind'], name: metric.name, help: metric.help, labels: Object.fromEntries(labelNames.map((label) => [label, 'open' as const])) }
  })
}

export function createMetrics(declarations: readonly MetricDeclaration[]): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  for (const declaration of declarations) {
    const { name, help, labels = {}, buckets } = declaration
    const options = { name, help, labelNames: Object.keys(labels), registers: [registry] }
    if (declaration.kind === 'counter') counters.set(name, zeroed(new Counter(options), labels))
    else if (declaration.kind === 'gauge') gauges.set(name, new Gauge(options))
    else histograms.set(name, new Histogram({ ...options, ...(buckets === undefined ? {} : { buckets: [...buckets] }) }))
  }
  const readers: (() => void)[] = []
  const measured = new Map<string, () => number>()
  const lastSet = new Map<string, number>()
  return {
    registry,
    add: (name, labels = {}, value = 1) => known(counters, name).inc(labels, value),
    set(name, value, labels) {
      known(gauges, name).set(labels ?? {}, value)
      if (labels === undefined) lastSet.set(name, value)
    },
    observe: (name, value, labels = {}) => known(histograms, name).observe(labels, value),
    measure(name, read) {
      measured.set(name, read)
      const gauge = gauges.get(name)
      if (gauge !== undefined) readers.push(() => gauge.set(read()))
    },
    get: (name) => measured.get(name)?.() ?? lastSet.get(name) ?? 0,
    onCollect: (read) => void readers.push(read),
    expose() {
      for (const read of readers) read()
      return registry.metrics()
    },
  }
}

function known<T>(table: ReadonlyMap<string, T>, name: string): T {
  const metric = table.get(name)
  if (metric === undefined) throw new Error(`metric ${name} is not declared`)
  return metric
}

function zeroed(counter: Counter, labels: NonNullable<MetricDeclaration['labels']>): Counter {
  const closed = Object.entries(labels)
  if (closed.some(([, values]) => values === 'open')) return counter
  let combinations: Record<string, string>[] = [{}]
  for (const [label, values] of closed) {
    combinations = combinations.flatMap((base) => (values as readonly string[]).map((value) => ({ ...base, [label]: value })))
  }
  for (const combination of combinations) counter.inc(combination, 0)
  return counter
}
