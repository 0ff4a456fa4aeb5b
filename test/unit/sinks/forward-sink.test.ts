import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFiles, readHubId } from '#sinks/threads.ts'
import { testFolder } from '../../support/store/folder.ts'
import { aForwarder, aRelpServer } from '../../support/upstream.ts'

const some = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `text-${from + i}`)
const told = (bench: ReturnType<typeof aForwarder>): string[] => bench.events.flatMap((event) => (event.kind === 'log' ? [event.message] : []))
const started = (options: Parameters<typeof aForwarder>[0]) => {
  const bench = aForwarder(options)
  onTestFinished(() => bench.sink.close())
  return bench
}
const upstreamOf = (bench: ReturnType<typeof aForwarder>) => bench.sink.status().upstream!

test('everything is sent in order, more than the window too, and the position says so', async () => {
  await using server = await aRelpServer()
  const folder = testFolder()
  const bench = started({ folder, port: server.port })
  bench.commit(some(0, 60))
  await bench.until('all to be acknowledged', () => bench.sink.status().seq === 60)
  expect(server.texts).toEqual(some(0, 60))
  expect(bench.sink.status()).toMatchObject({ state: 'running', backlog: 0, written: 60, lost: 0, upstream: { connections: 1, sent: 60, resent: 0, inFlight: 0, looped: 0 } })
  bench.sink.close()
  expect(JSON.parse(readFileSync(join(folder, 'up.json'), 'utf8'))).toMatchObject({ seq: 60, count: 60 })
})

test('no more than the window is on the way; what was not acknowledged comes again with the same numbers', async () => {
  await using server = await aRelpServer({ answer: 5 })
  const bench = started({ folder: testFolder(), port: server.port })
  bench.commit(some(0, 40))
  await bench.until('the window to be full', () => server.texts.length === 21)
  expect(upstreamOf(bench)).toMatchObject({ sent: 21, inFlight: 16 })
  expect(bench.sink.status()).toMatchObject({ seq: 5, backlog: 35 })
  server.cut()
  await bench.until('the cut to be noticed', () => bench.sink.status().state === 'stopped')
  expect(bench.sink.status()).toMatchObject({ lastError: { fault: 'closed' } })
  server.answer = Infinity
  bench.skip(60_000)
  await bench.until('all to be acknowledged', () => bench.sink.status().seq === 40)
  expect(server.texts).toEqual([...some(0, 21), ...some(5, 35)])
  expect(server.frames.slice(21, 37)).toEqual(server.frames.slice(5, 21))
  expect(upstreamOf(bench)).toMatchObject({ resent: 16, connections: 2 })
  expect(told(bench)).toEqual(['A forwarder has stopped; it goes on by itself when it can', 'The forwarder goes on'])
})

test('after a kill it goes on where the position says, with the same numbers', async () => {
  await using server = await aRelpServer({ answer: 30 })
  const folder = testFolder()
  const bench = started({ folder, port: server.port, config: { window: 64 } })
  bench.commit(some(0, 50))
  await bench.until('thirty to be acknowledged', () => bench.sink.status().seq === 30 && server.texts.length === 50)
  bench.skip(2000)
  bench.sink.step()
  bench.replace()
  server.answer = Infinity
  await bench.until('all to be acknowledged', () => bench.sink.status().seq === 50)
  expect(server.frames.slice(50)).toEqual(server.frames.slice(30, 50))
})

test.for<[about: string, damage: (folder: string) => void, from: number]>([
  ['the position of the last second', (folder) => rmSync(join(folder, 'up.json')), 20],
  ['the position that was synced', (folder) => rmSync(join(folder, 'up.json.last'), { force: true }), 20],
  ['a position that is torn and one that is not', (folder) => writeFileSync(join(folder, 'up.json.last'), '{"ver'), 20],
  ['no position', (folder) => (rmSync(join(folder, 'up.json'), { force: true }), rmSync(join(folder, 'up.json.last'), { force: true })), 0],
])('a start with %s loses nothing', async ([, damage, from]) => {
  await using server = await aRelpServer()
  const folder = testFolder()
  const bench = started({ folder, port: server.port })
  bench.commit(some(0, 20))
  await bench.until('all to be acknowledged', () => bench.sink.status().seq === 20)
  for (const text of ['quick', 'synced']) {
    bench.skip(text === 'quick' ? 300 : 2000)
    bench.sink.step()
  }
  writeFileSync(join(folder, 'up.json.last'), readFileSync(join(folder, 'up.json'))) // as if the last was not synced yet
  damage(folder)
  bench.replace()
  bench.commit(some(20, 3))
  await bench.until('the rest', () => bench.sink.status().seq === 23)
  expect(server.texts.slice(20)).toEqual(some(from, 23 - from))
})

