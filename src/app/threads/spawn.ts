import { setTimeout as delay } from 'node:timers/promises'
import { Worker, type Transferable } from 'node:worker_threads'
import { BEGUN } from './begun.ts'

/** A thread of the hub and how it is spoken to. */
export interface Thread {
  readonly name: string
  post(message: unknown, transfer?: readonly Transferable[]): void
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>
  /** Ends it where it is, once it has begun. */
  terminate(): Promise<void>
  /** Bytes of JavaScript heap in use, and of buffers outside it. */
  memory(): Promise<{ readonly heapBytes: number; readonly heapTotalBytes: number; readonly externalBytes: number }>
}

export interface ThreadOptions {
  /** File beside this one. */
  readonly entry: string
  readonly data: unknown
  readonly transfer?: readonly Transferable[]
  onMessage(message: unknown): void
  /** A thread that dies unasked takes the hub down, since half a hub would lie about what it stores; the rules alone do not (`rules-keeper.ts`). */
  onDeath(name: string, cause: Error): void
}

/** Heap bound of one thread; batches and blocks live outside the heap and have bounds of their own. */
const MAX_HEAP_MIB = 256
/** Short-lived objects of a thread; more only delays collecting them and costs memory in every thread. */
const MAX_YOUNG_MIB = 6

/** A thread that has not begun after this long is ended all the same. */
const BEGIN_WITHIN_MS = 1000

export function spawnThread({ entry, data, transfer = [], onMessage, onDeath }: ThreadOptions): Thread {
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: data, transferList: [...transfer], name: entry, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: MAX_YOUNG_MIB } })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  let asked = false
  const begun = Promise.withResolvers<void>()
  worker.on('message', (message: unknown) => (message === BEGUN ? begun.resolve() : onMessage(message)))
  worker.on('error', (cause) => onDeath(entry, cause instanceof Error ? cause : new Error(String(cause))))
  worker.on('exit', (code) => {
    if (code !== 0 && !asked) onDeath(entry, new Error(`thread ended with code ${code}`))
  })
  return {
    name: entry,
    post: (message, list = []) => worker.postMessage(message, [...list]),
    ended,
    async terminate() {
      asked = true
      await Promise.race([begun.promise, ended, delay(BEGIN_WITHIN_MS, undefined, { ref: false })])
      await worker.terminate()
    },
    async memory() {
      const statistics = await worker.getHeapStatistics()
      return { heapBytes: statistics.used_heap_size, heapTotalBytes: statistics.total_heap_size, externalBytes: statistics.external_memory }
    },
  }
}
