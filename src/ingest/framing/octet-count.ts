/**
 * Octet counting (RFC 6587 section 3.4.1) is recognised at a message's start by `^[1-9][0-9]{0,7} <`; anything else that
 * begins with a digit is text of a line, so that no content can be taken for a count.
 */
const MAX_DIGITS = 8
const SPACE = 32
const ZERO = 48
const ONE = 49
const NINE = 57
const LESS = 60

/** Bytes after which it is always known whether they are a count. */
export const MAX_COUNT_BYTES = MAX_DIGITS + 2

/** `count`: the frame of `length` bytes begins at `at`. `line`: no count. `open`: too few bytes to know. */
export type CountOutcome = { readonly kind: 'count'; readonly length: number; readonly at: number } | { readonly kind: 'line' } | { readonly kind: 'open' }
const LINE = { kind: 'line' } as const
const OPEN = { kind: 'open' } as const

/** Looks for a count at `from`. */
export function readOctetCount(bytes: Uint8Array, from: number, end: number): CountOutcome {
  if (from >= end) return OPEN
  if (bytes[from]! < ONE || bytes[from]! > NINE) return LINE
  let at = from
  let length = 0
  while (at < end && at - from < MAX_DIGITS && bytes[at]! >= ZERO && bytes[at]! <= NINE) length = length * 10 + bytes[at++]! - ZERO
  if (at === end) return OPEN
  if (bytes[at] !== SPACE) return LINE
  if (at + 1 === end) return OPEN
  return bytes[at + 1] === LESS ? { kind: 'count', length, at: at + 1 } : LINE
}
