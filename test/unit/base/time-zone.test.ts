import { expect, test } from 'vitest'
import { formatOffset, parseTimeZone } from '#base/time-zone.ts'

const utcOf = (zone: string, local: string, near = local) => new Date(parseTimeZone(zone)!.toUtcMs(Date.parse(`${local}Z`), Date.parse(`${near}Z`))).toISOString().slice(0, 16)

test.for([
  ['+02:00', '2026-11-22T14:00', '2026-11-22T12:00'],
  ['-0330', '2026-11-22T14:00', '2026-11-22T17:30'],
  ['UTC', '2026-11-22T14:00', '2026-11-22T14:00'],
  ['Europe/Berlin', '2026-07-01T12:00', '2026-07-01T10:00'],
  ['Europe/Berlin', '2026-12-01T12:00', '2026-12-01T11:00'],
  ['Asia/Kathmandu', '2026-12-01T12:00', '2026-12-01T06:15'],
  ['Europe/Berlin', '2026-03-29T01:59', '2026-03-29T00:59'],
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30'],
  ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00'],
  ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00'],
  ['Australia/Lord_Howe', '2026-04-05T01:29', '2026-04-04T14:29'],
  ['Australia/Lord_Howe', '2026-04-05T02:00', '2026-04-04T15:30'],
] as const)('in %s a clock shows %s at %s UTC', ([zone, local, utc]) => {
  expect(utcOf(zone, local)).toBe(utc)
})

test('a time that the clock shows twice is the one nearer to the receipt', () => {
  expect(utcOf('Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:31')).toBe('2026-10-25T00:30')
  expect(utcOf('Europe/Berlin', '2026-10-25T02:30', '2026-10-25T01:31')).toBe('2026-10-25T01:30')
})

test('every quarter hour of a year comes back from the local time that the calendar shows', () => {
  const zone = parseTimeZone('America/New_York')!
  const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York', dateStyle: 'short', timeStyle: 'medium' })
  for (let utcMs = Date.UTC(2026, 0, 1); utcMs < Date.UTC(2027, 0, 1); utcMs += 15 * 60_000) {
    const localMs = Date.parse(`${calendar.format(utcMs).replace(' ', 'T')}Z`)
    if (zone.toUtcMs(localMs, utcMs) !== utcMs) expect(new Date(zone.toUtcMs(localMs, utcMs)).toISOString()).toBe(new Date(utcMs).toISOString())
  }
})

test.for(['', 'Europe/Nowhere', '+15:00', '+02:60', '2', 'CEST+2', '../etc'])('%j is no zone', (text) => {
  expect(parseTimeZone(text)).toBeUndefined()
})

test('times that no calendar is asked about stay as they are', () => {
  const zone = parseTimeZone('Europe/Berlin')!
  for (const ms of [Date.UTC(-500, 0), Date.UTC(1899, 11), 1e300, Number.NaN, -Infinity]) expect(zone.toUtcMs(ms, 0)).toBe(ms)
})

test.for([[0, '+00:00'], [7_200_000, '+02:00'], [-12_600_000, '-03:30']] as const)('%d is written %s', ([ms, text]) => {
  expect(formatOffset(ms)).toBe(text)
})
