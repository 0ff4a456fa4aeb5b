import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBatch } from '#domain/batch.ts'
import { createFrameHash } from '../../../src/sessions/frame-hash.ts'

/** The hash of a frame that begins at this byte of a batch which has no room behind it. */
function hashAt(frame: Uint8Array, at: number, fill = 0): number {
  const batch = createBatch(8, at + frame.length)
  batch.bytes.fill(fill)
  batch.bytes.set(frame, at)
  batch.frameStart[0] = at
  batch.frameLen[0] = frame.length
  return createFrameHash().whole(batch, 0)
}

test('equal frames have equal hashes wherever they lie, and whatever lies beside them', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(9), fc.nat(9), (frame, a, b) => {
    expect(hashAt(frame, a, 255)).toBe(hashAt(frame, b))
  }))
})

test('one byte more, less or changed is another hash', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, at, change) => {
    const changed = frame.slice()
    changed[at % frame.length]! ^= change
    const hashes = [frame, changed, frame.subarray(1), frame.subarray(0, -1), Uint8Array.of(...frame, 0)].map((bytes) => hashAt(bytes, 3))
    // of frames of equal bytes, those without the first and without the last are the same
    expect(new Set(hashes).size).toBe(Buffer.compare(frame.subarray(1), frame.subarray(0, -1)) === 0 ? 4 : 5)
  }))
})

test('a hash is never 0, and frames that differ in a number somewhere differ', () => {
  const hashes = Array.from({ length: 50_000 }, (_, n) => hashAt(Buffer.from(`<13>1 2026-11-22T14:00:00Z sw1 app - - - port ${n} of 48 is up again`), n % 4))
  expect(hashes).not.toContain(0)
  expect(hashes.length - new Set(hashes).size).toBeLessThan(5)
})
