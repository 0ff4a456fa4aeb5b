import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { diskFiles } from '#sinks/threads.ts'
import { aBench, seqsOf, type Bench } from '../../support/sinks.ts'
import { testFolder } from '../../support/store/folder.ts'

const some = (count: number) => Array.from({ length: count }, (_, i) => ({ node: 1, session: 7, app: 'app', text: `text ${i} ${'x'.repeat(40)}` }))
const read = (bench: Bench): string => readFileSync(bench.path, 'utf8')
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const rotatedOf = (bench: Bench): string[] => readdirSync(bench.folder).filter((name) => name.startsWith('all.log.')).toSorted((a, b) => Number(/-(\d+)/.exec(a)![1]) - Number(/-(\d+)/.exec(b)![1]))
const told = (bench: Bench): string[] => bench.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))

test('everything that is committed is in the file, in order, and the position says so', () => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(10))
  bench.commit(some(5))
  bench.drain()
  expect(seqsOf(read(bench))).toEqual(range(1, 15))
  expect(bench.sink.status()).toMatchObject({ state: 'running', seq: 15, backlog: 0, written: 15, lost: 0 })
  expect(statSync(bench.path).mode & 0o777).toBe(0o640)
})

test.for<[about: string, damage: (bench: Bench) => void]>([
  ['nothing', () => undefined],
  ['half a line', (bench) => appendFileSync(bench.path, '2026-11-22T12:00:00.000Z tch-0')],
  ['lines that the position does not know, and half a line', (bench) => appendFileSync(bench.path, '2026-11-22T12:00:00.000Z a b #11 user.info app: x\n2026-11-22T12:00:00.000Z a b #12')],
  ['a hole of zeros, with a line behind it', (bench) => appendFileSync(bench.path, `${'\0'.repeat(300)}\n2026-11-22T12:00:00.000Z a b #19 user.info app: x\n`)],
  ['a position that is lost', (bench) => rmSync(join(bench.folder, 'all.json'))],
  ['a position that is lost and half a line', (bench) => (rmSync(join(bench.folder, 'all.json')), appendFileSync(bench.path, '2026'))],
  ['a position that is damaged', (bench) => writeFileSync(join(bench.folder, 'all.json'), '{"ver')],
  ['a position that is empty', (bench) => writeFileSync(join(bench.folder, 'all.json'), '')],
])('after a crash that left %s, each seq is in the file once', ([, damage]) => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(10))
  bench.drain()
  damage(bench)
  bench.commit(some(10))
  bench.restart()
  bench.drain()
  expect(seqsOf(read(bench))).toEqual(range(1, 20))
  expect(read(bench).endsWith('\n')).toBe(true)
})

test('a foreign file is kept, and continued on a line of its own', () => {
  const bench = aBench({ folder: testFolder() })
  writeFileSync(bench.path, 'not ours\nand no end')
  bench.commit(some(3))
  bench.drain()
  expect(read(bench).startsWith('not ours\nand no end\n2026')).toBe(true)
  expect(seqsOf(read(bench))).toEqual([1, 2, 3])
})

test('a file is begun anew before it grows beyond its size, at a message, and the oldest go', () => {
  const bench = aBench({ folder: testFolder(), rotate: { size: '1KiB', keep: 2 } })
  bench.commit(some(60))
  bench.drain()
  const rotated = rotatedOf(bench)
  expect(rotated.length).toBe(2)
  const texts = [...rotated.map((name) => readFileSync(join(bench.folder, name), 'utf8')), read(bench)]
  for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024)
  const seqs = texts.flatMap(seqsOf)
  expect(seqs).toEqual(range(seqs[0]!, 60))
  expect(rotated.map((name) => Number(name.split('-').at(-1)))).toEqual(texts.slice(0, 2).map((text) => seqsOf(text).at(-1)))
  expect(bench.sink.status().rotations).toBeGreaterThan(4)
})

