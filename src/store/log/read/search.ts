import type { Batch } from '#domain/batch.ts'
import type { StoredMessage } from '#domain/message.ts'
import type { IncompleteReason, SearchOptions, SearchPage } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'
import { chunkName, lastSeqOf, type Chunk } from './chunk.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { decodeRow } from './decode-row.ts'
import { createVerdicts } from './file-verdicts.ts'
import type { RunDecoder } from './load-run.ts'
import { compileMatcher } from './matcher.ts'
import { compilePlan } from './plan.ts'
import { mayRunHold, type Candidates } from './run-candidates.ts'
import type { RunChunk } from './run-files.ts'
import type { RunQuestion } from './run-question.ts'
import { searchRun } from './run-search.ts'
import { compileSkip } from './skip.ts'

export interface SearchGround {
  /** Ascending. */
  readonly chunks: readonly Chunk[]
  load(chunk: Chunk): Batch
  /** Memory in which runs are read. */
  readonly decoder: RunDecoder
  readonly candidates: Candidates
  readonly clock: () => number
  /** Called with each chunk that could not be read. */
  report(what: string): void
}

/** Rows between two looks at the clock; an expression over a long text takes tens of microseconds a row. */
const ROWS_PER_CHECK = 256

/** One page. Rows are looked at in order of seq from the cursor on, so the next page goes on exactly behind the last row looked at. */
export function searchPage(query: ResolvedQuery, options: SearchOptions, ground: SearchGround): SearchPage {
  const { limit, order, cursor } = options
  const match = compileMatcher(query)
  const mayHold = compileSkip(query)
  const plan = compilePlan(query)
  const verdictsOf = createVerdicts(plan)
  const from = cursor === undefined ? undefined : decodeCursor(order, cursor)
  const page = { messages: [] as StoredMessage[], scannedRows: 0, seq: from, reason: undefined as IncompleteReason | undefined, isStopped: false }

  const totalRows = ground.chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
  const passed = { rows: 0, scannedRows: 0 }

  const mustStop = (): boolean => {
    options.onProgress?.({ doneRows: passed.rows + page.scannedRows - passed.scannedRows, totalRows })
    if (options.isCancelled?.() === true) page.reason = 'cancelled'
    else if (ground.clock() >= options.deadlineAtMs) page.reason = 'deadline'
    else return page.messages.length >= limit
    return true
  }

  const scanRun = (chunk: RunChunk): void => {
    const { decoder, candidates } = ground
    const question: RunQuestion = {
      plan, verdicts: verdictsOf(chunk.file), decoder,
      afterSeq: order === 'oldest' ? (from ?? -Infinity) : -Infinity, beforeSeq: order === 'newest' ? (from ?? Infinity) : Infinity,
      onDamage(block, error) {
        ground.report(`${chunkName(chunk)}, block ${block}: ${error instanceof Error ? error.message : String(error)}`)
        page.reason ??= 'damaged'
      },
    }
    if (!mayRunHold(chunk, question)) return
    const found = searchRun(chunk, {
      question, candidates, order, room: limit - page.messages.length,
      mustStop(rows) {
        page.scannedRows += rows
        return mustStop()
      },
    })
    page.messages.push(...found.messages)
    page.isStopped = found.isStopped
    if (found.stoppedAt !== undefined) page.seq = found.stoppedAt
  }

  const scan = (chunk: Chunk, batch: Batch): void => {
    const step = order === 'newest' ? -1 : 1
    const [firstRow, endRow] = rowsToScan(chunk, order, from)
    for (let row = firstRow; row !== endRow; row += step) {
      if (page.messages.length >= limit || (page.scannedRows % ROWS_PER_CHECK === 0 && mustStop())) {
        page.isStopped = true
        return
      }
      page.scannedRows++
      page.seq = batch.firstSeq + row
      if (match(batch, row)) page.messages.push(decodeRow(batch, row))
    }
  }

  const visit = (chunk: Chunk): void => {
    try {
      if (mayHold(chunk)) {
        if (chunk.kind === 'run') scanRun(chunk)
        else scan(chunk, ground.load(chunk))
      }
    } catch (error) {
      ground.report(`${chunkName(chunk)}: ${error instanceof Error ? error.message : String(error)}`)
      page.reason ??= 'damaged'
    }
    if (!page.isStopped) page.seq = order === 'newest' ? chunk.firstSeq : lastSeqOf(chunk)
  }

  for (const chunk of inDirection(ground.chunks, order)) {
    const isBehind = from !== undefined && (order === 'newest' ? chunk.firstSeq >= from : lastSeqOf(chunk) <= from)
    if (!isBehind) {
      if (mustStop()) page.isStopped = true
      else visit(chunk)
    }
    if (page.isStopped) break
    passed.rows += chunk.rows
    passed.scannedRows = page.scannedRows
  }
  const isMore = page.isStopped
  return {
    messages: page.messages,
    cursor: isMore ? encodeCursor(order, page.seq ?? (order === 'newest' ? Number.MAX_SAFE_INTEGER : 0)) : undefined,
    complete: page.reason === undefined,
    ...(page.reason === undefined ? {} : { reason: page.reason }),
    scannedRows: page.scannedRows,
  }
}

function rowsToScan(chunk: Chunk, order: SearchOptions['order'], from: number | undefined): readonly [number, number] {
  if (order === 'newest') return [from === undefined ? chunk.rows - 1 : Math.min(chunk.rows, from - chunk.firstSeq) - 1, -1]
  return [from === undefined ? 0 : Math.max(0, from + 1 - chunk.firstSeq), chunk.rows]
}

function* inDirection(chunks: readonly Chunk[], order: SearchOptions['order']): Generator<Chunk> {
  if (order === 'oldest') yield* chunks
  else for (let i = chunks.length - 1; i >= 0; i--) yield chunks[i]
}
