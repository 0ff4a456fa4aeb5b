import type { Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { ParamName, ResolvedQuery } from './query.ts'

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
  /** How many messages match, in groups: histogram, top values, distinct values, top templates. */
  count(query: ResolvedQuery, options: CountOptions): CountAnswer
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
  /** Told now and then how far the search has come. */
  readonly onProgress?: ((progress: SearchProgress) => void) | undefined
}

/** `doneRows` of the `totalRows` that the store holds are looked at or known not to match. */
export interface SearchProgress { readonly doneRows: number; readonly totalRows: number }

/** What messages are grouped by. A key's value is an id (node, session, source), a code (severity, facility), a text in lower case (others), the start of a time step in epoch milliseconds, or 16 hex digits (template). */
export type CountKey =
  | { readonly kind: 'field'; readonly field: CountField }
  | { readonly kind: 'time'; readonly stepMs: number }
  /** A parameter of the structured data or a field of the text; messages without it count under `''`. */
  | ({ readonly kind: 'param' } & ParamName)
export const COUNT_FIELDS = ['node', 'session', 'source', 'app', 'host', 'procid', 'msgid', 'severity', 'facility', 'format', 'method', 'template'] as const
export type CountField = (typeof COUNT_FIELDS)[number]

export interface CountOptions extends Pick<SearchOptions, 'deadlineAtMs' | 'isCancelled' | 'onProgress'> {
  /** None: only the total. At most two. */
  readonly by: readonly CountKey[]
  /** Groups in the answer, the largest first; time steps are all given, in order of time, up to this. */
  readonly limit: number
}

export interface CountAnswer {
  readonly total: number
  readonly groups: readonly CountGroup[]
  /** Different groups met; the counting of new ones stops at a bound, then `isBounded` and the rest is in `others`. */
  readonly distinct: number
  readonly isBounded: boolean
  /** Messages in groups that are not given. */
  readonly others: number
  readonly complete: boolean
  readonly reason?: IncompleteReason
  readonly scannedRows: number
}
export interface CountGroup {
  readonly keys: readonly (string | number)[]
  readonly count: number
  /** Of a group by template: the newest message of it that was met. */
  readonly exampleSeq?: number
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
  /** Messages that are served, sealed or not. */
  readonly rows: number
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
