import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { AppFault } from '#domain/fault.ts'
import type { HttpConfig } from '#api/config.ts'
import { bearer, fakeApi, message, VIEWER } from './fakes.ts'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function running(config: Partial<HttpConfig> = {}) {
  const fakes = fakeApi(config)
  const { port } = await fakes.api.listen()
  undo.push(() => fakes.api.close())
  return { ...fakes, port }
}

/** Asks for a stream over a socket of its own; `until` waits for a text in what came back. */
async function ask(port: number, path: string, headers: Record<string, string> = bearer(VIEWER)) {
  const socket: Socket = connect(port, '127.0.0.1')
  undo.push(() => void socket.destroy())
  let got = ''
  const wakers = new Set<() => void>()
  const wake = () => wakers.forEach((waker) => waker())
  socket.on('data', (data) => ((got += data.toString()), wake()))
  socket.on('close', wake)
  socket.on('error', wake)
  socket.write(`GET ${path} HTTP/1.1\r\nhost: hub\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  const when = async (isThere: () => boolean) => {
    while (!isThere()) await new Promise<void>((resolve) => wakers.add(resolve))
  }
  return { socket, until: async (text: string) => (await when(() => got.includes(text)), got), /** The last chunk of the answer has come (RFC 9112 section 7.1). */
    over: async () => (await when(() => got.endsWith('\r\n0\r\n\r\n')), got) }
}

test('a stream has the head of an event stream that no proxy holds back', async () => {
  const { port } = await running()
  const got = await (await ask(port, '/api/v1/logs/stream?q=app%3Akernel')).until(': open')
  expect(got).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  for (const header of ['content-type: text/event-stream; charset=utf-8', 'x-accel-buffering: no', 'cache-control: no-store', 'x-content-type-options: nosniff']) expect(got.toLowerCase()).toContain(header)
  expect(got).toContain('retry: 3000\n')
})

test('a message is an event whose id is its seq, on one data line whatever it holds', async () => {
  const { port, calls } = await running()
  const stream = await ask(port, '/api/v1/logs/stream?q=app%3Akernel')
  await stream.until(': open')
  const text = 'one\ntwo\r\n\ndata: forged\nid: 99'
  expect(calls.tails[0]!.query).toBe('app:kernel')
  expect(calls.tails[0]!.deliver({ kind: 'message', message: message({ seq: 41, text }) })).toBe(true)
  const got = await stream.until('id: 41\nevent: message\ndata: ')
  const data = /id: 41\nevent: message\ndata: (.*)\n\n/.exec(got)?.[1]
  expect(JSON.parse(data!)).toEqual(message({ seq: 41, text }))
})

test('with fields=1 a stream has the fields of its messages, and others have not', async () => {
  const { port, calls } = await running()
  const streams = [await ask(port, '/api/v1/logs/stream?fields=1'), await ask(port, '/api/v1/logs/stream')]
  for (const stream of streams) await stream.until(': open')
  const said = message({ seq: 41, text: 'a=1' })
  for (const tail of calls.tails) expect(tail.deliver({ kind: 'message', message: said })).toBe(true)
  const data = await Promise.all(streams.map(async (stream) => /id: 41\nevent: message\ndata: (.*)\n\n/.exec(await stream.until('id: 41\nevent: message\ndata: '))?.[1]))
  expect(data.map((text) => JSON.parse(text!) as unknown).toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)).toEqual([{ ...said, fields: [{ kind: 'key-value', name: 'a', value: '1' }] }, said])
})

test('what was left out is said, and counted', async () => {
  const { port, calls, parts } = await running()
  const stream = await ask(port, '/api/v1/logs/stream')
  await stream.until(': open')
  calls.tails[0]!.deliver({ kind: 'skipped', fromSeq: 10, toSeq: 99, count: 55 })
  expect(await stream.until('"count":55')).toContain('id: 99\nevent: skipped\ndata: {"fromSeq":10,"toSeq":99,"count":55}\n\n')
  expect(await parts.metrics.expose()).toContain('hps_http_stream_skipped_total 55')
})

test.for<[given: string, path: string, headers: Record<string, string>, afterSeq: number | undefined]>([
  ['from now', '/api/v1/logs/stream', {}, undefined],
  ['after the last event it had', '/api/v1/logs/stream?after=5', { 'last-event-id': '41' }, 41],
  ['after a seq that it names', '/api/v1/logs/stream?after=5', {}, 5],
  ['after a seq that it names, when the last event is no number', '/api/v1/logs/stream?after=5', { 'last-event-id': '41; drop' }, 5],
])('a reader goes on %s', async ([, path, headers, afterSeq]) => {
  const { port, calls } = await running()
  await (await ask(port, path, { ...bearer(VIEWER), ...headers })).until(': open')
  expect(calls.tails[0]!.afterSeq).toBe(afterSeq)
})

test('a query that cannot be read is answered as a fault, not as a stream', async () => {
  const { port, parts } = await running()
  parts.logs.tail = async () => {
    throw new AppFault('bad-query', 'column 1: no', { detail: { faults: [{ line: 1, column: 1, message: 'no' }] } })
  }
  const got = await (await ask(port, '/api/v1/logs/stream?q=x')).until('"bad-query"')
  expect(got).toMatch(/^HTTP\/1\.1 400 /)
  expect(await parts.metrics.expose()).toContain('hps_http_streams_open 0')
})

test('streams are bounded, and one that ends makes room and ends its tail', async () => {
  const { port, calls, parts } = await running({ max_streams: 1 })
  const first = await ask(port, '/api/v1/logs/stream')
  await first.until(': open')
  expect(await (await ask(port, '/api/v1/logs/stream')).until('"too-many"')).toMatch(/^HTTP\/1\.1 429 .*retry-after: 5/is)
  expect(await parts.metrics.expose()).toContain('hps_http_streams_open 1')
  first.socket.destroy()
  await expect.poll(() => calls.tails[0]!.ended).toBe(true)
  await (await ask(port, '/api/v1/logs/stream')).until(': open')
  expect(await parts.metrics.expose()).toContain('hps_http_refused_total{reason="streams"} 1')
})

test('a quiet stream says that it lives, and ends when its token is revoked', async () => {
  const { port, parts, calls } = await running()
  const stream = await ask(port, '/api/v1/logs/stream')
  await stream.until(': alive\n\n')
  parts.tokens.revoke(2, 'lost')
  expect(await stream.over()).toContain(': alive')
  expect(calls.tails[0]!.ended).toBe(true)
  expect(await parts.metrics.expose()).toContain('hps_http_streams_cut_total{reason="revoked"} 1')
})

test('a reader that takes nothing is told no, and is cut off in the end', async () => {
  const { port, calls, parts } = await running()
  const stream = await ask(port, '/api/v1/logs/stream')
  await stream.until(': open')
  stream.socket.pause()
  const item = { kind: 'message', message: message({ text: 'x'.repeat(100_000) }) } as const
  const tail = calls.tails[0]!
  let refused = 0
  // what the kernel takes for the reader is not the hub's memory: go on until it takes no more
  await expect.poll(() => (tail.deliver(item) ? (refused = 0) : refused++, tail.ended), { timeout: 10_000, interval: 1 }).toBe(true)
  expect(refused).toBeGreaterThan(1)
  expect(await parts.metrics.expose()).toContain('hps_http_streams_cut_total{reason="stalled"} 1')
})

test('a tail that ends by itself sends the reader away to come again', async () => {
  const { port, parts } = await running()
  let fail: ((fault: unknown) => void) | undefined
  parts.logs.tail = async ({ onFault }) => {
    fail = onFault
    return () => undefined
  }
  const stream = await ask(port, '/api/v1/logs/stream')
  await stream.until(': open')
  fail!(new Error('store'))
  expect(await stream.over()).toContain(': open')
})

test('closing the server ends the streams', async () => {
  const { port, api, calls } = await running()
  const stream = await ask(port, '/api/v1/logs/stream')
  await stream.until(': open')
  await api.close()
  await stream.over()
  expect(calls.tails[0]!.ended).toBe(true)
})

test('where IPv6 is not to be had the server takes IPv4', async () => {
  const { api } = fakeApi({ address: '::' })
  undo.push(() => api.close())
  const { address, port } = await api.listen()
  expect(['::', '0.0.0.0']).toContain(address)
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
})
