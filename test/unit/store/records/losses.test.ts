import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LOSS_HOUR_MS, LOSS_REASONS, type Loss } from '#domain/loss.ts'
import { createLossRecords, openHubDatabase, type LossRecords } from '#store/index.ts'
import { createShedRecords } from '../../../../src/store/records/shed-templates.ts'

const HOUR = LOSS_HOUR_MS
const loss = (given: Partial<Loss> = {}): Loss => ({ hourMs: 10 * HOUR, sourceId: 1, listener: 'udp', sessionId: 1, reason: 'shed', count: 1, firstMs: 10 * HOUR + 5, lastMs: 10 * HOUR + 9, ...given })
const open = (): LossRecords => createLossRecords(openHubDatabase(':memory:'))

test('entries of one key add up, and may come down again', () => {
  const records = open()
  records.add(loss({ reason: 'missing', count: 3 }))
  records.add(loss({ reason: 'missing', count: 2, firstMs: 10 * HOUR, lastMs: 10 * HOUR + 20 }))
  expect(records.list({ sinceMs: 0, limit: 9 })).toEqual([loss({ reason: 'missing', count: 5, firstMs: 10 * HOUR, lastMs: 10 * HOUR + 20 })])
  records.add(loss({ reason: 'missing', count: -5 }))
  expect([records.list({ sinceMs: 0, limit: 9 }), records.totals({ sinceMs: 0, by: 'reason' }), records.ofSessions([1])]).toEqual([[], [], []])
})

test.for([
  ['reason', [['cut', 'cut', 4], ['shed', 'shed', 3]]],
  ['source', [[1, 'cut', 4], [1, 'shed', 1], [2, 'shed', 2]]],
  ['listener', [['tls', 'cut', 4], ['udp', 'shed', 3]]],
  ['session', [[0, 'shed', 2], [1, 'cut', 4], [1, 'shed', 1]]],
  ['hour', [[10 * HOUR, 'shed', 1], [11 * HOUR, 'cut', 4], [11 * HOUR, 'shed', 2]]],
] as const)('totals by %s', ([by, expected]) => {
  const records = open()
  records.add(loss())
  records.add(loss({ hourMs: 11 * HOUR, sourceId: 2, sessionId: 0, count: 2, firstMs: 11 * HOUR, lastMs: 11 * HOUR }))
  records.add(loss({ hourMs: 11 * HOUR, reason: 'cut', listener: 'tls', count: 4, firstMs: 11 * HOUR, lastMs: 11 * HOUR + 50 }))
  expect(records.totals({ sinceMs: 0, by }).map(({ key, reason, count }) => `${key} ${reason} ${count}`).toSorted()).toEqual(expected.map((entry) => entry.join(' ')).toSorted())
})

test.for([
  ['since it happened', { sinceMs: 10 * HOUR + 9 }, 1],
  ['since a moment later', { sinceMs: 10 * HOUR + 10 }, 0],
  ['until before', { sinceMs: 0, untilMs: 10 * HOUR + 5 }, 0],
  ['of another sender', { sinceMs: 0, sourceId: 2 }, 0],
] as const)('an entry counts in the time it touches: %s', ([, filter, rows]) => {
  const records = open()
  records.add(loss())
  expect(records.totals({ ...filter, by: 'reason' })).toHaveLength(rows)
})

