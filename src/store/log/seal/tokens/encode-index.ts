/** Writes the token index of a run (see index-layout.ts). */
import { BitWriter } from './bit-stream.ts'
import { BUCKET_BITS, bucketCount, directoryEnd, FLAG_ANYTHING, HEAD_BYTES, MAGIC, PAD_BYTES, placeBits, scaleHash } from './index-layout.ts'

export interface CollectedTokens {
  /** Entries of `words` numbers: hash, places 0–31; with four words also places 32–63 and a 1. The last word of a free entry is 0. */
  readonly table: Uint32Array
  readonly words: 2 | 4
  readonly tokens: number
  readonly places: number
  readonly universeBits: number
  readonly isOverfull: boolean
}
const DIGIT_BITS = 11
const DIGIT_MASK = 2 ** DIGIT_BITS - 1

export function encodeIndex(collected: CollectedTokens): Buffer {
  const { places, universeBits, isOverfull } = collected
  const tokens = isOverfull ? 0 : collected.tokens
  const buckets = bucketCount(tokens)
  const from = directoryEnd(buckets)
  // A token takes at most its low bits, the end of the ones, a flag or two and a bit a place; the ones are two a token in all.
  const out = Buffer.alloc(from + Math.ceil((tokens * (universeBits + 5 + Math.max(places, 8))) / 8) + PAD_BYTES)
  out[0] = MAGIC
  out[1] = isOverfull ? FLAG_ANYTHING : 0
  out[2] = places
  out[3] = universeBits
  out.writeUInt32LE(tokens, 4)
  out.writeUInt32LE(buckets, 8)
  const end = buckets === 0 ? from : writeBuckets(out, { ...collected, tokens }, buckets)
  return out.subarray(0, end + PAD_BYTES)
}

interface SortedTokens {
  readonly scaled: Uint32Array
  /** Where the token's entry begins in the table. */
  readonly entries: Uint32Array
}

/** Tokens by scaled hash: a radix sort from the lowest digit. */
function sortTokens({ table, words, tokens, universeBits }: CollectedTokens): SortedTokens {
  let scaled = new Uint32Array(tokens)
  let entries = new Uint32Array(tokens)
  let count = 0
  for (let at = 0; at < table.length; at += words) {
    if (table[at + words - 1] === 0) continue
    scaled[count] = scaleHash(table[at], { tokens, universeBits })
    entries[count++] = at
  }
  let scaledTo = new Uint32Array(tokens)
  let entriesTo = new Uint32Array(tokens)
  for (let shift = 0; tokens * 2 ** universeBits > 2 ** shift; shift += DIGIT_BITS) {
    const ends = new Uint32Array(DIGIT_MASK + 2)
    for (let i = 0; i < tokens; i++) ends[((scaled[i] >>> shift) & DIGIT_MASK) + 1]++
    for (let digit = 1; digit <= DIGIT_MASK; digit++) ends[digit] += ends[digit - 1]
    for (let i = 0; i < tokens; i++) {
      const to = ends[(scaled[i] >>> shift) & DIGIT_MASK]++
      scaledTo[to] = scaled[i]
      entriesTo[to] = entries[i]
    }
    ;[scaled, scaledTo] = [scaledTo, scaled]
    ;[entries, entriesTo] = [entriesTo, entries]
  }
  return { scaled, entries }
}

function writeBuckets(out: Buffer, collected: CollectedTokens, buckets: number): number {
  const { table, words, tokens, places, universeBits } = collected
  const { scaled, entries } = sortTokens(collected)
  const from = directoryEnd(buckets)
  const bits = new BitWriter(out, from)
  const set = createPlaceWriter(bits, places)
  const bucketShift = BUCKET_BITS + universeBits
  const lowBits = universeBits - 1
  const lowMask = 2 ** lowBits - 1
  let bucket = -1
  let next = 0
  for (let i = 0; i < tokens; i++) {
    const value = scaled[i]
    let low = 0
    let high = 0
    // Hashes that meet in one value are one token to the reader.
    for (; ; i++) {
      low |= table[entries[i] + 1]
      if (words === 4) high |= table[entries[i] + 2]
      if (i + 1 === tokens || scaled[i + 1] !== value) break
    }
    while (bucket < value >>> bucketShift) {
      bucket++
      next = bucket << bucketShift
      out.writeUInt32LE(bits.position - 8 * from, HEAD_BYTES + 4 * bucket)
    }
    const distance = value - next
    next = value + 1
    bits.put(distance & lowMask, lowBits)
    bits.putUnary(distance >>> lowBits)
    set(low, high)
  }
  while (++bucket <= buckets) out.writeUInt32LE(bits.position - 8 * from, HEAD_BYTES + 4 * bucket)
  return bits.finish()
}

const onesIn = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x5555_5555)
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/** Appends a set of places: the only one, all, or a bit each; nothing when there is but one place. */
function createPlaceWriter(bits: BitWriter, places: number): (low: number, high: number) => void {
  const width = placeBits(places)
  return (low, high) => {
    if (places <= 1) return
    const known = onesIn(low) + onesIn(high)
    if (known === 1) return bits.put((low === 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(low)) << 1, width + 1)
    if (known === places) return bits.put(0b11, 2)
    bits.put(0b01, 2)
    for (let at = 0; at < places; at += 16) {
      const count = Math.min(16, places - at)
      bits.put(((at < 32 ? low >>> at : high >>> (at - 32)) & 0xffff) & (2 ** count - 1), count)
    }
  }
}
