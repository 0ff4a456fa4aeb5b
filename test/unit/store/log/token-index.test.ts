import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { createTokenCollector, lookupToken, lookupTokenBucket, TOKEN_HEAD_BYTES, tokenBucketRange, tokenDirectoryBytes } from '../../../../src/store/log/seal/tokens/index.ts'

/** A 32-bit mix: hashes of the numbers from 0 on, as even as those of real tokens. */
function hashOf(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x45d9_f3b5)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
const ask = (index: Uint8Array, hash: number): bigint => {
  const into = new Uint32Array(2)
  const isFound = lookupToken(index, hash, into)
  if (isFound !== ((into[0] | into[1]) !== 0)) throw new Error(`found is ${isFound}, but the places are ${into.join()}`)
  return (BigInt(into[1]) << 32n) | BigInt(into[0])
}
/** The way of a reader that has but a part of the index in memory. */
const askParts = (index: Uint8Array, hash: number): bigint => {
  const directory = index.slice(0, tokenDirectoryBytes(index.slice(0, TOKEN_HEAD_BYTES)))
  const { start, end } = tokenBucketRange(directory, hash)
  const into = new Uint32Array(2)
  lookupTokenBucket({ directory, bucket: index.slice(start, end) }, hash, into)
  return (BigInt(into[1]) << 32n) | BigInt(into[0])
}

const hash = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 1, 0xffff_ffff, 0x8000_0000), fc.nat({ max: 300 }))
propertyTest.prop([fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 6 }), fc.array(fc.tuple(hash, fc.nat({ max: 63 })), { maxLength: 1500 })], { numRuns: 150 })(
  'every token is found in every place that it was seen in, by the whole index and by its parts',
  (places, universeBits, seen) => {
    const collector = createTokenCollector({ places, universeBits })
    for (let round = 0; round < 2; round++) {
      for (const [token, place] of seen) collector.add(token, place % places)
      const index = collector.finish()
      const lost = seen.filter(([token, place]) => ((ask(index, token) >> BigInt(place % places)) & 1n) === 0n)
      expect(lost).toEqual([])
      expect(seen.filter(([token]) => askParts(index, token) !== ask(index, token))).toEqual([])
    }
  },
)

test('tokens far apart are found, wherever in a byte the distance between them begins', () => {
  const collector = createTokenCollector({ places: 1 })
  for (let near = 1; near <= 120; near++) {
    // `near` neighbours at the lower end push the far ones to every bit of a byte, and with the others far away the distances are long
    const seen = Array.from({ length: 128 }, (_, i) => (i < near ? i * 2 ** 25 : 0xffff_ffff - i * 2 ** 16) >>> 0)
    for (const token of seen) collector.add(token, 0)
    const index = collector.finish(1)
    expect(seen.filter((token) => ask(index, token) === 0n), `${near} near`).toEqual([])
  }
})

test('a place that was never named is never answered', () => {
  const collector = createTokenCollector({ places: 8 })
  for (let i = 0; i < 5000; i++) collector.add(hashOf(i), i % 3)
  const index = collector.finish(8)
  let all = 0n
  for (let i = 0; i < 50_000; i++) all |= ask(index, hashOf(i))
  expect(all).toBe(0b111n)
})

describe.each([
  { universeBits: 4, bitsAtMost: 10 },
  { universeBits: 5, bitsAtMost: 11 },
])('with 2^$universeBits values a token', ({ universeBits, bitsAtMost }) => {
  const collector = createTokenCollector({ places: 8, universeBits })
  const tokens = 100_000
  for (let i = 0; i < tokens; i++) collector.add(hashOf(i), hashOf(i + 1) & 7)
  const index = collector.finish()

  test('a token of one place costs few bits, directory included', () => {
    expect((index.length * 8) / tokens).toBeLessThanOrEqual(bitsAtMost)
  })

  test('strangers are found as often as designed', () => {
    let found = 0
    for (let i = tokens; i < 2 * tokens; i++) if (ask(index, hashOf(i)) !== 0n) found++
    expect(found / tokens).toBeLessThan(2 / 2 ** universeBits)
    expect(found / tokens).toBeGreaterThan(0.5 / 2 ** universeBits)
  })
})

test('tokens of all places cost little', () => {
  const collector = createTokenCollector({ places: 64 })
  for (let i = 0; i < 10_000; i++) for (let place = 0; place < 64; place++) collector.add(hashOf(i), place)
  const index = collector.finish()
  expect((index.length * 8) / 10_000).toBeLessThan(9)
  expect(ask(index, hashOf(77))).toBe(2n ** 64n - 1n)
})

test('more tokens than are counted: anything may be anywhere, and the next run is counted again', () => {
  const collector = createTokenCollector({ places: 8, maxTokens: 1000 })
  for (let i = 0; i < 1000; i++) collector.add(hashOf(i), 0)
  expect(collector.isOverfull).toBe(false)
  collector.add(hashOf(5000), 1)
  expect(collector.isOverfull).toBe(true)
  const overfull = collector.finish(8)
  expect(overfull.length).toBeLessThan(40)
  expect(ask(overfull, 123)).toBe(0xffn)
  expect(askParts(overfull, 123)).toBe(0xffn)
  collector.add(hashOf(1), 2)
  expect(collector.tokens).toBe(1)
  expect(ask(collector.finish(8), hashOf(1))).toBe(4n)
})

test('a run without tokens answers that none is there', () => {
  const index = createTokenCollector({ places: 8 }).finish(8)
  expect(ask(index, 0)).toBe(0n)
  expect(askParts(index, 0xffff_ffff)).toBe(0n)
})

test('bytes that are no index are refused', () => {
  expect(() => lookupToken(Buffer.alloc(40), 1, new Uint32Array(2))).toThrow(RangeError)
})
