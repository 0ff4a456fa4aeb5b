import type { Batch } from '#domain/batch.ts'
import { BYTE_KIND, IN_TOKEN, MAX_HEX_LETTERS, TOKEN_KIND } from '#domain/tokens.ts'
import { ABSENT, FIELD, MAX_PIECES, PIECE, SPAN_FIELDS, type Shape } from './shape.ts'
import { lowBytes, WORD_BYTES } from './literal-words.ts'

/** Where the varying parts of one row lie in `batch.bytes`; overwritten by the next row. */
export interface RowSpans {
  readonly starts: Uint32Array
  readonly lengths: Uint16Array
  /** `tokenHash` of each, 0 of those that are no tokens. */
  readonly hashes: Int32Array
  /** Where each piece begins, from the beginning of the frame. */
  readonly positions: Uint32Array
  /** Of `batch.bytes`, which must go on for some bytes behind the last frame. */
  readonly view: DataView
  /** The batch's columns of `SPAN_FIELDS`, by number: a column asked for by a name that varies is looked up each time. */
  readonly offsetColumns: readonly Uint16Array[]
  readonly lengthColumns: readonly Uint16Array[]
}

/** @param batch its bytes end at least three bytes behind the last frame */
export const createRowSpans = (batch: Batch): RowSpans => ({
  starts: new Uint32Array(MAX_PIECES), lengths: new Uint16Array(MAX_PIECES), hashes: new Int32Array(MAX_PIECES), positions: new Uint32Array(MAX_PIECES + 1),
  view: new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength),
  offsetColumns: SPAN_FIELDS.map(([off]) => batch[off]), lengthColumns: SPAN_FIELDS.map(([, len]) => batch[len]),
})

// Read for every piece and byte: constants of this file, since the engine reads another module's again at every use.
const { literal: LITERAL, variable: VARIABLE, digits: DIGITS, priority: PRIORITY, time: TIME, host: HOST } = PIECE
const { digit: DIGIT, hexLetter: HEX_LETTER } = TOKEN_KIND
const { host: HOST_FIELD } = FIELD
const [ABSENT_FIELD, MAX_LETTERS] = [ABSENT, MAX_HEX_LETTERS]
const COLON = 0x3a
const FNV_BASIS = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193
/** Of each byte of a token its kind (above the lowest eight bits) and the byte itself in lower case; 0 ends a token. */
const SCAN: Readonly<Uint16Array> = Uint16Array.from(BYTE_KIND, (kind, byte) => ((kind & IN_TOKEN) === 0 ? 0 : (kind << 8) | (byte >= 65 && byte <= 90 ? byte + 32 : byte)))

/** Does the row fit the shape, all bytes and all fields? If so its variables are in `spans`. The key (`hasKeyOf`) is the caller's to compare. */
export function matchRow(shape: Shape, batch: Batch, row: number, spans: RowSpans): boolean {
  const { kinds, sizes } = shape
  const { positions } = spans
  const frame = batch.frameStart[row]!
  const end = frame + batch.frameLen[row]!
  const pieces = kinds.length
  let at = frame
  let found = 0
  for (let piece = 0; piece < pieces; piece++) {
    positions[piece] = at - frame
    const kind = kinds[piece]!
    if (kind === LITERAL) at = endOfLiteral(shape, piece, spans.view, { at, end })
    else if (kind === VARIABLE) at = endOfVariable(batch, row, spans, { at, end, number: found++ })
    else if (kind === TIME) at = endOfTime(shape, batch.sentMs[row]!, spans.view, { at, end })
    else if (kind === PRIORITY) at = endOfPriority(batch.bytes, at, batch.pri[row]!)
    else if (kind === DIGITS) at = endOfDigits(batch.bytes, sizes[piece]!, spans, { at, end, number: found++ })
    else if (kind === HOST) at = at - frame === batch.hostOff[row] ? at + batch.hostLen[row]! : NO_MATCH
    else at = at - frame === batch.procOff[row] ? at + batch.procLen[row]! : NO_MATCH
    if (at < 0) return false
  }
  positions[pieces] = at - frame
  return at === end && haveFieldsTheirPlaces(shape, row, spans)
}

const NO_MATCH = -1
interface Rest { readonly at: number; readonly end: number }

