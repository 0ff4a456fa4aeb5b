/**
 * Counters of the log store, one catalogue per thread that counts (each slot of shared memory has one writer).
 * Given to `createWorkerCounters` of telemetry; docs/reference/metrics.md is held to it.
 */
export const LOG_WRITER_COUNTERS = {
  appendedRows: { metric: 'hps_store_appended_rows_total', kind: 'counter', help: 'Messages written to segments.' },
  appendedBytes: { metric: 'hps_store_appended_bytes_total', kind: 'counter', help: 'Bytes written to segments, columns included.' },
  syncs: { metric: 'hps_store_syncs_total', kind: 'counter', help: 'Completed fdatasync calls of segments.' },
  syncSeconds: { metric: 'hps_store_sync_seconds_total', kind: 'counter', help: 'Time spent in fdatasync of segments.' },
  segmentsOpened: { metric: 'hps_store_segments_opened_total', kind: 'counter', help: 'Segments begun.' },
  writeFailures: { metric: 'hps_store_append_failures_total', kind: 'counter', help: 'Batches or syncs that the disk refused.', labels: { step: 'write' } },
  syncFailures: { metric: 'hps_store_append_failures_total', kind: 'counter', help: 'Batches or syncs that the disk refused.', labels: { step: 'sync' } },
  cutFailures: { metric: 'hps_store_append_failures_total', kind: 'counter', help: 'Batches or syncs that the disk refused.', labels: { step: 'cut' } },
  refusedRows: { metric: 'hps_store_refused_rows_total', kind: 'counter', help: 'Messages that could not be written and were not kept; the caller was told.' },
  tornTails: { metric: 'hps_store_torn_tails_total', kind: 'counter', help: 'Segments whose unfinished end was cut at start.' },
  tornBytes: { metric: 'hps_store_torn_bytes_total', kind: 'counter', help: 'Bytes cut from unfinished ends at start; they were never acknowledged.' },
  damagedSpans: { metric: 'hps_store_damaged_spans_total', kind: 'counter', help: 'Unreadable places met while recovering segments.' },
} as const

export const LOG_SEALER_COUNTERS = {
  sealedSegments: { metric: 'hps_store_sealed_segments_total', kind: 'counter', help: 'Segments that were sealed.' },
  sealedRows: { metric: 'hps_store_sealed_rows_total', kind: 'counter', help: 'Messages that were sealed.' },
  sealedRuns: { metric: 'hps_store_sealed_runs_total', kind: 'counter', help: 'Runs written by sealing: up to 32,768 messages each.' },
  sealedBytes: { metric: 'hps_store_sealed_bytes_total', kind: 'counter', help: 'Bytes of runs written by sealing, indexes included.' },
  sealSeconds: { metric: 'hps_store_seal_seconds_total', kind: 'counter', help: 'Time spent sealing.' },
  sealFailures: { metric: 'hps_store_seal_failures_total', kind: 'counter', help: 'Segments that could not be sealed; they are kept and tried again.' },
  damagedSpans: { metric: 'hps_store_seal_damaged_spans_total', kind: 'counter', help: 'Unreadable places met while sealing; their segment is set aside, not removed.' },
  waitingSegments: { metric: 'hps_store_waiting_segments', kind: 'gauge', help: 'Closed segments that wait to be sealed.' },
  'removedFiles:age': { metric: 'hps_store_removed_files_total', kind: 'counter', help: 'Sealed files removed, by the limit that asked for it.', labels: { reason: 'age' } },
  'removedFiles:max-size': { metric: 'hps_store_removed_files_total', kind: 'counter', help: 'Sealed files removed, by the limit that asked for it.', labels: { reason: 'max-size' } },
  'removedFiles:min-free': { metric: 'hps_store_removed_files_total', kind: 'counter', help: 'Sealed files removed, by the limit that asked for it.', labels: { reason: 'min-free' } },
  removedBytes: { metric: 'hps_store_removed_bytes_total', kind: 'counter', help: 'Bytes of sealed files removed.' },
  compactedFiles: { metric: 'hps_store_compacted_files_total', kind: 'counter', help: 'Sealed files rewritten: of an older format, of small pieces, or of a finished day.' },
  compactedBytes: { metric: 'hps_store_compacted_bytes_total', kind: 'counter', help: 'Bytes that sealed files became smaller by being rewritten.' },
  pinnedFiles: { metric: 'hps_store_pinned_copies_total', kind: 'counter', help: 'Sealed files of which only the messages of pinned sessions were kept.' },
  usedBytes: { metric: 'hps_store_used_bytes', kind: 'gauge', help: 'Bytes of sealed files and segments, at the last round of the keeper.' },
  maxBytes: { metric: 'hps_store_max_bytes', kind: 'gauge', help: 'Most bytes that the store may take (store.max_size); 0 for no limit.' },
  freeBytes: { metric: 'hps_store_disk_free_bytes', kind: 'gauge', help: 'Free bytes of the file system that the store lies on.' },
  minFreeBytes: { metric: 'hps_store_min_free_bytes', kind: 'gauge', help: 'Below this many free bytes the oldest sealed files go (store.min_free).' },
  spaceShort: { metric: 'hps_store_space_short', kind: 'gauge', help: '1 while the store is larger, or its disk fuller, than the settings allow.' },
  losses: { metric: 'hps_store_losses', kind: 'gauge', help: 'Damaged files that were set aside and that nobody has accepted; searches are incomplete while there are any.' },
  troubles: { metric: 'hps_store_keeper_troubles', kind: 'gauge', help: 'Things that the keeper could not do in its last round.' },
  retentionHeld: { metric: 'hps_store_retention_held', kind: 'gauge', help: '1 while retention removes nothing because the clock and the newest message disagree.' },
} as const

