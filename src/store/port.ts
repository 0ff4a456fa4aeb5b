import type { Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { ResolvedQuery } from './query.ts'

/** The log store as the rest of the hub sees it; nothing outside `store/` knows how it is kept. `test/contract/log-store.ts` runs against every implementation. */
export interface LogStore {
  readonly writer: LogAppender
  readonly reader: LogReader
  /** Closes and seals segments, removes what retention says; called in idle time and at intervals. Returns what it did. */
  maintain(options: { readonly nowMs: number; readonly signal?: AbortSignal }): MaintenanceReport
  close(): void
}

/** Only one in the process, on the writer thread. Synchronous: it is the thread's whole purpose. */
export interface LogAppender {
  /** Next seq to be given; recovery continues after the highest that was ever synced. */
  readonly nextSeq: number
  /** Numbers the rows (sets `batch.firstSeq`) and writes them; nothing is promised until `sync` returns. Throws on I/O errors, and then nothing of this batch is kept. */
  append(batch: Batch): void
  /** `fdatasync`; when it returns, every appended batch survives a power cut and readers may see it. */
  sync(): void
  close(): void
}

/** Any thread may have one; it sees all that was synced before the call. Synchronous inside its thread; `signal`/deadline are checked between blocks. */
export interface LogReader {
  search(query: ResolvedQuery, options: SearchOptions): SearchPage
  /** Messages after `afterSeq` in seq order: what cursors (rules, live tail, sinks) read to catch up. */
  readAfter(afterSeq: number, limit: number): StoredMessage[]
  /** The stored run of messages that holds the first one after `afterSeq`, as columns: what the rules read to catch up without an object per message. Valid until the next call. */
  batchAfter(afterSeq: number): Batch | undefined
  message(seq: number): StoredMessage | undefined
  /** `before` and `after` messages around `seq`, of the same node where `nodeId` is given; oldest first. */
  context(seq: number, options: { readonly before: number; readonly after: number; readonly nodeId?: number }): StoredMessage[]
  stats(): StoreStats
  close(): void
}

export interface SearchOptions {
  readonly limit: number
  readonly order: 'newest' | 'oldest'
  /** From a page before; opaque to callers. */
  readonly cursor?: string | undefined
  /** Epoch milliseconds after which the search stops and returns what it has, with `complete: false`. */
  readonly deadlineAtMs: number
  /** Asked as often as the clock; `true` ends the search like its deadline does. */
  readonly isCancelled?: (() => boolean) | undefined
}

/** Why a page may lack messages. `damaged`: something stored could not be read, see `stats().damaged`. */
const INCOMPLETE_REASONS = ['deadline', 'cancelled', 'damaged'] as const
export type IncompleteReason = (typeof INCOMPLETE_REASONS)[number]

export interface SearchPage {
  readonly messages: readonly StoredMessage[]
  /** Give it back to get the next page; undefined at the end. */
  readonly cursor: string | undefined
  readonly complete: boolean
  /** Set when not complete. */
  readonly reason?: IncompleteReason
  readonly scannedRows: number
}

export interface StoreStats {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly oldestMs: number | undefined
  readonly newestMs: number | undefined
  readonly segments: number
  readonly segmentBytes: number
  readonly files: number
  readonly fileBytes: number
  readonly sealedRows: number
  readonly damaged: readonly string[]
}

export interface MaintenanceReport {
  readonly sealedSegments: number
  readonly sealedRows: number
  readonly removedFiles: readonly string[]
  readonly damaged: readonly string[]
  readonly reason?: string
}
