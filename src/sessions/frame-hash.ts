import type { Batch } from '#domain/batch.ts'

const PRIME = 0x01000193
const BASIS = 0x811c9dc5
const LENGTH_PRIME = 0x9e3779b1

/** 32 bits of the received bytes of a row (FNV-1a) and their number, never 0: equal frames have equal ones, and few others do. */
export function frameHash(batch: Batch, row: number): number {
  const { bytes } = batch
  const start = batch.frameStart[row]!
  const length = batch.frameLen[row]!
  let hash = BASIS
  for (let at = start; at < start + length; at++) hash = Math.imul(hash ^ bytes[at]!, PRIME)
  return (hash ^ Math.imul(length, LENGTH_PRIME)) >>> 0 || 1
}
