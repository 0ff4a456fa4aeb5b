import { EventEmitter } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectReader, openLogAppender, serveReader, type ReaderClient, type ReaderWorker } from '#store/index.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

interface FakeWorker extends ReaderWorker { readonly sent: { id: number; kind: string; cancel?: SharedArrayBuffer }[]; readonly events: EventEmitter; ended: boolean }

function fakeWorker(): FakeWorker {
  const events = new EventEmitter()
  const worker: FakeWorker = {
    sent: [],
    events,
    ended: false,
    postMessage: (message) => void worker.sent.push(message as FakeWorker['sent'][number]),
    on: (event: string, listener: (value: number) => void) => events.on(event, listener),
    terminate() {
      worker.ended = true
      return Promise.resolve(1)
    },
  }
  return worker
}

function connect(options: { maxWaiting?: number; readers?: number; idleMs?: number } = {}): { client: ReaderClient; workers: FakeWorker[]; counts: Record<string, number> } {
  vi.useFakeTimers({ now: NOON_MS })
  onTestFinished(() => void vi.useRealTimers())
  const workers: FakeWorker[] = []
  const counts: Record<string, number> = {}
  const client = connectReader(
    () => {
      workers.push(fakeWorker())
      return workers.at(-1)!
    },
    { clock: () => Date.now(), deadlineGraceMs: 500, counters: { add: (name, value = 1) => void (name !== 'waitSeconds' && (counts[name] = (counts[name] ?? 0) + value)), set: () => undefined }, ...options },
  )
  return { client, workers, counts }
}
const search = (client: ReaderClient, signal?: AbortSignal): Promise<unknown> => client.search({ kind: 'all' }, { limit: 1, order: 'newest', deadlineAtMs: NOON_MS + 1000 }, signal)
const code = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'answered', (fault: { code: string }) => fault.code)

test('a real reader behind a port answers searches, and faults keep their code', async () => {
  const directory = testFolder()
  const appender = openLogAppender({ directory, segmentBytes: 1 << 20, sealAfterMs: 1, clock: Date.now })
  onTestFinished(() => appender.close())
  appender.append(batchOf([{ text: 'hello', node: 4 }]))
  appender.sync()
  const client = connectReader(
    () => {
      const [near, far] = [new EventEmitter(), new EventEmitter()]
      const over = (to: EventEmitter) => (message: unknown) => void setImmediate(() => to.emit('message', structuredClone(message)))
      serveReader({ postMessage: over(near), on: (event, listener) => far.on(event, listener as () => void) }, { directory, watermark: appender.watermark, clock: Date.now })
      return { postMessage: over(far), on: (event: string, listener: (value: number) => void) => near.on(event, listener), terminate: () => Promise.resolve(0) }
    },
    { clock: Date.now, deadlineGraceMs: 5000 },
  )
  onTestFinished(() => client.close())
  const options = { limit: 5, order: 'newest', deadlineAtMs: Date.now() + 60_000 } as const
  expect((await client.search({ kind: 'text', text: 'HELLO' }, options)).messages.map((message) => message.seq)).toEqual([1])
  expect(await client.message(1)).toMatchObject({ text: 'hello' })
  expect(await client.readAfter(0, 5)).toHaveLength(1)
  expect(await client.context(1, { before: 1, after: 1, nodeId: 4 })).toHaveLength(1)
  expect(await client.stats()).toMatchObject({ lastSeq: 1 })
  expect((await client.messages([1, 2])).map((message) => message.seq)).toEqual([1])
  expect(await client.count({ kind: 'all' }, { by: [{ kind: 'field', field: 'node' }], limit: 5, deadlineAtMs: Date.now() + 60_000 })).toMatchObject({ total: 1, groups: [{ keys: [4], count: 1 }], complete: true })
  expect(await code(client.search({ kind: 'regex', pattern: '(' }, options))).toBe('bad-query')
  const stopped = AbortSignal.abort()
  expect(await client.search({ kind: 'all' }, options, stopped)).toMatchObject({ complete: false, reason: 'cancelled' })
})

test('requests go to the worker one at a time, in order', async () => {
  const { client, workers } = connect()
  const answers = [client.message(1), client.message(2)]
  expect(workers).toHaveLength(1)
  const [worker] = workers
  expect(worker.sent.map((request) => request.id)).toEqual([1])
  worker.events.emit('message', { id: 1, ok: true, value: ['one'] })
  worker.events.emit('message', { id: 2, ok: true, value: ['two'] })
  expect(await Promise.all(answers)).toEqual(['one', 'two'])
})

