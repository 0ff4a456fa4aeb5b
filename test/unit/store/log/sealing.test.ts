import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createBatch } from '#domain/batch.ts'
import { createLogKeeper, openLogAppender, openLogReader, openLogStore, type LogReader, type SegmentAppender } from '#store/index.ts'
import { readSegment } from '../../../../src/store/log/seal/read-segment.ts'
import { createRunGatherer, RUN_BATCH } from '../../../../src/store/log/seal/runs/gather-runs.ts'
import { openRunFile } from '../../../../src/store/log/seal/runs/run-file.ts'
import { createRunWriters } from '../../../../src/store/log/seal/runs/run-writers.ts'
import { batchOf, NOON_MS, type RowSpec } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const DAY_MS = 86_400_000
const rowsOf = (count: number, spec: (i: number) => RowSpec): RowSpec[] => Array.from({ length: count }, (_, i) => spec(i))
const seqs = (reader: LogReader): number[] => reader.readAfter(0, 10_000).map((message) => message.seq)
const dayFiles = (directory: string): string[] => readdirSync(directory).filter((name) => name.endsWith('.db')).sort()
const segments = (directory: string): string[] => readdirSync(join(directory, 'segments')).sort()

interface Ground { readonly directory: string; readonly appender: SegmentAppender; readonly reader: LogReader }
function ground(rows: readonly RowSpec[]): Ground {
  const directory = testFolder()
  const appender = openLogAppender({ directory, segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS })
  const reader = openLogReader({ directory, watermark: appender.watermark, clock: () => NOON_MS })
  onTestFinished(() => reader.close())
  onTestFinished(() => appender.close())
  appender.append(batchOf(rows))
  appender.sync()
  appender.rotate()
  return { directory, appender, reader }
}
const keeperOf = ({ directory, appender }: Ground, options: { retentionMs?: number; fileBytes?: number } = {}): ReturnType<typeof createLogKeeper> =>
  createLogKeeper({ directory, watermark: appender.watermark, retentionMs: 1000 * DAY_MS, clock: () => NOON_MS, ...options })