test('a server that is away stops it, once in the log; attempts get rarer, and nothing is missing when it is there', async () => {
  const gone = await aRelpServer()
  const { port } = gone
  await gone[Symbol.asyncDispose]()
  const bench = started({ folder: testFolder(), port })
  bench.commit(some(0, 3))
  for (let attempt = 1; attempt <= 4; attempt++) {
    await bench.until(`attempt ${attempt}`, () => bench.sink.status().errors.unreachable === attempt)
    expect(bench.sink.status()).toMatchObject({ state: 'stopped', backlog: 3, lastError: { fault: 'unreachable' } })
    bench.skip(60_000)
  }
  expect(told(bench)).toEqual(['A forwarder has stopped; it goes on by itself when it can'])
  expect(upstreamOf(bench).oldestMs).toBeGreaterThan(0)
})

test('a server that takes and never acknowledges is left after half a minute', async () => {
  await using server = await aRelpServer({ answer: 0 })
  const bench = started({ folder: testFolder(), port: server.port })
  bench.commit(some(0, 3))
  await bench.until('messages to be there', () => server.texts.length === 3)
  bench.skip(30_000)
  await bench.until('the connection to be left', () => bench.sink.status().lastError?.fault === 'timeout')
  server.answer = Infinity
  bench.skip(60_000)
  await bench.until('all to be acknowledged', () => bench.sink.status().seq === 3)
})

test('a position that cannot be saved stops nothing, and is told once', async () => {
  await using server = await aRelpServer()
  let isFull = true
  const files = { ...diskFiles, open: (...args: Parameters<typeof diskFiles.open>) => {
    if (isFull && args[1] === 'new') throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    return diskFiles.open(...args)
  } }
  const bench = started({ folder: testFolder(), port: server.port, files })
  bench.commit(some(0, 200))
  await bench.until('all to be acknowledged', () => bench.sink.status().seq === 200)
  expect(bench.sink.status()).toMatchObject({ state: 'running', lastError: { fault: 'full' }, errors: { full: 1 } })
  isFull = false
  bench.skip(2000)
  bench.sink.step()
  expect(told(bench)).toEqual([expect.stringContaining('cannot be saved'), 'The position of a forwarder is saved again'])
})

test('what retention removed before it was sent is counted once, though it is passed twice', async () => {
  await using server = await aRelpServer({ answer: 2 })
  const bench = started({ folder: testFolder(), port: server.port })
  bench.commit(some(0, 3))
  await bench.until('two to be acknowledged', () => bench.sink.status().seq === 2 && server.texts.length === 3)
  bench.commit(some(3, 4))
  bench.commit(some(7, 2))
  bench.forget(7)
  await bench.until('the rest to be sent', () => server.texts.length === 5)
  server.cut()
  await bench.until('the cut', () => bench.sink.status().state === 'stopped')
  server.answer = Infinity
  bench.skip(60_000)
  await bench.until('all to be acknowledged', () => bench.sink.status().seq === 9)
  expect(bench.sink.status().lostRanges.at(0)).toEqual({ fromSeq: 4, toSeq: 7 })
  expect(bench.sink.status().lost).toBe(4)
})

test('at the end what is on the way is waited for, and the server is told', async () => {
  await using server = await aRelpServer()
  const bench = started({ folder: testFolder(), port: server.port })
  bench.commit(some(0, 5))
  await bench.until('a connection', () => upstreamOf(bench).connectedMs !== undefined)
  await bench.until('the end', () => {
    bench.sink.finish!()
    return bench.sink.isBusy === false
  })
  expect(bench.sink.status()).toMatchObject({ seq: 5, lastError: undefined })
})

test('the id of a hub is made once; one that cannot be read is made anew', () => {
  const path = join(testFolder(), 'hub-id')
  expect(readHubId(path, () => '0123456789abcdef')).toBe('0123456789abcdef')
  expect(readHubId(path, () => 'ffffffffffffffff')).toBe('0123456789abcdef')
  writeFileSync(path, '')
  expect(readHubId(path, () => 'ffffffffffffffff')).toBe('ffffffffffffffff')
})
