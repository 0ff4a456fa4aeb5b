import type { Batch } from '#domain/batch.ts'
import { createSequenceRecords, type HubDatabase } from '#store/index.ts'
import { createDoubledMarks } from './doubled/doubled-marks.ts'
import { createRelpRows } from './doubled/relp-rows.ts'
import type { Parts } from './lifecycle.ts'
import type { Losses } from './losses.ts'
import { createSequences } from './sequences/sequences.ts'
import type { Sources } from './sources.ts'
import type { Touched } from './tagger.ts'

/** Rows stored before the last flush that `recount` wants as well: what a RELP sender sends again is compared with them. */
export const LOOK_BACK_ROWS = 8192

/** Whether what senders sent did arrive, and once: gaps in their numbers, and messages that come again. */
export interface Arrivals {
  /** Looks at a batch that is tagged and not on disk yet: marks what came before, and takes `HINT.opening` out of the rows. */
  observe(batch: Batch, about: { readonly touched: Touched; readonly epoch: number }): void
  /** The batch is on disk; `touched` is not counted yet. */
  settle(batch: Batch, touched: Touched): void
  /** The disk refused it. */
  forget(): void
  /** Rows committed before a crash, oldest first: those up to `countedSeq` are in the counters. */
  recount(batch: Batch, from: { readonly row: number; readonly countedSeq: number }): void
  tick(nowMs: number): void
  write(): void
  written(): void
}

interface Options { readonly db: HubDatabase; readonly parts: Parts; readonly sources: Sources; readonly losses: Losses; readonly nowMs: number }

export function createArrivals({ db, parts, sources, losses, nowMs }: Options): Arrivals {
  const { book, directory, counters } = parts
  const marks = createDoubledMarks({ losses, sources, counters })
  const relp = createRelpRows({ marks, sources })
  const sequences = createSequences({
    records: createSequenceRecords(db), losses, marks, sources, sessionOf: (id) => (id === 0 ? undefined : book.byId(id, directory.byId)), touch: book.touch, nowMs,
  })
  return {
    observe(batch, { touched: { hints }, epoch }) {
      relp.mark(batch, hints)
      sequences.observe(batch, { hints, epoch })
    },
    settle(batch, { sources: senders }) {
      relp.settle(batch, senders)
      sequences.settle()
      marks.settle()
    },
    forget() {
      relp.forget()
      sequences.forget()
      marks.forget()
    },
    recount(batch, { row, countedSeq }) {
      relp.remember(batch, row)
      const fromRow = Math.max(row, countedSeq + 1 - batch.firstSeq)
      marks.recount(batch, fromRow)
      sequences.recount(batch, fromRow)
    },
    tick: sequences.tick,
    write: sequences.write,
    written: sequences.written,
  }
}
