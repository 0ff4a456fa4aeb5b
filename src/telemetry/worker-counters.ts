/**
 * Counters of the worker threads in shared memory: a worker adds without a message or a lock, main exports them.
 * Each slot has exactly one writing thread, so plain 64-bit float additions are exact up to 2^53.
 */
export interface WorkerCounter {
  /** Prometheus name; several slots may share one name with different labels. */
  readonly metric: string
  readonly kind: 'counter' | 'gauge'
  readonly help: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface WorkerCounters<Name extends string> {
  readonly shared: SharedArrayBuffer
  add(name: Name, value?: number): void
  set(name: Name, value: number): void
  get(name: Name): number
}

export function createWorkerCounters<Name extends string>(
  catalogue: Readonly<Record<Name, WorkerCounter>>,
  shared = new SharedArrayBuffer(Object.keys(catalogue).length * 8),
): WorkerCounters<Name> {
  const slots = new Float64Array(shared)
  const index = Object.fromEntries(Object.keys(catalogue).map((name, i) => [name, i])) as Record<Name, number>
  return {
    shared,
    add: (name, value = 1) => void (slots[index[name]]! += value),
    set: (name, value) => void (slots[index[name]] = value),
    get: (name) => slots[index[name]]!,
  }
}