test('a message larger than a file has one of its own', () => {
  const bench = aBench({ folder: testFolder(), rotate: { size: '256B', keep: 10 } })
  bench.commit([{ text: 'a' }, { text: 'b'.repeat(2000) }, { text: 'c' }])
  bench.drain()
  expect([...rotatedOf(bench).map((name) => seqsOf(readFileSync(join(bench.folder, name), 'utf8'))), seqsOf(read(bench))]).toEqual([[1], [2], [3]])
})

test('a file is begun anew when it is old, also when nothing comes; an empty one is not', () => {
  const bench = aBench({ folder: testFolder(), rotate: { age: '1h' } })
  bench.commit(some(2))
  bench.drain()
  bench.nowMs += 3_599_000
  bench.drain()
  expect(rotatedOf(bench)).toEqual([])
  bench.restart() // the age outlives a restart
  bench.nowMs += 1000
  bench.drain()
  expect(rotatedOf(bench)).toEqual(['all.log.20261122T130000Z-2'])
  bench.nowMs += 7_200_000
  bench.drain()
  expect(rotatedOf(bench).length).toBe(1)
})

test.for([['gzip', '.gz', gunzipSync], ['zstd', '.zst', zstdDecompressSync]] as const)('rotated files are compressed with %s, in members, and nothing is missing', ([compress, suffix, unpack]) => {
  const bench = aBench({ folder: testFolder(), rotate: { size: '1536KiB', compress } })
  bench.commit(Array.from({ length: 4000 }, (_, i) => ({ text: `${i} ${'y'.repeat(700)}` })))
  writeFileSync(join(bench.folder, 'all.log.20261122T120000Z-1.gz.part'), 'left by a crash')
  bench.drain()
  expect(rotatedOf(bench).filter((name) => !name.endsWith('.part')).every((name) => name.endsWith(suffix))).toBe(true)
  const texts = rotatedOf(bench).filter((name) => name.endsWith(suffix)).map((name) => unpack(readFileSync(join(bench.folder, name))).toString())
  expect([...texts, read(bench)].flatMap(seqsOf)).toEqual(range(1, 4000))
})

test.for<[about: string, isHung: boolean]>([['within a second', false], ['at once after SIGHUP', true]])('a file that was renamed is noticed %s, and no line is lost or doubled', ([, isHung]) => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(3))
  bench.drain()
  renameSync(bench.path, `${bench.path}.1`)
  bench.commit(some(3))
  bench.drain()
  expect(seqsOf(readFileSync(`${bench.path}.1`, 'utf8'))).toEqual(range(1, 6))
  if (isHung) bench.sink.reopen()
  else bench.nowMs += 1000
  bench.commit(some(3))
  bench.drain()
  expect(seqsOf(read(bench))).toEqual([7, 8, 9])
})

test('lines in a file that was renamed before a crash are not written again', () => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(3))
  bench.drain()
  renameSync(bench.path, `${bench.path}.1`)
  appendFileSync(`${bench.path}.1`, '2026-11-22T12:00:00.000Z a b #4 user.info app: x\n2026-11')
  bench.commit(some(3))
  bench.restart()
  bench.drain()
  expect(seqsOf(readFileSync(`${bench.path}.1`, 'utf8'))).toEqual(range(1, 4))
  expect(seqsOf(read(bench))).toEqual([5, 6])
})

test('a file that was removed is begun anew; a crash in between is told', () => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(3))
  bench.drain()
  rmSync(bench.path)
  bench.nowMs += 1000
  bench.commit(some(2))
  bench.drain()
  expect(seqsOf(read(bench))).toEqual([4, 5])
  rmSync(bench.path)
  bench.restart()
  bench.drain()
  expect(told(bench).filter((message) => message.includes('may come again'))).toHaveLength(1)
})

test('a file that was emptied (copytruncate) goes on behind what was written', () => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(3))
  bench.drain()
  truncateSync(bench.path, 0)
  bench.commit(some(2))
  bench.drain()
  bench.restart()
  bench.commit(some(2))
  bench.drain()
  expect(seqsOf(read(bench))).toEqual(range(4, 7))
})

