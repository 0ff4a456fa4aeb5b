import { BYTE_KIND, IN_TOKEN, MAX_HEX_LETTERS, TOKEN_KIND } from '#domain/tokens.ts'
import { BYTE, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { isUtf8 } from './utf8.ts'

const FNV_BASIS = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193
/** Stands in the template for every variable token. */
const VARIABLE_LO = 0x9e3779b9 | 0
const VARIABLE_HI = 0x7f4a7c15 | 0

/**
 * One pass over the text, which is `cursor.at` to `cursor.end`: the template hash (APP-NAME and the words in order, every
 * variable token of `domain/tokens` as one mark), and the faults that only its bytes can show.
 */
export function readText(cursor: Cursor): void {
  const { bytes, end, batch, row, frame } = cursor
  const low = cursor.at
  batch.textOff[row] = low - frame
  batch.textLen[row] = end - low
  const appStart = frame + batch.appOff[row]!
  const appEnd = appStart + batch.appLen[row]!
  let lo = FNV_BASIS
  let hi = 0
  for (let i = appStart; i < appEnd; i++) {
    lo = Math.imul(lo ^ bytes[i]!, FNV_PRIME)
    hi = (Math.imul(hi, 31) + bytes[i]!) | 0
  }
  let seen = 0
  let at = low
  while (at < end) {
    let byte = bytes[at++]!
    let kind = BYTE_KIND[byte]!
    seen |= kind
    if ((kind & IN_TOKEN) === 0) continue
    const start = at - 1
    let kinds = kind
    let common = kind
    let hash = Math.imul(FNV_BASIS ^ byte, FNV_PRIME)
    let second = byte
    while (at < end && ((kind = BYTE_KIND[(byte = bytes[at]!)]!) & IN_TOKEN) !== 0) {
      kinds |= kind
      common &= kind
      hash = Math.imul(hash ^ byte, FNV_PRIME)
      second = (Math.imul(second, 31) + byte) | 0
      at++
    }
    seen |= kinds
    // the same decision as `isVariableToken`, on what this pass has seen already
    const isAddressPart = (common & TOKEN_KIND.hexLetter) !== 0 && at - start <= MAX_HEX_LETTERS && ((start > low && bytes[start - 1] === BYTE.colon) || (at < end && bytes[at] === BYTE.colon))
    if ((kinds & TOKEN_KIND.digit) !== 0 || isAddressPart) {
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
  if (end === low) cursor.faults |= FAULT.empty
  if ((seen & TOKEN_KIND.control) !== 0) cursor.faults |= FAULT.controlCharacters
  if ((seen & TOKEN_KIND.high) !== 0 && !isUtf8(bytes, low, end)) cursor.faults |= FAULT.badUtf8
}
