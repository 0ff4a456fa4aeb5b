import type { MetricDeclaration, Metrics } from './metrics.ts'

/**
 * What becomes of what comes while a queue is full. `waits`: work of the hub itself, elsewhere, and nobody outside notices (a
 * window is full whenever there is work); `slows`: the sender; `refuses`: the caller is told; `drops`: something is lost, and counted.
 */
export const QUEUE_FULL = ['waits', 'slows', 'refuses', 'drops'] as const
export type QueueFull = (typeof QUEUE_FULL)[number]

/** One queue, buffer or backlog. */
export interface Queue {
  readonly name: string
  readonly unit: string
  /** What it holds at most; undefined: what bounds it is not memory (`whenFull` says what). */
  readonly bound: number | undefined
  /** How much is in it, answered at once. */
  fill(): number
  readonly full: QueueFull
  /** What waits in it. */
  readonly means: string
  /** What happens when it is full, for people. */
  readonly whenFull: string
  /** The counter, with its labels, of what was refused or dropped. */
  readonly counter?: string | undefined
}

/** A queue as it stands. */
export interface QueueState extends Omit<Queue, 'fill'> {
  readonly fill: number
  /** The most that was in it at any look within the last ten minutes. */
  readonly peak: number
}

/** Every queue of the hub. */
export interface Queues {
  /** @throws Error when there is one of this name */
  register(queue: Queue): void
  list(): readonly QueueState[]
  /** Looks at all of them, so that peaks are seen: call it about once a second. */
  look(nowMs: number): void
}

const LABELS = { queue: 'open', full: QUEUE_FULL } as const
export const QUEUE_METRICS: readonly MetricDeclaration[] = [
  { kind: 'gauge', name: 'hps_queue_fill', help: 'What is in a queue now, in its own unit (docs/reference/queues.md).', labels: LABELS },
  { kind: 'gauge', name: 'hps_queue_bound', help: 'Most that a queue takes; queues that are bounded by the store alone have none.', labels: LABELS },
  { kind: 'gauge', name: 'hps_queue_peak', help: 'Most that was in a queue at any look (once a second) within the last five to ten minutes.', labels: LABELS },
]

/** A peak is remembered for one to two of these. */
const PEAK_EVERY_MS = 300_000

interface Watched { readonly queue: Queue; peak: number; peakBefore: number }

export function createQueues(metrics: Pick<Metrics, 'set' | 'onCollect'>): Queues {
  const watched = new Map<string, Watched>() // one a call of `register`, at the start
  let sinceMs = 0

  const fillOf = (entry: Watched): number => {
    const fill = entry.queue.fill()
    entry.peak = Math.max(entry.peak, fill)
    return fill
  }
  const stateOf = (entry: Watched): QueueState => {
    const { fill: _, ...queue } = entry.queue
    const fill = fillOf(entry)
    return { ...queue, fill, peak: Math.max(entry.peak, entry.peakBefore) }
  }
  const list = (): QueueState[] => [...watched.values()].map(stateOf)
  metrics.onCollect(() => {
    for (const { name, full, bound, fill, peak } of list()) {
      const labels = { queue: name, full }
      metrics.set('hps_queue_fill', fill, labels)
      metrics.set('hps_queue_peak', peak, labels)
      if (bound !== undefined) metrics.set('hps_queue_bound', bound, labels)
    }
  })
  return {
    register(queue) {
      if (watched.has(queue.name)) throw new Error(`there is a queue ${queue.name} already`)
      watched.set(queue.name, { queue, peak: 0, peakBefore: 0 })
    },
    list,
    look(nowMs) {
      const isOver = nowMs - sinceMs >= PEAK_EVERY_MS
      if (isOver) sinceMs = nowMs
      for (const entry of watched.values()) {
        if (isOver) [entry.peakBefore, entry.peak] = [entry.peak, 0]
        fillOf(entry)
      }
    },
  }
}
