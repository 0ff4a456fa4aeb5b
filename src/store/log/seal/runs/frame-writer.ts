import type { Batch } from '#domain/batch.ts'
import type { TokenColumn } from '../columns/index.ts'
import { ABSENT, FIELD, MAX_PIECES, PIECE, SPAN_FIELDS, type Shape } from '../shapes/shape.ts'

/** What of a row is not in its shape. */
export interface RowParts {
  /** Row of the batch that is written. */
  row: number
  /** Which of the shape's rows in this block it is. */
  rank: number
  pri: number
  sentMs: number
  host: Uint8Array
  /** The block's PROCIDs and which of them the row has. */
  procids: TokenColumn | undefined
  procid: number
  /** The shape's variables in this block. */
  variables: readonly TokenColumn[]
}
/** One object for all rows, filled again for each. */
export const createRowParts = (): RowParts => ({ row: 0, rank: 0, pri: 0, sentMs: 0, host: new Uint8Array(0), procids: undefined, procid: 0, variables: [] })

/** Puts frames behind each other into `batch.bytes` and their fields into its columns. Throws RangeError when they do not fit: the block is damaged. */
export interface FrameWriter {
  write(shape: Shape, parts: RowParts): void
  /**
   * The texts alone of `count` rows of one shape whose text consists of literals and variables (`hasPlainText`), each with
   * a line feed behind it: as frames that are nothing but their text. @param places rows of the batch
   */
  writeTexts(shape: Shape, rows: { readonly places: Uint16Array; readonly count: number; readonly rankAt: Uint16Array; readonly variables: readonly TokenColumn[] }): void
}

/** Is there nothing in the shape's text that would have to be asked of the head of a run or of other columns? */
export function hasPlainText({ fieldFrom, fieldTo, kinds }: Shape): boolean {
  for (let piece = Math.max(0, fieldFrom[FIELD.text]!); piece < fieldTo[FIELD.text]!; piece++) if (kinds[piece]! > PIECE.digits) return false
  return true
}

/** Number of the first variable in the text of a shape, and of the one behind its last. */
export function textVariables({ fieldFrom, fieldTo, kinds }: Shape): { readonly first: number; readonly end: number } {
  let [first, end] = [0, 0]
  for (let piece = 0; piece < fieldTo[FIELD.text]!; piece++) {
    const isVariable = kinds[piece] === PIECE.variable || kinds[piece] === PIECE.digits
    if (isVariable && piece < fieldFrom[FIELD.text]!) first++
    if (isVariable) end++
  }
  return { first, end }
}
const LINE_FEED = 10

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
    writeTexts(shape, { places, count, rankAt, variables }) {
      const { kinds, literals, literalStart, fieldFrom, fieldTo } = shape
      const [from, to] = [fieldFrom[FIELD.text]!, fieldTo[FIELD.text]!]
      const { first } = textVariables(shape)
      const { frameStart, textOff, textLen } = batch
      let at = batch.byteCount
      for (let i = 0; i < count; i++) {
        const place = places[i]!
        const rank = rankAt[place]!
        const start = at
        let variable = first
        for (let piece = Math.max(0, from); piece < to; piece++) {
          if (kinds[piece] !== PIECE.literal) {
            at = variables[variable++]!.write(rank, bytes, at)
            continue
          }
          const end = literalStart[piece + 1]!
          for (let k = literalStart[piece]!; k < end; k++) bytes[at++] = literals[k]!
        }
        frameStart[place] = start
        textOff[place] = 0
        textLen[place] = at - start
        bytes[at++] = LINE_FEED
      }
      if (at > bytes.length) throw new RangeError('a block holds more bytes than a block may')
      batch.byteCount = at
    },
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
