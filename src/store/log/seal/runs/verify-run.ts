import type { Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../../segments/format.ts'
import { createBlockReader, type BlockReader } from './block-reader.ts'
import { createRunHead } from './run-head.ts'
import { BLOCK_ROWS, type Dictionaries, type EncodedRun } from './run.ts'
import { findUnsorted } from './verify-order.ts'

/** Where a frame lies is the block's own affair. */
const COMPARED = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')

/** Decodes what will be written and compares it with what came in, every column and every byte. */
export interface RunVerifier {
  /** @returns what differs first; undefined when the run gives everything back */
  findDifference(run: Batch, encoded: EncodedRun, options: { readonly dictionaries: Dictionaries; readonly seqs?: Float64Array | undefined }): string | undefined
}

/**
 * Blocks are compared with the sorted copy that they were made from, whole stretches of memory at once; the copy with the run itself, by
 * the order that the encoded head gives.
 */
export function createRunVerifier(): RunVerifier {
  const head = createRunHead()
  const reader = createBlockReader()
  const places = Uint16Array.from({ length: BLOCK_ROWS }, (_, place) => place)

  return {
    findDifference(run, encoded, { dictionaries, seqs }) {
      const { sorted } = encoded
      head.load({ rows: encoded.rows, firstSeq: encoded.firstSeq }, () => encoded)
      const unsorted = findUnsorted(run, sorted, { order: head.order, rows: encoded.rows })
      if (unsorted !== undefined) return unsorted
      let from = 0
      for (const [block, blob] of encoded.blocks.entries()) {
        const rows = encoded.blockRows[block]!
        reader.load({ rows, from, blob }, head, dictionaries)
        reader.fillFacts(places, rows)
        reader.fillFrames(places, rows)
        const place = differentRow(sorted, reader, { from, rows })
        if (place !== undefined) return `${place.what} of seq ${run.firstSeq + head.order[from + place.place]!}`
        const rowAt = head.order.subarray(from, from + rows)
        const different = differentSeq(seqs, run.firstSeq, { rowAt, found: reader.batch.seqs })
        if (different !== undefined) return different
        from += rows
      }
      return from === encoded.rows ? undefined : `the number of rows, ${from} instead of ${encoded.rows}`
    },
  }
}

interface Place { readonly what: string; readonly place: number }

/** Rows `from …` of `sorted` and the rows of a block. */
function differentRow(sorted: Batch, { batch }: BlockReader, { from, rows }: { readonly from: number; readonly rows: number }): Place | undefined {
  for (const name of COMPARED) {
    const [before, after] = [sorted[name], batch[name]]
    const size = before.BYTES_PER_ELEMENT
    const [was, is] = [bytesOf(before, from * size, rows * size), bytesOf(after, 0, rows * size)]
    // numbers that are none have many forms
    if (was.equals(is)) continue
    for (let place = 0; place < rows; place++) if (!Object.is(before[from + place], after[place])) return { what: `column ${name}`, place }
  }
  return differentFrame(sorted, batch, { from, rows })
}

const bytesOf = ({ buffer, byteOffset }: NodeJS.TypedArray, from: number, length: number): Buffer => Buffer.from(buffer, byteOffset + from, length)

/** Frames that lie behind each other on both sides are compared as one; their lengths are known to be equal. */
function differentFrame(sorted: Batch, after: Batch, { from, rows }: { readonly from: number; readonly rows: number }): Place | undefined {
  const [was, is] = [bytesOf(sorted.bytes, 0, sorted.byteCount), bytesOf(after.bytes, 0, after.byteCount)]
  const { frameStart, frameLen } = after
  for (let place = 0; place < rows; ) {
    const first = place
    let end = frameStart[first]!
    while (place < rows && frameStart[place] === end) end += frameLen[place++]!
    if (place === first) return { what: 'the frame', place }
    const [start, length] = [sorted.frameStart[from + first]!, end - frameStart[first]!]
    if (end > after.byteCount || was.compare(is, frameStart[first], end, start, start + length) !== 0) return { what: 'one of the frames', place: first }
  }
  return undefined
}

function differentSeq(seqs: Float64Array | undefined, firstSeq: number, { rowAt, found }: { readonly rowAt: Uint16Array; readonly found: Float64Array }): string | undefined {
  for (let place = 0; place < rowAt.length; place++) {
    const row = rowAt[place]!
    const seq = seqs === undefined ? firstSeq + row : seqs[row]!
    if (found[place] !== seq) return `the seq of message ${seq}`
  }
  return undefined
}
