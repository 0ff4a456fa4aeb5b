import type { Batch } from '#domain/batch.ts'
import { BYTE_KIND, IN_TOKEN, MAX_HEX_LETTERS, TOKEN_KIND } from '#domain/tokens.ts'
import { ABSENT, FIELD, MAX_PIECES, PIECE, SPAN_FIELDS, type Shape } from './shape.ts'

/** Where the varying parts of one row lie in `batch.bytes`; overwritten by the next row. */
export interface RowSpans {
  readonly starts: Uint32Array
  readonly lengths: Uint16Array
  /** `tokenHash` of each. */
  readonly hashes: Uint32Array
  /** Where each piece begins, from the beginning of the frame. */
  readonly positions: Uint32Array
  /** The batch's columns of `SPAN_FIELDS`, by number: a column asked for by a name that varies is looked up each time. */
  readonly offsetColumns: readonly Uint16Array[]
  readonly lengthColumns: readonly Uint16Array[]
}

export const createRowSpans = (batch: Batch): RowSpans => ({
  starts: new Uint32Array(MAX_PIECES), lengths: new Uint16Array(MAX_PIECES), hashes: new Uint32Array(MAX_PIECES), positions: new Uint32Array(MAX_PIECES + 1),
  offsetColumns: SPAN_FIELDS.map(([off]) => batch[off]), lengthColumns: SPAN_FIELDS.map(([, len]) => batch[len]),
})

const COLON = 0x3a
const FNV_BASIS = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193

/** Does the row fit the shape, all bytes and all fields? If so its variables are in `spans`. The key (`hasKeyOf`) is the caller's to compare. */
export function matchRow(shape: Shape, batch: Batch, row: number, spans: RowSpans): boolean {
  const { kinds, sizes, literals, literalStart } = shape
  const { bytes } = batch
  const { starts, lengths, hashes, positions } = spans
  const frame = batch.frameStart[row]!
  const end = frame + batch.frameLen[row]!
  const textStart = frame + batch.textOff[row]!
  const textEnd = textStart + batch.textLen[row]!
  let at = frame
  let found = 0
  for (let piece = 0; piece < kinds.length; piece++) {
    positions[piece] = at - frame
    switch (kinds[piece]) {
      case PIECE.literal: {
        const size = sizes[piece]!
        const from = literalStart[piece]!
        if (at + size > end) return false
        for (let i = 0; i < size; i++) if (bytes[at + i] !== literals[from + i]) return false
        at += size
        break
      }
      case PIECE.variable: {
        const start = at
        let kinds = 0
        let common = 255
        let hash = FNV_BASIS
        for (; at < end; at++) {
          const byte = bytes[at]!
          const kind = BYTE_KIND[byte]!
          if ((kind & IN_TOKEN) === 0) break
          kinds |= kind
          common &= kind
          hash = Math.imul(hash ^ (byte >= 65 && byte <= 90 ? byte + 32 : byte), FNV_PRIME)
        }
        if ((kinds & TOKEN_KIND.digit) === 0) {
          if (at === start || (common & TOKEN_KIND.hexLetter) === 0 || at - start > MAX_HEX_LETTERS) return false
          const isText = start >= textStart && batch.textLen[row] !== 0
          const [low, high] = isText ? [textStart, textEnd] : [frame, end]
          if (!(start > low && bytes[start - 1] === COLON) && !(at < high && bytes[at] === COLON)) return false
        }
        starts[found] = start
        lengths[found] = at - start
        hashes[found++] = hash
        break
      }
      case PIECE.digits: {
        const size = sizes[piece]!
        if (at + size > end) return false
        for (let i = 0; i < size; i++) if ((BYTE_KIND[bytes[at + i]!]! & TOKEN_KIND.digit) === 0) return false
        starts[found] = at
        lengths[found] = size
        hashes[found++] = 0
        at += size
        break
      }
      case PIECE.priority: {
        const pri = batch.pri[row]!
        if (pri >= 100) {
          if (bytes[at++] !== 48 + ((pri / 100) | 0)) return false
        }
        if (pri >= 10) {
          if (bytes[at++] !== 48 + (((pri / 10) | 0) % 10)) return false
        }
        if (bytes[at++] !== 48 + (pri % 10)) return false
        break
      }
      case PIECE.time: {
        const time = shape.time!
        const size = time.lengthBytes
        if (at + size > end || !time.render(batch.sentMs[row]!)) return false
        const rendered = time.bytes
        for (let i = 0; i < size; i++) if (bytes[at + i] !== rendered[i]) return false
        at += size
        break
      }
      case PIECE.host:
        if (at - frame !== batch.hostOff[row]) return false
        at += batch.hostLen[row]!
        break
      default:
        if (at - frame !== batch.procOff[row]) return false
        at += batch.procLen[row]!
    }
  }
  positions[kinds.length] = at - frame
  return at === end && haveFieldsTheirPlaces(shape, row, spans)
}

function haveFieldsTheirPlaces(shape: Shape, row: number, { positions, offsetColumns, lengthColumns }: RowSpans): boolean {
  const { fieldFrom, fieldTo, fieldOffset } = shape
  for (let field = 0; field < fieldFrom.length; field++) {
    const start = offsetColumns[field]![row]!
    const length = lengthColumns[field]![row]!
    const from = fieldFrom[field]!
    if (from >= 0) {
      if (start !== positions[from] || start + length !== positions[fieldTo[field]!] || length === 0) return false
    } else if (from === ABSENT) {
      if (length !== 0 || start !== fieldOffset[field]) return false
    } else if (start !== offsetColumns[FIELD.host]![row]! + fieldOffset[field]! || length !== fieldTo[field]) return false
  }
  return true
}
