import type { Batch } from '#domain/batch.ts'
import type { TokenColumn } from '../columns/index.ts'
import { createFieldCheck } from '../shapes/check-fields.ts'
import type { RowsInStep } from '../shapes/match-pieces.ts'
import { PIECE, type Shape } from '../shapes/shape.ts'
import type { BlockReader } from './block-reader.ts'
import type { Procids } from './procids.ts'
import { BLOCK_BYTES, BLOCK_ROWS } from './run.ts'

const WORD_BYTES = 4
const ZERO = 48

/** What the head of the run says of each row of the block, by place. */
export interface HeadFacts { readonly sentMs: Float64Array; hostOf(place: number): Uint8Array }

/**
 * Builds all frames of a block anew from what its reader decoded, shape by shape and piece by piece, where those of the sorted rows lie,
 * so that a block is compared in one go.
 */
export interface FrameRebuilder {
  /** @returns the place of a row whose frame or fields come out otherwise, -1 when all are as they were */
  findDifference(reader: BlockReader, block: { readonly from: number; readonly rows: number }, facts: HeadFacts): number
}

export function createFrameRebuilder(sorted: Batch): FrameRebuilder {
  const bytes = Buffer.alloc(BLOCK_BYTES + 65_536 + WORD_BYTES)
  const out = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const was = Buffer.from(sorted.bytes.buffer, sorted.bytes.byteOffset, sorted.bytes.byteLength)
  const check = createFieldCheck(sorted)
  const [at, frame, end] = [new Uint32Array(BLOCK_ROWS), new Uint32Array(BLOCK_ROWS), new Uint32Array(BLOCK_ROWS)]
  const isOut = new Uint8Array(BLOCK_ROWS)
  const grouped = new Uint16Array(BLOCK_ROWS)
  const view = new DataView(sorted.bytes.buffer, sorted.bytes.byteOffset, sorted.bytes.byteLength)
  /** Where the first frame of the block lies in the sorted bytes. */
  let base = 0

  function begin(rows: Uint16Array): RowsInStep {
    isOut.fill(0, 0, rows.length)
    for (let i = 0; i < rows.length; i++) {
      const start = sorted.frameStart[rows[i]!]!
      at[i] = start
      frame[i] = start
      end[i] = start + sorted.frameLen[rows[i]!]!
    }
    return { batch: sorted, view, rows, count: rows.length, at, frame, end, isOut }
  }

  function putLiteral(count: number, { sizes, words, wordStart, literals, literalStart }: Shape, piece: number): void {
    const size = sizes[piece]!
    const [first, whole] = [wordStart[piece]!, size & -WORD_BYTES]
    for (let i = 0; i < count; i++) {
      const from = at[i]! - base
      if (at[i]! + size > end[i]!) isOut[i] = 1
      else {
        for (let step = 0, word = first; step < whole; step += WORD_BYTES) out.setInt32(from + step, words[word++]!, true)
        for (let step = whole; step < size; step++) bytes[from + step] = literals[literalStart[piece]! + step]!
      }
      at[i]! += size
    }
  }

  function putVariable(count: number, column: TokenColumn): void {
    column.unpack()
    for (let i = 0; i < count; i++) at[i] = column.write(i, bytes, at[i]! - base) + base
  }

  function putTime({ rows, count }: RowsInStep, { time }: Shape, { from, sentMs }: { readonly from: number; readonly sentMs: Float64Array }): void {
    const { lengthBytes, view: rendered } = time!
    for (let i = 0; i < count; i++) {
      if (at[i]! + lengthBytes > end[i]! || !time!.render(sentMs[rows[i]! - from]!)) isOut[i] = 1
      else {
        const to = at[i]! - base
        let step = 0
        for (; step <= lengthBytes - WORD_BYTES; step += WORD_BYTES) out.setInt32(to + step, rendered.getInt32(step, true), true)
        for (; step < lengthBytes; step++) bytes[to + step] = rendered.getUint8(step)
      }
      at[i]! += lengthBytes
    }
  }

  function putPriority({ rows, count }: RowsInStep, pri: Uint8Array, from: number): void {
    for (let i = 0; i < count; i++) {
      const value = pri[rows[i]! - from]!
      let to = at[i]! - base
      if (value >= 100) bytes[to++] = ZERO + ((value / 100) | 0)
      if (value >= 10) bytes[to++] = ZERO + (((value / 10) | 0) % 10)
      bytes[to++] = ZERO + (value % 10)
      at[i] = to + base
    }
  }

  function putHost({ rows, count }: RowsInStep, hostOf: HeadFacts['hostOf'], from: number): void {
    for (let i = 0; i < count; i++) {
      const host = hostOf(rows[i]! - from)
      const to = at[i]! - base
      for (let k = 0; k < host.length; k++) bytes[to + k] = host[k]!
      at[i]! += host.length
    }
  }

  function putProcid({ rows, count }: RowsInStep, { values, index }: Procids, from: number): void {
    for (let i = 0; i < count; i++) at[i] = values.write(index[rows[i]! - from]!, bytes, at[i]! - base) + base
  }

  function put(step: RowsInStep, shape: Shape, piece: number, { reader, facts, from, variable }: { readonly reader: BlockReader; readonly facts: HeadFacts; readonly from: number; readonly variable: TokenColumn | undefined }): void {
    switch (shape.kinds[piece]) {
      case PIECE.literal:
        return putLiteral(step.count, shape, piece)
      case PIECE.priority:
        return putPriority(step, reader.batch.pri, from)
      case PIECE.time:
        return putTime(step, shape, { from, sentMs: facts.sentMs })
      case PIECE.host:
        return putHost(step, facts.hostOf, from)
      case PIECE.procid:
        return putProcid(step, reader.procids(), from)
      default:
        return putVariable(step.count, variable!)
    }
  }

  /** @returns the first row that does not come out as it was */
  function putShape(reader: BlockReader, local: number, rows: Uint16Array, { from, facts }: { readonly from: number; readonly facts: HeadFacts }): number {
    const shape = reader.shapes[local]!
    const variables = reader.variablesOf(local)
    const step = begin(rows)
    check.begin(step, shape)
    let number = 0
    for (let piece = 0; piece < shape.kinds.length; piece++) {
      check.at(step, shape, piece)
      const isVariable = shape.kinds[piece] === PIECE.variable || shape.kinds[piece] === PIECE.digits
      put(step, shape, piece, { reader, facts, from, variable: isVariable ? variables[number++] : undefined })
    }
    check.at(step, shape, shape.kinds.length)
    for (let i = 0; i < rows.length; i++) if (isOut[i] === 1 || at[i] !== end[i]) return rows[i]!
    return -1
  }

  function putPlain({ batch }: BlockReader, rows: Uint16Array, from: number): number {
    for (const row of rows) {
      const [start, length] = [batch.frameStart[row - from]!, batch.frameLen[row - from]!]
      if (length !== sorted.frameLen[row]) return row
      bytes.set(batch.bytes.subarray(start, start + length), sorted.frameStart[row]! - base)
    }
    return -1
  }

  return {
    findDifference(reader, { from, rows }, facts) {
      base = sorted.frameStart[from]!
      reader.fillPriorities()
      reader.fillPlain()
      groupRows(reader, { from, rows }, grouped)
      let first = 0
      for (let local = 0; local < reader.shapes.length; local++) {
        const group = grouped.subarray(first, first + reader.shapeRows[local]!)
        first += group.length
        const row = local === 0 ? putPlain(reader, group, from) : putShape(reader, local, group, { from, facts })
        if (row >= 0) return row - from
      }
      for (let row = from; row < from + rows; row++) {
        if (row + 1 < from + rows && sorted.frameStart[row + 1] !== sorted.frameStart[row]! + sorted.frameLen[row]!) return row - from
      }
      const ending = sorted.frameStart[from + rows - 1]! + sorted.frameLen[from + rows - 1]!
      if (was.compare(bytes, 0, ending - base, base, ending) === 0) return -1
      return firstDifferent(from, rows)
    },
  }

  function firstDifferent(from: number, rows: number): number {
    for (let row = from; row < from + rows; row++) {
      const start = sorted.frameStart[row]!
      const length = sorted.frameLen[row]!
      if (was.compare(bytes, start - base, start - base + length, start, start + length) !== 0) return row - from
    }
    return 0
  }
}

/** Rows of the run by local number of their shape. */
function groupRows({ shapeAt, rankAt, shapeRows }: BlockReader, { from, rows }: { readonly from: number; readonly rows: number }, grouped: Uint16Array): void {
  const starts = new Uint32Array(shapeRows.length)
  for (let local = 1; local < starts.length; local++) starts[local] = starts[local - 1]! + shapeRows[local - 1]!
  for (let place = 0; place < rows; place++) grouped[starts[shapeAt[place]!]! + rankAt[place]!] = from + place
}