test('a folder that is missing stops the sink, once in the log; when it is there nothing is missing', () => {
  const folder = testFolder()
  const bench = aBench({ folder, config: { path: join(folder, 'disk', 'all.log') } })
  bench.commit(some(3))
  for (let i = 0; i < 50; i++) {
    bench.drain()
    bench.nowMs += 1000
  }
  expect(bench.sink.status()).toMatchObject({ state: 'stopped', backlog: 3, lastError: { fault: 'missing' } })
  expect(told(bench)).toEqual(['A sink has stopped; it goes on by itself when it can'])
  expect(existsSync(join(folder, 'disk'))).toBe(false)
  mkdirSync(join(folder, 'disk'))
  bench.nowMs += 10_000
  bench.drain()
  expect(seqsOf(read(bench))).toEqual([1, 2, 3])
  expect(bench.sink.status()).toMatchObject({ state: 'running', backlog: 0 })
  expect(told(bench).at(-1)).toBe('The sink goes on')
})

test.for<[code: string, fault: string]>([['ENOSPC', 'full'], ['EROFS', 'read-only'], ['EACCES', 'refused'], ['EIO', 'failed']])('%s in the middle of a line stops the sink as %s; it goes on without loss', ([code, fault]) => {
  let isRefused = true
  const bench = aBench({
    folder: testFolder(),
    files: {
      ...diskFiles,
      write(fd, bytes) {
        if (!isRefused || bytes.length < 400) return diskFiles.write(fd, bytes)
        diskFiles.write(fd, bytes.subarray(0, 333))
        throw Object.assign(new Error('refused'), { code })
      },
    },
  })
  bench.commit(some(20))
  bench.drain()
  expect(bench.sink.status()).toMatchObject({ state: 'stopped', lastError: { fault } })
  isRefused = false
  bench.nowMs += 10_000
  bench.drain()
  expect(seqsOf(read(bench))).toEqual(range(1, 20))
})

test('what retention removed before it was written is counted, with its seqs', () => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(3))
  bench.drain()
  bench.commit(some(4))
  bench.commit(some(2))
  bench.forget(7)
  bench.drain()
  expect(seqsOf(read(bench))).toEqual([1, 2, 3, 8, 9])
  expect(bench.sink.status()).toMatchObject({ lost: 4, lostRanges: [{ fromSeq: 4, toSeq: 7 }] })
})

test('what was removed before a sink was first there is not lost', () => {
  const bench = aBench({ folder: testFolder() })
  bench.commit(some(3))
  bench.commit(some(2))
  bench.forget(3)
  bench.restart()
  bench.drain()
  expect(seqsOf(read(bench))).toEqual([4, 5])
  expect(bench.sink.status().lost).toBe(0)
})

test('a sink that begins now leaves out what is stored, also when it is started again before anything came', () => {
  const bench = aBench({ folder: testFolder(), config: { start: 'now' } })
  bench.commit(some(3))
  bench.drain()
  bench.restart()
  bench.commit(some(2))
  bench.drain()
  expect(seqsOf(read(bench))).toEqual([4, 5])
})

test('only what the search finds is written, and the position moves with what it does not', () => {
  const bench = aBench({ folder: testFolder(), matches: (batch, row) => (batch.firstSeq + row) % 5 === 0 })
  bench.commit(some(23))
  bench.drain()
  bench.nowMs += 1000
  bench.drain()
  expect(seqsOf(read(bench))).toEqual([5, 10, 15, 20])
  expect((JSON.parse(readFileSync(join(bench.folder, 'all.json'), 'utf8')) as { seq: number }).seq).toBe(23)
})

test('a folder in place of the file is refused and left alone', () => {
  const bench = aBench({ folder: testFolder() })
  mkdirSync(bench.path)
  bench.commit(some(1))
  bench.drain()
  expect(bench.sink.status()).toMatchObject({ state: 'stopped', lastError: { fault: 'refused' } })
})
