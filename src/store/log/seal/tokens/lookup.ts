/** Asks the token index of a run (see index-layout.ts) which blocks may hold a token. Says too many at times, never too few. */
import { bitsAt, onesAt } from './bit-stream.ts'
import { BUCKET_BITS, directoryEnd, HEAD_BYTES, PAD_BYTES, placeBits, readHead, scaleHash, type IndexHead } from './index-layout.ts'

const wordOf = (bytes: Uint8Array, at: number): number => (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0

/** Bytes of head and directory, from the first HEAD_BYTES of an index. */
export const tokenDirectoryBytes = (head: Uint8Array): number => directoryEnd(readHead(head).buckets)

/** Bytes of the index that `lookupTokenBucket` needs, from the head and directory alone. Empty: the answer needs no bucket. */
export function tokenBucketRange(directory: Uint8Array, hash: number): { readonly start: number; readonly end: number } {
  const head = readHead(directory)
  const from = directoryEnd(head.buckets)
  if (head.mayBeAnywhere || head.tokens === 0) return { start: from, end: from }
  const at = HEAD_BYTES + 4 * bucketOf(head, hash)
  return { start: from + (wordOf(directory, at) >>> 3), end: from + Math.ceil(wordOf(directory, at + 4) / 8) + PAD_BYTES }
}

const bucketOf = (head: IndexHead, hash: number): number => scaleHash(hash >>> 0, head) >>> (BUCKET_BITS + head.universeBits)

/**
 * Writes the blocks of the run that may hold the token: bit b of `into[0]` is block b, of `into[1]` block 32 + b.
 * @returns false when none may. @throws RangeError when `index` is no token index
 */
export function lookupToken(index: Uint8Array, hash: number, into: Uint32Array): boolean {
  const head = readHead(index)
  return lookup({ head, directory: index, bucket: index, bucketStart: 0 }, hash, into)
}

/** The same with head and directory and, apart from them, the bytes that `tokenBucketRange` named. */
export function lookupTokenBucket({ directory, bucket }: { readonly directory: Uint8Array; readonly bucket: Uint8Array }, hash: number, into: Uint32Array): boolean {
  const head = readHead(directory)
  return lookup({ head, directory, bucket, bucketStart: tokenBucketRange(directory, hash).start }, hash, into)
}

interface Opened {
  readonly head: IndexHead
  readonly directory: Uint8Array
  readonly bucket: Uint8Array
  /** Place in the index of the first byte of `bucket`. */
  readonly bucketStart: number
}

function lookup({ head, directory, bucket, bucketStart }: Opened, hash: number, into: Uint32Array): boolean {
  const { places, universeBits } = head
  into[0] = 0
  into[1] = 0
  if (head.mayBeAnywhere) return setAll(into, places)
  if (head.tokens === 0) return false
  const wanted = scaleHash(hash >>> 0, head)
  const shift = BUCKET_BITS + universeBits
  const number = wanted >>> shift
  const firstBit = 8 * (directoryEnd(head.buckets) - bucketStart)
  const end = firstBit + wordOf(directory, HEAD_BYTES + 4 * number + 4)
  let at = firstBit + wordOf(directory, HEAD_BYTES + 4 * number)
  const lowBits = universeBits - 1
  const lowMask = 2 ** lowBits - 1
  const width = placeBits(places)
  let value = (number << shift) - 1
  while (at < end) {
    const low = bitsAt(bucket, at) & lowMask
    const ones = onesAt(bucket, at + lowBits)
    at += lowBits + ones + 1
    value += (ones << lowBits) + low + 1
    if (value > wanted) return false
    if (value === wanted) return readPlaces(bucket, { at, places }, into)
    if (places <= 1) continue
    const flags = bitsAt(bucket, at) & 3
    at += (flags & 1) === 0 ? 1 + width : flags === 3 ? 2 : 2 + places
  }
  return false
}

function readPlaces(bucket: Uint8Array, { at, places }: { readonly at: number; readonly places: number }, into: Uint32Array): boolean {
  const flags = bitsAt(bucket, at) & 3
  if (places <= 1 || flags === 3) return setAll(into, places)
  if ((flags & 1) === 0) {
    const place = (bitsAt(bucket, at) >>> 1) & (2 ** placeBits(places) - 1)
    into[place >>> 5] = 1 << (place & 31)
    return true
  }
  for (let from = 0; from < places; from += 16) {
    const bits = bitsAt(bucket, at + 2 + from) & (2 ** Math.min(16, places - from) - 1)
    into[from >>> 5] |= bits << (from & 31)
  }
  return true
}

function setAll(into: Uint32Array, places: number): true {
  into[0] = places >= 32 ? 0xffff_ffff : 2 ** places - 1
  into[1] = places > 32 ? 2 ** (places - 32) - 1 : 0
  return true
}
