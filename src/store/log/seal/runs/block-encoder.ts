import type { Batch } from '#domain/batch.ts'
import { ByteWriter } from '../byte-stream.ts'
import { createColumnSink, writeNumberColumn, writeTokenColumn } from '../columns/index.ts'
import type { Shape } from '../shapes/shape.ts'
import { createShapeGrouper, type ShapeGroup } from './shape-groups.ts'
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

/** @param batch rows in the order of the blocks; it is filled again and again */
export function createBlockEncoder(batch: Batch): BlockEncoder {
  const grouper = createShapeGrouper(batch)
  const sink = createColumnSink()
  /** The sections of the shapes, which are known before those that they follow. */
  const shapeSink = createColumnSink()
  const lead = new ByteWriter(4096)
  const shapeAt = new Uint16Array(BLOCK_ROWS)
  const procKeys = new Int32Array(BLOCK_ROWS)

  function writeVariables({ shape, count, matched: { starts, lengths } }: ShapeGroup): void {
    for (let variable = 0; variable < shape.variableCount; variable++) writeTokenColumn(shapeSink, { bytes: batch.bytes, starts, lengths, from: variable * count, count })
  }

  return {
    encode({ learner, order, origin, from, to, block }, { tokens, rowsOfShape, level }) {
      const rows = to - from
      const sections: { readonly shape: Shape; readonly count: number; readonly soft: number; readonly dense: number }[] = []
      shapeAt.fill(0, 0, rows)
      procKeys.fill(NO_PROCID, 0, rows)
      const { plain, count: plainCount } = grouper.group(learner, { from, to }, (group) => {
        const { shape, count } = group
        const local = sections.length + 1
        const [soft, dense] = [shapeSink.soft.length, shapeSink.dense.length]
        placeRows(group, { local, from })
        addTokens(group, tokens, block)
        writeVariables(group)
        sections.push({ shape, count, soft: shapeSink.soft.length - soft, dense: shapeSink.dense.length - dense })
      })
      for (let i = 0; i < plainCount; i++) addPlainTokens(batch, plain[i]!, (hash) => tokens.add(hash, block))

      function placeRows({ shape, rows: of, count }: ShapeGroup, { local, from: first }: { readonly local: number; readonly from: number }): void {
        for (let i = 0; i < count; i++) {
          const row = of[i]!
          shapeAt[row - first] = local
          procKeys[row - first] = procidKey(origin[order[row]!]!, shape)
        }
      }

      let [softFrom, denseFrom] = [0, 0]
      /** A section's length in both streams, so that a reader finds the next without reading it. */
      const endSection = (): void => {
        lead.varint(sink.soft.length - softFrom)
        lead.varint(sink.dense.length - denseFrom)
        softFrom = sink.soft.length
        denseFrom = sink.dense.length
      }
      lead.varint(sections.length)
      writeNumberColumn(sink, shapeAt, rows)
      endSection()
      writePriorities(sink, { pri: batch.pri.subarray(from, to), shape: shapeAt, rows, shapeCount: sections.length + 1 })
      endSection()
      writeProcids(sink, batch, { rows, keys: procKeys, from })
      endSection()
      writePlainRows(sink, batch, { rows: plain, count: plainCount })
      endSection()
      countRows(rowsOfShape, 0, plainCount)
      let previousId = 0
      for (const { shape, count, soft, dense } of sections) {
        const distance = shape.id - previousId
        lead.varint(distance < 0 ? -distance * 2 - 1 : distance * 2)
        lead.varint(count)
        lead.varint(soft)
        lead.varint(dense)
        previousId = shape.id
        countRows(rowsOfShape, shape.id, count)
      }
      append(sink.soft, shapeSink.soft)
      append(sink.dense, shapeSink.dense)
      return packStreams(sink, { level, lead })
    },
  }
}

function addTokens({ shape, count, matched: { hashes } }: ShapeGroup, tokens: TokenSink, block: number): void {
  const all = shape.variableCount * count
  for (let i = 0; i < all; i++) if (hashes[i] !== 0) tokens.add(hashes[i]!, block)
}

/** Empties `from`. */
function append(to: ByteWriter, from: ByteWriter): void {
  const at = to.claim(from.length)
  to.buffer.set(from.bytes(), at)
  from.clear()
}

const countRows = (rowsOfShape: Map<number, number>, id: number, count: number): void => {
  if (count > 0) rowsOfShape.set(id, (rowsOfShape.get(id) ?? 0) + count)
}
