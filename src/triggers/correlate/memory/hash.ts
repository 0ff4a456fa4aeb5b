/** Hash of bytes for the table of keys; `seed` keeps senders from choosing texts that collide. What collides is told apart by its bytes. */
export function hashBytes(bytes: Uint8Array, length: number, seed: number): number {
  let hash = seed | 0
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * 53 bits of a text, the same in every run since they are kept on disk. They stand for the text where only equality counts
 * (distinct values, values ever seen): of n values of a key, two are taken for one with odds of about n² / 2^54; for the 4,096 that
 * are remembered at most, one in a thousand million.
 */
export function hash53(text: string): number {
  let high = 0x41c6_ce57 ^ text.length
  let low = 0x9e37_79b9
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    high = Math.imul(high ^ unit, 0x85eb_ca77)
    low = Math.imul(low ^ unit, 0xc2b2_ae3d)
  }
  high = Math.imul(high ^ (high >>> 16), 0x2545_f491) ^ Math.imul(low ^ (low >>> 13), 0xc2b2_ae35)
  low = Math.imul(low ^ (low >>> 16), 0x2545_f491) ^ Math.imul(high ^ (high >>> 13), 0xc2b2_ae35)
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0)
}
