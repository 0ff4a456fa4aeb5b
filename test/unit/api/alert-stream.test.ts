import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { alertEvent, fakeAlerts, type Follower } from './fake-alerts.ts'
import { bearer, fakeApi, VIEWER } from './fakes.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

async function running(config: Parameters<typeof fakeApi>[0] = {}) {
  const fake = fakeApi(config)
  const followers: Follower[] = []
  fake.parts.alerts = fakeAlerts([], followers)
  const { port } = await fake.api.listen()
  undo.push(() => fake.api.close())
  return { ...fake, followers, port }
}

/** A raw connection, so that heads and chunks are seen as they are. */
async function ask(port: number, path: string, headers: Record<string, string> = bearer(VIEWER)) {
  const socket = connect(port, '127.0.0.1')
  undo.push(() => socket.destroy())
  let got = ''
  socket.on('data', (chunk) => (got += chunk.toString()))
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nhost: hub\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  return { socket, until: (text: string) => expect.poll(() => got).toContain(text).then(() => got) }
}

test('a step is an event whose id is its number, with the alert as it is', async () => {
  const { port, followers } = await running()
  const stream = await ask(port, '/api/v1/alerts/stream')
  await stream.until(': open')
  expect(followers[0]!.deliver({ kind: 'transition', event: alertEvent(41) })).toBe(true)
  const got = await stream.until('id: 41\nevent: transition\ndata: ')
  expect(JSON.parse(/event: transition\ndata: (.*)\n/.exec(got)![1]!)).toEqual(alertEvent(41))
})

test.for<[how: string, path: string, headers: Record<string, string>, afterId: number | undefined]>([
  ['from now', '/api/v1/alerts/stream', {}, undefined],
  ['after the last event it had', '/api/v1/alerts/stream?after=5', { 'last-event-id': '41' }, 41],
  ['after a number that it names', '/api/v1/alerts/stream?after=5', { 'last-event-id': 'x' }, 5],
])('a reader goes on %s', async ([, path, headers, afterId]) => {
  const { port, followers } = await running()
  await (await ask(port, path, { ...bearer(VIEWER), ...headers })).until(': open')
  expect(followers[0]!.afterId).toBe(afterId)
})

test('a reader too far behind is told how many it missed, and it is counted', async () => {
  const { port, followers, parts } = await running()
  const stream = await ask(port, '/api/v1/alerts/stream')
  await stream.until(': open')
  followers[0]!.deliver({ kind: 'skipped', fromId: 10, toId: 99, count: 90 })
  await stream.until('id: 99\nevent: skipped\ndata: {"fromId":10,"toId":99,"count":90}\n\n')
  expect(await parts.metrics.expose()).toContain('hps_http_alert_stream_skipped_total 90')
})

test('readers are bounded; one that leaves makes room and is followed no more', async () => {
  const { port, followers } = await running({ max_streams: 1 })
  const first = await ask(port, '/api/v1/alerts/stream')
  await first.until(': open')
  await (await ask(port, '/api/v1/alerts/stream')).until('"too-many"')
  first.socket.destroy()
  await expect.poll(() => followers[0]!.ended).toBe(true)
  await (await ask(port, '/api/v1/alerts/stream')).until(': open')
})

test('a revoked token ends the stream at the next heartbeat; so does a fault behind it', async () => {
  const { port, followers, parts } = await running()
  const stream = await ask(port, '/api/v1/alerts/stream')
  await stream.until(': alive')
  parts.tokens.revoke(2, 'lost')
  await expect.poll(() => followers[0]!.ended).toBe(true)
  const other = await running()
  await (await ask(other.port, '/api/v1/alerts/stream')).until(': open')
  other.followers[0]!.onFault(new Error('disk'))
  await expect.poll(() => other.followers[0]!.ended).toBe(true)
  expect(await other.parts.metrics.expose()).toContain('hps_http_streams_cut_total{reason="fault"} 1')
})
