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
  const ends = new Uint32Array(rows)
  for (const [offset, length] of FIELDS) subtractEnds(columns[offset], columns[length], ends)
  for (let row = 0; row < rows; row++) columns.frameLen[row] -= ends[row]
}

/** The inverse of `offsetsToDistances`. */
export function distancesToOffsets(columns: Offsets & Lengths, rows: number): void {
  const ends = new Uint32Array(rows)
  for (const [offset, length] of FIELDS) addEnds(columns[offset], columns[length], ends)
  for (let row = 0; row < rows; row++) columns.frameLen[row] += ends[row]
}

/** A field at a time over all rows, so that each loop touches three arrays of one kind. */
function subtractEnds(offsets: Uint16Array, lengths: Uint16Array, ends: Uint32Array): void {
  for (let row = 0; row < ends.length; row++) {
    if (lengths[row] === 0) continue
    const start = offsets[row]
    offsets[row] = start - ends[row]
    ends[row] = start + lengths[row]
  }
}

function addEnds(offsets: Uint16Array, lengths: Uint16Array, ends: Uint32Array): void {
  for (let row = 0; row < ends.length; row++) {
    if (lengths[row] === 0) continue
    const start = (offsets[row] + ends[row]) & 0xffff
    offsets[row] = start
    ends[row] = start + lengths[row]
  }
}
