import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { backUp, checkStore, createLogKeeper, openHubDatabase, openLogAppender, openLogReader, openRulesDatabase, readLogStart, restoreBackup, writeCursor, type SegmentAppender } from '#store/index.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const DAY_MS = 86_400_000
const pace = { breathe: async () => {}, advance() {} }

interface Ground { readonly data: string; readonly directory: string; readonly databasePath: string; readonly appender: SegmentAppender; readonly target: string; readonly hub: ReturnType<typeof openHubDatabase> }
function ground(): Ground {
  const folder = testFolder()
  const data = join(folder, 'data')
  const directory = join(data, 'log')
  mkdirSync(directory, { recursive: true })
  const databasePath = join(data, 'hub.db')
  const hub = openHubDatabase(databasePath)
  onTestFinished(() => void hub.close())
  const appender = openLogAppender({ directory, segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS })
  onTestFinished(() => appender.close())
  return { data, directory, databasePath, appender, hub, target: join(folder, 'backups') }
}
function receive({ appender }: Ground, count: number, receivedMs = NOON_MS): void {
  appender.append(batchOf(Array.from({ length: count }, (_, i) => ({ receivedMs, text: `message ${appender.nextSeq + i}` }))))
  appender.sync()
}
const keeperOf = ({ directory, appender }: Ground) => createLogKeeper({ directory, watermark: appender.watermark, retentionMs: DAY_MS, clock: () => NOON_MS })
const write = (here: Ground, breathe: () => Promise<void> = async () => {}) =>
  backUp({ data: here.data, directory: here.directory, databasePath: here.databasePath, watermark: here.appender.watermark, target: here.target, program: '0.0.0', nowMs: NOON_MS, breathe, onProgress() {} })
