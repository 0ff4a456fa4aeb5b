import type { Batch } from '#domain/batch.ts'
import { ByteWriter } from '../byte-stream.ts'
import { createColumnSink, writeNumberColumn, writeTokenColumn } from '../columns/index.ts'
import { createRowSpans } from '../shapes/match-row.ts'
import type { Shape } from '../shapes/shape.ts'
import type { ShapeLearner } from './shape-learner.ts'
import { writePlainRows } from './plain-rows.ts'
import { writePriorities } from './priorities.ts'
import { NO_PROCID, procidKey, writeProcids } from './procids.ts'
import { BLOCK_ROWS } from './run.ts'
import { packStreams } from './streams.ts'
import { addPlainTokens } from './plain-tokens.ts'

/** What a block is made of: places `from … to` of a run, whose rows in order of seq are `order`. */
export interface BlockPlaces {
  readonly learner: ShapeLearner
  readonly order: Uint16Array
  /** Place of each row's origin in the run's list, by row. */
  readonly origin: Uint16Array
  readonly from: number
  readonly to: number
  /** Number of the block in its run. */
  readonly block: number
}
export interface TokenSink { add(hash: number, place: number): void }
export interface BlockEncoder {
  /** The block as a blob; counts each row in `rowsOfShape` (by shape id, 0 for rows without one) and hands its variable tokens to `tokens`. */
  encode(places: BlockPlaces, into: { readonly tokens: TokenSink; readonly rowsOfShape: Map<number, number>; readonly level: number }): Buffer
}

/** Variables of a block's rows; more room is made when a block has more. */
const FIRST_VARIABLES = 64 * 1024

/** @param batch rows in the order of the blocks; it is filled again and again */
export function createBlockEncoder(batch: Batch): BlockEncoder {
  const spans = createRowSpans(batch)
  const sink = createColumnSink()
  const lead = new ByteWriter(4096)
  const shapeAt = new Uint16Array(BLOCK_ROWS)
  const priAt = new Uint8Array(BLOCK_ROWS)
  const procKeys = new Int32Array(BLOCK_ROWS)
  const variableAt = new Uint32Array(BLOCK_ROWS)
  const plain = new Uint16Array(BLOCK_ROWS)
  const columnStarts = new Uint32Array(BLOCK_ROWS)
  const columnLengths = new Uint16Array(BLOCK_ROWS)
  /** Rows of each local shape, shape after shape. */
  const grouped = new Uint16Array(BLOCK_ROWS)
  let starts = new Uint32Array(FIRST_VARIABLES)
  let lengths = new Uint16Array(FIRST_VARIABLES)

  const growVariables = (needed: number): void => {
    if (needed <= starts.length) return
    const size = Math.max(needed, starts.length * 2)
    const [grownStarts, grownLengths] = [new Uint32Array(size), new Uint16Array(size)]
    grownStarts.set(starts)
    grownLengths.set(lengths)
    starts = grownStarts
    lengths = grownLengths
  }

  return {
    encode({ learner, order, origin, from, to, block }, { tokens, rowsOfShape, level }) {
      const rows = to - from
      /** Local number 0 is no shape. */
      const shapes: (Shape | undefined)[] = [undefined]
      const localOf = new Map<Shape, number>()
      let variables = 0
      let plainCount = 0
      let last: Shape | undefined
      let lastLocal = 0
      for (let place = 0; place < rows; place++) {
        const row = from + place
        priAt[place] = batch.pri[row]!
        const shape = learner.shapeOf(batch, row, spans)
        if (shape === undefined) {
          shapeAt[place] = 0
          procKeys[place] = NO_PROCID
          plain[plainCount++] = row
          addPlainTokens(batch, row, (hash) => tokens.add(hash, block))
          continue
        }
        if (shape !== last) {
          const known = localOf.get(shape)
          lastLocal = known ?? shapes.push(shape) - 1
          if (known === undefined) localOf.set(shape, lastLocal)
          last = shape
        }
        shapeAt[place] = lastLocal
        procKeys[place] = procidKey(origin[order[row]!]!, shape)
        variableAt[place] = variables
        const count = shape.variableCount
        growVariables(variables + count)
        for (let i = 0; i < count; i++) {
          starts[variables] = spans.starts[i]!
          lengths[variables++] = spans.lengths[i]!
          if (spans.hashes[i] !== 0) tokens.add(spans.hashes[i]!, block)
        }
      }

      const counts = new Uint32Array(shapes.length)
      for (let place = 0; place < rows; place++) counts[shapeAt[place]!]!++
      groupByShape(shapeAt, { rows, counts, grouped })
      let [softFrom, denseFrom] = [0, 0]
      /** A section's length in both streams, so that a reader finds the next without reading it. */
      const endSection = (): void => {
        lead.varint(sink.soft.length - softFrom)
        lead.varint(sink.dense.length - denseFrom)
        softFrom = sink.soft.length
        denseFrom = sink.dense.length
      }
      lead.varint(shapes.length - 1)
      writeNumberColumn(sink, shapeAt, rows)
      endSection()
      writePriorities(sink, { pri: priAt, shape: shapeAt, rows, shapeCount: shapes.length })
      endSection()
      writeProcids(sink, batch, { rows, keys: procKeys, from })
      endSection()
      writePlainRows(sink, batch, { rows: plain, count: plainCount })
      endSection()
      countRows(rowsOfShape, 0, plainCount)
      let first = counts[0]!
      let previousId = 0
      for (let local = 1; local < shapes.length; local++) {
        const shape = shapes[local]!
        const count = counts[local]!
        for (let variable = 0; variable < shape.variableCount; variable++) {
          for (let i = 0; i < count; i++) {
            const at = variableAt[grouped[first + i]!]! + variable
            columnStarts[i] = starts[at]!
            columnLengths[i] = lengths[at]!
          }
          writeTokenColumn(sink, { bytes: batch.bytes, starts: columnStarts, lengths: columnLengths, from: 0, count })
        }
        const distance = shape.id - previousId
        lead.varint(distance < 0 ? -distance * 2 - 1 : distance * 2)
        lead.varint(count)
        endSection()
        previousId = shape.id
        countRows(rowsOfShape, shape.id, count)
        first += count
      }
      return packStreams(sink, { level, lead })
    },
  }
}

const countRows = (rowsOfShape: Map<number, number>, id: number, count: number): void => {
  if (count > 0) rowsOfShape.set(id, (rowsOfShape.get(id) ?? 0) + count)
}

function groupByShape(shapeAt: Uint16Array, { rows, counts, grouped }: { readonly rows: number; readonly counts: Uint32Array; readonly grouped: Uint16Array }): void {
  const next = new Uint32Array(counts.length)
  for (let i = 1; i < counts.length; i++) next[i] = next[i - 1]! + counts[i - 1]!
  for (let place = 0; place < rows; place++) grouped[next[shapeAt[place]!]!++] = place
}

