import { seqOf, type Batch } from '#domain/batch.ts'
import type { CountAnswer, CountOptions, IncompleteReason } from '../../port.ts'
import type { ResolvedQuery } from '../../query.ts'
import { chunkName } from './chunk.ts'
import { partReader, type PartReader } from './count-keys.ts'
import { createVerdicts } from './file-verdicts.ts'
import { compileMatcher, type RowMatcher } from './matcher.ts'
import { compilePlan } from './plan.ts'
import type { RunQuestion } from './run-question.ts'
import { createRunCounter } from './run-count.ts'
import type { RunChunk } from './run-files.ts'
import type { SearchGround } from './search.ts'
import { compileSkip } from './skip.ts'
import { createTally, type Tally } from './tally.ts'

/** Rows between two looks at the clock. */
const ROWS_PER_CHECK = 2048

/** Counts chunk by chunk, the newest first, so that what a deadline leaves out is the oldest. */
export function countRows(query: ResolvedQuery, options: CountOptions, ground: SearchGround): CountAnswer {
  const tally = createTally(options.by)
  const mayHold = compileSkip(query)
  const totalRows = ground.chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
  let passedRows = 0
  let scannedRows = 0
  let reason: IncompleteReason | undefined

  const mustStop = (rowsOfChunk: number): boolean => {
    options.onProgress?.({ doneRows: passedRows + rowsOfChunk, totalRows })
    if (options.isCancelled?.() === true) reason = 'cancelled'
    else if (ground.clock() >= options.deadlineAtMs) reason = 'deadline'
    else return false
    return true
  }
  const count = createRowCounter({ query, by: options.by, tally, mustStop })
  const countRun = createRunCounter({ by: options.by, tally, candidates: ground.candidates })
  const plan = compilePlan(query)
  const verdictsOf = createVerdicts(plan)
  const questionOf = (chunk: RunChunk): RunQuestion => ({
    plan, verdicts: verdictsOf(chunk.file), decoder: ground.decoder, afterSeq: -Infinity, beforeSeq: Infinity,
    onDamage(block, error) {
      ground.report(`${chunkName(chunk)}, block ${block}: ${error instanceof Error ? error.message : String(error)}`)
      reason ??= 'damaged'
    },
  })

  for (const chunk of ground.chunks.toReversed()) {
    if (mustStop(0)) break
    try {
      if (mayHold(chunk)) {
        const { scanned, isStopped } = chunk.kind === 'run' ? countRun(chunk, questionOf(chunk), mustStop) : count(ground.load(chunk))
        scannedRows += scanned
        if (isStopped) break
      }
    } catch (error) {
      ground.report(`${chunkName(chunk)}: ${error instanceof Error ? error.message : String(error)}`)
      reason ??= 'damaged'
    }
    passedRows += chunk.rows
  }
  return { ...tally.answer(options.limit), complete: reason === undefined, ...(reason === undefined ? {} : { reason }), scannedRows }
}

export interface RowCounterOptions extends Pick<CountOptions, 'by'> {
  readonly query: ResolvedQuery
  readonly tally: Tally
  /** Asked every few thousand rows, with the rows of this chunk that were looked at. */
  mustStop(rowsOfChunk: number): boolean
}
/** Adds the matching rows of a loaded chunk to the tally. */
export type RowCounter = (batch: Batch) => { readonly scanned: number; readonly isStopped: boolean }

/** The counter that looks at every row: right for any chunk and any query. */
export function createRowCounter({ query, by, tally, mustStop }: RowCounterOptions): RowCounter {
  const match = compileMatcher(query)
  const first = by[0] === undefined ? NO_KEY : partReader(by[0], 0, tally)
  const second = by[1] === undefined ? NO_KEY : partReader(by[1], 1, tally)
  return (batch) => {
    for (let from = 0; from < batch.rows; from += ROWS_PER_CHECK) {
      if (from > 0 && mustStop(from)) return { scanned: from, isStopped: true }
      countSpan({ batch, match, first, second, tally }, from, Math.min(batch.rows, from + ROWS_PER_CHECK))
    }
    return { scanned: batch.rows, isStopped: false }
  }
}

const NO_KEY: PartReader = () => 0

interface Span { readonly batch: Batch; readonly match: RowMatcher; readonly first: PartReader; readonly second: PartReader; readonly tally: Tally }

/** Rows of one group that follow each other are added at once. */
function countSpan({ batch, match, first, second, tally }: Span, from: number, to: number): void {
  let [groupFirst, groupSecond, count, newestRow] = [0, 0, 0, 0]
  for (let row = from; row < to; row++) {
    if (!match(batch, row)) continue
    const [partFirst, partSecond] = [first(batch, row), second(batch, row)]
    if (count > 0 && (partFirst !== groupFirst || partSecond !== groupSecond)) {
      tally.add(groupFirst, groupSecond, count, seqOf(batch, newestRow))
      count = 0
    }
    groupFirst = partFirst
    groupSecond = partSecond
    newestRow = row
    count++
  }
  if (count > 0) tally.add(groupFirst, groupSecond, count, seqOf(batch, newestRow))
}

