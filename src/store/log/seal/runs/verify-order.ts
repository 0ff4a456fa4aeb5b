import type { Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../../segments/format.ts'
import { RUN_ROWS } from './run.ts'

const COMPARED = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')
const WORD_BYTES = 4

/** Place of each row; one serves run after run. */
export const createPlaces = (): Int32Array => new Int32Array(RUN_ROWS)

/**
 * Is `sorted` the run in this order, every row once, every column and every byte? @returns what differs first
 * @param order row of the run at each place @param placeOf is filled
 */
export function findUnsorted(run: Batch, sorted: Batch, { order, rows, placeOf }: Places & { readonly order: Uint16Array }): string | undefined {
  placeOf.fill(-1)
  for (let place = 0; place < rows; place++) placeOf[order[place]!] = place
  for (let row = 0; row < rows; row++) if (placeOf[row]! < 0) return `the place of seq ${run.firstSeq + row}`
  for (const name of COMPARED) {
    const row = firstUnequal(run[name], sorted[name], { placeOf, rows })
    if (row >= 0) return `column ${name} of seq ${run.firstSeq + row}`
  }
  const row = differentFrame(run, sorted, { placeOf, rows })
  return row < 0 ? undefined : `the frame of seq ${run.firstSeq + row}`
}

type Column = Float64Array | Uint32Array | Uint16Array | Uint8Array
interface Places { readonly placeOf: Int32Array; readonly rows: number }

/** One loop for each kind of array: a loop that meets them all is several times slower. */
function firstUnequal(before: Column, after: Column, places: Places): number {
  if (before instanceof Uint16Array) return unequalShort(before, after as Uint16Array, places)
  if (before instanceof Uint32Array) return unequalWord(before, after as Uint32Array, places)
  if (before instanceof Uint8Array) return unequalByte(before, after as Uint8Array, places)
  return unequalDouble(before, after as Float64Array, places)
}
function unequalShort(before: Uint16Array, after: Uint16Array, { placeOf, rows }: Places): number {
  for (let row = 0; row < rows; row++) if (before[row] !== after[placeOf[row]!]) return row
  return -1
}
function unequalWord(before: Uint32Array, after: Uint32Array, { placeOf, rows }: Places): number {
  for (let row = 0; row < rows; row++) if (before[row] !== after[placeOf[row]!]) return row
  return -1
}
function unequalByte(before: Uint8Array, after: Uint8Array, { placeOf, rows }: Places): number {
  for (let row = 0; row < rows; row++) if (before[row] !== after[placeOf[row]!]) return row
  return -1
}
function unequalDouble(before: Float64Array, after: Float64Array, { placeOf, rows }: Places): number {
  for (let row = 0; row < rows; row++) if (!Object.is(before[row], after[placeOf[row]!])) return row
  return -1
}

function differentFrame(run: Batch, sorted: Batch, { placeOf, rows }: Places): number {
  const [was, is] = [viewOf(run.bytes), viewOf(sorted.bytes)]
  const { frameStart, frameLen } = run
  const to = sorted.frameStart
  for (let row = 0; row < rows; row++) if (!isSameFrame(was, is, { from: frameStart[row]!, to: to[placeOf[row]!]!, length: frameLen[row]! })) return row
  return -1
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function isSameFrame(was: DataView, is: DataView, { from, to, length }: { readonly from: number; readonly to: number; readonly length: number }): boolean {
  let i = 0
  for (const last = length - WORD_BYTES; i <= last; i += WORD_BYTES) if (was.getInt32(from + i, true) !== is.getInt32(to + i, true)) return false
  for (; i < length; i++) if (was.getUint8(from + i) !== is.getUint8(to + i)) return false
  return true
}