function endOfLiteral({ sizes, words, wordStart }: Shape, piece: number, view: DataView, { at, end }: Rest): number {
  const next = at + sizes[piece]!
  if (next > end) return NO_MATCH
  let word = wordStart[piece]!
  let from = at
  for (const last = next - WORD_BYTES; from <= last; from += WORD_BYTES) if (view.getInt32(from, true) !== words[word++]) return NO_MATCH
  return from < next && ((view.getInt32(from, true) ^ words[word]!) & lowBytes(next - from)) !== 0 ? NO_MATCH : next
}

function endOfVariable(batch: Batch, row: number, { starts, lengths, hashes }: RowSpans, { at: start, end, number }: Rest & { readonly number: number }): number {
  const { bytes } = batch
  const scan = SCAN
  let kinds = 0
  let common = 0xffff
  let hash = FNV_BASIS
  let at = start
  for (; at < end; at++) {
    const entry = scan[bytes[at]!]!
    if (entry === 0) break
    kinds |= entry
    common &= entry
    hash = Math.imul(hash ^ (entry & 255), FNV_PRIME)
  }
  if (((kinds >>> 8) & DIGIT) === 0) {
    if (at === start || ((common >>> 8) & HEX_LETTER) === 0 || at - start > MAX_LETTERS || !hasColon(batch, row, { start, end: at })) return NO_MATCH
  }
  starts[number] = start
  lengths[number] = at - start
  hashes[number] = hash
  return at
}

function endOfTime({ time }: Shape, sentMs: number, view: DataView, { at, end }: Rest): number {
  const next = at + time!.lengthBytes
  if (next > end || !time!.render(sentMs)) return NO_MATCH
  const rendered = time!.view
  let [from, i] = [at, 0]
  for (const last = next - WORD_BYTES; from <= last; from += WORD_BYTES, i += WORD_BYTES) if (view.getInt32(from, true) !== rendered.getInt32(i, true)) return NO_MATCH
  for (; from < next; from++, i++) if (view.getUint8(from) !== rendered.getUint8(i)) return NO_MATCH
  return next
}

function endOfPriority(bytes: Uint8Array, from: number, pri: number): number {
  let at = from
  if (pri >= 100 && bytes[at++] !== 48 + ((pri / 100) | 0)) return NO_MATCH
  if (pri >= 10 && bytes[at++] !== 48 + (((pri / 10) | 0) % 10)) return NO_MATCH
  return bytes[at++] === 48 + (pri % 10) ? at : NO_MATCH
}

function endOfDigits(bytes: Uint8Array, size: number, { starts, lengths, hashes }: RowSpans, { at, end, number }: Rest & { readonly number: number }): number {
  const next = at + size
  if (next > end) return NO_MATCH
  for (let digit = at; digit < next; digit++) if (((SCAN[bytes[digit]!]! >>> 8) & DIGIT) === 0) return NO_MATCH
  starts[number] = at
  lengths[number] = size
  hashes[number] = 0
  return next
}

/** Is there a colon beside `start … end`, in the text when it lies there, else in the frame? */
function hasColon(batch: Batch, row: number, { start, end }: { readonly start: number; readonly end: number }): boolean {
  const frame = batch.frameStart[row]!
  const textStart = frame + batch.textOff[row]!
  const isText = start >= textStart && batch.textLen[row] !== 0
  const low = isText ? textStart : frame
  const high = isText ? textStart + batch.textLen[row]! : frame + batch.frameLen[row]!
  return (start > low && batch.bytes[start - 1] === COLON) || (end < high && batch.bytes[end] === COLON)
}

function haveFieldsTheirPlaces(shape: Shape, row: number, { positions, offsetColumns, lengthColumns }: RowSpans): boolean {
  const { fieldFrom, fieldTo, fieldOffset } = shape
  for (let field = 0; field < fieldFrom.length; field++) {
    const start = offsetColumns[field]![row]!
    const length = lengthColumns[field]![row]!
    const from = fieldFrom[field]!
    if (from >= 0) {
      if (start !== positions[from] || start + length !== positions[fieldTo[field]!] || length === 0) return false
    } else if (from === ABSENT_FIELD) {
      if (length !== 0 || start !== fieldOffset[field]) return false
    } else if (start !== offsetColumns[HOST_FIELD]![row]! + fieldOffset[field]! || length !== fieldTo[field]) return false
  }
  return true
}
