import { createBatch, type Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../../segments/format.ts'
import { RUN_BATCH } from './gather-runs.ts'
import type { Tallies } from './run.ts'

/**
 * Copies a run into the order of its blocks, origin by origin, its frames one behind the other. All later work then walks through
 * memory from one end to the other; rows picked out of the run one by one would wait for memory with every row. Reading in
 * order of seq and writing to a place an origin touches few cache lines at a time.
 */
export interface RowSorter {
  /** The rows in the order of the blocks; used again by the next `sort`. */
  readonly sorted: Batch
  /** Row (in order of seq) of each place. */
  readonly order: Uint16Array
  /** @param origin place of each row's origin in `tallies` */
  sort(run: Batch, options: { readonly rows: number; readonly tallies: Tallies; readonly origin: Uint16Array }): void
}

/** Rows are matched four bytes at a time: the last four may begin with the very last byte. */
const SLACK_BYTES = 8
const WORD_BYTES = 4

export function createRowSorter(): RowSorter {
  const sorted = createBatch(RUN_BATCH.rows, RUN_BATCH.bytes + SLACK_BYTES)
  const order = new Uint16Array(RUN_BATCH.rows)
  const placeOf = new Uint16Array(RUN_BATCH.rows)
  const view = viewOf(sorted.bytes)

  return {
    sorted,
    order,
    sort(run, { rows, tallies, origin }) {
      const { frameLen } = run
      const places = startsOf(tallies.counts)
      for (let row = 0; row < rows; row++) {
        const place = places[origin[row]!]!++
        placeOf[row] = place
        order[place] = row
      }
      for (const { name } of STORED_COLUMNS) if (name !== 'frameStart') scatter(run[name], sorted[name], { placeOf, rows })
      let at = 0
      for (let place = 0; place < rows; place++) {
        sorted.frameStart[place] = at
        at += sorted.frameLen[place]!
      }
      copyFrames(run, view, { rows, placeOf, to: sorted.frameStart, lengths: frameLen })
      sorted.rows = rows
      sorted.byteCount = at
      sorted.firstSeq = run.firstSeq
    },
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function startsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length)
  for (let i = 1; i < counts.length; i++) starts[i] = starts[i - 1]! + counts[i - 1]!
  return starts
}

type Column = Float64Array | Uint32Array | Uint16Array | Uint8Array
interface Scatter { readonly placeOf: Uint16Array; readonly rows: number }

/** One loop for each kind of array: a loop that meets them all is several times slower. */
function scatter(from: Column, to: Column, places: Scatter): void {
  if (from instanceof Uint16Array) scatterShorts(from, to as Uint16Array, places)
  else if (from instanceof Uint32Array) scatterWords(from, to as Uint32Array, places)
  else if (from instanceof Uint8Array) scatterBytes(from, to as Uint8Array, places)
  else scatterDoubles(from, to as Float64Array, places)
}
function scatterShorts(from: Uint16Array, to: Uint16Array, { placeOf, rows }: Scatter): void {
  for (let row = 0; row < rows; row++) to[placeOf[row]!] = from[row]!
}
function scatterWords(from: Uint32Array, to: Uint32Array, { placeOf, rows }: Scatter): void {
  for (let row = 0; row < rows; row++) to[placeOf[row]!] = from[row]!
}
function scatterBytes(from: Uint8Array, to: Uint8Array, { placeOf, rows }: Scatter): void {
  for (let row = 0; row < rows; row++) to[placeOf[row]!] = from[row]!
}
function scatterDoubles(from: Float64Array, to: Float64Array, { placeOf, rows }: Scatter): void {
  for (let row = 0; row < rows; row++) to[placeOf[row]!] = from[row]!
}

function copyFrames(run: Batch, to: DataView, { rows, placeOf, to: starts, lengths }: Scatter & { readonly to: Uint32Array; readonly lengths: Uint16Array }): void {
  const from = viewOf(run.bytes)
  const { frameStart } = run
  for (let row = 0; row < rows; row++) copyFrame(from, to, { source: frameStart[row]!, target: starts[placeOf[row]!]!, length: lengths[row]! })
}

function copyFrame(from: DataView, to: DataView, { source, target, length }: { readonly source: number; readonly target: number; readonly length: number }): void {
  const last = length - WORD_BYTES
  let i = 0
  for (; i <= last; i += WORD_BYTES) to.setInt32(target + i, from.getInt32(source + i, true), true)
  for (; i < length; i++) to.setUint8(target + i, from.getUint8(source + i))
}
