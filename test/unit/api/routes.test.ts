import { expect, test } from 'vitest'
import { SECURE_HEADERS } from '#api/secure-headers.ts'
import { bearer, fakeApi, losses, message, node, OPERATOR, session, sessionDetail, shed, sink, source, sourceDetail, VIEWER } from './fakes.ts'

const asViewer = { headers: bearer(VIEWER) }
const asOperator = { headers: bearer(OPERATOR) }

test('a search is answered with messages and a cursor', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ url: '/api/v1/logs?q=node%3Atch-001+link&limit=5&order=oldest', ...asViewer })
  expect(reply.json()).toEqual({ messages: [message()], cursor: 'next', complete: true, reason: null, broader: null, scanned: 12, query: 'node:tch-001 link' })
  expect(calls.searches).toEqual([{ query: 'node:tch-001 link', limit: 5, order: 'oldest', cursor: undefined }])
})

test('with fields=1 messages say what their texts say under a name, and without it they do not', async () => {
  const { api, parts } = fakeApi()
  const said = message({ app: '%LINK-3-UPDOWN', structured_data: '[x@1 n="7"]', text: 'CEF:0|V|P|1|e|n|5|src=10.0.0.1' })
  parts.logs.message = async () => said
  parts.logs.search = async () => ({ messages: [said], cursor: null, complete: true, reason: null, broader: null, scanned: 1, query: '' })
  const found = (await api.inject({ url: '/api/v1/logs/7?fields=1', ...asViewer })).json() as typeof said
  expect(found.fields!.map(({ kind, name, value }) => `${kind} ${name}=${value}`)).toEqual(expect.arrayContaining(['structured-data x@1.n=7', 'cisco cisco.mnemonic=UPDOWN', 'cef cef.vendor=V', 'cef src=10.0.0.1']))
  expect(found).not.toHaveProperty('fields_cut')
  expect((await api.inject({ url: '/api/v1/logs?fields=1', ...asViewer })).json()).toMatchObject({ messages: [found] })
  for (const url of ['/api/v1/logs/7', '/api/v1/logs/7?fields=0']) expect((await api.inject({ url, ...asViewer })).json()).toEqual(said)
  parts.logs.message = async () => message({ text: `a=${'x'.repeat(3000)}` })
  expect((await api.inject({ url: '/api/v1/logs/7?fields=1', ...asViewer })).json()).toMatchObject({ fields_cut: true })
})

test.for<[url: string, expected: unknown]>([
  ['/api/v1/logs/7', message()],
  ['/api/v1/logs/7/context?before=2&after=1', { messages: [message({ seq: 5 }), message(), message({ seq: 8 })] }],
  ['/api/v1/nodes', { nodes: [node()] }],
  ['/api/v1/nodes/tch%2D002', node({ name: 'tch-002' })],
  ['/api/v1/sessions', { sessions: [session()] }],
  ['/api/v1/sessions/%233', sessionDetail()],
  ['/api/v1/sources', { sources: [source()] }],
  ['/api/v1/sources/10.0.0.7', sourceDetail()],
  ['/api/v1/sessions/a1b2c3', sessionDetail()],
  ['/api/v1/sinks', { sinks: [sink()] }],
  ['/api/v1/losses?by=source&since=24h', losses()],
  ['/api/v1/losses', { ...losses(), by: 'reason' }],
  ['/api/v1/losses/shed?source=10.0.0.7', { shed: [shed()] }],
])('%s gives every member of its view', async ([url, expected]) => {
  expect((await fakeApi().api.inject({ url, ...asViewer })).json()).toEqual(expected)
})

test('the history of a node names the message that caused a change', async () => {
  const reply = await fakeApi().api.inject({ url: '/api/v1/nodes/tch-001/history', ...asViewer })
  expect(reply.json()).toMatchObject({ history: [{ to: 'configured', message_seq: 7, evidence: 'A' }] })
})

test('the bytes of a message come back exactly, as a download that no browser runs', async () => {
  const reply = await fakeApi().api.inject({ url: '/api/v1/logs/7/raw', ...asViewer })
  expect([...reply.rawPayload]).toEqual([0x3c, 0x31, 0x33, 0x3e, 0x00, 0xff, 0x0a])
  expect(reply.headers).toMatchObject({ 'content-type': 'application/octet-stream', 'content-disposition': 'attachment; filename="message-7.bin"', 'x-content-type-options': 'nosniff' })
})

test.for<[type: string, form: string]>([
  ['text/plain', 'lines'],
  ['text/plain; charset=utf-8', 'lines'],
  ['application/x-www-form-urlencoded', 'lines'],
  ['application/x-ndjson', 'ndjson'],
])('a body of %s is taken as %s, for the address it came from', async ([type, form]) => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ method: 'POST', url: '/api/v1/logs', headers: { 'content-type': type }, payload: 'one=1&\ntwo', remoteAddress: '10.0.0.7' })
  expect(reply.json()).toEqual({ messages: 2, cut: 0 })
  expect(calls.ingests).toEqual([{ address: '10.0.0.7', form, text: 'one=1&\ntwo' }])
})

test('a body beyond the configured size is refused before it is taken', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ method: 'POST', url: '/api/v1/logs', headers: { ...bearer(OPERATOR), 'content-type': 'text/plain' }, payload: 'x'.repeat(64 * 1024 + 1) })
  expect(reply.json()).toMatchObject({ code: 'too-large', status: 413 })
  expect(calls.ingests).toEqual([])
})

