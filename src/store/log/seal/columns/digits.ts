/** Digits to numbers and back. Chunks that fit in 31 bits are computed as integers: doubles a digit are several times slower. */

// No exported constant in the loops: the engine reads a module's exports again at every use.
const ZERO = 48
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

/** Value of a byte that is known to be 0–9, a–f or A–F. */
export const hexDigit = (byte: number): number => (byte & 15) + (byte >>> 6) * 9

/** Value of at most 12 hexadecimal digits; there must be no other bytes. */
export function hexAt(bytes: Uint8Array, start: number, end: number): number {
  const middle = end - start > HEX_CHUNK ? start + HEX_CHUNK : end
  let value = 0
  for (let at = start; at < middle; at++) value = (value << 4) | hexDigit(bytes[at])
  if (middle === end) return value
  let rest = 0
  for (let at = middle; at < end; at++) rest = (rest << 4) | hexDigit(bytes[at])
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

/** Writes `value` right-aligned into `into[at … end)`, with zeros before it. (Called for every token: no options object.) */
export function putDecimal(value: number, into: Uint8Array, at: number, end: number): void {
  if (value < DECIMAL_SCALE) return putInteger(value, into, at, end)
  const upper = Math.floor(value / DECIMAL_SCALE)
  putInteger(upper, into, at, end - DECIMAL_CHUNK)
  putInteger(value - upper * DECIMAL_SCALE, into, end - DECIMAL_CHUNK, end)
}

function putInteger(value: number, into: Uint8Array, at: number, end: number): void {
  let low = value | 0
  for (let to = end - 1; to >= at; to--) {
    const rest = (low / 10) | 0
    into[to] = ZERO + low - rest * 10
    low = rest
  }
}

/** Code of a hexadecimal digit, without a branch: digits are random. */
export const hexByte = (digit: number, gap: number): number => ZERO + digit + (((9 - digit) >> 31) & gap)

/** The same in hexadecimal; `gap` is what lies between the codes of the digits nine and ten. */
export function putHex(value: number, into: Uint8Array, { at, end, gap }: { readonly at: number; readonly end: number; readonly gap: number }): void {
  const middle = end - at > 8 ? end - 8 : at
  putNibbles(value, into, middle, end, gap)
  if (middle > at) putNibbles(Math.floor(value / HEX_SCALE), into, at, middle, gap)
}

function putNibbles(value: number, into: Uint8Array, at: number, end: number, gap: number): void {
  let low = value | 0
  for (let to = end - 1; to >= at; to--) {
    into[to] = hexByte(low & 15, gap)
    low >>>= 4
  }
}
