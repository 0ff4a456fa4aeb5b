import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createMetrics } from '#telemetry/index.ts'
import { boundConnections } from '../../../src/api/connections.ts'
import { API_METRICS } from '../../../src/api/metrics.ts'
import { bearer, fakeApi, OPERATOR } from './fakes.ts'

const endings: (() => unknown)[] = []
afterEach(() => Promise.all(endings.splice(0).map((end) => end())))

async function listening() {
  const hub = fakeApi({ address: '127.0.0.1', port: 0 })
  const { port } = await hub.api.listen()
  endings.push(() => hub.api.close())
  return { ...hub, port, metrics: () => hub.parts.metrics.registry.metrics() }
}

async function answerTo(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  endings.push(() => socket.destroy())
  socket.write(request)
  const [first] = (await once(socket, 'data')) as [Buffer]
  return first.toString().split('\r\n')[0]!
}

test.for([
  ['a login, open to everyone', 'POST', '/api/v1/login', { 'x-hps-request': '1' }, '192.0.2.1'],
  ['a boot request, open to the boot network', 'POST', '/boot/v1/decide', {}, '10.0.0.9'],
  ['making a token', 'POST', '/api/v1/tokens', bearer(OPERATOR), '10.0.0.9'],
] as const)('%s takes a small body only', async ([, method, url, headers, remoteAddress]) => {
  const reply = await fakeApi().api.inject({ method, url, headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' }, remoteAddress, payload: JSON.stringify({ token: 'x'.repeat(20_000) }) })
  expect(reply.json()).toMatchObject({ code: 'too-large' })
})

test('uploads and imports take what is configured', async () => {
  const { api } = fakeApi({ max_body: '1MiB' })
  const upload = await api.inject({ method: 'POST', url: '/api/v1/logs', headers: { ...bearer(OPERATOR), 'content-type': 'text/plain' }, payload: 'x'.repeat(500_000) })
  expect(upload.statusCode).toBe(200)
  const nodes = Array.from({ length: 500 }, (_, index) => ({ name: `tch-${index}`, labels: { rack: 'r'.repeat(100) } }))
  expect((await api.inject({ method: 'POST', url: '/api/v1/nodes/import', headers: bearer(OPERATOR), payload: { nodes } })).statusCode).toBe(200)
})

test('uploads that trickle in from one address leave room for others', async () => {
  const { port, api, metrics } = await listening()
  for (let upload = 0; upload < 4; upload++) {
    const socket = connect(port, '127.0.0.1')
    endings.push(() => socket.destroy())
    socket.write(`POST /api/v1/logs HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${OPERATOR}\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nx`)
    await once(socket, 'connect')
  }
  const upload = { method: 'POST', url: '/api/v1/logs', headers: { ...bearer(OPERATOR), 'content-type': 'text/plain' }, payload: 'hello\n' } as const
  await expect.poll(async () => (await api.inject({ ...upload, remoteAddress: '127.0.0.1' })).statusCode).toBe(429)
  expect((await api.inject({ ...upload, remoteAddress: '10.0.0.7' })).statusCode).toBe(200)
  expect(await metrics()).toContain('hps_http_refused_total{reason="uploads"} ')
})

test.for([
  ['a header that never ends', `GET / HTTP/1.1\r\nX: ${'a'.repeat(200_000)}`, '431', 'headers'],
  ['what is no HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', '400', 'malformed'],
] as const)('%s is refused and counted', async ([, request, status, reason]) => {
  const { port, metrics } = await listening()
  expect(await answerTo(port, request)).toContain(` ${status} `)
  expect(await metrics()).toContain(`hps_http_refused_total{reason="${reason}"} 1`)
})

test('one address has a bounded number of connections', async () => {
  const metrics = createMetrics(API_METRICS)
  const server = createServer()
  boundConnections(server, metrics, 2)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const sockets = [0, 1, 2].map(() => connect(port, '127.0.0.1'))
  endings.push(() => sockets.forEach((socket) => socket.destroy()))
  await once(sockets[2]!, 'close')
  expect(await metrics.registry.metrics()).toContain('hps_http_refused_total{reason="connections-of-address"} 1')
  const other = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  endings.push(() => other.destroy())
  await once(other, 'connect')
  expect(other.destroyed).toBe(false)
})
