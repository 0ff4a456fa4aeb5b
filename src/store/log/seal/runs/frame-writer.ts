import type { Batch } from '#domain/batch.ts'
import type { TokenColumn } from '../columns/index.ts'
import { ABSENT, FIELD, MAX_PIECES, PIECE, SPAN_FIELDS, type Shape } from '../shapes/shape.ts'

/** What of a row is not in its shape. */
export interface RowParts {
  /** Row of the batch that is written. */
  readonly row: number
  /** Which of the shape's rows in this block it is. */
  readonly rank: number
  readonly pri: number
  readonly sentMs: number
  readonly host: Uint8Array
  /** The block's PROCIDs and which of them the row has. */
  readonly procids: TokenColumn | undefined
  readonly procid: number
  /** The shape's variables in this block. */
  readonly variables: readonly TokenColumn[]
}

/** Puts frames behind each other into `batch.bytes` and their fields into its columns. Throws RangeError when they do not fit: the block is damaged. */
export interface FrameWriter { write(shape: Shape, parts: RowParts): void }

export function createFrameWriter(batch: Batch): FrameWriter {
  const positions = new Uint32Array(MAX_PIECES + 1)
  const offsetColumns = SPAN_FIELDS.map(([off]) => batch[off])
  const lengthColumns = SPAN_FIELDS.map(([, len]) => batch[len])
  const { bytes } = batch

  function writePieces(shape: Shape, parts: RowParts, frame: number): number {
    const { kinds, sizes, literals, literalStart } = shape
    let at = frame
    let variable = 0
    for (let piece = 0; piece < kinds.length; piece++) {
      positions[piece] = at - frame
      switch (kinds[piece]) {
        case PIECE.literal: {
          const end = literalStart[piece + 1]!
          for (let i = literalStart[piece]!; i < end; i++) bytes[at++] = literals[i]!
          break
        }
        case PIECE.variable:
        case PIECE.digits:
          at = parts.variables[variable++]!.write(parts.rank, bytes, at)
          break
        case PIECE.priority:
          at = writePriority(bytes, at, parts.pri)
          break
        case PIECE.time: {
          const time = shape.time!
          if (!time.render(parts.sentMs)) throw new RangeError('a time cannot be written as its shape says')
          bytes.set(time.bytes, at)
          at += time.lengthBytes
          break
        }
        case PIECE.host:
          bytes.set(parts.host, at)
          at += parts.host.length
          break
        default:
          at = parts.procids!.write(parts.procid, bytes, at)
      }
    }
    positions[sizes.length] = at - frame
    return at
  }

  function writeFields({ fieldFrom, fieldTo, fieldOffset }: Shape, row: number): void {
    for (let field = 0; field < fieldFrom.length; field++) {
      const from = fieldFrom[field]!
      if (from >= 0) {
        offsetColumns[field]![row] = positions[from]!
        lengthColumns[field]![row] = positions[fieldTo[field]!]! - positions[from]!
      } else if (from === ABSENT) {
        offsetColumns[field]![row] = fieldOffset[field]!
        lengthColumns[field]![row] = 0
      } else {
        offsetColumns[field]![row] = offsetColumns[FIELD.host]![row]! + fieldOffset[field]!
        lengthColumns[field]![row] = fieldTo[field]!
      }
    }
  }

  return {
    write(shape, parts) {
      const frame = batch.byteCount
      const end = writePieces(shape, parts, frame)
      if (end > bytes.length) throw new RangeError('a block holds more bytes than a block may')
      batch.byteCount = end
      const { row } = parts
      batch.frameStart[row] = frame
      batch.frameLen[row] = end - frame
      batch.format[row] = shape.format
      batch.faults[row] = shape.faults
      batch.hints[row] = shape.hints
      batch.templateLo[row] = shape.templateLo
      batch.templateHi[row] = shape.templateHi
      writeFields(shape, row)
    },
  }
}

function writePriority(bytes: Uint8Array, from: number, pri: number): number {
  let at = from
  if (pri >= 100) bytes[at++] = 48 + ((pri / 100) | 0)
  if (pri >= 10) bytes[at++] = 48 + (((pri / 10) | 0) % 10)
  bytes[at++] = 48 + (pri % 10)
  return at
}
