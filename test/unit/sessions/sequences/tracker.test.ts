import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KIND } from '#sessions/sequences/row-number.ts'
import { SequenceState, WINDOW } from '#sessions/sequences/sequence-state.ts'
import { SequenceTracker } from '#sessions/sequences/tracker.ts'

const START_MS = 1_000_000

/** Feeds numbers, a millisecond apart; the frame of a number is always the same one. */
function feed(tracker: SequenceTracker, values: readonly number[], from = START_MS): string[] {
  return values.map((value, n) => tracker.observe({ value, frame: value + 1, atMs: from + n }))
}
/** Everything that is missing, once nothing can come any more. */
function lostOf(tracker: SequenceTracker): number {
  tracker.giveUp()
  return tracker.lost
}
const sequence = (kind: keyof typeof KIND = 'cisco'): SequenceTracker => new SequenceTracker({ sourceId: 1, host: 'a', kind: KIND[kind] })
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** A sequence as a network delivers it: some lost, some late by less than the window, some twice within memory. */
const delivery = fc
  .record({ start: fc.integer({ min: 100, max: 5000 }), fates: fc.array(fc.record({ isLost: fc.boolean(), lateBy: fc.nat(60), isDoubled: fc.boolean() }), { minLength: 2, maxLength: 400 }) })
  .map(({ start, fates }) => {
    const arrivals = fates.flatMap(({ isLost, lateBy, isDoubled }, n) => (isLost && n > 0 ? [] : [{ value: start + n, place: n === 0 ? -1 : n + lateBy }, ...(isDoubled ? [{ value: start + n, place: n + lateBy + 0.5 }] : [])]))
    return arrivals.toSorted((a, b) => a.place - b.place).map(({ value }) => value)
  })

describe('what comes, what comes late, what comes twice and what is missing', () => {
  test('missing and seen are what was sent, however the network loses, delays and doubles', () => {
    fc.assert(fc.property(delivery, (values) => {
      const tracker = sequence()
      const verdicts = feed(tracker, values)
      const seen = new Set(values)
      const sent = Math.max(...values) - Math.min(...values) + 1
      expect(lostOf(tracker) + seen.size).toBe(sent)
      expect(verdicts.filter((verdict) => verdict === 'doubled')).toHaveLength(values.length - seen.size)
    }))
  })

  test('it is the same when time passes in between: what is booked too early is taken back', () => {
    fc.assert(fc.property(delivery, fc.array(fc.nat(400), { maxLength: 10 }), (values, ticks) => {
      const tracker = sequence()
      for (const [n, value] of values.entries()) {
        feed(tracker, [value], START_MS + n)
        for (const at of ticks) if (at === n) for (const seconds of [6, 12]) tracker.tick(START_MS + n + seconds * 1000)
      }
      expect(lostOf(tracker) + new Set(values).size).toBe(Math.max(...values) - Math.min(...values) + 1)
    }))
  })

  test('a batch that the disk refused leaves nothing behind, and comes again', () => {
    fc.assert(fc.property(delivery, fc.nat(400), (values, cut) => {
      const tracker = sequence()
      feed(tracker, values.slice(0, cut))
      const before = tracker.state.encode()
      const { lost } = tracker
      tracker.lost = 0
      tracker.save()
      feed(tracker, values.slice(cut))
      tracker.restore()
      expect(tracker.state.encode()).toBe(before)
      feed(tracker, values.slice(cut))
      expect(lost + lostOf(tracker) + new Set(values).size).toBe(Math.max(...values) - Math.min(...values) + 1)
    }))
  })

  test('a state goes through hub.db unchanged, and a text that is none is refused', () => {
    fc.assert(fc.property(delivery, fc.nat(400), (values, cut) => {
      const tracker = sequence()
      feed(tracker, values.slice(0, cut))
      const next = sequence()
      expect(next.state.decode(tracker.state.encode())).toBe(true)
      expect(next.state.encode()).toBe(tracker.state.encode())
      const lost = tracker.lost
      feed(next, values.slice(cut))
      expect(lost + lostOf(next) + new Set(values).size).toBe(Math.max(...values) - Math.min(...values) + 1)
    }))
    for (const text of ['', '{}', '[1]', 'null', '[1,2,3,"x"]']) expect(new SequenceState().decode(text)).toBe(false)
  })
})

describe('when a number counts as missing', () => {
  test('not before five seconds have passed, then once, and no more when it comes after all', () => {
    const tracker = sequence()
    feed(tracker, [101, 103])
    tracker.tick(START_MS + 5000)
    expect(tracker.lost).toBe(0) // it may still be under way
    tracker.tick(START_MS + 10_000)
    expect(tracker.lost).toBe(1)
    tracker.tick(START_MS + 20_000)
    expect(tracker.lost).toBe(1)
    feed(tracker, [102])
    expect(tracker.lost).toBe(0)
    expect(tracker.isWaiting).toBe(false)
  })

  test('at once when it leaves the window', () => {
    const tracker = sequence()
    feed(tracker, [100, 102, ...range(103, 101 + WINDOW - 1)])
    expect(tracker.lost).toBe(0)
    feed(tracker, [101 + WINDOW])
    expect(tracker.lost).toBe(1)
  })

  test('a jump of more than the window counts what it leaves behind, to the number', () => {
    const tracker = sequence()
    feed(tracker, [100, 102, 50_000])
    expect(lostOf(tracker)).toBe(50_000 - 100 - 2)
  })
})

