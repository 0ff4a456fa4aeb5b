/** Literals four bytes at a time: reading a number out of bytes costs as much as reading one byte. */
export const WORD_BYTES = 4

/** Mask of the lowest `count` bytes of a word, 1 to 3. */
export const lowBytes = (count: number): number => (1 << (count * 8)) - 1

/** Literals as little-endian numbers, each beginning a number of its own, zeros behind its last byte; those of size 0 have none. */
export function wordsOf(literals: Uint8Array, sizes: ArrayLike<number>): { readonly words: Int32Array; readonly wordStart: Uint32Array } {
  const wordStart = new Uint32Array(sizes.length + 1)
  for (let i = 0; i < sizes.length; i++) wordStart[i + 1] = wordStart[i]! + Math.ceil(sizes[i]! / WORD_BYTES)
  const words = new Int32Array(wordStart[sizes.length]!)
  let from = 0
  for (let i = 0; i < sizes.length; i++) {
    for (let at = 0; at < sizes[i]!; at++) words[wordStart[i]! + (at >>> 2)]! |= literals[from + at]! << ((at & 3) * 8)
    from += sizes[i]!
  }
  return { words, wordStart }
}