function seqsOf(data: string): number[] {
  const reader = openLogReader({ directory: join(data, 'log'), clock: () => NOON_MS })
  try {
    return reader.readAfter(0, 10_000).map(({ seq }) => seq)
  } finally {
    reader.close()
  }
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

test('messages that are received, sealed and removed during a backup change nothing in it', async () => {
  const here = ground()
  receive(here, 5, NOON_MS - 3 * DAY_MS)
  here.appender.rotate()
  keeperOf(here).maintain({ nowMs: NOON_MS - 3 * DAY_MS })
  receive(here, 5)
  here.appender.rotate()
  receive(here, 5)
  writeCursor(here.hub, 'rules', { seq: 15, atMs: NOON_MS })
  let slices = 0
  const { path, lastSeq } = await write(here, async () => {
    if (slices++ !== 0) return
    receive(here, 50)
    here.appender.rotate()
    writeCursor(here.hub, 'rules', { seq: 65, atMs: NOON_MS })
    // seals what the backup is copying, and removes its oldest file
    expect(keeperOf(here).maintain({ nowMs: NOON_MS })).toMatchObject({ sealedRows: 60, removals: [{ reason: 'age' }] })
  })
  expect(slices).toBeGreaterThan(2)
  expect(lastSeq).toBe(15)
  const restored = join(testFolder(), 'new')
  await restoreBackup({ backup: path, data: restored, pace })
  expect(seqsOf(restored)).toEqual(upTo(15))
  expect(checkStore({ directory: join(restored, 'log'), databasePath: join(restored, 'hub.db') })).toMatchObject({ rows: 15, problems: [] })
  const hub = new Database(join(restored, 'hub.db'), { readonly: true })
  onTestFinished(() => void hub.close())
  expect(hub.prepare('SELECT seq FROM cursors').pluck().get()).toBe(15)
})

test('rules.db is of the same moment as hub.db: what is found during a backup changes nothing in it', async () => {
  const here = ground()
  receive(here, 5)
  const rules = openRulesDatabase(join(here.data, 'rules.db'))
  onTestFinished(() => void rules.close())
  const find = (id: number): void => {
    rules.prepare('INSERT OR REPLACE INTO position (id, cursor, event_id, watermark_ms, finding_id) VALUES (1, ?, 0, 0, ?)').run(id, id)
    rules.prepare('INSERT INTO findings (id, body) VALUES (?, ?)').run(id, '{}')
  }
  find(1)
  find(2)
  writeCursor(here.hub, 'findings', { seq: 1, atMs: NOON_MS })
  let slices = 0
  const { path, leftOut } = await write(here, async () => {
    if (slices++ !== 0) return
    find(3)
    rules.exec('DELETE FROM findings WHERE id <= 2')
    writeCursor(here.hub, 'findings', { seq: 3, atMs: NOON_MS })
  })
  expect(leftOut).toEqual([])
  expect(statSync(join(path, 'rules.db')).mode & 0o777).toBe(0o600)
  const restored = join(testFolder(), 'new')
  await restoreBackup({ backup: path, data: restored, pace })
  const [hub, kept] = ['hub.db', 'rules.db'].map((name) => new Database(join(restored, name), { readonly: true })) as [Database.Database, Database.Database]
  onTestFinished(() => void (hub.close(), kept.close()))
  expect(hub.prepare("SELECT seq FROM cursors WHERE name = 'findings'").pluck().get()).toBe(1)
  expect(kept.prepare('SELECT id FROM findings ORDER BY id').pluck().all()).toEqual([1, 2])
  expect(kept.prepare('SELECT finding_id FROM position').pluck().get()).toBe(2)
  expect(checkStore({ directory: join(restored, 'log'), databasePath: join(restored, 'hub.db') })).toMatchObject({ problems: [] })
})

test('a rules.db that cannot be read is left out and named, and the rest is kept', async () => {
  const here = ground()
  receive(here, 3)
  writeFileSync(join(here.data, 'rules.db'), 'no database '.repeat(1000))
  const { path, leftOut } = await write(here)
  expect(leftOut).toEqual([expect.stringContaining('rules.db: ')])
  const restored = join(testFolder(), 'new')
  await restoreBackup({ backup: path, data: restored, pace })
  expect(existsSync(join(restored, 'rules.db'))).toBe(false)
  expect(seqsOf(restored)).toEqual(upTo(3))
})

test('a restored store goes on with higher seqs', async () => {
  const here = ground()
  receive(here, 7)
  const { path } = await write(here)
  const restored = testFolder()
  await restoreBackup({ backup: path, data: restored, pace })
  const appender = openLogAppender({ directory: join(restored, 'log'), segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS })
  onTestFinished(() => appender.close())
  expect(appender.nextSeq).toBe(8)
})

test('a backup is for its owner alone, and has its name only when it is whole', async () => {
  const here = ground()
  receive(here, 3)
  const seen: string[] = []
  const { path } = await write(here, async () => void seen.push(...readdirSync(here.target)))
  expect(new Set(seen)).toEqual(new Set(['2026-11-22T120000.000Z.partial']))
  expect(readdirSync(here.target)).toEqual(['2026-11-22T120000.000Z'])
  for (const name of ['', 'log', 'log/segments']) expect(statSync(join(path, name)).mode & 0o777, name).toBe(0o700)
  for (const name of ['hub.db', 'manifest.json', 'log/segments/0000000001.seg']) expect(statSync(join(path, name)).mode & 0o777, name).toBe(0o600)
})

test('a backup that is ended leaves nothing behind', async () => {
  const here = ground()
  receive(here, 3)
  await expect(write(here, () => Promise.reject(new Error('enough')))).rejects.toThrow('enough')
  expect(readdirSync(here.target)).toEqual([])
})

test.for<{ readonly name: string; readonly target: (here: Ground) => string; readonly says: string }>([
  { name: 'in the data folder', target: ({ data }) => join(data, 'backups'), says: 'lies in the data folder' },
  { name: 'that holds something else', target: ({ target }) => (mkdirSync(target, { recursive: true }), writeFileSync(join(target, 'photos'), ''), target), says: 'holds photos' },
  { name: 'that is a file', target: ({ target }) => (mkdirSync(target, { recursive: true }), writeFileSync(join(target, 'file'), ''), join(target, 'file')), says: 'cannot be used' },
])('a target $name is refused', async ({ target, says }) => {
  const here = ground()
  await expect(write({ ...here, target: target(here) })).rejects.toThrow(says)
})

test.for<{ readonly name: string; readonly spoil: (backup: string) => void; readonly says: string }>([
  { name: 'a changed byte', spoil: (backup) => flip(join(backup, 'log/segments/0000000001.seg')), says: 'is not what was written' },
  { name: 'a cut file', spoil: (backup) => writeFileSync(join(backup, 'hub.db'), ''), says: 'has 0 bytes instead of' },
  { name: 'a manifest that is not there', spoil: (backup) => writeFileSync(join(backup, 'manifest.json'), ''), says: 'no finished backup' },
  { name: 'a manifest that names a file elsewhere', spoil: (backup) => writeFileSync(join(backup, 'manifest.json'), readFileSync(join(backup, 'manifest.json'), 'utf8').replace('hub.db', '../hub.db')), says: 'is no file of a backup' },
  { name: 'a manifest of another format', spoil: (backup) => writeFileSync(join(backup, 'manifest.json'), '{"format":99}'), says: 'format 99' },
])('a backup with $name is not restored, and the new folder stays empty', async ({ spoil, says }) => {
  const here = ground()
  receive(here, 3)
  const { path } = await write(here)
  spoil(path)
  const restored = join(testFolder(), 'new')
  await expect(restoreBackup({ backup: path, data: restored, pace })).rejects.toThrow(says)
  expect(existsSync(restored) ? readdirSync(restored) : []).toEqual([])
})

test('a folder with something in it is not restored into', async () => {
  const here = ground()
  const { path } = await write(here)
  await expect(restoreBackup({ backup: path, data: here.data, pace })).rejects.toThrow('is not empty')
})

test('the check finds a damaged block, a damaged record, messages stored twice and a cursor that is ahead', async () => {
  const here = ground()
  receive(here, 40)
  here.appender.rotate()
  receive(here, 3)
  keeperOf(here).maintain({ nowMs: NOON_MS })
  const check = () => checkStore({ directory: here.directory, databasePath: here.databasePath, watermark: here.appender.watermark })
  expect(check()).toMatchObject({ rows: 43, problems: [], lastSeq: 43 })
  writeCursor(here.hub, 'rules', { seq: 99, atMs: NOON_MS })
  writeCursor(here.hub, 'findings', { seq: 1000, atMs: NOON_MS }) // a number of findings is none of messages
  flip(join(here.directory, 'segments/0000000002.seg'))
  const day = new Database(join(here.directory, '2026-11-22.001.db'))
  onTestFinished(() => void day.close())
  day.prepare('UPDATE payloads SET bytes = zeroblob(length(bytes)) WHERE id = (SELECT max(id) FROM payloads)').run()
  const { problems, problemCount } = check()
  expect(problemCount).toBe(3)
  expect(problems).toEqual(expect.arrayContaining([expect.stringContaining('segment 2'), expect.stringContaining('2026-11-22.001.db run'), 'hub.db: the cursor rules stands at 99, the log ends at 43']))
})

function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 20]! ^= 1
  writeFileSync(path, bytes)
}

test('what was on the disk at the start is known after more was received', () => {
  const here = ground()
  receive(here, 5)
  expect(readLogStart(here.appender.watermark)).toBe(0)
  here.appender.close()
  const again = openLogAppender({ directory: here.directory, segmentBytes: 1 << 20, sealAfterMs: 1, clock: () => NOON_MS })
  onTestFinished(() => again.close())
  again.append(batchOf([{ receivedMs: NOON_MS, text: 'one more' }]))
  again.sync()
  expect(readLogStart(again.watermark)).toBe(5)
})
