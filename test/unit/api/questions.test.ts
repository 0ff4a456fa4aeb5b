import { get, type IncomingMessage } from 'node:http'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import type { HttpConfig } from '#api/config.ts'
import { bearer, fakeApi, message, OPERATOR, VIEWER } from './fakes.ts'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function running(config: Partial<HttpConfig> = {}) {
  const fakes = fakeApi(config)
  const { port } = await fakes.api.listen()
  undo.push(() => fakes.api.close())
  const url = `http://127.0.0.1:${port}/api/v1/logs`
  const ask = (path: string, init: RequestInit = {}) => fetch(`${url}${path}`, { ...init, headers: { ...bearer(VIEWER), ...(init.headers as Record<string, string> | undefined) } })
  return { ...fakes, url, ask }
}
const events = { headers: { accept: 'text/event-stream' } }
const read = (text: string) =>
  text.split('\n\n').flatMap((block) => {
    const [, event, data] = /^event: (.*)\ndata: (.*)$/m.exec(block) ?? []
    return event === undefined ? [] : [[event, JSON.parse(data!)] as const]
  })

test('a count takes keys, step and limit, and answers with groups', async () => {
  const { ask, calls } = await running()
  const answer = await (await ask('/count?q=x&by=node,%20app&step=5m&limit=7')).json()
  expect(calls.searches).toEqual([{ query: 'x', by: ['node', 'app'], step: '5m', limit: 7 }])
  expect(answer).toMatchObject({ total: 3, groups: [{ keys: ['tch-001'], count: 2 }, { keys: [null], count: 1, pattern: 'link is *', example: message() }], complete: true, reason: null })
})

test('who accepts events is told of progress, and gets the result as an event', async () => {
  const { ask } = await running()
  const found = read(await (await ask('/count?by=node', events)).text())
  expect(found.map(([event]) => event)).toEqual(['started', 'progress', 'result'])
  expect(found[1]![1]).toEqual({ done: 5, total: 10 })
  expect(found[2]![1]).toMatchObject({ total: 3, complete: true })
  expect(read(await (await ask('?q=x', events)).text()).map(([event]) => event)).toEqual(['started', 'result'])
})

test('a fault comes as an event with the members of a problem', async () => {
  const { ask } = await running()
  expect(read(await (await ask('/count?q=nonsense:', events)).text()).at(-1)).toMatchObject(['fault', { code: 'bad-query', status: 400, faults: [{ column: 1 }] }])
})

test('a search that is stopped answers with what it has; nobody else can stop it', async () => {
  const { ask } = await running()
  const response = await ask('/count?q=slow', events)
  let text = ''
  let isStopped = false
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString()
    const id = (read(text)[0]?.[1] as { id: string } | undefined)?.id
    if (id === undefined || isStopped) continue // more may come between the stop and the result
    isStopped = true
    expect((await ask(`/running/${id}`, { method: 'DELETE', headers: bearer(OPERATOR) })).status).toBe(404)
    expect((await ask(`/running/${id}`, { method: 'DELETE' })).status).toBe(204)
  }
  expect(read(text).at(-1)).toMatchObject(['result', { complete: false, reason: 'cancelled' }])
})