test('a search that overruns deadline and grace costs the worker, answers, and the next one gets a new worker', async () => {
  const { client, workers, counts } = connect()
  const late = code(search(client))
  const next = client.message(1)
  vi.advanceTimersByTime(1499)
  expect(workers[0].ended).toBe(false)
  vi.advanceTimersByTime(1)
  expect(await late).toBe('deadline')
  expect([workers[0].ended, workers.length]).toEqual([true, 2])
  workers[0].events.emit('exit', 1)
  workers[0].events.emit('message', { id: 2, ok: true, value: ['from the dead'] })
  workers[1].events.emit('message', { id: 2, ok: true, value: [] })
  expect(await next).toBeUndefined()
  expect(counts).toEqual({ overruns: 1 })
})

test('a search whose deadline passes while it waits is answered without troubling the worker', async () => {
  const { client, workers } = connect()
  const first = client.message(1)
  const waiting = code(search(client))
  vi.advanceTimersByTime(2000)
  workers[0].events.emit('message', { id: 1, ok: true, value: [] })
  await first
  expect(await waiting).toBe('deadline')
  expect(workers[0].sent).toHaveLength(1)
})

test('one request more than may wait is refused and counted', async () => {
  const { client, counts } = connect({ maxWaiting: 2 })
  const all = [1, 2, 3, 4].map((seq) => code(client.message(seq)))
  expect(await all[3]).toBe('too-many')
  expect(counts).toEqual({ refused: 1 })
  await client.close()
  expect(await Promise.all(all.slice(0, 3))).toEqual(['shutting-down', 'shutting-down', 'shutting-down'])
  expect(await code(client.stats())).toBe('shutting-down')
})

test('a worker that dies answers what it had, and is replaced', async () => {
  const { client, workers, counts } = connect()
  const lost = code(client.message(1))
  const next = client.message(2)
  workers[0].events.emit('error', new Error('out of memory'))
  workers[0].events.emit('exit', 1)
  expect(await lost).toBe('store-failed')
  workers[1].events.emit('message', { id: 2, ok: true, value: [] })
  expect(await next).toBeUndefined()
  expect(counts).toEqual({ deaths: 1 })
})

test('an abort reaches the worker through shared memory while it searches', () => {
  const { client, workers } = connect()
  const abort = new AbortController()
  void code(search(client, abort.signal))
  const flag = new Int32Array(workers[0].sent[0].cancel!)
  expect(flag[0]).toBe(0)
  abort.abort()
  expect(flag[0]).toBe(1)
})

test('a second worker is started when the first is busy, and no third', () => {
  const { client, workers } = connect({ readers: 2 })
  for (let i = 0; i < 3; i++) void code(search(client))
  expect(workers.map((worker) => worker.sent.length)).toEqual([1, 1])
})

test('a free worker is asked before another is started', async () => {
  const { client, workers } = connect({ readers: 2 })
  const first = client.messages([1])
  workers[0].events.emit('message', { id: 1, ok: true, value: [] })
  await first
  void code(search(client))
  expect(workers.map((worker) => worker.sent.length)).toEqual([2])
})

test('what is short goes before searches that wait', async () => {
  const { client, workers } = connect()
  const running = search(client)
  void code(search(client))
  void code(client.stats())
  workers[0].events.emit('message', { id: 1, ok: true, value: undefined })
  await running
  expect(workers[0].sent.map(({ kind }) => kind)).toEqual(['search', 'stats'])
})

test('a worker beyond the first ends when it had nothing to do for a while, and comes again', async () => {
  const { client, workers } = connect({ readers: 2, idleMs: 60_000 })
  const both = [search(client), search(client)]
  workers[0].events.emit('message', { id: 1, ok: true, value: undefined })
  workers[1].events.emit('message', { id: 2, ok: true, value: undefined })
  await Promise.all(both)
  vi.advanceTimersByTime(59_999)
  expect(workers.map(({ ended }) => ended)).toEqual([false, false])
  vi.advanceTimersByTime(1)
  expect(workers.map(({ ended }) => ended)).toEqual([false, true])
  void code(client.stats())
  void code(client.stats())
  expect(workers.map(({ sent }) => sent.length)).toEqual([2, 1, 1])
})

test('progress comes to who asked, and ends with the answer', async () => {
  const { client, workers } = connect()
  const seen: unknown[] = []
  const answer = client.search({ kind: 'all' }, { limit: 1, order: 'newest', deadlineAtMs: NOON_MS + 1000, onProgress: (progress) => seen.push(progress) })
  expect(workers[0].sent[0]).not.toHaveProperty('options.onProgress')
  workers[0].events.emit('message', { id: 1, progress: { doneRows: 5, totalRows: 10 } })
  workers[0].events.emit('message', { id: 1, ok: true, value: 'page' })
  workers[0].events.emit('message', { id: 1, progress: { doneRows: 6, totalRows: 10 } })
  expect(await answer).toBe('page')
  expect(seen).toEqual([{ doneRows: 5, totalRows: 10 }])
})
