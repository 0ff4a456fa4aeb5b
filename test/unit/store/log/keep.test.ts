import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLogKeeper, openLogAppender, openLogReader, type LogReader, type SegmentAppender } from '#store/index.ts'
import { readLosses, writeLosses } from '../../../../src/store/log/keep/losses.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const DAY_MS = 86_400_000
const ALL = { kind: 'all' } as const
const ASKED = { limit: 100, order: 'oldest', deadlineAtMs: Infinity } as const

interface Ground { readonly directory: string; readonly appender: SegmentAppender; readonly reader: LogReader; clockMs: number; elapsedMs: number; disk: { freeBytes: number; maxBytes: number; minFreeBytes: number } }

/** A store with a message on each of `days` days, sealed, and what a test may turn: the clocks and the disk. */
function ground(days: number): { readonly here: Ground; readonly keeper: ReturnType<typeof createLogKeeper>; round(): ReturnType<ReturnType<typeof createLogKeeper>['maintain']> } {
  const directory = testFolder()
  const appender = openLogAppender({ directory, segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS })
  const reader = openLogReader({ directory, watermark: appender.watermark, clock: () => NOON_MS })
  onTestFinished(() => reader.close())
  onTestFinished(() => appender.close())
  const here: Ground = { directory, appender, reader, clockMs: NOON_MS + (days - 1) * DAY_MS, elapsedMs: 0, disk: { freeBytes: 1000, maxBytes: Infinity, minFreeBytes: 0 } }
  const keeper = createLogKeeper({
    directory, watermark: appender.watermark, retentionMs: 3 * DAY_MS, clock: () => here.clockMs, elapsedMs: () => here.elapsedMs,
    readDisk: () => ({ usedBytes: files(here).length * 100, freeBytes: here.disk.freeBytes, diskBytes: 10_000, segmentBytes: 0, fileBytes: files(here).length * 100, limits: here.disk }),
  })
  const round = () => {
    here.elapsedMs += 60_000
    return keeper.maintain({ nowMs: here.clockMs })
  }
  for (let day = 0; day < days; day++) receive(here, NOON_MS + day * DAY_MS)
  return { here, keeper, round }
}
function receive({ appender }: Ground, receivedMs: number): void {
  appender.append(batchOf([{ receivedMs, text: `received ${receivedMs}` }]))
  appender.sync()
  appender.rotate()
}
const files = ({ directory }: Pick<Ground, 'directory'>): string[] => readdirSync(directory).filter((name) => name.endsWith('.db')).sort()
const spoil = (path: string): void => {
  const bytes = readFileSync(path)
  bytes.fill(0xff, 0, 200)
  writeFileSync(path, bytes)
}

test('a clock that jumps ahead and back costs nothing, and retention goes on when it is right again', () => {
  const { here, round } = ground(3)
  round()
  expect(files(here)).toHaveLength(3)
  here.clockMs += 400 * DAY_MS
  expect(round()).toMatchObject({ removedFiles: [], reason: 'newest-in-past' })
  // what arrives meanwhile bears the wrong time, and the newest message agrees with the clock
  receive(here, here.clockMs)
  expect(round()).toMatchObject({ removedFiles: [], reason: 'newest-jumped' })
  here.clockMs -= 400 * DAY_MS
  expect(round()).toMatchObject({ removedFiles: [], reason: 'newest-in-future' })
  here.clockMs -= 400 * DAY_MS
  expect(round()).toMatchObject({ removedFiles: [], reason: 'newest-in-future' })
  expect(files(here)).toHaveLength(4)
})

test('days pass, and the oldest file goes for its age', () => {
  const { here, round } = ground(3)
  round()
  for (let day = 3; day < 6; day++) {
    here.clockMs += DAY_MS
    here.elapsedMs += DAY_MS
    receive(here, here.clockMs)
    round()
  }
  expect(files(here)).toEqual(['2026-11-24.001.db', '2026-11-25.001.db', '2026-11-26.001.db', '2026-11-27.001.db'])
})

test('a full disk takes the oldest files, half of them at a time, after a second look, until the newest is left', () => {
  const { here, round } = ground(3)
  expect(round()).toMatchObject({ removals: [], state: { space: {} } })
  here.disk = { freeBytes: 0, maxBytes: Infinity, minFreeBytes: 500 }
  expect(round()).toMatchObject({ removals: [], state: { space: { reason: 'min-free', held: 'unconfirmed' } } })
  expect(round().removals).toMatchObject([{ name: '2026-11-22.001.db', reason: 'min-free' }])
  expect(round().removals).toEqual([])
  expect(round().removals).toMatchObject([{ name: '2026-11-23.001.db', reason: 'min-free' }])
  expect(round()).toMatchObject({ removals: [], state: { space: { reason: 'min-free', held: 'only-newest-left' } } })
  expect(files(here)).toEqual(['2026-11-24.001.db'])
  expect(here.reader.search(ALL, ASKED)).toMatchObject({ complete: true, messages: [{ seq: 3 }] })
})