test('uploads beyond the bound are told to come again, and the others go on', async () => {
  const { api, parts } = fakeApi()
  const { promise, resolve } = Promise.withResolvers<{ messages: number; cut: number }>()
  parts.logs.ingest = () => promise
  const post = (_?: unknown, index = 0) => api.inject({ method: 'POST', url: '/api/v1/logs', headers: { ...bearer(OPERATOR), 'content-type': 'text/plain' }, payload: 'x', remoteAddress: `10.0.1.${index >> 2}` })
  const taken = Array.from({ length: 16 }, post)
  await new Promise(setImmediate)
  const refused = await Promise.race([post(), ...taken])
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1'])
  resolve({ messages: 1, cut: 0 })
  expect((await Promise.all(taken)).map(({ statusCode }) => statusCode)).toEqual(Array(16).fill(200))
  expect((await post()).statusCode).toBe(200)
})

test('values of a node are taken exactly as given', async () => {
  const { api, calls } = fakeApi()
  const labels = { rack: '3.20', quote: `"'\\`, empty: '', gone: null, number: '007' }
  await api.inject({ method: 'PUT', url: '/api/v1/nodes/tch-001', ...asOperator, payload: { labels, event: 'op.configure' } })
  expect(calls.sets).toEqual([{ name: 'tch-001', change: { labels, event: 'op.configure' }, actor: 'the operator' }])
})

test('many nodes are imported at once, and one that is wrong refuses all', async () => {
  const { api } = fakeApi()
  const send = (nodes: unknown) => api.inject({ method: 'POST', url: '/api/v1/nodes/import', ...asOperator, payload: { nodes } })
  expect((await send([{ name: 'a', macs: ['52:54:00:00:00:01'] }, { name: 'b' }])).json()).toEqual({ created: 2, changed: 0 })
  expect((await send([{ name: 'a' }, { name: '' }])).json()).toMatchObject({ code: 'bad-request', detail: expect.stringContaining('nodes.1.name') })
})

test('a token is shown once, when it is made', async () => {
  const { api } = fakeApi()
  const made = await api.inject({ method: 'POST', url: '/api/v1/tokens', ...asOperator, payload: { role: 'viewer', label: 'wall', expires: '30d' } })
  expect([made.statusCode, made.headers['cache-control']]).toEqual([201, 'no-store'])
  expect(made.json()).toMatchObject({ secret: expect.any(String), token: { role: 'viewer', label: 'wall', expires: '2026-12-22T03:04:05.000Z' } })
  expect((await api.inject({ url: '/api/v1/tokens', ...asOperator })).body).not.toContain('secret')
})

test('a span that is none is refused, and a token can be revoked', async () => {
  const { api, calls } = fakeApi()
  expect((await api.inject({ method: 'POST', url: '/api/v1/tokens', ...asOperator, payload: { role: 'viewer', label: 'wall', expires: 'soon' } })).statusCode).toBe(400)
  expect((await api.inject({ method: 'DELETE', url: '/api/v1/tokens/5', ...asOperator })).statusCode).toBe(204)
  expect(calls.revoked).toEqual([5])
})

test('sessions are joined by an operator', async () => {
  const { api } = fakeApi()
  expect((await api.inject({ method: 'POST', url: '/api/v1/sessions/%234/join', ...asOperator, payload: { into: 'a1b2c3' } })).json()).toMatchObject({ joined: [4] })
})

test('every answer carries the headers that keep a browser safe', async () => {
  const { api } = fakeApi()
  for (const url of ['/', '/livez', '/nothing', '/api/v1/logs', '/boot/v1/decide']) expect((await api.inject({ url })).headers).toMatchObject(SECURE_HEADERS)
  expect(SECURE_HEADERS['content-security-policy']).not.toMatch(/unsafe|\*|http/)
})

test('the pages come from memory and are not sent again while they are the same', async () => {
  const { api } = fakeApi()
  const first = await api.inject({ url: '/' })
  expect([first.statusCode, first.headers['content-type'], first.headers['etag']]).toEqual([200, 'text/html; charset=utf-8', '"1"'])
  expect((await api.inject({ url: '/', headers: { 'if-none-match': '"1"' } })).statusCode).toBe(304)
  expect((await api.inject({ url: '/web/..%2f..%2fpackage.json' })).statusCode).toBe(404)
})

test('requests are counted by the pattern of their route', async () => {
  const { api, parts } = fakeApi()
  for (const url of ['/api/v1/logs/7', '/api/v1/logs/8', '/api/v1/logs/404', '/made/up']) await api.inject({ url, ...asViewer })
  const exposed = await parts.metrics.expose()
  expect(exposed).toContain('hps_http_requests_total{route="/api/v1/logs/:seq",method="GET",status="200"} 2')
  expect(exposed).toContain('hps_http_requests_total{route="/api/v1/logs/:seq",method="GET",status="404"} 1')
  expect(exposed).toContain('hps_http_requests_total{route="none",method="GET",status="404"} 1')
  expect(exposed).not.toContain('made/up')
  expect(exposed).toContain('hps_http_request_duration_seconds_count{route="/api/v1/logs/:seq",method="GET"} 3')
})
