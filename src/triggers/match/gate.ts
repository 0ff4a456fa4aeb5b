import { MIN_LITERAL } from './regex-literals.ts'

/**
 * Finds in one pass over the bytes which of many literals may stand in a text. Of each literal one window of four characters
 * is looked for, the one that fewest other literals have; a table of bits says at every byte whether a window may end here, and
 * then the literal itself is compared. The cost does not grow with the number of rules, and nothing has to be known
 * about a message before (docs/decisions/0004-rules-gate.md).
 */
export interface Gate {
  /** Adds to `found` the number of every literal in `bytes[start, end)`, letters compared without case; may add one twice. */
  scan(bytes: Uint8Array, start: number, end: number, found: Set<number>): void
  /** The same over a text. */
  scanText(text: string, found: Set<number>): void
}

/** Size of the table: small ones stay in the processor's nearest cache; few literals leave them nearly empty. */
function windowBits(literals: number): number {
  if (literals <= 4) return 12
  return literals <= 64 ? 16 : 20
}

/** 5 bits a character: letters without case have one each, all others share six. */
const CLASS = Uint8Array.from({ length: 256 }, (_, code) => {
  const folded = fold(code)
  if (folded >= 97 && folded <= 122) return folded - 96
  return folded === 32 ? 0 : 27 + (folded % 5)
})

function fold(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code
}

/** Where a literal's window stands in it. */
interface Place { readonly literal: number; readonly windowEnd: number }

export function createGate(literals: readonly string[]): Gate {
  const mask = 2 ** windowBits(literals.length) - 1
  const bits = new Int32Array((mask + 1) / 32)
  const places = new Map<number, Place[]>()
  const codes = literals.map((literal) => Uint8Array.from(literal, (char) => char.charCodeAt(0)))
  const shared = new Map<number, number>()
  for (const literal of codes) for (const window of new Set(windows(literal, mask))) shared.set(window, (shared.get(window) ?? 0) + 1)
  codes.forEach((literal, index) => {
    const candidates = windows(literal, mask)
    let best = 0
    for (let at = 1; at < candidates.length; at++) if (shared.get(candidates[at]!)! < shared.get(candidates[best]!)!) best = at
    const window = candidates[best]!
    bits[window >> 5]! |= 1 << (window & 31)
    const place = { literal: index, windowEnd: best + MIN_LITERAL }
    const known = places.get(window)
    if (known === undefined) places.set(window, [place])
    else known.push(place)
  })

  /** No closure: it is called for every window that may be one, and most are not. */
  function checkBytes(window: number, { bytes, at, start, end, found }: Spot): void {
    const some = places.get(window)
    if (some === undefined) return
    for (const { literal, windowEnd } of some) {
      const wanted = codes[literal]!
      const first = at + 1 - windowEnd
      if (first < start || first + wanted.length > end) continue
      let same = 0
      while (same < wanted.length && fold(bytes[first + same]!) === wanted[same]) same++
      if (same === wanted.length) found.add(literal)
    }
  }

  const spot: Spot = { bytes: new Uint8Array(0), at: 0, start: 0, end: 0, found: new Set() }
  return {
    scan(bytes, start, end, found) {
      let window = 0
      for (let at = start; at < end; at++) {
        window = ((window << 5) | CLASS[bytes[at]!]!) & mask
        if (((bits[window >> 5]! >>> (window & 31)) & 1) === 0) continue
        spot.bytes = bytes
        spot.at = at
        spot.start = start
        spot.end = end
        spot.found = found
        checkBytes(window, spot)
      }
    },
    scanText(text, found) {
      let window = 0
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at)
        window = ((window << 5) | (code > 255 ? 0 : CLASS[code]!)) & mask
        if (((bits[window >> 5]! >>> (window & 31)) & 1) === 0) continue
        for (const { literal, windowEnd } of places.get(window) ?? []) if (standsAt(text, at + 1 - windowEnd, codes[literal]!)) found.add(literal)
      }
    },
  }
}

/** Where a window may be one; one object for all of them. */
interface Spot { bytes: Uint8Array; at: number; start: number; end: number; found: Set<number> }

function standsAt(text: string, from: number, wanted: Uint8Array): boolean {
  let same = 0
  while (same < wanted.length && fold(charAt(text, from + same)) === wanted[same]) same++
  return same === wanted.length
}

const charAt = (text: string, index: number): number => (index >= 0 && index < text.length ? text.charCodeAt(index) : -1)

function windows(literal: Uint8Array, mask: number): number[] {
  const found: number[] = []
  let window = 0
  for (let at = 0; at < literal.length; at++) {
    window = ((window << 5) | CLASS[literal[at]!]!) & mask
    if (at + 1 >= MIN_LITERAL) found.push(window)
  }
  return found
}
