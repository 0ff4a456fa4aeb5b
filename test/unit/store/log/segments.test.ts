import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLogAppender, openLogReader, readWatermark, type LogAppenderOptions, type SegmentAppender } from '#store/index.ts'
import { COLUMN_TABLE_HASH, ROW_BYTES, SEGMENT_VERSION } from '../../../../src/store/log/segments/format.ts'
import { diskIo, type SegmentIo } from '../../../../src/store/log/segments/io.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const noSpace = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })

function counting(): { counts: Record<string, number>; add(name: string, value?: number): void; set(): void } {
  const counts: Record<string, number> = {}
  return { counts, add: (name, value = 1) => void (counts[name] = (counts[name] ?? 0) + value), set() {} }
}
function open(directory: string, options: Partial<LogAppenderOptions> = {}): SegmentAppender {
  const appender = openLogAppender({ directory, segmentBytes: 1 << 20, sealAfterMs: 1000, clock: () => NOON_MS, ...options })
  onTestFinished(() => appender.close())
  return appender
}
function texts(directory: string, watermark?: SharedArrayBuffer): string[] {
  const reader = openLogReader({ directory, watermark, clock: () => 0 })
  const found = reader.readAfter(0, 1000).map((message) => message.text)
  reader.close()
  return found
}
const segmentPaths = (directory: string): string[] => readdirSync(join(directory, 'segments')).sort().map((name) => join(directory, 'segments', name))
const write = (appender: SegmentAppender, ...lines: string[]): void => {
  for (const text of lines) appender.append(batchOf([{ text }]))
}

test('the column table of format version 1 has not changed', () => {
  expect([SEGMENT_VERSION, ROW_BYTES, COLUMN_TABLE_HASH]).toEqual([1, 80, 0x45_2a_0a_bd])
})

test('a tail torn at any byte of the last record costs that record only, and is cut and counted', () => {
  const directory = testFolder()
  const appender = open(directory)
  write(appender, 'kept')
  appender.sync()
  const keptBytes = statSync(segmentPaths(directory)[0]).size
  write(appender, 'torn')
  appender.close()
  const wholeBytes = statSync(segmentPaths(directory)[0]).size
  expect(wholeBytes - keptBytes).toBeGreaterThan(100)
  for (let length = keptBytes + 1; length < wholeBytes; length++) {
    const copy = testFolder()
    mkdirSync(join(copy, 'segments'))
    copyFileSync(segmentPaths(directory)[0], join(copy, 'segments', '0000000001.seg'))
    truncateSync(join(copy, 'segments', '0000000001.seg'), length)
    const counters = counting()
    const recovered = openLogAppender({ directory: copy, segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => 0, counters })
    expect(recovered.nextSeq).toBe(2)
    expect(recovered.recovered).toHaveLength(1)
    expect(counters.counts).toMatchObject({ tornTails: 1, tornBytes: length - keptBytes })
    expect(statSync(join(copy, 'segments', '0000000001.seg')).size).toBe(keptBytes)
    expect(texts(copy, recovered.watermark)).toEqual(['kept'])
    recovered.close()
  }
})

test('a clean end leaves nothing to recover, and seqs go on, also when nothing was written', () => {
  const directory = testFolder()
  const first = open(directory)
  write(first, 'a', 'b')
  first.close()
  for (let i = 0; i < 3; i++) {
    const again = open(directory)
    expect([again.nextSeq, again.recovered]).toEqual([3, []])
    again.close()
  }
  expect(texts(directory)).toEqual(['a', 'b'])
})

test('a segment whose header was never finished is removed', () => {
  const directory = testFolder()
  const first = open(directory)
  write(first, 'a')
  first.close()
  writeFileSync(join(directory, 'segments', '0000000002.seg'), 'HPSSEG')
  const again = open(directory)
  expect(again.recovered).toEqual(['segment 2: was not begun, removed'])
  expect([again.nextSeq, texts(directory, again.watermark)]).toEqual([2, ['a']])
})

test('damage in the middle costs the damaged record only, is told, and is not taken for a torn tail', () => {
  const directory = testFolder()
  const first = open(directory)
  write(first, 'one')
  first.sync()
  const at = statSync(segmentPaths(directory)[0]).size
  write(first, 'two', 'three')
  first.close()
  for (const place of [at + 4, at + 60]) { // the record's header, its body
    const copy = testFolder()
    mkdirSync(join(copy, 'segments'))
    const path = join(copy, 'segments', '0000000001.seg')
    copyFileSync(segmentPaths(directory)[0], path)
    const fd = openSync(path, 'r+')
    writeSync(fd, Buffer.from([0xee]), 0, 1, place)
    closeSync(fd)
    const again = open(copy)
    expect(again.nextSeq).toBe(4)
    expect(again.recovered[0]).toContain('are damaged')
    const reader = openLogReader({ directory: copy, watermark: again.watermark, clock: () => 0 })
    const page = reader.search({ kind: 'all' }, { limit: 10, order: 'oldest', deadlineAtMs: Infinity })
    expect(page.messages.map((message) => message.text)).toEqual(['one', 'three'])
    expect(page).toMatchObject({ complete: false, reason: 'damaged' })
    expect(reader.stats().damaged).toHaveLength(1)
    reader.close()
  }
})

