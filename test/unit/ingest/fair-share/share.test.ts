import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BATCH_BYTES, BATCH_ROWS } from '#domain/batch.ts'
import { SEVERITIES } from '#domain/severity.ts'
import { POOL_BATCHES } from '../../../../src/ingest/batch-flow.ts'
import { EASY_BATCHES, isUrgent, isWithinShare, roomLeft, roomOf } from '../../../../src/ingest/fair-share.ts'

const POOL_BYTES = POOL_BATCHES * BATCH_BYTES

test.for([
  { loud: 1, share: 2 / 3 },
  { loud: 2, share: 2 / 5 },
  { loud: 5, share: 2 / 11 },
])('$loud senders that are as loud as can be have $share of the pool each', ({ loud, share }) => {
  const held = Array.from({ length: loud }, () => 0)
  const message = roomOf(100)
  for (let isFuller = true; isFuller; ) {
    isFuller = false
    for (const [n, bytes] of held.entries()) {
      const free = POOL_BYTES - held.reduce((sum, own) => sum + own) - message
      if (!isWithinShare(bytes + message, free)) continue
      held[n] = bytes + message
      isFuller = true
    }
  }
  for (const bytes of held) expect(bytes / POOL_BYTES).toBeCloseTo(share, 2)
})

test('where nothing is judged, nobody can hold more than his share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: POOL_BYTES - EASY_BATCHES * BATCH_BYTES }), (held) => isWithinShare(held, Math.max(EASY_BATCHES * BATCH_BYTES, POOL_BYTES - BATCH_BYTES - held))),
  )
})

test('a short message takes a row, a long one its bytes', () => {
  expect([roomOf(1), roomOf(10_000)]).toEqual([BATCH_BYTES / BATCH_ROWS, 10_000])
  expect(roomOf(1) * BATCH_ROWS).toBe(roomLeft(BATCH_ROWS, BATCH_BYTES))
  expect([roomLeft(1, BATCH_BYTES), roomLeft(BATCH_ROWS, 5)]).toEqual([256, 5])
})

test('err and worse is urgent', () => {
  expect(SEVERITIES.filter((_, severity) => isUrgent(severity))).toEqual(['emerg', 'alert', 'crit', 'err'])
})
