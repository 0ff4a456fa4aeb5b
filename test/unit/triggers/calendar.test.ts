import { fc, test as property } from '@fast-check/vitest'
import { createTask } from 'node-cron'
import { expect, test } from 'vitest'
import { checkCalendar, createCalendar } from '#triggers/schedule/calendar.ts'

function momentsOf(cron: string, { tz, from, count }: { readonly tz: string; readonly from: string; readonly count: number }): readonly string[] {
  const calendar = createCalendar(cron, tz)
  const found: string[] = []
  for (let at = Date.parse(from); found.length < count; ) {
    at = calendar.next(at)!
    found.push(new Date(at).toISOString())
  }
  return found
}

test.for([
  ['0 7 * * 1-5', 'America/New_York', '2026-10-30T00:00:00Z', ['2026-10-30T11:00:00.000Z', '2026-11-02T12:00:00.000Z']],
  ['0 0 29 2 *', 'UTC', '2026-10-25T00:00:00Z', ['2028-02-29T00:00:00.000Z', '2032-02-29T00:00:00.000Z']],
  ['*/10 * * * * *', 'UTC', '2026-10-30T00:00:05Z', ['2026-10-30T00:00:10.000Z', '2026-10-30T00:00:20.000Z']],
  ['0 12 * * *', 'Asia/Kathmandu', '2026-10-30T00:00:00Z', ['2026-10-30T06:15:00.000Z', '2026-10-31T06:15:00.000Z']],
] as const)('%s in %s after %s comes at %j', ([cron, tz, from, moments]) => {
  expect(momentsOf(cron, { tz, from, count: moments.length })).toEqual(moments)
})

test('an hour that is left out comes as the clock is put forward, and one that comes twice counts once', () => {
  const of = (from: string) => momentsOf('30 2 * * *', { tz: 'Europe/Berlin', from, count: 3 })
  expect(of('2026-03-28T00:00:00Z')).toEqual(['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'])
  expect(of('2026-10-24T00:00:00Z')).toEqual(['2026-10-24T00:30:00.000Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'])
})

test('what comes every half hour goes on by the time that passes', () => {
  expect(momentsOf('*/30 * * * *', { tz: 'Europe/Berlin', from: '2026-10-25T00:15:00Z', count: 4 }))
    .toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T01:00:00.000Z', '2026-10-25T01:30:00.000Z', '2026-10-25T02:00:00.000Z'])
})

test.for([['0 0 31 2 *', /impossible day/], ['0 0 L * *', /not made of numbers/], ['61 * * * *', /minute/]] as const)('%s is refused', ([cron, why]) => {
  expect(checkCalendar(cron)).toMatch(why)
})

const at = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })
const field = (most: number) => fc.oneof(fc.constant('*'), fc.integer({ min: 1, max: most }).map(String), fc.integer({ min: 2, max: 9 }).map((step) => `*/${step}`))
property.prop([fc.tuple(field(59), field(23), field(28), field(12), field(6)).map((fields) => fields.join(' ')), at], { numRuns: 60 })(
  'node-cron agrees on every moment, and knows none between',
  (cron, fromMs) => {
    const nextMs = createCalendar(cron, 'UTC').next(fromMs)
    const task = createTask(cron, () => undefined, { timezone: 'UTC' })
    try {
      if (nextMs !== undefined) expect(task.match(new Date(nextMs))).toBe(true)
      const untilMs = Math.min(nextMs ?? Infinity, fromMs + 200 * 60_000)
      for (let minute = Math.floor(fromMs / 60_000) * 60_000 + 60_000; minute < untilMs; minute += 60_000) expect(task.match(new Date(minute))).toBe(false)
    } finally {
      void task.destroy()
    }
  },
)
