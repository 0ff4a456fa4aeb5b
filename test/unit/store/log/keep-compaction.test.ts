import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLogKeeper, openLogAppender, openLogReader, type LogReader } from '#store/index.ts'
import { chooseCompaction, type CompactionFile } from '../../../../src/store/log/keep/compaction-plan.ts'
import { fileVersion } from '../../../../src/store/log/seal/day-files.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const DAY_MS = 86_400_000
const VERSION_1 = new URL('../../../fixtures/store/version-1/', import.meta.url)

function openKept(directory: string) {
  const appender = openLogAppender({ directory, segmentBytes: 1 << 24, sealAfterMs: 1, clock: () => NOON_MS })
  onTestFinished(() => appender.close())
  const keeper = createLogKeeper({ directory, watermark: appender.watermark, retentionMs: 1000 * DAY_MS, clock: () => NOON_MS })
  const reader = openLogReader({ directory, watermark: appender.watermark, clock: () => NOON_MS })
  onTestFinished(() => reader.close())
  const append = (receivedMs: number, count: number): void => {
    appender.append(batchOf(Array.from({ length: count }, (_, i) => ({ receivedMs: receivedMs + i, session: 1 + (i % 5), node: 1 + (i % 5), host: `tch-00${i % 5}`, app: 'sshd', text: `session ${i} opened for 10.0.0.${i % 250}` }))))
    appender.sync()
    appender.rotate()
    keeper.maintain({ nowMs: receivedMs })
  }
  return { directory, appender, keeper, reader, append, files: () => readdirSync(directory).filter((name) => name.endsWith('.db')).sort() }
}
const all = (reader: LogReader) => reader.readAfter(0, 100_000)
const compactAll = ({ keeper }: ReturnType<typeof openKept>): string[] => {
  const causes: string[] = []
  for (let step = keeper.compact(0); step.isMore; step = keeper.compact(0)) if (step.finished !== undefined) causes.push(`${step.finished.name} ${step.finished.cause}`)
  return causes
}

test('small runs of a quiet hub become one, and everything is served as before', () => {
  const here = openKept(testFolder())
  for (let i = 0; i < 10; i++) here.append(NOON_MS + i * 600_000, 40)
  const before = all(here.reader)
  expect(before).toHaveLength(400)
  expect(compactAll(here)).toEqual(['2026-11-22.001.db fragments'])
  expect(here.files()).toEqual(['2026-11-22.002.db'])
  expect(all(here.reader)).toEqual(before)
  here.append(NOON_MS + 7_200_000, 3)
  expect(here.files()).toEqual(['2026-11-22.002.db'])
  expect(all(here.reader).slice(0, 400)).toEqual(before)
  expect(compactAll(here)).toEqual([])
})

test('a finished day is rewritten once, the day that goes on is left alone', () => {
  const here = openKept(testFolder())
  here.append(NOON_MS, 50)
  here.append(NOON_MS + DAY_MS, 50)
  const before = all(here.reader)
  expect(compactAll(here)).toEqual(['2026-11-22.001.db cold'])
  expect(compactAll(here)).toEqual([])
  expect(here.files()).toEqual(['2026-11-22.002.db', '2026-11-23.001.db'])
  expect(all(here.reader)).toEqual(before)
  expect(here.reader.search({ kind: 'text', text: '10.0.0.7' }, { limit: 10, order: 'newest', deadlineAtMs: Infinity })).toMatchObject({ complete: true, messages: [{ seq: 58 }, { seq: 8 }] })
})

test('files of version 1 are read as they are, then rewritten in the format of today', () => {
  const directory = testFolder()
  cpSync(VERSION_1, directory, { recursive: true })
  const old = openLogReader({ directory, clock: () => NOON_MS })
  const before = all(old)
  old.close()
  expect(before.length).toBeGreaterThan(100)
  const here = openKept(directory)
  expect(all(here.reader)).toEqual(before)
  here.keeper.maintain({ nowMs: NOON_MS })
  expect(compactAll(here)).toEqual(expect.arrayContaining(['2026-11-20.001.db version', '2026-11-21.001.db version']))
  expect(here.files().map((name) => fileVersion(join(directory, name)))).toEqual(here.files().map(() => 2))
  expect(all(here.reader)).toEqual(before)
})

test('a crash between the new name and the removal of the old file serves nothing twice, and the next round removes it', () => {
  const here = openKept(testFolder())
  here.append(NOON_MS, 50)
  here.append(NOON_MS + DAY_MS, 50)
  const before = all(here.reader)
  const kept = join(testFolder(), 'old')
  copyFileSync(join(here.directory, '2026-11-22.001.db'), kept)
  compactAll(here)
  renameSync(kept, join(here.directory, '2026-11-22.001.db'))
  const reader = openLogReader({ directory: here.directory, clock: () => NOON_MS })
  onTestFinished(() => reader.close())
  expect(all(reader)).toEqual(before)
  here.keeper.maintain({ nowMs: NOON_MS + DAY_MS })
  expect(existsSync(join(here.directory, '2026-11-22.001.db'))).toBe(false)
  expect(all(reader)).toEqual(before)
})

test('what a crash left of an unfinished file goes, and is never served', () => {
  const here = openKept(testFolder())
  here.append(NOON_MS, 5)
  mkdirSync(here.directory, { recursive: true })
  writeFileSync(join(here.directory, '2026-11-22.002.db.compact'), 'half a file')
  expect(all(here.reader)).toHaveLength(5)
  here.keeper.maintain({ nowMs: NOON_MS })
  expect(readdirSync(here.directory).filter((name) => name.includes('.compact'))).toEqual([])
})

const file = (name: string, over: Partial<CompactionFile>): CompactionFile => ({ name, day: 1, version: 2, rows: 100_000, runs: 4, isCompacted: false, ...over })
test.each<[what: string, files: CompactionFile[], choice: object | undefined]>([
  ['nothing', [], undefined],
  ['the day that goes on', [file('a', {})], undefined],
  ['a part of the day that goes on', [file('a', {}), file('b', {})], undefined],
  ['a finished day', [file('a', {}), file('b', { day: 2 })], { name: 'a', cause: 'cold' }],
  ['a finished day, done', [file('a', { isCompacted: true }), file('b', { day: 2 })], undefined],
  ['an older format before all else', [file('a', {}), file('b', { day: 2, version: 1 })], { name: 'b', cause: 'version' }],
  ['small runs of today', [file('a', { runs: 50 })], { name: 'a', cause: 'fragments' }],
  ['small runs of today in a large file', [file('a', { rows: 600_000, runs: 500 })], undefined],
  ['small runs that are compact already', [file('a', { runs: 50, isCompacted: true })], undefined],
])('compaction chooses from %s', (_, files, choice) => {
  expect(chooseCompaction(files, 2)).toEqual(choice)
})
