/** Comparisons on received bytes, letters A–Z without case; no string is made. Patterns are given in lower case. */
import { isAscii } from 'node:buffer'
import { decodeText } from '#base/bytes.ts'
import { isTokenByte } from '#domain/tokens.ts'

/** Byte → byte, A–Z to a–z. */
const LOWER: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))
const IS_ASCII = /^[\u0000-\u007f]*$/u // oxlint-disable-line no-control-regex -- the range is the meaning

/** @returns the pattern's bytes, undefined when it has letters that more than one encoding could spell */
export const asciiPattern = (lowerCase: string): Uint8Array | undefined => (IS_ASCII.test(lowerCase) ? Buffer.from(lowerCase, 'latin1') : undefined)

export function startsWithBytes(bytes: Uint8Array, start: number, pattern: Uint8Array): boolean {
  for (let i = 0; i < pattern.length; i++) if (LOWER[bytes[start + i]] !== pattern[i]) return false
  return true
}

/** Bytes `start … end` of a message. */
export interface ByteRange { readonly bytes: Uint8Array; readonly start: number; readonly end: number }

/** Is `pattern` somewhere in `bytes[start … end)`? An empty pattern is. */
export const containsBytes = (range: ByteRange, pattern: Uint8Array): boolean => indexOfBytes(range, pattern, range.start) >= 0

/** @returns where `pattern` begins first at or after `from`, -1 when it does not */
function indexOfBytes({ bytes, end }: ByteRange, pattern: Uint8Array, from: number): number {
  const { length } = pattern
  if (length === 0) return from
  const last = end - length
  // with this bit set both cases of a letter are one; what else falls together is told apart by the comparison
  const first = pattern[0] | 32
  for (let at = from; at <= last; at++) {
    if ((bytes[at] | 32) !== first) continue
    let matched = 0
    while (matched < length && LOWER[bytes[at + matched]] === pattern[matched]) matched++
    if (matched === length) return at
  }
  return -1
}

/** A text to be found, and at which of its ends a token may go on. */
export interface Wanted { readonly pattern: Uint8Array; readonly isOpenStart: boolean; readonly isOpenEnd: boolean }

/** Is the text there with its first and last token whole, where they are not open? */
export function containsTokens(range: ByteRange, { pattern, isOpenStart, isOpenEnd }: Wanted): boolean {
  const { bytes, start, end } = range
  const mayFollowAny = isOpenStart || pattern.length === 0 || !isTokenByte(pattern[0])
  const mayPrecedeAny = isOpenEnd || pattern.length === 0 || !isTokenByte(pattern[pattern.length - 1])
  for (let at = indexOfBytes(range, pattern, start); at >= 0; at = indexOfBytes(range, pattern, at + 1)) {
    const behind = at + pattern.length
    if ((mayFollowAny || at === start || !isTokenByte(bytes[at - 1])) && (mayPrecedeAny || behind === end || !isTokenByte(bytes[behind]))) return true
    if (pattern.length === 0) return false
  }
  return false
}

/** The same for letters beyond ASCII: both texts are decoded and in ASCII lower case. */
export function textHasTokens(text: string, wanted: string, open: { readonly isOpenStart: boolean; readonly isOpenEnd: boolean }): boolean {
  const mayFollowAny = open.isOpenStart || !isTokenCode(wanted.charCodeAt(0))
  const mayPrecedeAny = open.isOpenEnd || !isTokenCode(wanted.charCodeAt(wanted.length - 1))
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const behind = at + wanted.length
    if ((mayFollowAny || at === 0 || !isTokenCode(text.charCodeAt(at - 1))) && (mayPrecedeAny || behind === text.length || !isTokenCode(text.charCodeAt(behind)))) return true
  }
  return false
}

/** Bytes above ASCII are part of a token in every encoding. */
const isTokenCode = (code: number): boolean => code > 127 || isTokenByte(code)

/** `decodeText` of a range, without its cost where all bytes are ASCII. */
export function textOfRange({ bytes, start, end }: ByteRange): string {
  if (start >= end) return ''
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
  return isAscii(part) ? part.toString('latin1') : decodeText(part).text
}
