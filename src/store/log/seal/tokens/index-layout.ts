/**
 * The token index of a run: which of its blocks ("places") may hold a token, asked with the token's 32-bit hash.
 *
 * All numbers little-endian. Head: magic u8, flags u8, places u8, universe bits u8 (hashes are scaled to `tokens << bits` values, so
 * a stranger meets a token with a chance of 1 in 2^bits), tokens u32, buckets u32. Directory: bit offset u32 of each bucket behind
 * the directory, and of the end. Bucket b holds the scaled hashes from b << bucketShift on, in rising order: distance to the one before
 * (Golomb-Rice, `bits − 1` low bits, then ones and a zero), then the places: `0` and the number of the only one; `10` and a bit
 * a place; `11`: all of them. PAD_BYTES zeros end the index, so that reading 32 bits never runs over the end.
 */
export const HEAD_BYTES = 12
export const MAGIC = 0x54
/** The run had more tokens than the collector counts, or there is no index: anything may be anywhere. */
export const FLAG_ANYTHING = 1
export const PAD_BYTES = 8
/** log2 of the tokens of a bucket. */
export const BUCKET_BITS = 7
/** A stranger is found in one of 16 lookups; each bit more halves that and costs a bit a token. */
export const UNIVERSE_BITS = 4
export const MAX_PLACES = 64

export interface IndexHead {
  readonly mayBeAnywhere: boolean
  readonly places: number
  readonly universeBits: number
  readonly tokens: number
  readonly buckets: number
}

export const bucketCount = (tokens: number): number => Math.ceil(tokens / 2 ** BUCKET_BITS)
/** Bytes before the first bucket. */
export const directoryEnd = (buckets: number): number => (buckets === 0 ? HEAD_BYTES : HEAD_BYTES + 4 * (buckets + 1))
/** Monotonic in `hash`: builder and reader compute the very same doubles. */
export const scaleHash = (hash: number, { tokens, universeBits }: { readonly tokens: number; readonly universeBits: number }): number => Math.floor(hash * ((tokens * 2 ** universeBits) / 0x1_0000_0000))
export const placeBits = (places: number): number => (places <= 1 ? 0 : 32 - Math.clz32(places - 1))

/** @throws RangeError when the bytes are no token index */
export function readHead(index: Uint8Array): IndexHead {
  const u32 = (at: number): number => (index[at] | (index[at + 1] << 8) | (index[at + 2] << 16) | (index[at + 3] << 24)) >>> 0
  const head = { mayBeAnywhere: (index[1] & FLAG_ANYTHING) !== 0, places: index[2], universeBits: index[3], tokens: u32(4), buckets: u32(8) }
  if (index.length < HEAD_BYTES || index[0] !== MAGIC || head.places > MAX_PLACES || head.universeBits > 16 || head.buckets !== bucketCount(head.tokens)) throw new RangeError('not a token index')
  return head
}
