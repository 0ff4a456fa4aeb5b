import { BYTE, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { isUtf8 } from './utf8.ts'

/** Kinds of bytes. Letters, digits, `_` and everything above ASCII make tokens; the rest parts them. */
const WORD = 1
const DIGIT = 2
const HIGH = 4
const CONTROL = 8
const IN_TOKEN = WORD | DIGIT

const KIND = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= BYTE.zero && byte <= BYTE.nine) return DIGIT
  if ((byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95) return WORD
  if (byte > 127) return WORD | HIGH
  return (byte < 32 && byte !== BYTE.tab) || byte === 127 ? CONTROL : 0
})

const FNV_BASIS = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193
/** Stands in the template for every token that holds a digit. */
const VARIABLE_LO = 0x9e3779b9 | 0
const VARIABLE_HI = 0x7f4a7c15 | 0

/**
 * One pass over the text, which is `cursor.at` to `cursor.end`: the template hash (APP-NAME and the words without a digit,
 * in order, every token with a digit as one mark), the hashes of the tokens with a digit (FNV-1a, 32 bits), and the faults
 * that only its bytes can show.
 * @param tokenAt where this row's hashes go in `batch.tokens`; the batch must have room for half the frame's bytes, rounded up
 * @returns the position behind the last hash
 */
export function readText(cursor: Cursor, tokenAt: number): number {
  const { bytes, end, batch, row, frame } = cursor
  const tokens = batch.tokens
  let at = cursor.at
  batch.textOff[row] = at - frame
  batch.textLen[row] = end - at
  const appStart = frame + batch.appOff[row]!
  const appEnd = appStart + batch.appLen[row]!
  let lo = FNV_BASIS
  let hi = 0
  for (let i = appStart; i < appEnd; i++) {
    lo = Math.imul(lo ^ bytes[i]!, FNV_PRIME)
    hi = (Math.imul(hi, 31) + bytes[i]!) | 0
  }
  let seen = 0
  let token = tokenAt
  while (at < end) {
    let byte = bytes[at++]!
    let kind = KIND[byte]!
    seen |= kind
    if ((kind & IN_TOKEN) === 0) continue
    let kinds = kind
    let hash = Math.imul(FNV_BASIS ^ byte, FNV_PRIME)
    let second = byte
    while (at < end && ((kind = KIND[(byte = bytes[at]!)]!) & IN_TOKEN) !== 0) {
      kinds |= kind
      hash = Math.imul(hash ^ byte, FNV_PRIME)
      second = (Math.imul(second, 31) + byte) | 0
      at++
    }
    seen |= kinds
    if ((kinds & DIGIT) !== 0) {
      tokens[token++] = hash
      hash = VARIABLE_LO
      second = VARIABLE_HI
    }
    lo = Math.imul(lo ^ hash, 0x85ebca6b)
    lo ^= lo >>> 15
    hi = Math.imul(hi ^ second, 0xc2b2ae35)
    hi ^= hi >>> 13
  }
  batch.templateLo[row] = Math.imul(lo ^ (lo >>> 16), 0x27d4eb2f)
  batch.templateHi[row] = Math.imul(hi ^ (hi >>> 16), 0x165667b1)
  if (end === cursor.at) cursor.faults |= FAULT.empty
  if ((seen & CONTROL) !== 0) cursor.faults |= FAULT.controlCharacters
  if ((seen & HIGH) !== 0 && !isUtf8(bytes, cursor.at, end)) cursor.faults |= FAULT.badUtf8
  return token
}
