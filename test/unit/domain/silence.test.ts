import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hear, limitMs, newRhythm, usualMs, type Rhythm } from '#domain/silence.ts'

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 22)
const MIN = 2 * MINUTE
const LEARN = DAY

/** Speaks at these times after the start. @returns the gaps that would have been told, as the hub tells them: once, and noted in the rhythm */
function speak(rhythm: Rhythm, times: Iterable<number>): number[] {
  const told: number[] = []
  for (const time of times) {
    const atMs = START + time
    const usual = usualMs(rhythm, LEARN)
    const quietMs = atMs - Math.max(rhythm.spokeMs, rhythm.floorMs)
    if (usual !== undefined && quietMs > limitMs(usual, MIN)) {
      rhythm.isTold = true
      told.push(quietMs)
    }
    hear(rhythm, atMs)
  }
  return told
}
function* every(stepMs: number, untilMs: number, fromMs = 0): Generator<number> {
  for (let time = fromMs + stepMs; time <= untilMs; time += stepMs) yield time
}
const sorted = (...times: Iterable<number>[]): number[] => times.flatMap((list) => [...list]).toSorted((a, b) => a - b)
/** Work from 9 to 18 on weekdays; the start is a Sunday. */
const officeHours = (weeks: number): number[] => [...every(5 * MINUTE, weeks * 7 * DAY)].filter((time) => Math.floor(time / DAY) % 7 >= 1 && Math.floor(time / DAY) % 7 <= 5 && time % DAY >= 9 * HOUR && time % DAY <= 18 * HOUR)

describe('a rhythm', () => {
  test.each<[string, () => Iterable<number>]>([
    ['ten times a second', () => every(100, 4 * HOUR)],
    ['every second', () => every(SECOND, 30 * HOUR)],
    ['every ten minutes', () => every(10 * MINUTE, 10 * DAY)],
    ['once a day', () => every(DAY, 60 * DAY)],
    ['once a week', () => every(7 * DAY, 300 * DAY)],
    ['a burst each hour', () => sorted(...Array.from({ length: 100 }, (_, hour) => every(SECOND, hour * HOUR + MINUTE, hour * HOUR)))],
    ['by day only', () => [...every(MINUTE, 20 * DAY)].filter((time) => time % DAY > 8 * HOUR && time % DAY < 17 * HOUR)],
    ['chatter, and a cron job at night', () => sorted([...every(30 * SECOND, 3 * DAY)].filter((time) => time % DAY < 2 * HOUR), every(DAY, 3 * DAY, 3 * HOUR))],
  ])('%s is never told', (_, times) => {
    expect(speak(newRhythm(START), times())).toEqual([])
  })

  test('a weekend is told while it is new, and never again', () => {
    expect(speak(newRhythm(START), officeHours(10))).toEqual([63 * HOUR])
  })

  test.each([
    { name: 'every second', step: SECOND, limit: MIN },
    { name: 'every minute', step: MINUTE, limit: 3 * MINUTE },
    { name: 'every hour', step: HOUR, limit: 3 * HOUR },
    { name: 'every eight hours', step: 8 * HOUR, limit: 12 * HOUR },
    { name: 'once a day', step: DAY, limit: 36 * HOUR },
    { name: 'once a week', step: 7 * DAY, limit: 252 * HOUR },
  ])('who speaks $name may be quiet for $limit ms', ({ step, limit }) => {
    const rhythm = newRhythm(START)
    speak(rhythm, every(step, Math.max(2 * DAY, 6 * step)))
    expect(limitMs(usualMs(rhythm, LEARN)!, MIN)).toBe(limit)
  })

  test('is not known before so many gaps and so long a time', () => {
    const rhythm = newRhythm(START)
    speak(rhythm, every(SECOND, DAY - SECOND))
    expect(usualMs(rhythm, LEARN)).toBeUndefined()
    speak(rhythm, [DAY])
    expect(usualMs(rhythm, LEARN)).toBe(SECOND)
    const rare = newRhythm(START)
    speak(rare, every(DAY, 4 * DAY))
    expect(usualMs(rare, LEARN)).toBeUndefined()
  })

  test('who speaks many times a second is known as soon as who speaks seldom', () => {
    const rhythm = newRhythm(START)
    speak(rhythm, every(200, DAY - SECOND))
    expect(usualMs(rhythm, LEARN)).toBeUndefined()
    speak(rhythm, every(200, DAY + SECOND, DAY - SECOND))
    expect(usualMs(rhythm, LEARN)).toBe(200)
  })

  test('one outage teaches nothing, a second one of its length does, and is forgotten after two weeks', () => {
    const rhythm = newRhythm(START)
    speak(rhythm, every(MINUTE, 2 * DAY))
    expect(speak(rhythm, [2 * DAY + 3 * HOUR])).toEqual([3 * HOUR])
    expect(usualMs(rhythm, LEARN)).toBe(MINUTE)
    speak(rhythm, every(MINUTE, 3 * DAY, 2 * DAY + 3 * HOUR))
    expect(speak(rhythm, [3 * DAY + 3 * HOUR])).toEqual([3 * HOUR])
    expect(usualMs(rhythm, LEARN)).toBe(3 * HOUR)
    speak(rhythm, every(MINUTE, 18 * DAY, 3 * DAY + 3 * HOUR))
    expect(usualMs(rhythm, LEARN)).toBe(MINUTE)
  })

  test('a gap that something excused teaches nothing', () => {
    const rhythm = newRhythm(START)
    speak(rhythm, every(MINUTE, 2 * DAY))
    const { gaps } = rhythm
    rhythm.floorMs = START + 2 * DAY + HOUR
    hear(rhythm, START + 2 * DAY + 2 * HOUR)
    expect(rhythm.gaps).toBe(gaps)
    hear(rhythm, START + 2 * DAY + 2 * HOUR + SECOND)
    expect(rhythm.gaps).toBe(gaps + 1)
  })

  test('property: it is bounded, knows no longer gap than there was, and one learned from any gaps up to g never tells a gap up to g', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 3 * DAY }), { minLength: 10, maxLength: 200 }), fc.integer({ min: 0, max: 1000 }), (gaps, permille) => {
      const rhythm = newRhythm(START)
      let time = 0
      for (const gap of gaps) hear(rhythm, START + (time += gap))
      expect(rhythm.lengths.length).toBeLessThanOrEqual(23)
      expect(rhythm.lengths.map(({ octave }) => octave)).toEqual([...new Set(rhythm.lengths.map(({ octave }) => octave))].toSorted((a, b) => a - b))
      const usual = usualMs(rhythm, LEARN)
      if (usual === undefined) return
      expect(gaps).toContain(usual)
      expect(limitMs(usual, MIN)).toBeGreaterThan((usual * permille) / 1000)
    }))
  })
})
