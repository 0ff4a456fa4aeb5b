import type { Batch } from '#domain/batch.ts'
import { isTokenByte, isVariableToken } from '#domain/tokens.ts'
import { ABSENT, FIELD, IN_HOST, MAX_LITERAL_BYTES, MAX_PIECES, PIECE, SPAN_FIELDS, type ShapeDefinition } from './shape.ts'
import { recognizeTime, type TimeStyle } from './time-style.ts'

/** A part of the frame that is not told by its tokens: a special piece, or bytes that stay literal whatever is in them. */
interface Fixed { readonly start: number; readonly end: number; readonly kind: number }
interface Piece { readonly kind: number; readonly start: number; readonly end: number }
interface Frame { readonly bytes: Uint8Array; readonly length: number; readonly textStart: number; readonly textEnd: number }

/** The shape of one row; undefined when its frame cannot be told by pieces (it is then kept as it is). */
export function makeShape(batch: Batch, row: number): ShapeDefinition | undefined {
  const start = batch.frameStart[row]!
  const length = batch.frameLen[row]!
  const bytes = batch.bytes.subarray(start, start + length)
  const hasText = batch.textLen[row]! > 0
  const frame: Frame = { bytes, length, textStart: hasText ? batch.textOff[row]! : length, textEnd: hasText ? batch.textOff[row]! + batch.textLen[row]! : length }
  const { fixed, timeStyle } = fixedParts(batch, row, frame)
  const label = labelPlace(batch, row)
  if (!areApart(fixed, length)) return undefined
  const cuts = boundaries(batch, row, label !== undefined)
  const pieces = cutLiterals(piecesOf(frame, fixed), cuts)
  if (pieces === undefined || pieces.length > MAX_PIECES) return undefined
  const fields = fieldPieces(batch, row, pieces, label)
  const literals = Buffer.concat(pieces.filter((piece) => piece.kind === PIECE.literal).map((piece) => bytes.subarray(piece.start, piece.end)))
  if (fields === undefined || literals.length > MAX_LITERAL_BYTES) return undefined
  return {
    templateLo: batch.templateLo[row]!, templateHi: batch.templateHi[row]!, format: batch.format[row]!, faults: batch.faults[row]!, hints: batch.hints[row]!, timeStyle,
    kinds: Uint8Array.from(pieces, (piece) => piece.kind),
    sizes: Uint16Array.from(pieces, (piece) => (piece.kind === PIECE.literal || piece.kind === PIECE.digits ? piece.end - piece.start : 0)),
    literals: new Uint8Array(literals),
    ...fields,
  }
}

function fixedParts(batch: Batch, row: number, { bytes, length }: Frame): { readonly fixed: Fixed[]; readonly timeStyle: TimeStyle | undefined } {
  const fixed: Fixed[] = []
  const field = (index: number, kind: number): void => {
    const [off, len] = SPAN_FIELDS[index]!
    if (batch[len][row]! > 0) fixed.push({ start: batch[off][row]!, end: batch[off][row]! + batch[len][row]!, kind })
  }
  field(FIELD.host, PIECE.host)
  field(FIELD.app, PIECE.literal)
  field(FIELD.procid, PIECE.procid)
  field(FIELD.msgid, PIECE.literal)
  const head = Buffer.from(bytes.subarray(0, Math.min(length, 64))).toString('latin1')
  const priority = /^<(\d{1,3})>/.exec(head)?.[1]
  if (priority !== undefined && priority === String(batch.pri[row])) fixed.push({ start: 1, end: 1 + priority.length, kind: PIECE.priority })
  const timeStart = (/^<\d{1,3}>(?:1 )?/.exec(head) ?? [''])[0].length
  const timeStyle = recognizeTime(head.slice(timeStart), batch.sentMs[row]!)
  if (timeStyle === undefined) return { fixed, timeStyle }
  const timeEnd = timeStart + timeLength(timeStyle)
  const [, finer = '', zone = ''] = /^(\d*)(Z|[+-]\d\d:?\d\d)?/.exec(head.slice(timeEnd)) ?? []
  const parts: Fixed[] = [{ start: timeStart, end: timeEnd, kind: PIECE.time }]
  if (finer.length > 0) parts.push({ start: timeEnd, end: timeEnd + finer.length, kind: PIECE.digits })
  if (zone.length > 0) parts.push({ start: timeEnd + finer.length, end: timeEnd + finer.length + zone.length, kind: PIECE.literal })
  const withTime = [...fixed, ...parts]
  return areApart(withTime, length) ? { fixed: withTime, timeStyle } : { fixed, timeStyle: undefined }
}

