import type { Batch } from '#domain/batch.ts'
import { MAX_SHAPES } from '../shapes/shape-book.ts'
import { createRowMatcher, type MatchedRows } from '../shapes/match-rows.ts'
import { shapeKey, type Shape } from '../shapes/shape.ts'
import { BLOCK_ROWS } from './run.ts'
import type { ShapeLearner } from './shape-learner.ts'

/** Columns of fewer rows cost more time and room than the rows themselves, in a block of thousands of rows. */
const FEWEST_ROWS = 4

/** Rows of one shape, `rows[0 … count)`, ascending; their variables column by column. Valid until the next group. */
export interface ShapeGroup { readonly shape: Shape; readonly rows: Uint16Array; readonly count: number; readonly matched: MatchedRows }

/** Parts the rows of a block by shape. */
export interface ShapeGrouper {
  /** Rows `from … to`; `take` gets each shape once. @returns the rows without a shape, ascending, in `plain` */
  group(learner: ShapeLearner, rows: { readonly from: number; readonly to: number }, take: (group: ShapeGroup) => void): { readonly plain: Uint16Array; readonly count: number }
}

export function createShapeGrouper(batch: Batch): ShapeGrouper {
  const matcher = createRowMatcher(batch, BLOCK_ROWS)
  /** By place of a shape in the book, 1 more for none: rows that may fit it before any other of its key. */
  const counts = new Uint32Array(MAX_SHAPES + 1)
  const starts = new Uint32Array(MAX_SHAPES + 1)
  const first = new Uint16Array(BLOCK_ROWS)
  const grouped = new Uint16Array(BLOCK_ROWS)
  const left = new Uint16Array(BLOCK_ROWS)
  const same = new Uint16Array(BLOCK_ROWS)

  /** @returns the places that have rows; -1 is none */
  function sortByFirst({ book }: ShapeLearner, { from, to }: { readonly from: number; readonly to: number }): number[] {
    const met: number[] = []
    for (let row = from; row < to; row++) {
      const place = book.firstOf(batch, row)
      first[row - from] = place + 1
      if (counts[place + 1]!++ === 0) met.push(place)
    }
    let at = 0
    for (const place of met) {
      starts[place + 1] = at
      at += counts[place + 1]!
    }
    for (let row = from; row < to; row++) grouped[starts[first[row - from]!]!++] = row
    return met
  }

  return {
    group(learner, range, take) {
      const { book } = learner
      const fewest = Math.max(1, Math.min(FEWEST_ROWS, (range.to - range.from) >>> 10))
      let plain = 0
      const offer = (shape: Shape, rows: Uint16Array): Uint16Array => {
        const count = rows.length < fewest ? 0 : matcher.match(shape, rows, rows.length)
        if (count > 0) take({ shape, rows, count, matched: matcher.matched })
        return rows.subarray(count)
      }
      for (const met of sortByFirst(learner, range)) {
        const end = starts[met + 1]!
        let rows: Uint16Array = grouped.subarray(end - counts[met + 1]!, end)
        counts[met + 1] = 0
        for (let place = met; place >= 0; place = book.nextOf(place)) rows = offer(book.shapes[place]!, rows)
        left.set(rows, plain)
        plain += rows.length
      }
      left.subarray(0, plain).sort()
      for (let i = 0; i < plain; ) {
        const shape = learner.meet(batch, left[i]!)
        const before = plain
        if (shape !== undefined) plain = i + offerRest(shape, i, plain)
        if (plain === before) i++
      }
      return { plain: left, count: plain }

      /** Rows from number `from` on that have the key of the first; those that do not fit move up. @returns how many are left */
      function offerRest(shape: Shape, from: number, to: number): number {
        const key = shapeKey(batch, left[from]!)
        let alike = 0
        for (let i = from; i < to; i++) if (shapeKey(batch, left[i]!) === key) same[alike++] = left[i]!
        const fit = alike - offer(shape, same.subarray(0, alike)).length
        let [kept, taken] = [from, 0]
        for (let i = from; i < to; i++) {
          if (taken < fit && left[i] === same[taken]) taken++
          else left[kept++] = left[i]!
        }
        return kept - from
      }
    },
  }
}
