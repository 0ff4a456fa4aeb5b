import type { Batch } from '#domain/batch.ts'
import type { RowSpans } from '../shapes/match-row.ts'
import { shapeKey, type Shape } from '../shapes/shape.ts'
import type { ShapeBook } from '../shapes/shape-book.ts'

/** So many rows of a kind must be met in a run before it gets a shape: one that is never met again would cost more than it saves. */
const ROWS_TO_LEARN = 4
/** Kinds without a shape that are counted in a run; more are kept as they are. */
const MAX_UNKNOWN = 8192

/** Finds the shapes of rows and makes those that pay. */
export interface ShapeLearner {
  /** Looks at all rows of a run, before any of them is asked for. */
  survey(batch: Batch, rows: number): void
  shapeOf(batch: Batch, row: number, spans: RowSpans): Shape | undefined
}

export function createShapeLearner(book: ShapeBook): ShapeLearner {
  const unknown = new Map<number, number>()

  /** @returns whether a shape was made of the row */
  const count = (batch: Batch, row: number): boolean => {
    const key = shapeKey(batch, row)
    const seen = unknown.get(key) ?? 0
    if (seen === 0 && unknown.size >= MAX_UNKNOWN) return false
    unknown.set(key, seen + 1)
    // once: what cannot become a shape is not tried again in this run
    return seen + 1 === ROWS_TO_LEARN && book.learn(batch, row)
  }

  return {
    survey(batch, rows) {
      unknown.clear()
      for (let row = 0; row < rows; row++) if (!book.knows(batch, row)) count(batch, row)
      unknown.clear()
    },
    shapeOf(batch, row, spans) {
      const found = book.find(batch, row, spans)
      if (found !== undefined) return found
      return count(batch, row) ? book.find(batch, row, spans) : undefined
    },
  }
}
