import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLogKeeper, openLogAppender, openLogReader, type LogReader } from '#store/index.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const DAY_MS = 86_400_000

/** A sealed day with `rows` messages of sessions 1, 2, 3 in turn, and one message of today. */
function ground(rows: number): { readonly directory: string; readonly reader: LogReader; readonly pinned: Set<number>; round(): ReturnType<ReturnType<typeof createLogKeeper>['maintain']>; files(): string[] } {
  const directory = testFolder()
  const appender = openLogAppender({ directory, segmentBytes: 1 << 24, sealAfterMs: 1, clock: () => NOON_MS })
  onTestFinished(() => appender.close())
  const pinned = new Set<number>()
  const keeper = createLogKeeper({ directory, watermark: appender.watermark, retentionMs: DAY_MS, clock: () => NOON_MS, pinned: () => new Set(pinned) })
  appender.append(batchOf(Array.from({ length: rows }, (_, i) => ({ receivedMs: NOON_MS - 5 * DAY_MS + i, session: 1 + (i % 3), node: 7, host: 'tch-007', app: 'app', text: `message ${i} of ${rows}` }))))
  appender.sync()
  appender.rotate()
  // by a keeper of five days ago: this one would take the days between for a jump of the clock
  createLogKeeper({ directory, watermark: appender.watermark, retentionMs: DAY_MS, clock: () => NOON_MS }).maintain({ nowMs: NOON_MS - 5 * DAY_MS })
  appender.append(batchOf([{ receivedMs: NOON_MS, session: 9, text: 'today' }]))
  appender.sync()
  appender.rotate()
  const reader = openLogReader({ directory, watermark: appender.watermark, clock: () => NOON_MS })
  onTestFinished(() => reader.close())
  const round = () => keeper.maintain({ nowMs: NOON_MS })
  return { directory, reader, pinned, round, files: () => readdirSync(directory).filter((name) => name.endsWith('.db')).sort() }
}
const OLD = '2026-11-17.001.db'
const COPY = '2026-11-17.002.db'
const TODAY = '2026-11-22.001.db'

test('what is pinned is served unchanged after its file has gone, everything else of it is not', () => {
  const here = ground(300)
  const before = here.reader.readAfter(0, 1000).filter(({ sessionId }) => sessionId === 2 || sessionId === 9)
  expect(before).toHaveLength(101)
  here.pinned.add(2)
  here.round()
  expect(here.files()).toEqual([COPY, TODAY])
  expect(here.reader.readAfter(0, 1000)).toEqual(before)
  expect(here.reader.search({ kind: 'ids', field: 'session', ids: [2] }, { limit: 1000, order: 'oldest', deadlineAtMs: Infinity })).toMatchObject({ complete: true, messages: before.slice(0, -1) })
  expect(here.reader.search({ kind: 'text', text: 'message 4 of 300' }, { limit: 10, order: 'oldest', deadlineAtMs: Infinity }).messages).toMatchObject([{ seq: 5, sessionId: 2 }])
})

test('a copy stays for as long as it is pinned, and is not copied again', () => {
  const here = ground(30)
  here.pinned.add(2)
  here.round()
  for (let round = 0; round < 3; round++) expect(here.round().removals).toEqual([])
  here.pinned.add(3)
  expect(here.round().removals).toEqual([])
  expect(here.files()).toEqual([COPY, TODAY])
  here.pinned.clear()
  expect(here.round().removals).toMatchObject([{ name: COPY }])
  expect(here.reader.readAfter(0, 100).map(({ sessionId }) => sessionId)).toEqual([9])
})

test('of two sessions in a copy, one may be unpinned', () => {
  const here = ground(30)
  here.pinned.add(1).add(2)
  here.round()
  expect(here.reader.readAfter(0, 100)).toHaveLength(21)
  here.pinned.delete(1)
  expect(here.round().removals).toMatchObject([{ name: COPY }])
  expect(here.files()).toEqual(['2026-11-17.003.db', TODAY])
  expect(here.reader.readAfter(0, 100).map(({ sessionId }) => sessionId)).toEqual([...Array.from({ length: 10 }, () => 2), 9])
})

test('a crash between the copy and the removal serves nothing twice, and the next round removes the file', () => {
  const here = ground(30)
  const kept = join(testFolder(), OLD)
  copyFileSync(join(here.directory, OLD), kept)
  here.pinned.add(2)
  here.round()
  copyFileSync(kept, join(here.directory, OLD))
  expect(here.reader.readAfter(0, 100)).toHaveLength(11)
  here.round()
  expect(here.files()).toEqual([COPY, TODAY])
  expect(here.reader.readAfter(0, 100)).toHaveLength(11)
})

test('a crash in the middle of the copy leaves the file as it was, and the next round copies anew', () => {
  const here = ground(30)
  copyFileSync(join(here.directory, OLD), join(here.directory, `${COPY}.pinned`))
  expect(here.reader.readAfter(0, 100)).toHaveLength(31)
  here.pinned.add(2)
  here.round()
  expect(existsSync(join(here.directory, `${COPY}.pinned`))).toBe(false)
  expect(here.reader.readAfter(0, 100)).toHaveLength(11)
})

test('when nobody can say what is pinned, nothing is removed', () => {
  const here = ground(30)
  const appender = openLogAppender({ directory: testFolder(), segmentBytes: 1, sealAfterMs: 1, clock: () => 0 })
  onTestFinished(() => appender.close())
  here.pinned.add(2)
  const keeper = createLogKeeper({ directory: here.directory, watermark: appender.watermark, retentionMs: DAY_MS, clock: () => NOON_MS, pinned: () => { throw new Error('hub.db is locked') } })
  here.pinned.add(1).add(3)
  here.round()
  expect(keeper.maintain({ nowMs: NOON_MS })).toMatchObject({ removals: [], state: { troubles: ['retention: hub.db is locked'] } })
  expect(here.files()).toEqual([OLD, TODAY])
})
