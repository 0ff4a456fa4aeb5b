import type { Batch } from '#domain/batch.ts'

/**
 * Where the parser is: one object per parser, moved from frame to frame, so that reading a message allocates nothing.
 * All positions are absolute in `bytes`; `end` leaves out the trailing newline or NUL of a datagram. Nothing reads at or beyond `end`.
 */
export interface Cursor {
  batch: Batch
  bytes: Uint8Array
  row: number
  /** First byte of the frame: spans are stored relative to it. */
  frame: number
  at: number
  end: number
  receivedMs: number
  /** What a day without a year meant last, and for which time of receipt: most frames of a chunk say the same. */
  dayOf: number
  dayReceivedMs: number
  dayStartMs: number
  /** `<PRI>` was there, though perhaps not a valid one: a header may follow without a stamp. */
  hasPriority: boolean
  /** Bits of FAULT, written to the row at the end. */
  faults: number
  /** Bits of HINT, written to the row at the end. */
  hints: number
}

/** Bytes that the grammar of syslog names. */
export const BYTE = {
  nul: 0, tab: 9, newline: 10, return: 13, space: 32, quote: 34, percent: 37, star: 42, plus: 43, comma: 44, dash: 45, dot: 46, slash: 47,
  zero: 48, nine: 57, colon: 58, less: 60, equals: 61, greater: 62, open: 91, backslash: 92, close: 93,
} as const

/** 0–9 in ASCII. */
export const isDigit = (byte: number): boolean => byte >= BYTE.zero && byte <= BYTE.nine

/** The first position from `from` on that holds a space, or `end`. */
export function wordEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== BYTE.space) at++
  return at
}

/** The first position from `from` on that holds a blank or a control character, or `end`: a field of a header is PRINTUSASCII (RFC 5424 section 6), or more than that. */
export function fieldEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at]! > BYTE.space) at++
  return at
}

/** Moves to the next byte that is no blank, or to the end. */
export function skipBlanks(cursor: Cursor): void {
  const { bytes, end } = cursor
  while (cursor.at < end && bytes[cursor.at] === BYTE.space) cursor.at++
}

/** Whether `word` (one byte per character) stands at `at`, wholly before `end`. */
export function startsWith(cursor: Cursor, at: number, word: string): boolean {
  const { bytes, end } = cursor
  if (end - at < word.length) return false
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false
  return true
}
