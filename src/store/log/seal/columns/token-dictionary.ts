/** Finds the different byte strings of a column. */
import { MAX_DICTIONARY, type ColumnScratch } from './column-scratch.ts'
import type { TokenSpans } from './token-scan.ts'

/** New ones among the first so many tell that there are too many. */
const EARLY_ROWS = 128

/**
 * Fills `scratch.index` with the entry of each row and `scratch.entryRows` with the row that each entry was first seen in.
 * Answers the number of entries, 0 when a dictionary would not pay.
 */
export function indexTokens(scratch: ColumnScratch, { bytes, starts, lengths, from, count }: TokenSpans): number {
  scratch.grow(count)
  const { slots, index, entryRows, entryHashes } = scratch
  const most = Math.min(MAX_DICTIONARY, Math.max(1, (count * 3) >>> 2))
  const mask = 2 ** Math.ceil(Math.log2(most * 2)) - 1
  slots.fill(0, 0, mask + 1)
  let known = 0
  for (let i = 0; i < count; i++) {
    const start = starts[from + i]
    const length = lengths[from + i]
    let hash = length
    for (let at = start; at < start + length; at++) hash = Math.imul(hash ^ bytes[at], 0x0100_0193)
    hash ^= hash >>> 15
    let slot = hash & mask
    let entry = slots[slot]
    while (entry !== 0) {
      const row = entryRows[entry - 1]
      if (entryHashes[entry - 1] === hash && lengths[row] === length) {
        const known = starts[row]
        let same = 0
        while (same < length && bytes[known + same] === bytes[start + same]) same++
        if (same === length) break
      }
      slot = (slot + 1) & mask
      entry = slots[slot]
    }
    if (entry === 0) {
      if (known === most || (i >= EARLY_ROWS && known * 4 > i * 3)) return 0
      entryRows[known] = from + i
      entryHashes[known] = hash
      entry = ++known
      slots[slot] = entry
    }
    index[i] = entry - 1
  }
  return known
}
