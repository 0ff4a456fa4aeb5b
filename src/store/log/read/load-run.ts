import { COLUMNS, createBatch, type Batch, type Columns } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../segments/format.ts'
import { createBlockReader, type BlockReader } from '../seal/runs/block-reader.ts'
import { createRunHead, type RunHead } from '../seal/runs/run-head.ts'
import { BLOCK_ROWS } from '../seal/runs/run.ts'
import type { RunChunk } from './run-files.ts'

/** The memory in which one thread decodes runs: one head and one block at a time. */
export interface RunDecoder {
  readonly head: RunHead
  readonly block: BlockReader
  /** Loads the head of a run; throws RangeError on damage. */
  loadHead(chunk: RunChunk): void
  /** Loads a block of the run whose head is loaded. @param from place of its first row in the run */
  loadBlock(chunk: RunChunk, block: number, from: number): void
}

export function createRunDecoder(): RunDecoder {
  const head = createRunHead()
  const block = createBlockReader()
  return {
    head,
    block,
    loadHead: (chunk) => head.load(chunk, () => ({ origins: chunk.file.file.originsOf(chunk.id), head: chunk.file.file.headOf(chunk.id) })),
    loadBlock: (chunk, number, from) => block.load({ rows: chunk.blockRows[number]!, from, blob: chunk.file.file.blockOf(chunk.id, number) }, head, chunk.file.dictionaries()),
  }
}

const ALL_PLACES = Uint16Array.from({ length: BLOCK_ROWS }, (_, place) => place)
const COPIED = STORED_COLUMNS.map(({ name }) => name).filter((name) => name !== 'frameStart')

/** The whole run as one batch of its own memory, rows in order of seq; with `seqs` when they do not follow each other. Throws when it is damaged. */
export function loadRun(chunk: RunChunk, { head, block, loadHead, loadBlock }: RunDecoder): Batch {
  loadHead(chunk)
  const { rows, firstSeq, lastSeq } = chunk
  const hasGaps = lastSeq - firstSeq + 1 !== rows
  const seqs = hasGaps ? new Float64Array(rows) : undefined
  const batch: Batch = { ...createBatch(Math.max(8, (rows + 7) & ~7), chunk.rawBytes), ...(seqs === undefined ? {} : { seqs }) }
  let from = 0
  for (const [number, blockRows] of chunk.blockRows.entries()) {
    loadBlock(chunk, number, from)
    block.fillFacts(ALL_PLACES, blockRows)
    block.fillFrames(ALL_PLACES, blockRows)
    const rowAt = head.order.subarray(from, from + blockRows)
    for (const name of COPIED) copyColumn(block.batch[name], batch[name], rowAt)
    copyFrames(block.batch, batch, rowAt)
    if (seqs !== undefined) copyColumn(block.batch.seqs, seqs, rowAt)
    from += blockRows
  }
  batch.rows = rows
  batch.firstSeq = firstSeq
  return batch
}

type Column = Float64Array | Uint32Array | Uint16Array | Uint8Array
/** One loop for each kind of array: a loop that meets them all is several times slower. */
function copyColumn(from: Column, to: Column, rowAt: Uint16Array): void {
  if (from instanceof Uint16Array) for (let place = 0; place < rowAt.length; place++) to[rowAt[place]!] = from[place]!
  else if (from instanceof Uint32Array) for (let place = 0; place < rowAt.length; place++) to[rowAt[place]!] = from[place]!
  else for (let place = 0; place < rowAt.length; place++) to[rowAt[place]!] = from[place]!
}

function copyFrames(from: Batch, to: Batch, rowAt: Uint16Array): void {
  to.bytes.set(from.bytes.subarray(0, from.byteCount), to.byteCount)
  for (let place = 0; place < rowAt.length; place++) to.frameStart[rowAt[place]!] = from.frameStart[place]! + to.byteCount
  to.byteCount += from.byteCount
}

/** The rows from the first after `afterSeq` on that follow each other, as a batch whose row `r` has seq `firstSeq + r`. */
export function withoutGaps(batch: Batch, afterSeq: number): Batch {
  const { seqs } = batch
  if (seqs === undefined) return batch
  const from = Math.max(0, seqs.findIndex((seq) => seq > afterSeq))
  let to = from + 1
  while (to < batch.rows && seqs[to] === seqs[to - 1]! + 1) to++
  const columns = Object.fromEntries(COLUMNS.map(({ name }) => [name, batch[name].subarray(from, to)])) as unknown as Columns
  return { ...batch, ...columns, rows: to - from, firstSeq: seqs[from]!, seqs: undefined }
}
