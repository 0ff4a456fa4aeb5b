import { mkdirSync } from 'node:fs'
import { seqOf, type Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { CountAnswer, LogReader, SearchPage, StoreStats } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'
import { uncounted, type LogReaderCounters } from '../counters.ts'
import { segmentDirectory } from '../segments/files.ts'
import type { WatermarkShared } from '../segments/watermark.ts'
import { chunkName, createChunkCache, createForwardLoader, lastSeqOf, type Chunk } from './chunk.ts'
import { countRows } from './count.ts'
import { decodeRow } from './decode-row.ts'
import { createRunDecoder, withoutGaps } from './load-run.ts'
import { createCandidates } from './run-candidates.ts'
import { searchPage, type SearchGround } from './search.ts'
import { openSnapshots, type Snapshots } from './snapshot.ts'

export interface LogReaderOptions {
  readonly directory: string
  /** The appender's. Without it (tools, tests) every segment is read as far as its checksums hold. */
  readonly watermark?: WatermarkShared | undefined
  readonly clock: () => number
  readonly counters?: LogReaderCounters
  /** Decoded chunks kept for the next page; 0 for a reader that only goes forward: what it is given is valid until it asks for the next. */
  readonly cacheBytes?: number
}

/** Decoded chunks that are kept for the next page. */
const CACHE_BYTES = 8 * 1024 * 1024

/** One for each thread that reads; holds files open until `close`. */
export function openLogReader({ directory, watermark, clock, counters = uncounted, cacheBytes = CACHE_BYTES }: LogReaderOptions): LogReader {
  mkdirSync(segmentDirectory(directory), { recursive: true })
  const snapshots = openSnapshots(directory, watermark)
  const decoder = createRunDecoder()
  const candidates = createCandidates()
  const cache = cacheBytes === 0 ? createForwardLoader(decoder) : createChunkCache(cacheBytes, decoder)
  const ground = (chunks: readonly Chunk[]): SearchGround => ({ chunks, load: (chunk) => cache.load(chunk), decoder, candidates, clock, report: (what) => snapshots.sealed.report(what) })
  const collect = (query: ResolvedQuery, order: 'newest' | 'oldest', limit: number): readonly StoredMessage[] =>
    limit <= 0 ? [] : searchPage(query, { limit, order, deadlineAtMs: Infinity }, ground(snapshots.take())).messages

  return {
    search(query, options) {
      const startMs = performance.now()
      const found = searchPage(query, options, ground(snapshots.take()))
      const page: SearchPage = found.complete && snapshots.isPartial() ? { ...found, complete: false, reason: 'damaged' } : found
      count(counters, page, (performance.now() - startMs) / 1000)
      counters.set('damaged', snapshots.damaged().length)
      return page
    },
    readAfter: (afterSeq, limit) => readRange(snapshots, { load: (chunk) => cache.load(chunk), afterSeq, limit }),
    batchAfter(afterSeq) {
      for (const chunk of snapshots.take()) {
        if (lastSeqOf(chunk) <= afterSeq) continue
        const batch = loadOrReport(chunk, snapshots, (wanted) => cache.load(wanted))
        if (batch !== undefined) return withoutGaps(batch, afterSeq)
      }
      return undefined
    },
    message: (seq) => collect({ kind: 'seq', comparison: '=', value: seq }, 'oldest', 1)[0],
    count(query, options) {
      const startMs = performance.now()
      const counted = countRows(query, options, ground(snapshots.take()))
      const answer: CountAnswer = counted.complete && snapshots.isPartial() ? { ...counted, complete: false, reason: 'damaged' } : counted
      count(counters, answer, (performance.now() - startMs) / 1000)
      return answer
    },
    context(seq, { before, after, nodeId }) {
      const about: ResolvedQuery = nodeId === undefined ? { kind: 'all' } : { kind: 'ids', field: 'node', ids: [nodeId] }
      const side = (comparison: '<' | '>=', order: 'newest' | 'oldest', limit: number): readonly StoredMessage[] =>
        collect({ kind: 'and', terms: [{ kind: 'seq', comparison, value: seq }, about] }, order, limit)
      const later = side('>=', 'oldest', after + 1)
      const around = later[0]?.seq === seq ? later : later.slice(0, after)
      return [...side('<', 'newest', before).toReversed(), ...around]
    },
    stats: () => statsOf(snapshots),
    close: () => snapshots.close(),
  }
}

function readRange(snapshots: Snapshots, { load, afterSeq, limit }: { readonly load: (chunk: Chunk) => Batch; readonly afterSeq: number; readonly limit: number }): StoredMessage[] {
  const messages: StoredMessage[] = []
  for (const chunk of snapshots.take()) {
    if (lastSeqOf(chunk) <= afterSeq) continue
    if (messages.length >= limit) break
    const batch = loadOrReport(chunk, snapshots, load)
    if (batch === undefined) continue
    for (let row = 0; row < chunk.rows && messages.length < limit; row++) if (seqOf(batch, row) > afterSeq) messages.push(decodeRow(batch, row))
  }
  return messages
}

/** undefined when the rows are damaged, which is then known. */
function loadOrReport(chunk: Chunk, snapshots: Snapshots, load: (chunk: Chunk) => Batch): Batch | undefined {
  try {
    return load(chunk)
  } catch (error) {
    snapshots.sealed.report(`${chunkName(chunk)}: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function statsOf(snapshots: Snapshots): StoreStats {
  const chunks = snapshots.take()
  let oldestMs = Infinity
  let newestMs = -Infinity
  let rows = 0
  let sealedRows = 0
  for (const chunk of chunks) {
    oldestMs = Math.min(oldestMs, chunk.minMs)
    newestMs = Math.max(newestMs, chunk.maxMs)
    rows += chunk.rows
    if (chunk.kind !== 'record') sealedRows += chunk.rows
  }
  const last = chunks.at(-1)
  return {
    rows,
    firstSeq: chunks[0]?.firstSeq ?? 0,
    lastSeq: last === undefined ? 0 : lastSeqOf(last),
    oldestMs: last === undefined ? undefined : oldestMs,
    newestMs: last === undefined ? undefined : newestMs,
    segments: snapshots.hot.numbers.size,
    segmentBytes: snapshots.hot.bytes(),
    files: snapshots.sealed.files().length + snapshots.runs.count(),
    fileBytes: snapshots.sealed.bytes() + snapshots.runs.bytes(),
    sealedRows,
    damaged: snapshots.damaged(),
  }
}

function count(counters: LogReaderCounters, page: Pick<SearchPage, 'reason' | 'scannedRows'>, seconds: number): void {
  const outcome = { deadline: 'searchesDeadline', cancelled: 'searchesCancelled', damaged: 'searchesDamaged', complete: 'searchesComplete' } as const
  counters.add(outcome[page.reason ?? 'complete'])
  counters.add('searchSeconds', seconds)
  counters.add('scannedRows', page.scannedRows)
}
