import type { Batch } from '#domain/batch.ts'
import { PARSE_FAULTS } from '#domain/message.ts'
import type { WriterCounters } from '../counters.ts'
import type { Losses } from '../losses.ts'
import type { Sources } from '../sources.ts'
import { DOUBLED_BY, type DoubledBy } from './doubled-by.ts'

/** The bit of `faults` that the log writer sets on a message that came before. */
export const DOUBLED = 1 << PARSE_FAULTS.indexOf('doubled')

/** Marks the rows of the batch in hand that came before, and counts them once they are on disk. */
export interface DoubledMarks {
  mark(batch: Batch, row: number, by: DoubledBy): void
  /** The batch is on disk. */
  settle(): void
  /** The disk refused it. */
  forget(): void
  /** Counts the marked rows of a batch that was committed before a crash. */
  recount(batch: Batch, fromRow: number): void
}

interface Tally { readonly sourceId: number; readonly sessionId: number; count: number; readonly firstMs: number; lastMs: number }
interface Options { readonly losses: Losses; readonly sources: Pick<Sources, 'byId'>; readonly counters: Pick<WriterCounters, 'add'> }

export function createDoubledMarks({ losses, sources, counters }: Options): DoubledMarks {
  const tallies = new Map<string, Tally>() // no more than the rows of a batch
  const by: Record<DoubledBy, number> = { number: 0, relp: 0 }
  const count = (batch: Batch, row: number): void => {
    const sourceId = batch.source[row]!
    const sessionId = batch.session[row]!
    const key = `${sourceId} ${sessionId}`
    const atMs = batch.receivedMs[row]!
    const tally = tallies.get(key) ?? { sourceId, sessionId, count: 0, firstMs: atMs, lastMs: atMs }
    tally.count++
    tally.lastMs = Math.max(tally.lastMs, atMs)
    tallies.set(key, tally)
  }
  const forget = (): void => {
    tallies.clear()
    for (const word of DOUBLED_BY) by[word] = 0
  }
  const settle = (): void => {
    for (const tally of tallies.values()) losses.add({ ...tally, listener: sources.byId(tally.sourceId)?.listener ?? '', reason: 'doubled' })
    for (const word of DOUBLED_BY) if (by[word] > 0) counters.add(`doubled:${word}`, by[word])
    forget()
  }
  return {
    mark(batch, row, word) {
      batch.faults[row]! |= DOUBLED
      by[word]++
      count(batch, row)
    },
    settle,
    forget,
    recount(batch, fromRow) {
      for (let row = fromRow; row < batch.rows; row++) if ((batch.faults[row]! & DOUBLED) !== 0) count(batch, row)
      settle()
    },
  }
}
