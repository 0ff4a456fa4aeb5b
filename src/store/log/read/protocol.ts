import type { StoredMessage } from '#domain/message.ts'
import type { FaultCode } from '#domain/fault.ts'
import type { LogReader, SearchOptions, SearchPage, StoreStats } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'

/** What passes between the searching thread and a reader worker. One request at a time; the reply has its id. */
export type ReaderRequest = { readonly id: number } & ReaderCall
export type ReaderCall =
  | { readonly kind: 'search'; readonly query: ResolvedQuery; readonly options: Omit<SearchOptions, 'isCancelled'>; readonly cancel: SharedArrayBuffer }
  | { readonly kind: 'read-after'; readonly afterSeq: number; readonly limit: number }
  | { readonly kind: 'message'; readonly seq: number }
  | { readonly kind: 'context'; readonly seq: number; readonly options: Parameters<LogReader['context']>[1] }
  | { readonly kind: 'stats' }

export type ReaderValue = SearchPage | readonly StoredMessage[] | StoredMessage | StoreStats | undefined
export type ReaderReply = { readonly id: number } & ({ readonly ok: true; readonly value: ReaderValue } | { readonly ok: false; readonly code: FaultCode; readonly reason: string })

/** A message port as both ends need it: node's `parentPort` and `Worker` fit. */
export interface ReaderPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
}
