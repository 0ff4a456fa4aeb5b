import type { Batch } from '#domain/batch.ts'

/**
 * Offsets inside a frame are kept as distances from the end of the field before. Absent fields (length 0) keep their offset as it is. All arithmetic is modulo 2^16 and so always exact.
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

/** Rewrites the distances and `frameLen` (kept as the distance from the end of the last field) of rows `0 … rows` in place. */
export function distancesToOffsets(columns: Offsets & Lengths, rows: number): void {
  const ends = new Uint32Array(rows)
  for (const [offset, length] of FIELDS) addEnds(columns[offset], columns[length], ends)
  for (let row = 0; row < rows; row++) columns.frameLen[row] += ends[row]
}

/** A field at a time over all rows, so that each loop touches three arrays of one kind. */
function addEnds(offsets: Uint16Array, lengths: Uint16Array, ends: Uint32Array): void {
  for (let row = 0; row < ends.length; row++) {
    if (lengths[row] === 0) continue
    const start = (offsets[row] + ends[row]) & 0xffff
    offsets[row] = start
    ends[row] = start + lengths[row]
  }
}
