import type { Batch } from '#domain/batch.ts'
import { shapeKey, type Shape } from '../shapes/shape.ts'
import type { ShapeBook } from '../shapes/shape-book.ts'

/**
 * So many rows of a kind must be met in a run before it gets a shape: one that is hardly met again would cost more than it
 * saves. In a full run it must come in most of its blocks, since each has columns for each of its shapes.
 */
const ROWS_TO_LEARN = { least: 4, most: 32, oneIn: 1024 } as const
/** Kinds without a shape that are counted in a run; more are kept as they are. */
const MAX_UNKNOWN = 8192

/** Makes shapes of the rows that pay. */
export interface ShapeLearner {
  readonly book: ShapeBook
  /** Looks at all rows of a run, before any of them is asked for. */
  survey(batch: Batch, rows: number): void
  /** Takes note of a row that fits no shape. @returns the shape that was made of it */
  meet(batch: Batch, row: number): Shape | undefined
}

export function createShapeLearner(book: ShapeBook): ShapeLearner {
  const unknown = new Map<number, number>()
  let rowsToLearn: number = ROWS_TO_LEARN.least

  const meet = (batch: Batch, row: number): Shape | undefined => {
    const key = shapeKey(batch, row)
    const seen = unknown.get(key) ?? 0
    if (seen === 0 && unknown.size >= MAX_UNKNOWN) return undefined
    unknown.set(key, seen + 1)
    // again after as many more: the same words may come with other delimiters; what can never be a shape is not tried often
    const isDue = seen + 1 >= rowsToLearn && ((seen + 1) & seen) === 0
    return isDue ? book.learn(batch, row) : undefined
  }

  return {
    book,
    survey(batch, rows) {
      unknown.clear()
      rowsToLearn = Math.max(ROWS_TO_LEARN.least, Math.min(ROWS_TO_LEARN.most, rows / ROWS_TO_LEARN.oneIn))
      for (let row = 0; row < rows; row++) if (book.firstOf(batch, row) < 0) meet(batch, row)
      unknown.clear()
    },
    meet,
  }
}
