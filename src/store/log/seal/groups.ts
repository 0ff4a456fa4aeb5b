import type { Batch } from '#domain/batch.ts'

/** The order in which a block keeps its rows: session by session, inside a session by seq. */
export interface Groups {
  readonly count: number
  /** Group of each row, rows in seq order: what is stored; the order follows from it. */
  readonly index: Uint16Array
  /** `order[k]` is the row (in seq order) that is kept at place `k`. */
  readonly order: Uint16Array
}

const TWO_32 = 2 ** 32

/** Rows without a session are kept with those of their node, without a node with those of their source. */
const keyOf = (batch: Batch, row: number): number => {
  if (batch.session[row] !== 0) return batch.session[row]
  return batch.node[row] === 0 ? 2 * TWO_32 + batch.source[row] : TWO_32 + batch.node[row]
}

export function groupRows(batch: Batch): Groups {
  const { rows } = batch
  const seen = new Map<number, number>()
  const index = new Uint16Array(rows)
  for (let row = 0; row < rows; row++) {
    const key = keyOf(batch, row)
    let place = seen.get(key)
    if (place === undefined) seen.set(key, (place = seen.size))
    index[row] = place
  }
  const sorted = [...seen].sort((a, b) => a[0] - b[0])
  const places = new Uint16Array(sorted.length)
  for (const [place, [, first]] of sorted.entries()) places[first] = place
  for (let row = 0; row < rows; row++) index[row] = places[index[row]]
  return { count: sorted.length, index, order: orderOf(index, sorted.length) }
}

/** Counting sort: stable, so rows of a group stay in seq order. */
export function orderOf(index: Uint16Array, count: number): Uint16Array {
  const next = new Uint32Array(count + 1)
  for (const group of index) next[group + 1]++
  for (let group = 0; group < count; group++) next[group + 1] += next[group]
  const order = new Uint16Array(index.length)
  for (let row = 0; row < index.length; row++) order[next[index[row]]++] = row
  return order
}
