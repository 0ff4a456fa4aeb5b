import { COLUMNS, createBatch, type Batch, type Columns } from '#domain/batch.ts'
import { STORED_COLUMNS } from '../segments/format.ts'
import { createBlockReader, type BlockReader } from '../seal/runs/block-reader.ts'
import { createRunHead, type RunHead } from '../seal/runs/run-head.ts'
import type { ColumnSource } from '../seal/columns/index.ts'
import { BLOCK_ROWS, type Tallies } from '../seal/runs/run.ts'
import { unpackStreams } from '../seal/runs/streams.ts'
import { decodeTallies } from '../seal/runs/tallies.ts'
import type { RunChunk } from './run-files.ts'

/** The memory in which one thread decodes runs: one head and one block at a time, and what was unpacked of a few blocks. */
export interface RunDecoder {
  readonly head: RunHead
  readonly block: BlockReader
  /** How many rows of each origin, and of each shape, a run has. Throws RangeError on damage, as all here. */
  originsOf(chunk: RunChunk): Tallies
  shapesOf(chunk: RunChunk): Tallies
  tokensOf(chunk: RunChunk): Buffer
  loadHead(chunk: RunChunk): void
  /** Loads a block; its facts and frames need the head of the same run. @param from place of its first row in the run */
  loadBlock(chunk: RunChunk, block: number, from: number): void
}

/** Unpacked blocks that are kept, of the run that is searched: those with answers are wanted a second time. */
const KEPT_BLOCKS = 16
const KEPT_BYTES = 4 * 1024 * 1024

export function createRunDecoder(): RunDecoder {
  const head = createRunHead()
  const block = createBlockReader()
  const kept = new Map<number, ColumnSource>()
  let keptBytes = 0
  let keptOf: RunChunk | undefined
  let loaded: { readonly chunk: RunChunk; readonly number: number } | undefined
  let origins: { readonly chunk: RunChunk; readonly list: Tallies } | undefined
  let shapes: { readonly chunk: RunChunk; readonly list: Tallies } | undefined

  const forget = (): void => {
    kept.clear()
    keptBytes = 0
  }

  const unpacked = (chunk: RunChunk, number: number): ColumnSource => {
    if (keptOf !== chunk) forget()
    keptOf = chunk
    const known = kept.get(number)
    if (known !== undefined) return known
    const source = unpackStreams(chunk.file.file.blockOf(chunk.id, number))
    keptBytes += source.soft.bytes.length + source.dense.bytes.length
    if (kept.size >= KEPT_BLOCKS || keptBytes > KEPT_BYTES) forget()
    kept.set(number, source)
    return source
  }

  return {
    head,
    block,
    originsOf(chunk) {
      if (origins?.chunk !== chunk) origins = { chunk, list: decodeTallies(chunk.file.file.originsOf(chunk.id)) }
      return origins.list
    },
    shapesOf(chunk) {
      if (shapes?.chunk !== chunk) shapes = { chunk, list: decodeTallies(chunk.file.file.shapesOf(chunk.id)) }
      return shapes.list
    },
    tokensOf: (chunk) => chunk.file.file.tokensOf(chunk.id),
    loadHead: (chunk) => head.load(chunk, () => ({ origins: chunk.file.file.originsOf(chunk.id), head: chunk.file.file.headOf(chunk.id) })),
    loadBlock(chunk, number, from) {
      if (loaded?.chunk === chunk && loaded.number === number) return
      loaded = undefined
      block.load({ rows: chunk.blockRows[number]!, from, source: unpacked(chunk, number) }, head, chunk.file.dictionaries())
      loaded = { chunk, number }
    },
  }
}

/** Every place of a block. */
export const ALL_PLACES: Readonly<Uint16Array> = Uint16Array.from({ length: BLOCK_ROWS }, (_, place) => place)
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
