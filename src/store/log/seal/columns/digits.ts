/** Digits to numbers and back. Chunks that fit in 31 bits are computed as integers: doubles a digit are several times slower. */
import { DIGIT_VALUE } from './token-codecs.ts'

export const ZERO = 48
const DECIMAL_CHUNK = 9
const HEX_CHUNK = 7
const DECIMAL_SCALE = 10 ** DECIMAL_CHUNK
const HEX_SCALE = 2 ** 32
const POWERS_OF_TEN: Readonly<Float64Array> = Float64Array.from({ length: 17 }, (_, digits) => 10 ** digits)

/** Value of at most 15 decimal digits, −1 when there is another byte among them. */
export function decimalAt(bytes: Uint8Array, start: number, end: number): number {
  const middle = end - start > DECIMAL_CHUNK ? start + DECIMAL_CHUNK : end
  let value = 0
  let wrong = 0
  for (let at = start; at < middle; at++) {
    const digit = bytes[at] - ZERO
    wrong |= digit | (9 - digit)
    value = (Math.imul(value, 10) + digit) | 0
  }
  if (middle === end) return wrong < 0 ? -1 : value
  let rest = 0
  for (let at = middle; at < end; at++) {
    const digit = bytes[at] - ZERO
    wrong |= digit | (9 - digit)
    rest = (Math.imul(rest, 10) + digit) | 0
  }
  return wrong < 0 ? -1 : value * POWERS_OF_TEN[end - middle] + rest
}

/** Value of at most 12 hexadecimal digits; there must be no other bytes. */
export function hexAt(bytes: Uint8Array, start: number, end: number): number {
  const middle = end - start > HEX_CHUNK ? start + HEX_CHUNK : end
  let value = 0
  for (let at = start; at < middle; at++) value = (value << 4) | DIGIT_VALUE[bytes[at]]
  if (middle === end) return value
  let rest = 0
  for (let at = middle; at < end; at++) rest = (rest << 4) | DIGIT_VALUE[bytes[at]]
  return value * 2 ** (4 * (end - middle)) + rest
}

/** Decimal digits of a whole number below 10^16; 16 for larger ones. */
export function decimalDigits(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
  if (value < 10_000_000) return value < 10_000 ? 4 : value < 100_000 ? 5 : value < 1_000_000 ? 6 : 7
  let digits = 8
  while (digits < 16 && value >= POWERS_OF_TEN[digits]) digits++
  return digits
}

/** Hexadecimal digits of a whole number below 2^53. */
export function hexDigits(value: number): number {
  if (value < HEX_SCALE) return value < 16 ? 1 : (35 - Math.clz32(value)) >>> 2
  return 8 + ((35 - Math.clz32(Math.floor(value / HEX_SCALE))) >>> 2)
}

/** Writes `value` right-aligned into `into[at … end)`, with zeros before it. */
export function putDecimal(value: number, into: Uint8Array, { at, end }: { readonly at: number; readonly end: number }): void {
  let place = end - 1
  let low = value
  if (value >= DECIMAL_SCALE) {
    const upper = Math.floor(value / DECIMAL_SCALE)
    low = value - upper * DECIMAL_SCALE
    putInteger(upper, into, { at, place: place - DECIMAL_CHUNK })
    putInteger(low, into, { at: end - DECIMAL_CHUNK, place })
  } else putInteger(low, into, { at, place })
}

function putInteger(value: number, into: Uint8Array, { at, place }: { readonly at: number; readonly place: number }): void {
  let low = value | 0
  for (let to = place; to >= at; to--) {
    const rest = (low / 10) | 0
    into[to] = ZERO + low - rest * 10
    low = rest
  }
}

/** The same in hexadecimal, with the bytes of 16 digits. */
export function putHex(value: number, into: Uint8Array, { at, end, digits }: { readonly at: number; readonly end: number; readonly digits: Uint8Array }): void {
  let place = end - 1
  let low = value | 0
  for (const stop = Math.max(at, end - 8); place >= stop; place--, low >>>= 4) into[place] = digits[low & 15]
  if (place < at) return
  low = Math.floor(value / HEX_SCALE)
  for (; place >= at; place--, low >>>= 4) into[place] = digits[low & 15]
}