test('one odd reading of the disk removes nothing', () => {
  const { here, round } = ground(3)
  round()
  for (const freeBytes of [0, 1000, 0, 1000, 0]) {
    here.disk = { freeBytes, maxBytes: Infinity, minFreeBytes: 500 }
    expect(round().removals).toEqual([])
  }
  expect(files(here)).toHaveLength(3)
})

test('size is kept within its limit even when the clock is wrong', () => {
  const { here, round } = ground(3)
  here.clockMs += 400 * DAY_MS
  here.disk = { freeBytes: 1000, maxBytes: 250, minFreeBytes: 0 }
  round()
  round()
  expect(round()).toMatchObject({ reason: 'newest-in-past', removals: [{ name: '2026-11-22.001.db', reason: 'max-size' }] })
  expect(files(here)).toHaveLength(2)
})

test('a damaged file is set aside with the range it may have held; answers are incomplete until that is accepted', () => {
  const { here, keeper, round } = ground(3)
  round()
  here.reader.close()
  spoil(join(here.directory, '2026-11-23.001.db'))
  const reader = openLogReader({ directory: here.directory, watermark: here.appender.watermark, clock: () => NOON_MS })
  onTestFinished(() => reader.close())
  const { damaged, state } = round()
  expect(damaged).toHaveLength(1)
  expect(state.losses).toMatchObject([{ name: '2026-11-23.001.db.damaged', fromSeq: 2, toSeq: 2, accepted: null }])
  expect(readdirSync(here.directory).filter((name) => name.startsWith('2026-11-23'))).toEqual(expect.arrayContaining(['2026-11-23.001.db.damaged']))
  expect(files(here)).toEqual(['2026-11-22.001.db', '2026-11-24.001.db'])
  const page = reader.search(ALL, ASKED)
  expect(page).toMatchObject({ complete: false, reason: 'damaged' })
  expect(page.messages.map(({ seq }) => seq)).toEqual([1, 3])
  expect(reader.count(ALL, { by: [], limit: 1, deadlineAtMs: Infinity })).toMatchObject({ total: 2, complete: false, reason: 'damaged' })
  expect(round().damaged).toEqual([])
  expect(keeper.acceptLoss({ name: 'something else', by: 'anna' })).toBe(false)
  expect(keeper.acceptLoss({ name: '2026-11-23.001.db.damaged', by: 'anna' })).toBe(true)
  expect(keeper.acceptLoss({ name: '2026-11-23.001.db.damaged', by: 'anna' })).toBe(false)
  expect(reader.search(ALL, ASKED)).toMatchObject({ complete: true })
  expect(readLosses(here.directory)).toMatchObject([{ accepted: { by: 'anna' } }])
})

test('a crash between the record of a loss and the renaming is made good by the next look, and recorded once', () => {
  const { here, round } = ground(2)
  round()
  const path = join(here.directory, '2026-11-22.001.db')
  spoil(path)
  round()
  const [loss] = readLosses(here.directory)
  renameSync(`${path}.damaged`, path)
  writeLosses(here.directory, [loss!])
  round()
  expect(existsSync(path)).toBe(false)
  expect(readLosses(here.directory)).toEqual([loss])
})

test('a second damaged file of one name is kept beside the first', () => {
  const { here, round } = ground(2)
  round()
  for (const expected of [1, 2]) {
    spoil(join(here.directory, '2026-11-22.001.db'))
    round()
    expect(readLosses(here.directory)).toHaveLength(expected)
    if (expected === 1) receive(here, NOON_MS)
    round()
  }
  expect(readdirSync(here.directory).filter((name) => /damaged(?:-\d)?$/.test(name))).toEqual(['2026-11-22.001.db.damaged', '2026-11-22.001.db.damaged-2'])
})

test('a file of a newer program stays where it is and is told', () => {
  const { here, round } = ground(2)
  round()
  const path = join(here.directory, '2026-11-22.001.db')
  const bytes = readFileSync(path)
  bytes.writeUInt32BE(99, 60)
  writeFileSync(path, bytes)
  expect(round()).toMatchObject({ damaged: [], state: { losses: [], troubles: [expect.stringContaining('version 99')] } })
  expect(existsSync(path)).toBe(true)
})
