/**
 * How a column of byte strings is written: a codec byte, then (with `affixed`) the bytes that all begin with and the bytes that all
 * end with, each with its length before it; then what the codec needs for what is between them.
 */
export const TOKEN_CODEC = {
  /** Digits of a radix without leading zeros: values (a column of numbers). */
  shortest: 0,
  /** Digits of a radix: values, lengths (two columns of numbers). */
  digits: 1,
  /** Hexadecimal digits, all of one length: the length, then four bits a digit in `dense`, the high half of a byte first. */
  nibbles: 2,
  /** Number of entries, their lengths (a column), their bytes in `soft`; index (a column). */
  dictionary: 3,
  /** Lengths (a column), bytes in `soft`. */
  text: 4,
  /** Lengths (a column), bytes in `dense`. */
  random: 5,
} as const
export const CODEC_BITS = 7
/** Bits of the codec byte beside the codec. */
export const TOKEN_FLAG = { hexadecimal: 8, upperCase: 16, affixed: 32 } as const
/** Longest that is written as a number: 10^15 and 16^12 are below 2^53. */
export const MAX_DECIMAL_DIGITS = 15
export const MAX_HEX_DIGITS = 12
export const MAX_NIBBLES = 64

const ZERO = 48
/** Value of a digit 0–9, a–f, A–F; 255 for any other byte. */
export const DIGIT_VALUE: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= ZERO && byte < ZERO + 10) return byte - ZERO
  const letter = (byte | 32) - 97
  return letter >= 0 && letter < 6 ? letter + 10 : 255
})
/** What a byte may not be part of: bits are or-ed over a token. */
export const BYTE_CLASS = { decimal: 1, lowerHex: 2, upperHex: 4, other: 8 } as const
export const CLASS_OF: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= ZERO && byte < ZERO + 10) return BYTE_CLASS.decimal
  if (DIGIT_VALUE[byte] === 255) return BYTE_CLASS.other
  return byte >= 97 ? BYTE_CLASS.lowerHex : BYTE_CLASS.upperHex
})
