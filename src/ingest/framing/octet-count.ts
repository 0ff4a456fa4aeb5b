/**
 * Octet counting (RFC 6587 section 3.4.1), recognised by its count, the blank and a whole priority: `^[0-9]{1,10} <[0-9]{1,3}>`.
 * Anything else that begins with a digit is text of a line, so that no line can be taken for a count. Why, and what other
 * receivers do: docs/decisions/0009-octet-counts.md.
 */
const MAX_DIGITS = 10
/** Longest `<PRI>`. */
const MAX_PRI_BYTES = 5
/** Sixteen times the longest frame that is kept. Whoever announces more has miscounted, and is not given the stream to swallow. */
export const MAX_COUNT = 1 << 20

const RETURN = 13
const SPACE = 32
const ZERO = 48
const NINE = 57
const LESS = 60
const GREATER = 62

/** Bytes after which it is always known whether they are a count. */
export const MAX_COUNT_BYTES = MAX_DIGITS + 1 + MAX_PRI_BYTES

/**
 * `count`: the frame of `length` bytes begins at `at`. `wrong`: a count that cannot be, 0 or less than the priority behind it or
 * above MAX_COUNT. `line`: no count. `open`: too few bytes to know.
 */
export type CountOutcome = { readonly kind: 'count'; readonly length: number; readonly at: number } | { readonly kind: 'wrong' } | { readonly kind: 'line' } | { readonly kind: 'open' }
const WRONG = { kind: 'wrong' } as const
const LINE = { kind: 'line' } as const
const OPEN = { kind: 'open' } as const

/** Whether a message that begins with this byte may begin with a count. */
export const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE

/** Looks for a count at `from`. */
export function readOctetCount(bytes: Uint8Array, from: number, end: number): CountOutcome {
  let at = from
  let length = 0
  while (at < end && at - from < MAX_DIGITS && isDigit(bytes[at]!)) length = length * 10 + bytes[at++]! - ZERO
  if (at === end) return OPEN
  if (at === from || bytes[at] !== SPACE) return LINE
  const priority = ++at
  if (at === end) return OPEN
  if (bytes[at++] !== LESS) return LINE
  while (at < end && at - priority < MAX_PRI_BYTES - 1 && isDigit(bytes[at]!)) at++
  if (at === end) return OPEN
  if (bytes[at] !== GREATER || at === priority + 1) return LINE
  return length > at - priority && length <= MAX_COUNT ? { kind: 'count', length, at: priority } : WRONG
}

export interface FoundCount { readonly start: number; readonly length: number; readonly at: number }

/**
 * The first count of a damaged line, from `from` on: `start` is its first digit. Undefined when there is none yet. Digits at the very
 * beginning are none: they have been judged before, or are the end of a longer number that was cut.
 */
export function findOctetCount(bytes: Uint8Array, from: number, end: number): FoundCount | undefined {
  for (let less = Math.max(2, from); less < end; less++) {
    if (bytes[less] !== LESS || bytes[less - 1] !== SPACE) continue
    let start = less - 1
    while (start > 0 && less - start <= MAX_DIGITS + 1 && isDigit(bytes[start - 1]!)) start--
    if (start === less - 1 || start === 0) continue
    const outcome = readOctetCount(bytes, start, end)
    if (outcome.kind === 'count') return { start, length: outcome.length, at: outcome.at }
  }
  return undefined
}

/**
 * `proven`: the counts without a priority before `start` lead exactly to a count with one. `open`: they lead to `next`, which may lie
 * beyond the end. `broken`: they lead to something else.
 */
export type ChainOutcome = ({ readonly kind: 'proven' } & FoundCount) | { readonly kind: 'open'; readonly next: number } | { readonly kind: 'broken' }
const BROKEN = { kind: 'broken' } as const

/** Follows counts without a priority from one to the next, from `from` on; bytes before `from` have been followed already. */
export function followCounts(bytes: Uint8Array, from: number, end: number): ChainOutcome {
  for (let at = from; ; ) {
    // A CR may belong to the line end behind it.
    if (at >= end || (bytes[at] === RETURN && at + 1 === end)) return { kind: 'open', next: at }
    const count = at === 0 ? LINE : readOctetCount(bytes, at, end)
    if (count.kind === 'count') return { ...count, kind: 'proven', start: at }
    if (count.kind === 'wrong') return BROKEN
    const { text, length } = readBareCount(bytes, at, end)
    if (count.kind === 'open' || text === end) return { kind: 'open', next: at }
    if (text === at || bytes[text] !== SPACE || length === 0) return BROKEN
    at = text + 1 + length
  }
}

/** The number at `from`, and where its digits end. */
export function readBareCount(bytes: Uint8Array, from: number, end: number): { readonly text: number; readonly length: number } {
  let text = from
  let length = 0
  while (text < end && text - from < MAX_DIGITS && isDigit(bytes[text]!)) length = length * 10 + bytes[text++]! - ZERO
  return { text, length }
}