export const LOG_READER_COUNTERS = {
  searchesComplete: { metric: 'hps_store_searches_total', kind: 'counter', help: 'Searches by how they ended.', labels: { outcome: 'complete' } },
  searchesDeadline: { metric: 'hps_store_searches_total', kind: 'counter', help: 'Searches by how they ended.', labels: { outcome: 'deadline' } },
  searchesDamaged: { metric: 'hps_store_searches_total', kind: 'counter', help: 'Searches by how they ended.', labels: { outcome: 'damaged' } },
  searchesCancelled: { metric: 'hps_store_searches_total', kind: 'counter', help: 'Searches by how they ended.', labels: { outcome: 'cancelled' } },
  searchSeconds: { metric: 'hps_store_search_seconds_total', kind: 'counter', help: 'Time spent searching.' },
  scannedRows: { metric: 'hps_store_scanned_rows_total', kind: 'counter', help: 'Messages looked at by searches.' },
  damaged: { metric: 'hps_store_damaged', kind: 'gauge', help: 'Files, segments and runs known to be unreadable.' },
} as const

/** On the thread that hands searches to the readers. */
export const LOG_SEARCH_COUNTERS = {
  refused: { metric: 'hps_store_search_queue_refused_total', kind: 'counter', help: 'Searches refused because too many waited.' },
  overruns: { metric: 'hps_store_reader_overruns_total', kind: 'counter', help: 'Readers that were terminated because a search overran its deadline.' },
  deaths: { metric: 'hps_store_reader_deaths_total', kind: 'counter', help: 'Readers that ended by themselves.' },
  waiting: { metric: 'hps_store_searches_waiting', kind: 'gauge', help: 'Searches waiting for a reader.' },
  waitSeconds: { metric: 'hps_store_search_wait_seconds_total', kind: 'counter', help: 'Time that searches waited for a reader.' },
  readers: { metric: 'hps_store_readers', kind: 'gauge', help: 'Reader threads now.' },
} as const

/** The part of telemetry's worker counters that is needed here. */
export interface CounterSink<Name extends string> {
  add(name: Name, value?: number): void
  set(name: Name, value: number): void
}
export type LogWriterCounters = CounterSink<keyof typeof LOG_WRITER_COUNTERS>
export type LogSealerCounters = CounterSink<keyof typeof LOG_SEALER_COUNTERS>
export type LogReaderCounters = CounterSink<keyof typeof LOG_READER_COUNTERS>
export type LogSearchCounters = CounterSink<keyof typeof LOG_SEARCH_COUNTERS>

/** For tests and one-off tools that export nothing. */
export const uncounted = { add() {}, set() {} } satisfies CounterSink<string>
