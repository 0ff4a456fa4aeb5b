import { createBoundedQueue } from '#base/bounded-queue.ts'
import { AppFault } from '#domain/fault.ts'
import type { SearchProgress } from '../../port.ts'
import { uncounted, type LogSearchCounters } from '../counters.ts'
import type { ReaderCall, ReaderReply, ReaderValue } from './protocol.ts'

/** A reader thread as `app` makes it: `new Worker(entry, { workerData })` fits. */
export interface ReaderWorker {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): Promise<unknown>
}

export interface ReaderPoolOptions {
  readonly clock: () => number
  /** A search that has not answered this long after its deadline costs the worker its life. */
  readonly deadlineGraceMs: number
  /** Workers at most; each is started when there is work that no other is free for. */
  readonly readers?: number
  /** A worker beyond the first that had nothing to do for this long ends: what it holds is memory. */
  readonly idleMs?: number
  /** Requests that may wait; one more is refused with `too-many`. */
  readonly maxWaiting?: number
  readonly counters?: LogSearchCounters
}

/** `isShort`: it goes before searches that wait. */
export interface Asked { readonly call: ReaderCall; readonly deadlineAtMs: number; readonly isShort: boolean; readonly onProgress?: ((progress: SearchProgress) => void) | undefined }

/** A few workers, one request in each at a time, the others in a bounded queue. Rejects with AppFault: `deadline`, `too-many`, `shutting-down`, or what the worker answered. */
export interface ReaderPool {
  ask(asked: Asked): Promise<ReaderValue>
  /** Ends the workers; what waits is answered `shutting-down`. */
  close(): Promise<void>
}

interface Pending extends Asked {
  readonly id: number
  readonly sinceMs: number
  resolve(value: ReaderValue): void
  reject(fault: AppFault): void
}

interface Slot {
  readonly index: number
  worker: ReaderWorker | undefined
  current: Pending | undefined
  /** Of the request in it, or of idleness. */
  timer: NodeJS.Timeout | undefined
}

export const MAX_WAITING = 64
const IDLE_MS = 60_000
/** Longer ones fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1
const stopping = (): AppFault => new AppFault('shutting-down', 'The hub is stopping')

/** @param createWorker is given the worker's place, 0 to `readers` - 1: no two live workers have the same */
export function createReaderPool(createWorker: (place: number) => ReaderWorker, options: ReaderPoolOptions): ReaderPool {
  const { clock, deadlineGraceMs, readers = 1, idleMs = IDLE_MS, maxWaiting = MAX_WAITING, counters = uncounted } = options
  const slots = Array.from({ length: readers }, (_, index): Slot => ({ index, worker: undefined, current: undefined, timer: undefined }))
  const short = createBoundedQueue<Pending>(maxWaiting)
  const long = createBoundedQueue<Pending>(maxWaiting)
  let nextId = 1
  let isClosed = false

  const countUp = (): void => {
    counters.set('waiting', short.size + long.size)
    counters.set('readers', slots.filter(({ worker }) => worker !== undefined).length)
  }

  const start = (slot: Slot): ReaderWorker => {
    const started = createWorker(slot.index)
    const died = (reason: string): void => {
      if (slot.worker !== started) return
      slot.worker = undefined
      counters.add('deaths')
      settle(slot, (pending) => pending.reject(new AppFault('store-failed', `the reader ended: ${reason}`)))
    }
    started.on('message', (reply) => void (slot.worker === started && onReply(slot, reply as ReaderReply)))
    started.on('error', (error) => died(error instanceof Error ? error.message : String(error)))
    started.on('exit', (code) => died(`exit code ${code}`))
    return started
  }

  const onReply = (slot: Slot, reply: ReaderReply): void => {
    if (slot.current?.id !== reply.id) return
    if ('progress' in reply) return slot.current.onProgress?.(reply.progress)
    settle(slot, (pending) => (reply.ok ? pending.resolve(reply.value) : pending.reject(new AppFault(reply.code, reply.reason))))
  }

  const settle = (slot: Slot, answer: (pending: Pending) => void): void => {
    clearTimeout(slot.timer)
    const pending = slot.current
    slot.current = undefined
    if (pending !== undefined) answer(pending)
    next()
    if (slot.current === undefined && slot.index > 0 && slot.worker !== undefined) {
      slot.timer = setTimeout(() => end(slot), idleMs)
      slot.timer.unref()
    }
    countUp()
  }

  const end = (slot: Slot): void => {
    const ended = slot.worker
    slot.worker = undefined
    ended?.terminate().catch(() => counters.add('deaths')) // it is gone or will be; the next request gets a new one
    countUp()
  }

  const overrun = (slot: Slot): void => {
    counters.add('overruns')
    end(slot)
    settle(slot, (pending) => pending.reject(new AppFault('deadline', 'The search did not stop at its deadline and was ended')))
  }

  const next = (): void => {
    while (!isClosed) {
      const slot = slots.find(({ current, worker }) => current === undefined && worker !== undefined) ?? slots.find(({ current }) => current === undefined)
      if (slot === undefined) return
      const pending = short.take() ?? long.take()
      if (pending === undefined) return
      give(slot, pending)
    }
  }

  const give = (slot: Slot, pending: Pending): void => {
    counters.add('waitSeconds', (clock() - pending.sinceMs) / 1000)
    if (clock() >= pending.deadlineAtMs) return pending.reject(new AppFault('deadline', 'The deadline passed while the search waited for a reader'))
    clearTimeout(slot.timer)
    slot.current = pending
    slot.worker ??= start(slot)
    slot.timer = setTimeout(() => overrun(slot), Math.min(MAX_TIMER_MS, pending.deadlineAtMs - clock() + deadlineGraceMs))
    slot.worker.postMessage({ ...pending.call, id: pending.id })
  }

  return {
    ask: (asked) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(stopping())
        const isRoom = short.size + long.size < maxWaiting
        if (!isRoom || !(asked.isShort ? short : long).offer({ ...asked, id: nextId++, sinceMs: clock(), resolve, reject })) {
          counters.add('refused')
          return reject(new AppFault('too-many', `${maxWaiting} searches are waiting already`))
        }
        next()
        countUp()
      }),
    async close() {
      isClosed = true
      for (const queue of [short, long]) for (let pending = queue.take(); pending !== undefined; pending = queue.take()) pending.reject(stopping())
      await Promise.all(slots.map(async (slot) => {
        clearTimeout(slot.timer)
        const ended = slot.worker
        slot.worker = undefined
        slot.current?.reject(stopping())
        slot.current = undefined
        await ended?.terminate()
      }))
      countUp()
    },
  }
}
