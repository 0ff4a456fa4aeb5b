/** Looks at the byte strings of a column: what they have in common and what kind they are. */
import { BYTE_CLASS, CLASS_OF } from './token-codecs.ts'

/** `count` byte strings: number `from + i` is the `lengths[from + i]` bytes at `starts[from + i]` of `bytes`. */
export interface TokenSpans {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly lengths: Uint16Array
  readonly from: number
  readonly count: number
}

export interface TokenScan {
  /** Bits of BYTE_CLASS over all bytes between what all begin and end with. */
  readonly classes: number
  readonly shortest: number
  readonly longest: number
  /** Is there one that begins with 0 and is longer than that, or is empty? */
  readonly hasLeadingZero: boolean
  /** Bytes that all begin with and that all end with, as far as they are no part of a number. */
  readonly prefix: number
  readonly suffix: number
}

/** Kind and lengths of what is left of the tokens without `prefix` bytes before and `suffix` bytes behind. */
export function scanTokens({ bytes, starts, lengths, from, count }: TokenSpans, { prefix, suffix }: { readonly prefix: number; readonly suffix: number }): TokenScan {
  const classOf = CLASS_OF
  const { other } = BYTE_CLASS
  let classes = 0
  let shortest = Infinity
  let longest = 0
  let zeros = 0
  for (let i = from; i < from + count; i++) {
    const length = lengths[i] - prefix - suffix
    const start = starts[i] + prefix
    if (length < shortest) shortest = length
    if (length > longest) longest = length
    if (length === 0 || (length > 1 && bytes[start] === 48)) zeros++
    if (classes < other) for (let at = start; at < start + length; at++) classes |= classOf[bytes[at]]
  }
  return { classes, shortest, longest, hasLeadingZero: zeros > 0, prefix, suffix }
}

/** Bytes that all tokens begin and end with, without any digits at the inner ends: those belong to the numbers between. */
export function findAffixes({ bytes, starts, lengths, from, count }: TokenSpans, shortest: number): { prefix: number; suffix: number } {
  const first = starts[from]
  const firstEnd = first + lengths[from]
  let prefix = shortest
  let suffix = shortest
  for (let i = from + 1; i < from + count && prefix + suffix > 0; i++) {
    const start = starts[i]
    const end = start + lengths[i]
    let same = 0
    while (same < prefix && bytes[start + same] === bytes[first + same]) same++
    prefix = same
    same = 0
    while (same < suffix && bytes[end - 1 - same] === bytes[firstEnd - 1 - same]) same++
    suffix = same
  }
  while (prefix > 0 && CLASS_OF[bytes[first + prefix - 1]] === BYTE_CLASS.decimal) prefix--
  suffix = Math.min(suffix, shortest - prefix)
  while (suffix > 0 && CLASS_OF[bytes[firstEnd - suffix]] === BYTE_CLASS.decimal) suffix--
  return { prefix, suffix }
}