describe('pruning', () => {
  const entries = fc.array(fc.record({
    hourMs: fc.integer({ min: 1, max: 6 }).map((hour) => hour * HOUR), sourceId: fc.nat(2), sessionId: fc.nat(6), reason: fc.constantFrom(...LOSS_REASONS.slice(0, 3)), count: fc.integer({ min: 1, max: 9 }), listener: fc.constantFrom('udp', 'tls'),
  }), { maxLength: 60 })

  test('no number is lost by it, whatever goes', () => {
    fc.assert(fc.property(entries, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 20, max: 60 }), (given, beforeHour, maxRows) => {
      const records = open()
      for (const entry of given) records.add(loss({ ...entry, firstMs: entry.hourMs + 1, lastMs: entry.hourMs + 2 }))
      const sums = () => (['source', 'listener', 'reason'] as const).map((by) => records.totals({ sinceMs: 0, by }).map(({ key, reason, count }) => `${key} ${reason} ${count}`).toSorted())
      const before = sums()
      const left = records.prune({ beforeMs: beforeHour * HOUR, maxRows })
      expect(sums()).toEqual(before)
      expect(left).toBe(records.list({ sinceMs: 0, limit: 1000 }).length)
      expect(left).toBeLessThanOrEqual(Math.max(maxRows, 18)) // two listeners, three senders, three reasons
      const kept = records.list({ sinceMs: 0, limit: 1000 })
      expect(kept.filter(({ hourMs }) => hourMs > 0 && hourMs < beforeHour * HOUR)).toEqual([])
      expect(kept.filter(({ sessionId }) => sessionId > 0 && sessionId <= records.foldedUpTo())).toEqual([])
    }))
  })

  test('what an old session lost goes to those of no session, and it is known that it did', () => {
    const records = open()
    for (const sessionId of [0, 1, 2, 3, 4]) records.add(loss({ sessionId, count: sessionId + 1 }))
    expect(records.foldedUpTo()).toBe(0)
    expect(records.prune({ beforeMs: 0, maxRows: 4 })).toBeLessThanOrEqual(4)
    expect(records.foldedUpTo()).toBeGreaterThan(0)
    expect(records.ofSessions([4]).map(({ count }) => count)).toEqual([5])
    expect(records.ofSessions([1])).toEqual([])
  })

  test('what nobody lost by number is left out of what sessions may have lost', () => {
    const records = open()
    records.add(loss({ sessionId: 0, sourceId: 1 }))
    records.add(loss({ sessionId: 0, sourceId: 2, count: 3, lastMs: 10 * HOUR + 90 }))
    records.add(loss({ sessionId: 7 }))
    expect(records.unplaced(10 * HOUR)).toEqual([{ listener: 'udp', reason: 'shed', count: 4, firstMs: 10 * HOUR + 5, lastMs: 10 * HOUR + 90 }])
    expect(records.unplaced(11 * HOUR)).toEqual([])
  })
})

describe('templates that were shed', () => {
  const shed = (sourceId: number, templateLo: number, count = 1) => ({ sourceId, templateLo, templateHi: 0, severity: 7, count, firstMs: 5, lastMs: 9, sample: Buffer.from(`${sourceId}/${templateLo}`) })
  const rows = (records: Pick<LossRecords, 'shed'>) => records.shed().map(({ sourceId, templateLo, count }) => `${sourceId}/${templateLo} ${count}`).toSorted()

  test('beyond the bound of a sender they are added up under template 0', () => {
    const records = createShedRecords(openHubDatabase(':memory:'), { maxOfSource: 2, max: 100 })
    for (const template of [1, 2, 3, 4, 1]) records.addShed(shed(1, template))
    expect(rows(records)).toEqual(['1/0 2', '1/1 2', '1/2 1'])
  })

  test('beyond the bound of all they are nobody\'s; those that are there go on', () => {
    const records = createShedRecords(openHubDatabase(':memory:'), { maxOfSource: 9, max: 2 })
    for (const source of [1, 2, 3, 4, 1]) records.addShed(shed(source, 5))
    expect(rows(records)).toEqual(['0/0 2', '1/5 2', '2/5 1'])
    records.removeShed(10)
    expect(rows(records)).toEqual([])
    records.addShed(shed(3, 5))
    expect(rows(records)).toEqual(['3/5 1'])
  })

  test('a flood of samples stays within the bounds', () => {
    const records = createShedRecords(openHubDatabase(':memory:'), { maxOfSource: 8, max: 50 })
    for (let i = 1; i <= 2000; i++) records.addShed(shed(1 + (i % 40), i))
    expect(records.shed({ limit: 5000 }).length).toBeLessThanOrEqual(51)
    expect(records.shed({ limit: 5000 }).reduce((sum, { count }) => sum + count, 0)).toBe(2000)
  })
})
