import type { StoredMessage } from '#domain/message.ts'
import type { CountAnswer, CountOptions, LogReader, SearchOptions, SearchPage, StoreStats } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'
import { createReaderPool, type ReaderPoolOptions, type ReaderWorker } from './pool.ts'
import type { ReaderCall, ReaderValue } from './protocol.ts'

export interface ConnectReaderOptions extends ReaderPoolOptions {
  /** Deadline of everything that is not a search or a count. */
  readonly callDeadlineMs?: number
}

/** The port of the store as other threads use it. Rejects with AppFault: `deadline`, `too-many`, `bad-query`, `bad-cursor`, `store-failed`, `shutting-down`. */
export interface ReaderClient {
  /** An aborted search answers with what it has found, `complete: false`. Progress is told at most ten times a second. */
  search(query: ResolvedQuery, options: Omit<SearchOptions, 'isCancelled'>, signal?: AbortSignal): Promise<SearchPage>
  /** Likewise. */
  count(query: ResolvedQuery, options: Omit<CountOptions, 'isCancelled'>, signal?: AbortSignal): Promise<CountAnswer>
  readAfter(afterSeq: number, limit: number): Promise<readonly StoredMessage[]>
  message(seq: number): Promise<StoredMessage | undefined>
  /** Those that are there, in the order asked for. */
  messages(seqs: readonly number[]): Promise<readonly StoredMessage[]>
  context(seq: number, options: Parameters<LogReader['context']>[1]): Promise<readonly StoredMessage[]>
  stats(): Promise<StoreStats>
  /** Ends the workers; what waits is answered `shutting-down`. */
  close(): Promise<void>
}

const CALL_DEADLINE_MS = 10_000

/** A client of up to `readers` workers (`createWorker` is given the place of the one to make). */
export function connectReader(createWorker: (place: number) => ReaderWorker, options: ConnectReaderOptions): ReaderClient {
  const { clock, callDeadlineMs = CALL_DEADLINE_MS } = options
  const pool = createReaderPool(createWorker, options)

  const soon = <T extends ReaderValue>(call: ReaderCall): Promise<T> => pool.ask({ call, deadlineAtMs: clock() + callDeadlineMs, isShort: true }) as Promise<T>

  /** Runs a call that looks at shared memory to learn that nobody wants it any more. */
  const cancellable = async <T extends ReaderValue>(make: (cancel: SharedArrayBuffer) => ReaderCall, { deadlineAtMs, onProgress }: Pick<SearchOptions, 'deadlineAtMs' | 'onProgress'>, signal: AbortSignal | undefined): Promise<T> => {
    const cancel = new SharedArrayBuffer(4)
    const flag = new Int32Array(cancel)
    const abort = (): void => void Atomics.store(flag, 0, 1)
    if (signal?.aborted === true) abort()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      return (await pool.ask({ call: make(cancel), deadlineAtMs, isShort: false, onProgress })) as T
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  return {
    search(query, { onProgress, ...sent }, signal) {
      return cancellable<SearchPage>((cancel) => ({ kind: 'search', query, options: sent, cancel }), { deadlineAtMs: sent.deadlineAtMs, onProgress }, signal)
    },
    count(query, { onProgress, ...sent }, signal) {
      return cancellable<CountAnswer>((cancel) => ({ kind: 'count', query, options: sent, cancel }), { deadlineAtMs: sent.deadlineAtMs, onProgress }, signal)
    },
    readAfter: (afterSeq, limit) => soon<readonly StoredMessage[]>({ kind: 'read-after', afterSeq, limit }),
    message: async (seq) => (await soon<readonly StoredMessage[]>({ kind: 'messages', seqs: [seq] }))[0],
    messages: (seqs) => soon<readonly StoredMessage[]>({ kind: 'messages', seqs }),
    context: (seq, around) => soon<readonly StoredMessage[]>({ kind: 'context', seq, options: around }),
    stats: () => soon<StoreStats>({ kind: 'stats' }),
    close: () => pool.close(),
  }
}
