/** Comparisons on received bytes, letters A–Z without case; no string is made. Patterns are given in lower case. */

/** Byte → byte, A–Z to a–z. */
const LOWER: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))
const IS_ASCII = /^[\u0000-\u007f]*$/u // oxlint-disable-line no-control-regex -- the range is the meaning

/** @returns the pattern's bytes, undefined when it has letters that more than one encoding could spell */
export const asciiPattern = (lowerCase: string): Uint8Array | undefined => (IS_ASCII.test(lowerCase) ? Buffer.from(lowerCase, 'latin1') : undefined)

export function startsWithBytes(bytes: Uint8Array, start: number, pattern: Uint8Array): boolean {
  for (let i = 0; i < pattern.length; i++) if (LOWER[bytes[start + i]] !== pattern[i]) return false
  return true
}

/** Is `pattern` somewhere in `bytes[start … end)`? An empty pattern is. */
export function containsBytes(bytes: Uint8Array, { start, end, pattern }: { readonly start: number; readonly end: number; readonly pattern: Uint8Array }): boolean {
  const last = end - pattern.length
  const first = pattern[0]
  if (pattern.length === 0) return true
  for (let at = start; at <= last; at++) {
    if (LOWER[bytes[at]] === first && startsWithBytes(bytes, at, pattern)) return true
  }
  return false
}