describe('where a sequence begins', () => {
  test.for([
    ['far back', [5000, 5001, 100, 101], 0],
    ['at a small number, near as it is', [100, 101, 102, 1, 2, 3], 0],
    ['more than a million ahead', [100, 101, 2_000_000, 2_000_001], 0],
    ['what was missing before stays missing', [5000, 5003, 100, 101], 2],
  ] as const)('%s: another sequence, of which nothing is missing', ([, values, lost]) => {
    const tracker = sequence()
    expect(feed(tracker, values)).toContain('restart')
    expect(lostOf(tracker)).toBe(lost)
  })

  test('the number is there, but of another message: another sequence', () => {
    const tracker = sequence()
    feed(tracker, [20, 21, 22])
    expect(tracker.observe({ value: 21, frame: 999, atMs: START_MS + 10 })).toBe('restart')
  })

  test('what is known no more is neither doubled nor another sequence', () => {
    const tracker = sequence()
    feed(tracker, range(100, 600))
    expect(feed(tracker, [200, 601])).toEqual(['unsure', 'next'])
    expect(lostOf(tracker)).toBe(0)
  })

  test('one forged number far ahead takes nothing away, once the sender goes on', () => {
    const tracker = sequence()
    feed(tracker, [...range(100, 200), 900_000, ...range(201, 300)])
    expect(tracker.lost).toBe(0)
    expect(lostOf(tracker)).toBe(0)
  })

  test('several sequences that mix say nothing for ten minutes, then they are followed again', () => {
    const tracker = sequence()
    const mixed = range(0, 50).flatMap((n) => [1000 + n, 90_000 + n])
    expect(feed(tracker, mixed).filter((verdict) => verdict === 'tangled').length).toBeGreaterThan(80)
    expect(Math.abs(tracker.lost)).toBeLessThan(WINDOW)
    expect(tracker.observe({ value: 7, frame: 8, atMs: START_MS + 11 * 60_000 })).toBe('next')
  })

  test.for([
    ['far apart, one after the other', 70_000, (n: number) => (n % 2 === 0 ? 1000 : 90_000) + (n >> 1)],
    ['far apart, seldom', 5 * 3_600_000, (n: number) => (n % 2 === 0 ? 90_000 : 1000) + (n >> 1)],
    ['in turns of several messages', 20_000, (n: number) => (Math.floor(n / 5) % 2 === 0 ? 500 : 70_000) + Math.floor(n / 10) * 5 + (n % 5)],
    ['more than a million apart', 70_000, (n: number) => (n % 2 === 0 ? 1000 : 9_000_000) + (n >> 1)],
    ['the other one as young as can be', 30_000, (n: number) => (n < 40 ? n + 1 : n % 2 === 0 ? 41 + ((n - 40) >> 1) : 1 + ((n - 40) >> 1))],
  ] as const)('nothing is missing of two sequences that mix: %s', ([, everyMs, valueOf]) => {
    const tracker = sequence()
    for (let n = 0; n < 400; n++) {
      tracker.observe({ value: valueOf(n), frame: n + 1, atMs: START_MS + n * everyMs })
      tracker.tick(START_MS + n * everyMs + 6000)
      tracker.tick(START_MS + n * everyMs + 12_000)
    }
    if (tracker.lost > 0) feed(tracker, [valueOf(400), valueOf(401)], START_MS + 400 * everyMs)
    expect(tracker.lost).toBe(0)
  })

  test('each message has the same number: that is no sequence, and nothing came twice', () => {
    const tracker = sequence()
    expect(feed(tracker, [1, 1, 1, 1, 1])).toEqual(['next', 'doubled', 'tangled', 'tangled', 'tangled'])
    expect(lostOf(tracker)).toBe(0)
  })

  test('a sequence that is resumed has its late numbers, and no others missing', () => {
    const tracker = sequence()
    feed(tracker, [...range(100, 200), 900_000, 201, 150, 202])
    expect(lostOf(tracker)).toBe(0)
  })

  test('an announced session begins with 1', () => {
    const tracker = sequence('label')
    tracker.beginsAt1({ value: 4, frame: 5, atMs: START_MS })
    feed(tracker, [4, 5, 2])
    expect(lostOf(tracker)).toBe(2) // 1 and 3
  })

  test('a first number that nobody can believe is a beginning', () => {
    const tracker = sequence('label')
    tracker.beginsAt1({ value: 40_000, frame: 5, atMs: START_MS })
    feed(tracker, [40_000])
    expect(lostOf(tracker)).toBe(0)
  })
})

describe('RFC 5424 section 7.3.1: behind 2147483647 comes 1', () => {
  const LAST = 2_147_483_647
  test.for([
    ['in order', [LAST - 1, LAST, 1, 2], 0],
    ['across a gap', [LAST - 2, 3], 4],
    ['out of order', [LAST - 1, 1, LAST, 2], 0],
    ['twice', [LAST, 1, 2, 1], 0],
    ['and far behind it', [LAST - 1, ...range(1, 3000).filter((n) => n !== 9)], 2],
  ] as const)('%s', ([, values, lost]) => {
    const tracker = sequence('rfc5424')
    expect(feed(tracker, values)).not.toContain('restart')
    expect(lostOf(tracker)).toBe(lost)
  })

  test('of other kinds it is a beginning', () => {
    expect(feed(sequence(), [LAST - 1, LAST, 1])).toContain('restart')
  })
})