test('a segment of another version is refused loudly', () => {
  const directory = testFolder()
  open(directory).close()
  const path = segmentPaths(directory)[0]
  const bytes = readFileSync(path)
  bytes.writeUInt32LE(2, 8)
  bytes.writeUInt32LE(crcOf(bytes.subarray(0, 60)), 60)
  writeFileSync(path, bytes)
  expect(() => openLogAppender({ directory, segmentBytes: 1, sealAfterMs: 1, clock: () => 0 })).toThrow('another version')
})

test('a segment is closed at its size, at its age when it holds anything, and readers follow', () => {
  const directory = testFolder()
  let nowMs = NOON_MS
  const appender = open(directory, { segmentBytes: 300, clock: () => nowMs })
  expect(appender.rotateIfDue()).toBe(false)
  write(appender, 'a', 'b', 'c')
  appender.sync()
  expect(segmentPaths(directory)).toHaveLength(2)
  nowMs += 1000
  expect([appender.rotateIfDue(), appender.rotateIfDue()]).toEqual([true, false])
  expect(readWatermark(appender.watermark)).toMatchObject({ segment: 3, lastSeq: 3 })
  expect(texts(directory, appender.watermark)).toEqual(['a', 'b', 'c'])
})

test('a failed or short write keeps nothing of its batch, and the next one is kept', () => {
  const directory = testFolder()
  const plan: (number | Error | undefined)[] = []
  const io: SegmentIo = {
    ...diskIo,
    writev(fd, pieces, position) {
      const step = plan.shift()
      if (step instanceof Error) throw step
      if (step === undefined) return diskIo.writev(fd, pieces, position)
      return diskIo.writev(fd, [Buffer.concat(pieces).subarray(0, step)], position)
    },
  }
  const counters = counting()
  const appender = open(directory, { io, counters })
  write(appender, 'first')
  plan.push(60, noSpace)
  expect(() => write(appender, 'lost')).toThrow(expect.objectContaining({ code: 'store-failed', cause: noSpace }))
  plan.push(7, 1, 90)
  write(appender, 'in four pieces')
  appender.sync()
  expect(texts(directory, appender.watermark)).toEqual(['first', 'in four pieces'])
  expect(texts(directory)).toEqual(['first', 'in four pieces'])
  expect(counters.counts).toMatchObject({ writeFailures: 1, refusedRows: 1, appendedRows: 2 })
})

test('while what a failed write left behind cannot be cut away, nothing is written', () => {
  const directory = testFolder()
  let isBroken = false
  const refuse = <T>(work: () => T): T => {
    if (isBroken) throw noSpace
    return work()
  }
  const io: SegmentIo = { ...diskIo, writev: (fd, pieces, position) => refuse(() => diskIo.writev(fd, pieces, position)), truncate: (fd, length) => refuse(() => diskIo.truncate(fd, length)) }
  const counters = counting()
  const appender = open(directory, { io, counters })
  write(appender, 'before')
  isBroken = true
  expect(() => write(appender, 'x')).toThrow('could not be written')
  expect(() => write(appender, 'y')).toThrow('could not be written')
  isBroken = false
  write(appender, 'after')
  appender.sync()
  expect(texts(directory, appender.watermark)).toEqual(['before', 'after'])
  expect(counters.counts).toMatchObject({ cutFailures: 1, writeFailures: 2 })
})

test('after a failed sync nothing since the last good one is kept, seqs are not given again, and a new segment is begun', () => {
  const directory = testFolder()
  let isBroken = false
  const io: SegmentIo = {
    ...diskIo,
    fdatasync(fd) {
      if (isBroken) throw noSpace
      diskIo.fdatasync(fd)
    },
  }
  const counters = counting()
  const appender = open(directory, { io, counters })
  write(appender, 'kept')
  appender.sync()
  write(appender, 'lost', 'lost too')
  isBroken = true
  expect(() => appender.sync()).toThrow(expect.objectContaining({ code: 'store-failed' }))
  isBroken = false
  expect(appender.nextSeq).toBe(4)
  write(appender, 'after')
  appender.sync()
  expect(texts(directory, appender.watermark)).toEqual(['kept', 'after'])
  expect(segmentPaths(directory)).toHaveLength(2)
  expect(counters.counts).toMatchObject({ syncFailures: 1 })
})

test('a sync that fails while a full segment is closed is told by the next sync too', () => {
  const directory = testFolder()
  let isBroken = false
  const io: SegmentIo = {
    ...diskIo,
    fdatasync(fd) {
      if (isBroken) throw noSpace
      diskIo.fdatasync(fd)
    },
  }
  const appender = open(directory, { io, segmentBytes: 200 })
  write(appender, 'lost')
  isBroken = true
  expect(() => write(appender, 'refused')).toThrow('could not be synced')
  isBroken = false
  expect(() => appender.sync()).toThrow('were lost')
  expect(() => appender.sync()).not.toThrow()
  expect(texts(directory, appender.watermark)).toEqual([])
})

function crcOf(bytes: Uint8Array): number {
  let crc = 0xff_ff_ff_ff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0)
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0
}
