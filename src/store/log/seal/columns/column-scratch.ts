/** Buffers that the column writers use again and again: they grow to the longest column seen and stay. */

/** Distinct values that a dictionary may have; the hash table is four times as long. */
export const MAX_DICTIONARY = 2048
/** Columns inside columns (runs of a dictionary of differences …): more than any writer makes. */
export const MAX_DEPTH = 6

export interface ColumnScratch {
  /** Values of the column at a depth, as doubles; what it held before is lost only when it has to grow. */
  level(depth: number, count: number): Float64Array
  /** Low and high part of (value − smallest) of the column that is being written. */
  low: Int32Array
  high: Int32Array
  /** Entry of the dictionary a row. */
  index: Int32Array
  /** First row and hash of a token dictionary's entries. */
  readonly entryRows: Int32Array
  readonly entryHashes: Int32Array
  /** Values and counts of the dictionary's entries. */
  readonly entries: Float64Array
  readonly entryCounts: Int32Array
  /** Open-addressing table: entry + 1, 0 is free. */
  readonly slots: Int32Array
  /** 256 bins for each of eight byte planes. */
  readonly bins: Int32Array
  /** Bits of the planes that the last estimate would store as they are. */
  denseMask: number
  /** Makes `low`, `high` and `index` at least this long. */
  grow(count: number): void
}

const FIRST_ROWS = 4096

export function createColumnScratch(): ColumnScratch {
  const levels: Float64Array[] = []
  return {
    level(depth, count) {
      const known = levels[depth]
      if (known !== undefined && known.length >= count) return known
      return (levels[depth] = new Float64Array(Math.max(FIRST_ROWS, 2 ** Math.ceil(Math.log2(count)))))
    },
    low: new Int32Array(FIRST_ROWS),
    high: new Int32Array(FIRST_ROWS),
    index: new Int32Array(FIRST_ROWS),
    entries: new Float64Array(MAX_DICTIONARY),
    entryRows: new Int32Array(MAX_DICTIONARY),
    entryHashes: new Int32Array(MAX_DICTIONARY),
    entryCounts: new Int32Array(MAX_DICTIONARY),
    slots: new Int32Array(MAX_DICTIONARY * 4),
    bins: new Int32Array(256 * 8),
    denseMask: 0,
    grow(count) {
      if (count <= this.low.length) return
      const rows = 2 ** Math.ceil(Math.log2(count))
      this.low = new Int32Array(rows)
      this.high = new Int32Array(rows)
      this.index = new Int32Array(rows)
    },
  }
}
