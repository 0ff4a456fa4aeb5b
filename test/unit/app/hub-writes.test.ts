import { expect, test } from 'vitest'
import { createHealth, createMetrics, silentLogger } from '#telemetry/index.ts'
import { createDiskWatch } from '../../../src/app/disk-watch.ts'
import { createHubWrites } from '../../../src/app/hub-writes.ts'
import { APP_METRICS } from '../../../src/app/metrics.ts'

const FULL = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })

function ground() {
  const disk = { isFull: false }
  const timers: (() => void)[] = []
  const lines: string[] = []
  const log = { ...silentLogger, error: (_: unknown, text: string) => void lines.push(text), info: (_: unknown, text: string) => void lines.push(text) }
  const health = createHealth()
  const done: number[] = []
  const refuse = (): void => {
    if (disk.isFull) throw FULL
  }
  const writes = createHubWrites({ log, metrics: createMetrics(APP_METRICS), health, probe: refuse, after: (_, work) => void timers.push(work) })
  const write = (number: number): void =>
    writes.run(() => {
      refuse()
      done.push(number)
    })
  const tick = (): void => timers.splice(0).forEach((work) => work())
  return { disk, lines, done, writes, write, tick, status: () => health.report().checks['records']?.status }
}

test('what hub.db refuses waits, and is written in order when there is room', () => {
  const { disk, lines, done, write, tick, status } = ground()
  write(1)
  disk.isFull = true
  write(2)
  write(3)
  tick()
  expect([done, status()]).toEqual([[1], 'fail'])
  disk.isFull = false
  // not past those that wait
  write(4)
  expect(done).toEqual([1])
  tick()
  expect([done, status()]).toEqual([[1, 2, 3, 4], 'pass'])
  write(5)
  expect(done).toEqual([1, 2, 3, 4, 5])
  expect(lines).toEqual(['hub.db cannot be written; rules and notices wait', 'hub.db is written again'])
})

test('a mistake of the program is no fault of the disk, and is thrown', () => {
  const { writes } = ground()
  expect(() => writes.run(() => { throw new TypeError('no such thing') })).toThrow('no such thing')
})

test('more writes than may wait are dropped', () => {
  const { disk, done, write, tick } = ground()
  disk.isFull = true
  for (let number = 0; number < 10_001; number++) write(number)
  disk.isFull = false
  tick()
  expect(done).toHaveLength(10_000)
})

test('a disk that takes some batches and refuses others is told once, and is well when it has refused nothing for a while', () => {
  const lines: string[] = []
  let nowMs = 0
  const tell = (_: unknown, text: string): void => void lines.push(text)
  const watch = createDiskWatch({ log: { ...silentLogger, error: tell, warn: tell, info: tell }, elapsedMs: () => nowMs })
  watch.committed()
  for (; nowMs < 3000; nowMs += 100) {
    watch.failed('ENOSPC', 7)
    watch.committed()
  }
  expect([watch.fault, lines]).toEqual(['ENOSPC', ['The disk refused messages']])
  nowMs += 8000
  watch.tick()
  watch.tick()
  expect(lines).toEqual(['The disk refused messages', 'The disk refused messages; trying it again'])
  watch.committed()
  expect([watch.fault, lines.at(-1)]).toEqual([undefined, 'The disk takes messages again'])
})
