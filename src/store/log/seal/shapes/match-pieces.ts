import type { Batch } from '#domain/batch.ts'
import { BYTE_KIND, IN_TOKEN, MAX_HEX_LETTERS, TOKEN_KIND } from '#domain/tokens.ts'
import { lowBytes, WORD_BYTES } from './literal-words.ts'
import type { Shape } from './shape.ts'

/** Rows that are held against a shape, all at the same piece; what is kept of each lies at its number. */
export interface RowsInStep {
  readonly batch: Batch
  /** Of `batch.bytes`. */
  readonly view: DataView
  readonly rows: Uint16Array
  readonly count: number
  /** Where the next piece begins; behind the last byte of a row that ended too early it stays. */
  readonly at: Uint32Array
  /** Where the frame begins and ends. */
  readonly frame: Uint32Array
  readonly end: Uint32Array
  /** 1: the row does not fit. */
  readonly isOut: Uint8Array
}
/** Where the variables of a piece go, from `from` on. */
export interface VariablesInto { readonly starts: Uint32Array; readonly lengths: Uint16Array; readonly hashes: Int32Array; readonly from: number }

// Read for every byte: constants of this file, since the engine reads another module's again at every use.
const { digit: DIGIT, hexLetter: HEX_LETTER } = TOKEN_KIND
const MAX_LETTERS = MAX_HEX_LETTERS
const COLON = 0x3a
const ZERO = 48
const FNV_BASIS = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193
/** Of each byte of a token its kind (above the lowest eight bits) and the byte itself in lower case; 0 ends a token. */
const SCAN: Readonly<Uint16Array> = Uint16Array.from(BYTE_KIND, (kind, byte) => ((kind & IN_TOKEN) === 0 ? 0 : (kind << 8) | (byte >= 65 && byte <= 90 ? byte + 32 : byte)))

export function stepLiteral({ view, count, at, end, isOut }: RowsInStep, { sizes, words, wordStart }: Shape, piece: number): void {
  const size = sizes[piece]!
  const first = wordStart[piece]!
  const whole = size & -WORD_BYTES
  const mask = size === whole ? 0 : lowBytes(size - whole)
  const last = mask === 0 ? 0 : words[first + whole / WORD_BYTES]!
  for (let i = 0; i < count; i++) {
    const from = at[i]!
    if (from + size > end[i]!) {
      isOut[i] = 1
      continue
    }
    let differs = mask === 0 ? 0 : (view.getInt32(from + whole, true) ^ last) & mask
    for (let step = 0, word = first; step < whole; step += WORD_BYTES) differs |= view.getInt32(from + step, true) ^ words[word++]!
    if (differs !== 0) isOut[i] = 1
    at[i] = from + size
  }
}

export function stepVariable(step: RowsInStep, { starts, lengths, hashes, from }: VariablesInto): void {
  const { batch, count, at, end, isOut } = step
  const { bytes } = batch
  const scan = SCAN
  for (let i = 0; i < count; i++) {
    const start = at[i]!
    const last = end[i]!
    let kinds = 0
    let common = 0xffff
    let hash = FNV_BASIS
    let next = start
    for (; next < last; next++) {
      const entry = scan[bytes[next]!]!
      if (entry === 0) break
      kinds |= entry
      common &= entry
      hash = Math.imul(hash ^ (entry & 255), FNV_PRIME)
    }
    const isDecimal = ((kinds >>> 8) & DIGIT) !== 0
    if (!isDecimal && (next === start || ((common >>> 8) & HEX_LETTER) === 0 || next - start > MAX_LETTERS || !hasColon(step, i, next))) isOut[i] = 1
    starts[from + i] = start
    lengths[from + i] = next - start
    hashes[from + i] = hash
    at[i] = next
  }
}

/** Is there a colon beside the token of row `i` that ends before `end`: in the text when it lies there, else in the frame? */
function hasColon({ batch, rows, at, frame, end: ends }: RowsInStep, i: number, end: number): boolean {
  const row = rows[i]!
  const start = at[i]!
  const textStart = frame[i]! + batch.textOff[row]!
  const isText = start >= textStart && batch.textLen[row] !== 0
  const low = isText ? textStart : frame[i]!
  const high = isText ? textStart + batch.textLen[row]! : ends[i]!
  return (start > low && batch.bytes[start - 1] === COLON) || (end < high && batch.bytes[end] === COLON)
}

export function stepDigits({ batch: { bytes }, count, at, end, isOut }: RowsInStep, size: number, { starts, lengths, hashes, from }: VariablesInto): void {
  for (let i = 0; i < count; i++) {
    const start = at[i]!
    if (start + size > end[i]!) {
      isOut[i] = 1
      continue
    }
    for (let digit = start; digit < start + size; digit++) if (bytes[digit]! - ZERO >>> 0 > 9) isOut[i] = 1
    starts[from + i] = start
    lengths[from + i] = size
    hashes[from + i] = 0
    at[i] = start + size
  }
}

export function stepPriority({ batch: { bytes, pri: priorities }, rows, count, at, isOut }: RowsInStep): void {
  for (let i = 0; i < count; i++) {
    const pri = priorities[rows[i]!]!
    let next = at[i]!
    if (pri >= 100 && bytes[next++] !== ZERO + ((pri / 100) | 0)) isOut[i] = 1
    if (pri >= 10 && bytes[next++] !== ZERO + (((pri / 10) | 0) % 10)) isOut[i] = 1
    if (bytes[next++] !== ZERO + (pri % 10)) isOut[i] = 1
    at[i] = next
  }
}

export function stepTime({ batch: { sentMs }, view, rows, count, at, end, isOut }: RowsInStep, { time }: Shape): void {
  const { lengthBytes, view: rendered } = time!
  for (let i = 0; i < count; i++) {
    const from = at[i]!
    if (from + lengthBytes > end[i]! || !time!.render(sentMs[rows[i]!]!)) {
      isOut[i] = 1
      continue
    }
    let differs = 0
    let step = 0
    for (const last = lengthBytes - WORD_BYTES; step <= last; step += WORD_BYTES) differs |= view.getInt32(from + step, true) ^ rendered.getInt32(step, true)
    for (; step < lengthBytes; step++) differs |= view.getUint8(from + step) ^ rendered.getUint8(step)
    if (differs !== 0) isOut[i] = 1
    at[i] = from + lengthBytes
  }
}

/** Whatever bytes the field has, as long as it begins here. */
export function stepField({ rows, count, at, frame, isOut }: RowsInStep, offsets: Uint16Array, lengths: Uint16Array): void {
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    if (at[i]! - frame[i]! !== offsets[row]) isOut[i] = 1
    at[i]! += lengths[row]!
  }
}
