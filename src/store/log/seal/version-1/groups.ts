/** Counting sort of a block's rows by group, session by session: stable, so rows of a group stay in order of seq. @returns the row (in order of seq) of each place */
export function orderOf(index: Uint16Array, count: number): Uint16Array {
  const next = new Uint32Array(count + 1)
  for (const group of index) next[group + 1]++
  for (let group = 0; group < count; group++) next[group + 1] += next[group]
  const order = new Uint16Array(index.length)
  for (let row = 0; row < index.length; row++) order[next[index[row]]++] = row
  return order
}
