import type { Batch } from '#domain/batch.ts'
import { wordsOf } from './literal-words.ts'
import { createTimeRenderer, type TimeRenderer, type TimeStyle } from './time-style.ts'

/**
 * A shape is a message without what varies: all bytes that are the same in every message of its kind, and between them
 * pieces that are kept as columns. A row that fits a shape gives its frame and its fields back to the byte.
 */
export const PIECE = {
  /** Bytes of the shape. */
  literal: 0,
  /** A variable token (domain/tokens.ts). */
  variable: 1,
  /** So many digits, kept like a variable: the part of a time that is finer than a millisecond. */
  digits: 2,
  /** PRI in decimal. */
  priority: 3,
  /** The sender's time, written as `time` says. */
  time: 4,
  /** HOSTNAME, known from the row's origin. */
  host: 5,
  /** PROCID, whatever its bytes. */
  procid: 6,
} as const

/** The fields of a frame that a batch has spans for. */
export const SPAN_FIELDS = [
  ['hostOff', 'hostLen'],
  ['appOff', 'appLen'],
  ['procOff', 'procLen'],
  ['msgidOff', 'msgidLen'],
  ['sdOff', 'sdLen'],
  ['textOff', 'textLen'],
  ['labelOff', 'labelLen'],
] as const
export const FIELD = { host: 0, app: 1, procid: 2, msgid: 3, sd: 4, text: 5, label: 6 } as const
/** In `fieldFrom`: the field is absent and `fieldOffset` is its offset column; or it lies `fieldOffset` behind the beginning of the host and is `fieldTo` long. */
export const ABSENT = -1
export const IN_HOST = -2

/** Bounds: what has more is kept as it is. */
export const MAX_PIECES = 400
export const MAX_LITERAL_BYTES = 4096

export interface ShapeDefinition {
  readonly templateLo: number
  readonly templateHi: number
  readonly format: number
  readonly faults: number
  readonly hints: number
  readonly timeStyle: TimeStyle | undefined
  readonly kinds: Uint8Array
  /** Piece `p` has the literals `ends[p - 1] … ends[p]`; of a `digits` piece that is its number of digits. */
  readonly sizes: Uint16Array
  readonly literals: Uint8Array
  readonly fieldFrom: Int16Array
  readonly fieldTo: Int16Array
  readonly fieldOffset: Uint16Array
}

/** Ready to match rows and to write them; `id` is its number in the file. */
export interface Shape extends ShapeDefinition {
  readonly id: number
  readonly literalStart: Uint32Array
  /** The literals four bytes at a time; those of piece `p` begin at `wordStart[p]`. */
  readonly words: Int32Array
  readonly wordStart: Uint32Array
  readonly variableCount: number
  readonly time: TimeRenderer | undefined
  /** Variables before the text: those of the header and of the structured data. */
  readonly textPiece: number
  readonly app: Uint8Array
  /** FNV-1a of `app`. */
  readonly appHash: number
  readonly hasProcid: boolean
  /** By piece (and the one behind the last): fields that begin there, or else end there; undefined for none. */
  readonly fieldsAt: readonly (readonly number[] | undefined)[]
}

export function openShape(id: number, definition: ShapeDefinition): Shape {
  const { kinds, sizes, literals, timeStyle, fieldFrom, fieldTo } = definition
  const literalStart = new Uint32Array(kinds.length + 1)
  let variableCount = 0
  for (let piece = 0; piece < kinds.length; piece++) {
    literalStart[piece + 1] = literalStart[piece]! + (kinds[piece] === PIECE.literal ? sizes[piece]! : 0)
    if (kinds[piece] === PIECE.variable || kinds[piece] === PIECE.digits) variableCount++
  }
  const [appFrom, appTo] = [fieldFrom[FIELD.app]!, fieldTo[FIELD.app]!]
  const app = appFrom < 0 ? new Uint8Array(0) : literals.subarray(literalStart[appFrom], literalStart[appTo])
  return {
    ...definition,
    id,
    literalStart,
    ...wordsOf(literals, sizes.map((size, piece) => (kinds[piece] === PIECE.literal ? size : 0))),
    variableCount,
    time: timeStyle === undefined ? undefined : createTimeRenderer(timeStyle),
    textPiece: fieldFrom[FIELD.text]! >= 0 ? fieldFrom[FIELD.text]! : kinds.length,
    app,
    appHash: app.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5),
    hasProcid: kinds.includes(PIECE.procid),
    fieldsAt: fieldsByPiece(definition),
  }
}

function fieldsByPiece({ kinds, fieldFrom, fieldTo }: ShapeDefinition): (readonly number[] | undefined)[] {
  const byPiece: (number[] | undefined)[] = Array.from({ length: kinds.length + 1 }, () => undefined)
  for (let field = 0; field < fieldFrom.length; field++) if (fieldFrom[field]! >= 0) for (const piece of new Set([fieldFrom[field]!, fieldTo[field]!])) (byPiece[piece] ??= []).push(field)
  return byPiece
}

/** What rows must have in common to share a shape; equal keys are compared whole with `hasKeyOf`. */
export function shapeKey(batch: Batch, row: number): number {
  const mixed = Math.imul(batch.templateLo[row]! ^ (batch.templateHi[row]! * 31), 0x85ebca6b) ^ Math.imul(batch.faults[row]! + batch.format[row]! * 0x1000193, 0x27d4eb2f) ^ Math.imul(batch.hints[row]!, 0x165667b1)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

export function hasKeyOf(shape: ShapeDefinition, batch: Batch, row: number): boolean {
  return (
    shape.templateLo === batch.templateLo[row] && shape.templateHi === batch.templateHi[row] && shape.format === batch.format[row] &&
    shape.faults === batch.faults[row] && shape.hints === batch.hints[row]
  )
}
