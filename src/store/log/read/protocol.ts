import type { StoredMessage } from '#domain/message.ts'
import type { FaultCode } from '#domain/fault.ts'
import type { CountAnswer, CountOptions, LogReader, SearchOptions, SearchPage, SearchProgress, StoreStats } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'

/** What passes between the searching thread and a reader worker. One request at a time; progress and the reply have its id. */
export type ReaderRequest = { readonly id: number } & ReaderCall
export type ReaderCall =
  | { readonly kind: 'search'; readonly query: ResolvedQuery; readonly options: SentOptions<SearchOptions>; readonly cancel: SharedArrayBuffer }
  | { readonly kind: 'count'; readonly query: ResolvedQuery; readonly options: SentOptions<CountOptions>; readonly cancel: SharedArrayBuffer }
  | { readonly kind: 'read-after'; readonly afterSeq: number; readonly limit: number }
  | { readonly kind: 'messages'; readonly seqs: readonly number[] }
  | { readonly kind: 'context'; readonly seq: number; readonly options: Parameters<LogReader['context']>[1] }
  | { readonly kind: 'stats' }
/** Functions do not pass between threads: cancelling goes by shared memory, progress by messages. */
export type SentOptions<T extends Pick<SearchOptions, 'isCancelled' | 'onProgress'>> = Omit<T, 'isCancelled' | 'onProgress'>

export type ReaderValue = SearchPage | CountAnswer | readonly StoredMessage[] | StoreStats
export type ReaderReply = { readonly id: number } & (
  | { readonly progress: SearchProgress }
  | { readonly ok: true; readonly value: ReaderValue }
  | { readonly ok: false; readonly code: FaultCode; readonly reason: string }
)

/** A message port as both ends need it: node's `parentPort` and `Worker` fit. */
export interface ReaderPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
}
