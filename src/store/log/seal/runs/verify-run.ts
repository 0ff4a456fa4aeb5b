import type { Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../../segments/format.ts'
import { createBlockReader } from './block-reader.ts'
import { createRunHead } from './run-head.ts'
import { BLOCK_ROWS, type Dictionaries, type EncodedRun } from './run.ts'

/** Where a frame lies is the block's own affair. */
const COMPARED = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')

/** Decodes what will be written and compares it with what came in, every column and every byte. */
export interface RunVerifier {
  /** @returns what differs first; undefined when the run gives everything back */
  findDifference(run: Batch, encoded: EncodedRun, options: { readonly dictionaries: Dictionaries; readonly seqs?: Float64Array | undefined }): string | undefined
}

export function createRunVerifier(): RunVerifier {
  const head = createRunHead()
  const reader = createBlockReader()
  const places = Uint16Array.from({ length: BLOCK_ROWS }, (_, place) => place)

  return {
    findDifference(run, encoded, { dictionaries, seqs }) {
      head.load({ rows: encoded.rows, firstSeq: encoded.firstSeq }, () => encoded)
      let from = 0
      for (const [block, blob] of encoded.blocks.entries()) {
        const rows = encoded.blockRows[block]!
        reader.load({ rows, from, blob }, head, dictionaries)
        reader.fillFacts(places, rows)
        reader.fillFrames(places, rows)
        const rowAt = head.order.subarray(from, from + rows)
        const different = differentColumn(run, reader.batch, rowAt) ?? differentFrame(run, reader.batch, rowAt) ?? differentSeq(seqs, run.firstSeq, { rowAt, found: reader.batch.seqs })
        if (different !== undefined) return different
        from += rows
      }
      return from === encoded.rows ? undefined : `the number of rows, ${from} instead of ${encoded.rows}`
    },
  }
}

function differentColumn(before: Batch, after: Batch, rowAt: Uint16Array): string | undefined {
  for (const name of COMPARED) {
    const place = firstUnequal(before[name], after[name], rowAt)
    if (place >= 0) return `column ${name} of seq ${before.firstSeq + rowAt[place]!}`
  }
  return undefined
}

type Column = Float64Array | Uint32Array | Uint16Array | Uint8Array
/** One loop for each kind of array: a loop that meets them all is several times slower. */
function firstUnequal(before: Column, after: Column, rowAt: Uint16Array): number {
  if (before instanceof Uint16Array) for (let place = 0; place < rowAt.length; place++) { if (before[rowAt[place]!] !== after[place]) return place }
  else if (before instanceof Uint32Array) for (let place = 0; place < rowAt.length; place++) { if (before[rowAt[place]!] !== after[place]) return place }
  else if (before instanceof Uint8Array) for (let place = 0; place < rowAt.length; place++) { if (before[rowAt[place]!] !== after[place]) return place }
  else for (let place = 0; place < rowAt.length; place++) if (!Object.is(before[rowAt[place]!], after[place])) return place
  return -1
}

/** Four bytes at a time: a loop over bytes is three times as slow. */
const WORD_BYTES = 4

function differentFrame(before: Batch, after: Batch, rowAt: Uint16Array): string | undefined {
  const [was, is] = [viewOf(before.bytes), viewOf(after.bytes)]
  const [wasStart, isStart, lengths] = [before.frameStart, after.frameStart, before.frameLen]
  for (let place = 0; place < rowAt.length; place++) {
    const row = rowAt[place]!
    if (!isSameFrame(was, is, { from: wasStart[row]!, to: isStart[place]!, length: lengths[row]! })) return `the frame of seq ${before.firstSeq + row}`
  }
  return undefined
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function isSameFrame(was: DataView, is: DataView, { from, to, length }: { readonly from: number; readonly to: number; readonly length: number }): boolean {
  let i = 0
  for (const last = length - WORD_BYTES; i <= last; i += WORD_BYTES) if (was.getInt32(from + i, true) !== is.getInt32(to + i, true)) return false
  for (; i < length; i++) if (was.getUint8(from + i) !== is.getUint8(to + i)) return false
  return true
}

function differentSeq(seqs: Float64Array | undefined, firstSeq: number, { rowAt, found }: { readonly rowAt: Uint16Array; readonly found: Float64Array }): string | undefined {
  for (let place = 0; place < rowAt.length; place++) {
    const seq = seqs?.[rowAt[place]!] ?? firstSeq + rowAt[place]!
    if (found[place] !== seq) return `the seq of message ${seq}`
  }
  return undefined
}