const timeLength = ({ kind, fractionDigits }: TimeStyle): number => (kind === 'rfc3164' ? 15 : 19) + (fractionDigits === 0 ? 0 : fractionDigits + 1)

/** Sorts in place. */
function areApart(fixed: Fixed[], length: number): boolean {
  fixed.sort((a, b) => a.start - b.start)
  return fixed.every(({ start, end }, i) => start >= (i === 0 ? 0 : fixed[i - 1]!.end) && end <= length)
}

function piecesOf(frame: Frame, fixed: readonly Fixed[]): Piece[] | undefined {
  const pieces: Piece[] = []
  let at = 0
  for (const part of [...fixed, { start: frame.length, end: frame.length, kind: PIECE.literal }]) {
    if (!addTokens(pieces, frame, at, part.start)) return undefined
    if (part.end > part.start) pieces.push(part)
    at = part.end
  }
  return pieces
}

/** The tokens of `from … to`: variables become pieces, all between them literal. False when a variable goes on beyond `to`, where it could not be told from what follows. */
function addTokens(pieces: Piece[], { bytes, length, textStart, textEnd }: Frame, from: number, to: number): boolean {
  let literalStart = from
  let at = from
  while (at < to) {
    if (!isTokenByte(bytes[at]!)) {
      at++
      continue
    }
    let end = at
    while (end < length && isTokenByte(bytes[end]!)) end++
    const [low, high] = at >= textStart ? [textStart, textEnd] : [0, length]
    if (isVariableToken(bytes, { start: at, end, low, high })) {
      if (end > to) return false
      if (at > literalStart) pieces.push({ kind: PIECE.literal, start: literalStart, end: at })
      pieces.push({ kind: PIECE.variable, start: at, end })
      literalStart = end
    }
    at = Math.min(end, to)
  }
  if (to > literalStart) pieces.push({ kind: PIECE.literal, start: literalStart, end: to })
  return true
}

/** Where fields begin and end: pieces must too. */
function boundaries(batch: Batch, row: number, isLabelInHost: boolean): Set<number> {
  const cuts = new Set<number>()
  for (const [index, [off, len]] of SPAN_FIELDS.entries()) {
    if (batch[len][row] === 0 || (index === FIELD.label && isLabelInHost)) continue
    cuts.add(batch[off][row]!)
    cuts.add(batch[off][row]! + batch[len][row]!)
  }
  return cuts
}

function cutLiterals(pieces: readonly Piece[] | undefined, cuts: ReadonlySet<number>): Piece[] | undefined {
  if (pieces === undefined) return undefined
  const cut: Piece[] = []
  for (const piece of pieces) {
    const inside = [...cuts].filter((at) => at > piece.start && at < piece.end).sort((a, b) => a - b)
    if (inside.length > 0 && piece.kind !== PIECE.literal) return undefined
    let start = piece.start
    for (const end of [...inside, piece.end]) {
      cut.push({ kind: piece.kind, start, end })
      start = end
    }
  }
  return cut
}

/** A label inside the host name (iPXE: `tch-001.s-a1b2c3`), as its distance from the beginning of the host. */
function labelPlace(batch: Batch, row: number): number | undefined {
  const host = batch.hostOff[row]!
  const label = batch.labelOff[row]!
  const isInside = batch.labelLen[row]! > 0 && batch.hostLen[row]! > 0 && label >= host && label + batch.labelLen[row]! <= host + batch.hostLen[row]!
  return isInside ? label - host : undefined
}

type FieldPieces = Pick<ShapeDefinition, 'fieldFrom' | 'fieldTo' | 'fieldOffset'>

function fieldPieces(batch: Batch, row: number, pieces: readonly Piece[], labelInHost: number | undefined): FieldPieces | undefined {
  const fields = { fieldFrom: new Int16Array(SPAN_FIELDS.length), fieldTo: new Int16Array(SPAN_FIELDS.length), fieldOffset: new Uint16Array(SPAN_FIELDS.length) }
  for (const [index, [off, len]] of SPAN_FIELDS.entries()) {
    const [start, length] = [batch[off][row]!, batch[len][row]!]
    if (length === 0) {
      fields.fieldFrom[index] = ABSENT
      fields.fieldOffset[index] = start
    } else if (index === FIELD.label && labelInHost !== undefined) {
      fields.fieldFrom[index] = IN_HOST
      fields.fieldTo[index] = length
      fields.fieldOffset[index] = labelInHost
    } else {
      const from = pieces.findIndex((piece) => piece.start === start)
      const last = pieces.findIndex((piece) => piece.end === start + length)
      if (from < 0 || last < 0) return undefined
      fields.fieldFrom[index] = from
      fields.fieldTo[index] = last + 1
    }
  }
  return fields
}
