import type { Batch } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../../segments/format.ts'
import { createBlockReader, type BlockReader } from './block-reader.ts'
import { PLAIN_COLUMNS } from './plain-rows.ts'
import { createFrameRebuilder, type FrameRebuilder } from './rebuild-frames.ts'
import { createRunHead, type RunHead } from './run-head.ts'
import { BLOCK_ROWS, type Dictionaries, type EncodedRun } from './run.ts'
import { createPlaces, findUnsorted } from './verify-order.ts'

/** Where a frame lies is the block's own affair. */
const COMPARED = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')
const OF_ORIGIN = ['source', 'node', 'session', 'method', 'confidence'] as const

/** Decodes what will be written and compares it with what came in, every column and every byte. */
export interface RunVerifier {
  /** @returns what differs first; undefined when the run gives everything back */
  findDifference(run: Batch, encoded: EncodedRun, options: { readonly dictionaries: Dictionaries; readonly seqs?: Float64Array | undefined }): string | undefined
}

/**
 * The sorted copy that the blocks were made from is compared with the run itself, by the order that the encoded head gives; what is decoded
 * with the sorted copy, and the head with the run. Beside that one row of each shape in each block goes the way of a search.
 */
export function createRunVerifier(): RunVerifier {
  const head = createRunHead()
  const reader = createBlockReader()
  const samples = new Uint16Array(BLOCK_ROWS)
  const sentMs = new Float64Array(BLOCK_ROWS)
  const placeOf = createPlaces()
  let rebuilding: { readonly sorted: Batch; readonly frames: FrameRebuilder } | undefined

  function differentPlace(sorted: Batch, { from, rows }: { readonly from: number; readonly rows: number }, dictionaries: Dictionaries): Place | undefined {
    if (rebuilding?.sorted !== sorted) rebuilding = { sorted, frames: createFrameRebuilder(sorted) }
    const { order, origin, tallies } = head
    const sent = head.sentMs()
    for (let place = 0; place < rows; place++) sentMs[place] = sent[order[from + place]!]!
    const hostOf = (place: number): Uint8Array => dictionaries.origins[tallies.numbers[origin[order[from + place]!]!]!]!.host
    const different = differentOrigin(sorted, head, { from, rows, dictionaries })
    if (different !== undefined) return different
    const frame = rebuilding.frames.findDifference(reader, { from, rows }, { sentMs, hostOf })
    if (frame >= 0) return { what: 'the frame', place: frame }
    for (let place = 0; place < rows; place++) if (reader.batch.pri[place] !== sorted.pri[from + place]) return { what: 'column pri', place }
    const count = takeSamples(reader, samples)
    const plain = differentColumn(sorted, reader, { from, places: samples.subarray(0, reader.shapeRows[0]), columns: PLAIN_COLUMNS })
    if (plain !== undefined) return plain
    const sample = samples.subarray(reader.shapeRows[0], count)
    reader.fillFacts(sample, sample.length)
    reader.fillFrames(sample, sample.length)
    return differentColumn(sorted, reader, { from, places: sample, columns: COMPARED }) ?? differentFrame(sorted, reader, { from, places: sample })
  }

  return {
    findDifference(run, encoded, { dictionaries, seqs }) {
      const { sorted, rows } = encoded
      head.load({ rows, firstSeq: encoded.firstSeq }, () => encoded)
      const different = findUnsorted(run, sorted, { order: head.order, rows, placeOf }) ?? differentHead(run, head, { rows, seqs })
      if (different !== undefined) return different
      let from = 0
      for (const [block, blob] of encoded.blocks.entries()) {
        const count = encoded.blockRows[block]!
        reader.load({ rows: count, from, blob }, head, dictionaries)
        const found = differentPlace(sorted, { from, rows: count }, dictionaries)
        if (found !== undefined) return `${found.what} of seq ${run.firstSeq + head.order[from + found.place]!}`
        from += count
      }
      return from === rows ? undefined : `the number of rows, ${from} instead of ${rows}`
    },
  }
}

interface Place { readonly what: string; readonly place: number }

/** Seqs and times, in order of seq. */
function differentHead(run: Batch, head: RunHead, { rows, seqs }: { readonly rows: number; readonly seqs: Float64Array | undefined }): string | undefined {
  const [receivedMs, sentMs] = [head.receivedMs, head.sentMs()]
  for (let row = 0; row < rows; row++) {
    const seq = seqs === undefined ? run.firstSeq + row : seqs[row]!
    if (head.seqOf(row) !== seq) return `the seq of message ${seq}`
    if (!Object.is(receivedMs[row], run.receivedMs[row])) return `column receivedMs of seq ${seq}`
    if (!Object.is(sentMs[row], run.sentMs[row])) return `column sentMs of seq ${seq}`
  }
  return undefined
}

function differentOrigin(sorted: Batch, { order, origin, tallies }: RunHead, { from, rows, dictionaries }: { readonly from: number; readonly rows: number; readonly dictionaries: Dictionaries }): Place | undefined {
  for (let place = 0; place < rows; ) {
    const number = origin[order[from + place]!]!
    const is = dictionaries.origins[tallies.numbers[number]!]
    const first = place
    while (place < rows && origin[order[from + place]!] === number) place++
    for (const name of OF_ORIGIN) {
      const [column, value] = [sorted[name], is?.[name]]
      for (let i = first; i < place; i++) if (column[from + i] !== value) return { what: `column ${name}`, place: i }
    }
  }
  return undefined
}

/** All places without a shape, then the first place of each shape. @returns how many */
function takeSamples({ shapeAt, rankAt, shapeRows, rows }: BlockReader, samples: Uint16Array): number {
  let plain = 0
  let count = shapeRows[0]!
  for (let place = 0; place < rows; place++) {
    if (shapeAt[place] === 0) samples[plain++] = place
    else if (rankAt[place] === 0) samples[count++] = place
  }
  return count
}

function differentColumn(sorted: Batch, { batch }: BlockReader, { from, places, columns }: { readonly from: number; readonly places: Uint16Array; readonly columns: typeof PLAIN_COLUMNS | typeof COMPARED }): Place | undefined {
  for (const name of columns) for (const place of places) if (!Object.is(sorted[name][from + place], batch[name][place])) return { what: `column ${name}`, place }
  return undefined
}

function differentFrame(sorted: Batch, { batch }: BlockReader, { from, places }: { readonly from: number; readonly places: Uint16Array }): Place | undefined {
  for (const place of places) {
    const [start, is, length] = [sorted.frameStart[from + place]!, batch.frameStart[place]!, batch.frameLen[place]!]
    if (Buffer.compare(sorted.bytes.subarray(start, start + length), batch.bytes.subarray(is, is + length)) !== 0) return { what: 'the frame', place }
  }
  return undefined
}
