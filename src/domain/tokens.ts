/**
 * Tokens of a message text: the longest runs of letters, digits, `_` and bytes above ASCII; everything else parts them.
 * A *variable* token holds a digit, or is one to four hex letters with a colon beside it (`fe`, `cab` of an address). All
 * others are *words*: they make the template of a message. Parser, store and search must agree on this page.
 */
export const TOKEN_KIND = { word: 1, digit: 2, high: 4, control: 8, hexLetter: 16 } as const
/** Bits of `TOKEN_KIND` that make a byte part of a token. */
export const IN_TOKEN = TOKEN_KIND.word | TOKEN_KIND.digit
const COLON = 0x3a
/** Longest run of hex letters that counts as a part of an address. */
export const MAX_HEX_LETTERS = 4

export const BYTE_KIND: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => {
  const lower = byte | 32
  if (byte >= 48 && byte <= 57) return TOKEN_KIND.digit
  if (lower >= 97 && lower <= 102 && byte < 128) return TOKEN_KIND.word | TOKEN_KIND.hexLetter
  if ((lower >= 97 && lower <= 122 && byte < 128) || byte === 95) return TOKEN_KIND.word
  if (byte > 127) return TOKEN_KIND.word | TOKEN_KIND.high
  return (byte < 32 && byte !== 9) || byte === 127 ? TOKEN_KIND.control : 0
})

export const isTokenByte = (byte: number): boolean => (BYTE_KIND[byte]! & IN_TOKEN) !== 0

/** Is the token `bytes[start … end)` a variable? The bytes beside it are looked at inside `low … high`, the bounds of the text. */
export function isVariableToken(bytes: Uint8Array, { start, end, low, high }: { readonly start: number; readonly end: number; readonly low: number; readonly high: number }): boolean {
  let kinds = 0
  let common = 255
  for (let at = start; at < end; at++) {
    const kind = BYTE_KIND[bytes[at]!]!
    kinds |= kind
    common &= kind
  }
  if ((kinds & TOKEN_KIND.digit) !== 0) return true
  if ((common & TOKEN_KIND.hexLetter) === 0 || end - start > MAX_HEX_LETTERS) return false
  return (start > low && bytes[start - 1] === COLON) || (end < high && bytes[end] === COLON)
}

/** 32-bit FNV-1a of a token in ASCII lower case: what the store's token index is asked with. */
export function tokenHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    hash = Math.imul(hash ^ (byte >= 65 && byte <= 90 ? byte + 32 : byte), 0x01000193)
  }
  return hash >>> 0
}
