import { expect, test } from 'vitest'
import { dayStartMs, daysInMonth, nearestDayStartMs, yearOf } from '../../../../src/ingest/parse/calendar.ts'

test('every day of four centuries starts when Date says it does', () => {
  for (let ms = Date.UTC(1900, 0, 1); ms < Date.UTC(2300, 0, 1); ms += 86_400_000) {
    const date = new Date(ms)
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const
    if (dayStartMs(year, month, day) !== ms) expect.fail(date.toISOString())
    if (day > daysInMonth(year, month)) expect.fail(`${date.toISOString()} has no place in its month`)
    if (yearOf(ms) !== year || yearOf(ms + 86_399_999) !== year) expect.fail(`${date.toISOString()} is not in its year`)
  }
})

const md = (month: number, day: number) => month * 32 + day

test.for([
  { stamp: md(11, 22), received: '2026-11-22T00:00:00Z', day: '2026-11-22' },
  { stamp: md(12, 31), received: '2027-01-01T00:00:00Z', day: '2026-12-31' },
  { stamp: md(1, 1), received: '2026-12-31T23:59:59Z', day: '2027-01-01' },
  { stamp: md(5, 25), received: '2026-11-22T00:00:00Z', day: '2026-05-25' },
  { stamp: md(5, 20), received: '2026-11-22T00:00:00Z', day: '2027-05-20' },
  { stamp: md(2, 29), received: '2027-02-28T00:00:00Z', day: '2028-02-29' },
  { stamp: md(2, 29), received: '2025-03-01T00:00:00Z', day: '2024-02-29' },
  { stamp: md(2, 29), received: '2100-02-01T00:00:00Z', day: '2096-02-29' },
])('$stamp received at $received is $day', ({ stamp, received, day }) => {
  expect(new Date(nearestDayStartMs(stamp, Date.parse(received))).toISOString().slice(0, 10)).toBe(day)
})
