import { expect, test } from 'vitest'
import { createWatermark } from '#triggers/run/watermark.ts'

const DAY_MS = 86_400_000

test('time goes on with messages and, when nothing waits, with the clock; neither moves it back', () => {
  const time = createWatermark(0)
  time.took(1000)
  expect(time.tick(5000)).toBeUndefined()
  expect(time.nowMs).toBe(5000)
  time.took(4000)
  time.tick(3000)
  expect(time.nowMs).toBe(5000)
})

test('after a start the clock may be any time ahead: the hub was not running', () => {
  const time = createWatermark(1000)
  expect(time.tick(1000 + 30 * DAY_MS)).toBeUndefined()
  expect(time.nowMs).toBe(1000 + 30 * DAY_MS)
})

test('a clock that jumps ahead by more than a day is told once and not believed until messages are as far', () => {
  const time = createWatermark(0)
  time.tick(1000)
  expect(time.tick(1000 + DAY_MS + 1)).toBe('held')
  expect(time.tick(1000 + DAY_MS + 200)).toBeUndefined()
  expect([time.nowMs, time.isHeld]).toEqual([1000, true])
  time.took(2000)
  expect(time.nowMs).toBe(2000)
  time.took(DAY_MS)
  expect(time.tick(1000 + DAY_MS + 400)).toBe('back')
  expect(time.nowMs).toBe(1000 + DAY_MS + 400)
})

test('a clock that is put right again is believed again', () => {
  const time = createWatermark(0)
  time.tick(1000)
  time.tick(1000 + 2 * DAY_MS)
  expect(time.tick(1200)).toBe('back')
  expect(time.nowMs).toBe(1200)
})

test('a clock that was set back is told once, and believed again when it is as far; a bit behind is nothing', () => {
  const time = createWatermark(0)
  time.tick(DAY_MS)
  expect(time.tick(DAY_MS - 500)).toBeUndefined()
  expect(time.tick(DAY_MS / 2)).toBe('behind')
  expect(time.tick(DAY_MS - 500)).toBeUndefined()
  expect(time.nowMs).toBe(DAY_MS)
  expect(time.tick(DAY_MS + 1)).toBe('back')
  expect(time.tick(DAY_MS + 2)).toBeUndefined()
})