test.for([
  ['form=raw', 'application/octet-stream', Buffer.from('<13>one\ntwo\n\0\xff\n', 'latin1')],
  ['form=raw&framing=octet-counting', 'application/octet-stream', Buffer.from('11 <13>one\ntwo2 \0\xff', 'latin1')],
  ['form=ndjson&fields=1', 'application/x-ndjson', Buffer.from(`${JSON.stringify(message({ text: 'one\ntwo', fields: [] }))}\n${JSON.stringify(message({ seq: 8, fields: [] }))}\n`)],
  ['form=ndjson', 'application/x-ndjson', Buffer.from(`${JSON.stringify(message({ text: 'one\ntwo' }))}\n${JSON.stringify(message({ seq: 8 }))}\n`)],
  ['form=text', 'text/plain; charset=utf-8', Buffer.from('2026-11-22T03:04:05.000Z tch-001 a1b2c3 warning kernel: one\\x0atwo\n2026-11-22T03:04:05.000Z tch-001 a1b2c3 warning kernel: eth0: link is down\n')],
] as const)('an export of %s has the bytes of its form, plain and compressed', async ([parameters, type, expected]) => {
  const { ask } = await running()
  const response = await ask(`/export?${parameters}`)
  expect(response.headers.get('content-type')).toBe(type)
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="hps-2026-11-22T03-04-05Z\.(?:log|syslog|ndjson)"$/)
  expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true)
  const gzipped = await ask(`/export?${parameters}&compress=gzip`)
  expect(gunzipSync(Buffer.from(await gzipped.arrayBuffer())).equals(expected)).toBe(true)
  const zstd = await ask(`/export?${parameters}&compress=zstd`)
  expect(zstdDecompressSync(Buffer.from(await zstd.arrayBuffer())).equals(expected)).toBe(true)
})

test('a whole export says so in its trailers', async () => {
  const { url } = await running()
  const response = await new Promise<IncomingMessage>((resolve) => get(`${url}/export`, { headers: bearer(VIEWER) }, resolve))
  response.resume()
  await new Promise((resolve) => response.once('end', resolve))
  expect(response.trailers).toEqual({ 'hps-export-count': '2', 'hps-export-complete': 'true' })
})

test('an export that passed something over gives all it has and then breaks the connection', async () => {
  const { url, parts } = await running()
  const response = await new Promise<IncomingMessage>((resolve) => get(`${url}/export?q=damaged&form=raw`, { headers: bearer(VIEWER) }, resolve))
  const chunks: Buffer[] = []
  response.on('data', (chunk: Buffer) => chunks.push(chunk))
  const how = await new Promise((resolve) => response.once('end', () => resolve('whole')).once('error', (error) => resolve((error as NodeJS.ErrnoException).code)))
  expect([Buffer.concat(chunks).toString('latin1'), how]).toEqual(['<13>one\ntwo\n\0\xff\n', 'ECONNRESET'])
  expect(await parts.metrics.expose()).toContain('hps_http_exports_total{outcome="incomplete"} 1')
})

test('a query that cannot be read is refused before anything is sent, and takes no place', async () => {
  const { ask } = await running()
  for (let i = 0; i < 6; i++) expect((await ask('/export?q=nonsense:')).status).toBe(400)
})

test('exports beyond the bound are refused and counted', async () => {
  const { ask, parts } = await running()
  const gate = Promise.withResolvers<void>()
  undo.push(() => gate.resolve())
  parts.logs.export = async () =>
    (async function* () {
      await gate.promise
      yield []
      return { reason: null }
    })()
  const open = [1, 2, 3, 4].map(() => ask('/export'))
  await Promise.all(open)
  expect((await ask('/export')).status).toBe(429)
  expect(await parts.metrics.expose()).toContain('hps_http_refused_total{reason="exports"} 1')
  expect(await parts.metrics.expose()).toContain('hps_http_exports_open 4')
})

test('an export waits for its reader, and ends when the reader goes', async () => {
  const { url, parts } = await running()
  let taken = 0
  const page = [{ raw: new Uint8Array(64 * 1024), view: () => message() }]
  parts.logs.export = async () =>
    (async function* () {
      for (;;) {
        taken++
        yield page
      }
    })()
  const outcome = async () => /hps_http_exports_total\{outcome="gone"\} (\d)/.exec(await parts.metrics.expose())?.[1]
  const response = await new Promise<IncomingMessage>((resolve) => get(`${url}/export?form=raw`, { headers: bearer(VIEWER) }, resolve))
  response.pause()
  // what is not read stays in the buffers of two sockets, and then nothing more is taken from the store
  let before = -1
  while (taken !== before) {
    before = taken
    for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(taken).toBeLessThan(500)
  response.destroy()
  while ((await outcome()) !== '1') await new Promise((resolve) => setImmediate(resolve))
  expect(await parts.metrics.expose()).toContain('hps_http_exports_open 0')
})
