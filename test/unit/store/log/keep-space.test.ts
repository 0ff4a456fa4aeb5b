import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideSpace, type SpaceInput } from '../../../../src/store/log/keep/space.ts'

const files = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, bytes: 10 }))
const reading = { usedBytes: 60, freeBytes: 100 }
const ROOMY = { maxBytes: Infinity, minFreeBytes: 0 }
const input = (change: Partial<SpaceInput>): SpaceInput => ({ files, reading, limits: ROOMY, previous: { ...reading, agoMs: 60_000 }, ...change })

test.for<{ readonly name: string; readonly change: Partial<SpaceInput>; readonly decision: ReturnType<typeof decideSpace> }>([
  { name: 'with room, nothing goes', change: {}, decision: { remove: [] } },
  { name: 'exactly at the limits there is room', change: { limits: { maxBytes: 60, minFreeBytes: 100 } }, decision: { remove: [] } },
  { name: 'too large: the oldest go until it is not', change: { limits: { maxBytes: 45, minFreeBytes: 0 } }, decision: { remove: ['a', 'b'], reason: 'max-size' } },
  { name: 'too little free: the oldest go until it is enough', change: { limits: { maxBytes: Infinity, minFreeBytes: 105 } }, decision: { remove: ['a'], reason: 'min-free' } },
  { name: 'both: the larger need counts, the free space is named', change: { limits: { maxBytes: 55, minFreeBytes: 115 } }, decision: { remove: ['a', 'b'], reason: 'min-free' } },
  { name: 'the first reading removes nothing', change: { limits: { maxBytes: 45, minFreeBytes: 0 }, previous: undefined }, decision: { remove: [], reason: 'max-size', held: 'unconfirmed' } },
  { name: 'a reading of just now confirms nothing', change: { limits: { maxBytes: 45, minFreeBytes: 0 }, previous: { ...reading, agoMs: 999 } }, decision: { remove: [], reason: 'max-size', held: 'unconfirmed' } },
  { name: 'two readings that differ: the milder one counts', change: { limits: { maxBytes: Infinity, minFreeBytes: 110 }, reading: { usedBytes: 60, freeBytes: 0 }, previous: { usedBytes: 60, freeBytes: 105, agoMs: 5000 } }, decision: { remove: ['a'], reason: 'min-free' } },
  { name: 'an odd reading after a good one removes nothing', change: { limits: { maxBytes: Infinity, minFreeBytes: 50 }, reading: { usedBytes: 60, freeBytes: 0 } }, decision: { remove: [], reason: 'min-free', held: 'unconfirmed' } },
  { name: 'however full, at most half of what may go goes at once', change: { limits: { maxBytes: 0, minFreeBytes: 0 } }, decision: { remove: ['a', 'b'], reason: 'max-size' } },
  { name: 'the newest file never goes', change: { files: files.slice(4), limits: { maxBytes: 1, minFreeBytes: 0 } }, decision: { remove: [], reason: 'max-size', held: 'only-newest-left' } },
  { name: 'without a file there is nothing to remove', change: { files: [], limits: { maxBytes: 1, minFreeBytes: 0 } }, decision: { remove: [], reason: 'max-size', held: 'only-newest-left' } },
])('$name', ({ change, decision }) => {
  expect(decideSpace(input(change))).toEqual(decision)
})

test('whatever is read, the oldest go first, the newest stays, and no more than half goes at once', () => {
  const bytes = fc.nat(1000)
  const anyReading = fc.record({ usedBytes: bytes, freeBytes: bytes })
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), anyReading, fc.record({ maxBytes: bytes, minFreeBytes: bytes }), fc.option(fc.record({ usedBytes: bytes, freeBytes: bytes, agoMs: fc.nat(5000) }), { nil: undefined }), (sizes, now, limits, previous) => {
      const some = sizes.map((size, place) => ({ name: `f${place}`, bytes: size }))
      const { remove } = decideSpace({ files: some, reading: now, limits, previous })
      expect(remove).toEqual(some.slice(0, remove.length).map(({ name }) => name))
      expect(remove.length).toBeLessThanOrEqual(Math.ceil(Math.max(0, some.length - 1) / 2))
      if (previous === undefined || previous.agoMs < 1000) expect(remove).toEqual([])
    }),
  )
})
