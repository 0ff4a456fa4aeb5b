import type { Batch } from '#domain/batch.ts'

/**
 * Offsets inside a frame as distances from the end of the field before (nearly always 1), so that they pack to nothing.
 * Absent fields (length 0) keep their offset as it is. All arithmetic is modulo 2^16 and so always exact.
 */
const FIELDS = [
  ['hostOff', 'hostLen'],
  ['appOff', 'appLen'],
  ['procOff', 'procLen'],
  ['msgidOff', 'msgidLen'],
  ['sdOff', 'sdLen'],
  ['textOff', 'textLen'],
] as const
type Offsets = Pick<Batch, (typeof FIELDS)[number][0]>
type Lengths = Pick<Batch, (typeof FIELDS)[number][1] | 'frameLen'>

/** Rewrites the offsets and `frameLen` of rows `0 … rows` in place. */
export function offsetsToDistances(columns: Offsets & Lengths, rows: number): void {
  for (let row = 0; row < rows; row++) {
    let end = 0
    for (const [offset, length] of FIELDS) {
      const start = columns[offset][row]
      if (columns[length][row] === 0) continue
      columns[offset][row] = start - end
      end = start + columns[length][row]
    }
    columns.frameLen[row] -= end
  }
}

/** The inverse of `offsetsToDistances`. */
export function distancesToOffsets(columns: Offsets & Lengths, rows: number): void {
  for (let row = 0; row < rows; row++) {
    let end = 0
    for (const [offset, length] of FIELDS) {
      if (columns[length][row] === 0) continue
      const start = (columns[offset][row] + end) & 0xffff
      columns[offset][row] = start
      end = start + columns[length][row]
    }
    columns.frameLen[row] += end
  }
}