test('rows go into the file of the day they were received on, and the segment goes', () => {
  const here = ground(rowsOf(9, (i) => ({ receivedMs: NOON_MS + (i % 3) * DAY_MS })))
  expect(keeperOf(here).maintain({ nowMs: NOON_MS + 2 * DAY_MS })).toMatchObject({ sealedSegments: 1, sealedRows: 9, removedFiles: [], damaged: [] })
  expect(dayFiles(here.directory)).toEqual(['2026-11-22.001.db', '2026-11-23.001.db', '2026-11-24.001.db'])
  expect(segments(here.directory)).toEqual(['0000000002.seg'])
  expect(seqs(here.reader)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('a day goes on in another file when one is full', () => {
  const here = ground([{}])
  const keeper = keeperOf(here, { fileBytes: 1 })
  for (let i = 0; i < 2; i++) {
    keeper.maintain({ nowMs: NOON_MS })
    here.appender.append(batchOf([{}]))
    here.appender.rotate()
  }
  keeper.maintain({ nowMs: NOON_MS })
  expect(dayFiles(here.directory)).toEqual(['2026-11-22.001.db', '2026-11-22.002.db', '2026-11-22.003.db'])
  expect(seqs(here.reader)).toEqual([1, 2, 3])
})

test('runs of a segment that is not sealed whole are not served, and the next attempt replaces them', () => {
  const here = ground(rowsOf(6, (i) => ({ receivedMs: NOON_MS + (i % 2) * DAY_MS })))
  // as after a crash between the commits of the two day files: the first day's runs are on disk, the mark is not
  const run = createBatch(RUN_BATCH.rows, RUN_BATCH.bytes)
  const writers = createRunWriters({ directory: here.directory, fileBytes: 1 << 30, level: 1, run })
  const runs = createRunGatherer(run, (day) => day === Math.floor(NOON_MS / DAY_MS) && writers.write(day, { segment: 1 }))
  readSegment(here.directory, 1, (batch) => runs.add(batch))
  runs.flush()
  expect(writers.counts.runs).toBe(3)
  writers.commit()
  writers.close()
  expect(dayFiles(here.directory)).toEqual(['2026-11-22.001.db'])
  expect(seqs(here.reader)).toEqual([1, 2, 3, 4, 5, 6])
  expect(keeperOf(here).maintain({ nowMs: NOON_MS }).sealedRows).toBe(6)
  expect(seqs(here.reader)).toEqual([1, 2, 3, 4, 5, 6])
  expect(here.reader.stats()).toMatchObject({ sealedRows: 6, damaged: [] })
})

test('a segment that was sealed but not yet removed is served from its blocks, and removed by the next attempt', () => {
  const here = ground(rowsOf(4, () => ({})))
  const path = join(here.directory, 'segments', '0000000001.seg')
  const bytes = readFileSync(path)
  keeperOf(here).maintain({ nowMs: NOON_MS })
  writeFileSync(path, bytes)
  expect(seqs(here.reader)).toEqual([1, 2, 3, 4])
  expect(here.reader.stats()).toMatchObject({ sealedRows: 4 })
  expect(keeperOf(here).maintain({ nowMs: NOON_MS })).toMatchObject({ sealedSegments: 1, sealedRows: 0, damaged: [] })
  expect(existsSync(path)).toBe(false)
  expect(seqs(here.reader)).toEqual([1, 2, 3, 4])
})

test('a damaged segment is sealed without its damaged record and set aside, not removed', () => {
  const here = ground([{ text: 'lost' }])
  const path = join(here.directory, 'segments', '0000000001.seg')
  const bytes = readFileSync(path)
  bytes[64 + 60] ^= 1
  writeFileSync(path, bytes)
  const report = keeperOf(here).maintain({ nowMs: NOON_MS })
  expect(report.damaged).toEqual(['segments/0000000001.damaged: it had unreadable places; the rest of it is sealed; it is set aside'])
  expect(segments(here.directory)).toEqual(['0000000001.damaged', '0000000002.seg'])
  expect(here.reader.stats().damaged).toHaveLength(1)
})

test('numbers of segments and messages are not given again when all is sealed and the segments are gone', () => {
  const here = ground(rowsOf(3, () => ({})))
  keeperOf(here).maintain({ nowMs: NOON_MS })
  const copy = testFolder()
  mkdirSync(join(copy, 'segments'))
  here.reader.close()
  for (const name of readdirSync(here.directory).filter((name) => name.includes('.db'))) copyFileSync(join(here.directory, name), join(copy, name))
  const again = openLogAppender({ directory: copy, segmentBytes: 1, sealAfterMs: 1, clock: () => 0 })
  onTestFinished(() => again.close())
  expect(again.nextSeq).toBe(4)
  expect(segments(copy)).toEqual(['0000000002.seg'])
})

test('a damaged block is skipped and told, the rest of its file is read', () => {
  const here = ground([{ text: 'first' }])
  const keeper = keeperOf(here)
  keeper.maintain({ nowMs: NOON_MS })
  here.appender.append(batchOf([{ text: 'second' }]))
  here.appender.rotate()
  keeper.maintain({ nowMs: NOON_MS })
  const path = join(here.directory, '2026-11-22.001.db')
  const file = openRunFile(path, 'read')
  const block = file.blockOf(1, 0)
  file.close()
  const bytes = readFileSync(path)
  const at = bytes.indexOf(block)
  expect(at).toBeGreaterThan(0)
  bytes[at + 6]! ^= 0xff
  const copy = testFolder()
  mkdirSync(join(copy, 'segments'))
  writeFileSync(join(copy, '2026-11-22.001.db'), bytes)
  const reader = openLogReader({ directory: copy, clock: () => 0 })
  onTestFinished(() => reader.close())
  const page = reader.search({ kind: 'all' }, { limit: 10, order: 'oldest', deadlineAtMs: Infinity })
  expect(page.messages.map((message) => message.text)).toEqual(['second'])
  expect(page).toMatchObject({ complete: false, reason: 'damaged' })
  expect(reader.stats().damaged[0]).toContain('2026-11-22.001.db run 1')
})

test.for([
  { name: 'no database at all', bytes: Buffer.from('this is no database, but it is long enough to be looked at as one'.repeat(20)) },
  { name: 'an empty file', bytes: Buffer.alloc(0) },
])('a file that is $name is skipped and told; all others are read', ({ bytes }) => {
  const here = ground([{ text: 'kept' }])
  keeperOf(here).maintain({ nowMs: NOON_MS })
  writeFileSync(join(here.directory, '2026-11-20.001.db'), bytes)
  const page = here.reader.search({ kind: 'all' }, { limit: 10, order: 'newest', deadlineAtMs: Infinity })
  expect(page).toMatchObject({ complete: false, reason: 'damaged' })
  expect(page.messages.map((message) => message.text)).toEqual(['kept'])
  expect(here.reader.stats().damaged[0]).toContain('2026-11-20.001.db')
})

test('retention removes day files that are older than it, counted from the newest message', () => {
  const here = ground(rowsOf(10, (i) => ({ receivedMs: NOON_MS + i * DAY_MS, text: `day ${i}` })))
  const report = keeperOf(here, { retentionMs: 3 * DAY_MS }).maintain({ nowMs: NOON_MS + 9 * DAY_MS })
  expect(report.removedFiles).toEqual(['2026-11-22.001.db', '2026-11-23.001.db', '2026-11-24.001.db', '2026-11-25.001.db', '2026-11-26.001.db', '2026-11-27.001.db'])
  expect(seqs(here.reader)).toEqual([7, 8, 9, 10])
  expect(readdirSync(here.directory).filter((name) => name.startsWith('2026-11-27'))).toEqual([])
})

test('retention that is held removes nothing and says why', () => {
  const here = ground(rowsOf(10, (i) => ({ receivedMs: NOON_MS + i * DAY_MS })))
  expect(keeperOf(here, { retentionMs: DAY_MS }).maintain({ nowMs: NOON_MS })).toMatchObject({ removedFiles: [], reason: 'newest-in-future' })
})

test('long rows and many rows fill several blocks and come back', () => {
  const directory = testFolder()
  const store = openLogStore({ directory, segmentBytes: 64 << 20, sealAfterMs: 1, retentionMs: DAY_MS, clock: () => NOON_MS })
  onTestFinished(() => store.close())
  const long = Buffer.alloc(60_000, 'x').toString()
  store.writer.append(batchOf(rowsOf(5000, (i) => ({ text: i % 100 === 0 ? `${long}${i}` : `m${i}`, session: i % 50, source: i % 3 }))))
  store.writer.sync()
  const before = store.reader.readAfter(0, 10_000)
  store.maintain({ nowMs: NOON_MS })
  expect(store.reader.readAfter(0, 10_000)).toEqual(before)
  expect(before[4900].text).toBe(`${long}4900`)
})
