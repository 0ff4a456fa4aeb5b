import type { Batch } from '#domain/batch.ts'

/**
 * Whether a line of HPS may mean anything beyond its text, by a look at its bytes: most lines that nodes send do not, and need
 * no reading. Says yes too often rather than too seldom: what `hps-words` knows begins with one of these.
 */
const FIRST_LETTERS: ReadonlySet<number> = new Set(
  ['iPXE', 'Stat', 'Star', 'Init', 'Step', 'Part', 'Form', 'Runn', 'Inst', 'Rebo', 'REBO', 'Exec', 'Node'].map((word) => fourBytes(Buffer.from(word), 0)),
)
const MAX_GROUPS = 8
const [TAB, SPACE, OPEN, CLOSE, OPEN_ROUND, CLOSE_ROUND, BEYOND_ASCII] = [9, 32, 91, 93, 40, 41, 128]

/** Behind the groups `[…]` and `(…)`; two in brackets are the form in which the server speaks about others. */
export function mayMeanSomething({ bytes, frameStart, textOff, textLen }: Batch, row: number): boolean {
  let at = frameStart[row]! + textOff[row]!
  const end = at + textLen[row]!
  let bracketed = 0
  for (let group = 0; group <= MAX_GROUPS; group++) {
    while (at < end && bytes[at]! >= TAB && bytes[at]! <= SPACE) at++
    if (at >= end) return false
    const first = bytes[at]
    if (first !== OPEN && first !== OPEN_ROUND) return bytes[at]! >= BEYOND_ASCII || (end - at >= 4 && FIRST_LETTERS.has(fourBytes(bytes, at)))
    const closing = first === OPEN ? CLOSE : CLOSE_ROUND
    while (at < end && bytes[at] !== closing) at++
    if (at === end) return false
    if (first === OPEN && ++bracketed > 1) return true
    at++
  }
  return true
}

function fourBytes(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
