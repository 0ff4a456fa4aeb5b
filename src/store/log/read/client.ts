import { createBoundedQueue } from '#base/bounded-queue.ts'
import { AppFault } from '#domain/fault.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { LogReader, SearchOptions, SearchPage, StoreStats } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'
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

export interface ConnectReaderOptions {
  readonly clock: () => number
  /** A search that has not answered this long after its deadline costs the worker its life. */
  readonly deadlineGraceMs: number
  /** Deadline of everything that is not a search. */
  readonly callDeadlineMs?: number
  /** Requests that may wait; one more is refused with `too-many`. */
  readonly maxWaiting?: number
  readonly counters?: LogSearchCounters
}

/** The port of the store as other threads use it. Rejects with AppFault: `deadline`, `too-many`, `bad-query`, `bad-cursor`, `store-failed`, `shutting-down`. */
export interface ReaderClient {
  /** An aborted search answers with what it has found, `complete: false`. */
  search(query: ResolvedQuery, options: Omit<SearchOptions, 'isCancelled'>, signal?: AbortSignal): Promise<SearchPage>
  readAfter(afterSeq: number, limit: number): Promise<readonly StoredMessage[]>
  message(seq: number): Promise<StoredMessage | undefined>
  context(seq: number, options: Parameters<LogReader['context']>[1]): Promise<readonly StoredMessage[]>
  stats(): Promise<StoreStats>
  /** Ends the worker; what waits is answered `shutting-down`. */
  close(): Promise<void>
}

interface Pending {
  readonly id: number
  readonly call: ReaderCall
  readonly deadlineAtMs: number
  resolve(value: ReaderValue): void
  reject(fault: AppFault): void
}

const MAX_WAITING = 64
const CALL_DEADLINE_MS = 10_000
/** Longer ones fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** One worker, one request in it at a time, the others in a bounded queue. */
export function connectReader(createWorker: () => ReaderWorker, options: ConnectReaderOptions): ReaderClient {
  const { clock, deadlineGraceMs, callDeadlineMs = CALL_DEADLINE_MS, maxWaiting = MAX_WAITING, counters = uncounted } = options
  const waiting = createBoundedQueue<Pending>(maxWaiting)
  let worker: ReaderWorker | undefined
  let current: Pending | undefined
  let timer: NodeJS.Timeout | undefined
  let nextId = 1
  let isClosed = false

  const start = (): ReaderWorker => {
    const started = createWorker()
    const died = (reason: string): void => {
      if (worker !== started) return
      worker = undefined
      counters.add('deaths')
      settle((pending) => pending.reject(new AppFault('store-failed', `the reader ended: ${reason}`)))
    }
    started.on('message', (reply) => void (worker === started && onReply(reply as ReaderReply)))
    started.on('error', (error) => died(error instanceof Error ? error.message : String(error)))
    started.on('exit', (code) => died(`exit code ${code}`))
    return started
  }

  const onReply = (reply: ReaderReply): void => {
    if (current?.id !== reply.id) return
    settle((pending) => (reply.ok ? pending.resolve(reply.value) : pending.reject(new AppFault(reply.code, reply.reason))))
  }

  const settle = (answer: (pending: Pending) => void): void => {
    clearTimeout(timer)
    const pending = current
    current = undefined
    if (pending !== undefined) answer(pending)
    next()
  }

  const overrun = (): void => {
    const late = worker
    worker = undefined
    counters.add('overruns')
    late?.terminate().catch(() => counters.add('deaths')) // it is gone or will be; the next request gets a new one
    settle((pending) => pending.reject(new AppFault('deadline', 'The search did not stop at its deadline and was ended')))
  }

  const next = (): void => {
    if (isClosed || current !== undefined) return
    const pending = waiting.take()
    counters.set('waiting', waiting.size)
    if (pending === undefined) return
    if (clock() >= pending.deadlineAtMs) {
      pending.reject(new AppFault('deadline', 'The deadline passed while the search waited for a reader'))
      return next()
    }
    current = pending
    worker ??= start()
    timer = setTimeout(overrun, Math.min(MAX_TIMER_MS, pending.deadlineAtMs - clock() + deadlineGraceMs))
    worker.postMessage({ ...pending.call, id: pending.id })
  }

  const ask = <T extends ReaderValue>(call: ReaderCall, deadlineAtMs: number): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (isClosed) return reject(new AppFault('shutting-down', 'The hub is stopping'))
      const isKept = waiting.offer({ id: nextId++, call, deadlineAtMs, resolve: (value) => resolve(value as T), reject })
      if (!isKept) {
        counters.add('refused')
        return reject(new AppFault('too-many', `${maxWaiting} searches are waiting already`))
      }
      counters.set('waiting', waiting.size)
      next()
    })
  const soon = (): number => clock() + callDeadlineMs

  return {
    async search(query, searchOptions, signal) {
      const cancel = new SharedArrayBuffer(4)
      const flag = new Int32Array(cancel)
      const abort = (): void => void Atomics.store(flag, 0, 1)
      if (signal?.aborted === true) abort()
      signal?.addEventListener('abort', abort, { once: true })
      try {
        return await ask<SearchPage>({ kind: 'search', query, options: searchOptions, cancel }, searchOptions.deadlineAtMs)
      } finally {
        signal?.removeEventListener('abort', abort)
      }
    },
    readAfter: (afterSeq, limit) => ask<readonly StoredMessage[]>({ kind: 'read-after', afterSeq, limit }, soon()),
    message: (seq) => ask<StoredMessage | undefined>({ kind: 'message', seq }, soon()),
    context: (seq, around) => ask<readonly StoredMessage[]>({ kind: 'context', seq, options: around }, soon()),
    stats: () => ask<StoreStats>({ kind: 'stats' }, soon()),
    async close() {
      isClosed = true
      const ended = worker
      worker = undefined
      const fault = (): AppFault => new AppFault('shutting-down', 'The hub is stopping')
      settle((pending) => pending.reject(fault()))
      for (let pending = waiting.take(); pending !== undefined; pending = waiting.take()) pending.reject(fault())
      await ended?.terminate()
    },
  }
}
