import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OutboxRow } from '#store/index.ts'
import { silentLogger } from '#telemetry/index.ts'
import { createWebhookChannel, readRoutes, type Notice, type NoticeAlert, type Routes } from '#triggers/index.ts'
import { judgeAddress } from '#triggers/actions/webhook-address.ts'
import { alertmanagerBody, standardBody } from '#triggers/actions/webhook-body.ts'
import { retryAfterOf } from '#triggers/actions/webhook-post.ts'
import { signatureOf } from '#triggers/actions/webhook-sign.ts'
import { anAuthority } from '../../support/certificates.ts'

const NOW = Date.UTC(2026, 10, 23, 12)
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

const ALERT: NoticeAlert = {
  id: 7, rule: 'disk.failed', version: 'v1', key: 'k', telling: 'firing', state: 'firing', severity: 'critical', title: 'sda failed on n1', thread: '', threadTitle: 'sda failed on n1', reason: 'found', by: '', note: 'matched',
  nodeId: 1, node: 'n1', sessionId: 5, session: 'a1b2c3', fields: { disk: 'sda', 'odd-name': 'x' }, host: 'n1', app: 'kernel', text: 'sda: I/O error "quoted"\u001b', firstMs: NOW, lastMs: NOW, firedMs: NOW, overMs: undefined,
  firstSeq: 10, lastSeq: 10, count: 2, flaps: 0, isLate: false, runbook: 'https://wiki/disk', owner: 'storage', before: 5, after: 0,
}
const NOTICE: Notice = { kind: 'alerts', receiver: 'ops', severity: 'critical', title: ALERT.title, atMs: NOW, group: { rule: 'disk.failed' }, groupKey: 'g', alerts: [ALERT], more: 0, commands: [], lead: '' }
const rowOf = (notice: Notice, change: Partial<OutboxRow> = {}): OutboxRow => ({
  id: 1, dedupKey: 'msg_1.hook', channel: 'webhook', receiver: 'ops', target: 'hook', payload: JSON.stringify(notice), kind: notice.kind, state: 'sending', attempts: 1, nextMs: NOW, lastError: undefined, reply: undefined,
  createdMs: NOW, doneMs: undefined, alertId: 7, rule: 'disk.failed', expiresMs: undefined, giveUpMs: undefined, ...change,
})

const files: Record<string, string> = { 'a.secret': `${SECRET}\n`, 'b.secret': OTHER, 'bad.secret': 'whsec_short', token: 'abc.def\n' }
function routesWith(url: string, more = ''): Routes {
  const routes = readRoutes('routes.yaml', `format: 1\nreceivers:\n- name: ops\n  webhooks:\n  - {name: hook, url: '${url}'${more}}\n`, (path) => (files[path] === undefined ? { ok: false, faults: ['ENOENT'] } : { ok: true, value: files[path] }))
  if (!routes.ok) throw new Error(JSON.stringify(routes.faults))
  return routes.value
}

interface Got { readonly headers: IncomingMessage['headers']; readonly body: string; readonly url: string }
const closers: (() => unknown)[] = []
let got: Got[]
beforeEach(() => void (got = []))
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Answer = (response: ServerResponse, request: IncomingMessage) => void
function listener(answer: Answer) {
  return (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()))
    request.on('end', () => {
      // a question to a hub of another test that had this port before is none of ours
      if (request.method === 'POST') got.push({ headers: request.headers, body, url: request.url ?? '' })
      answer(response, request)
    })
  }
}
async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}
const serve = (answer: Answer = (response) => response.writeHead(204).end()): Promise<number> => listen(createServer(listener(answer)))
const LOOP = ', allow_loopback: true'
const channel = (routes: Routes | (() => Routes), change: { readonly timeoutMs?: number } = {}) =>
  createWebhookChannel({ routes: typeof routes === 'function' ? routes : () => routes, publicUrl: 'http://hub:8080/', clock: () => NOW, log: silentLogger, ...change })

describe('signatures', () => {
  test('are those of the specification', () => {
    // the example of the reference implementations of Standard Webhooks
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
    expect(signatureOf({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1614265330, body: '{"test": 2432232314}' }, [key])).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })
  test('are one for each secret while they are exchanged, over id, time and the very bytes of the body', async () => {
    const port = await serve()
    const routes = routesWith(`http://127.0.0.1:${port}/in`, `${LOOP}, secret_files: [a.secret, b.secret], token_file: token`)
    const { deliver } = channel(routes)
    expect(await deliver(rowOf(NOTICE))).toEqual({ kind: 'sent', reply: '204' })
    expect(await deliver(rowOf(NOTICE, { attempts: 2 }))).toMatchObject({ kind: 'sent' })
    const [first, second] = got
    expect(first!.headers).toMatchObject({ 'webhook-id': 'msg_1.hook', 'webhook-timestamp': String(NOW / 1000), 'content-type': 'application/json', authorization: 'Bearer abc.def' })
    expect(second!.headers['webhook-id']).toBe('msg_1.hook')
    const signed = [SECRET, OTHER].map((secret) => `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`msg_1.hook.${NOW / 1000}.${first!.body}`).digest('base64')}`)
    expect(first!.headers['webhook-signature']).toBe(signed.join(' '))
  })
})

describe('payloads', () => {
  test('standard', () => {
    expect(JSON.parse(standardBody(NOTICE, { publicUrl: 'http://hub:8080/', maxBytes: 20_000 }))).toMatchObject({
      type: 'alert.firing', timestamp: '2026-11-23T12:00:00.000Z',
      data: { receiver: 'ops', severity: 'critical', title: 'sda failed on n1', group: { rule: 'disk.failed' }, truncated: 0, alerts: [{ id: 7, state: 'firing', node: 'n1', session: 'a1b2c3', count: 2, resolved: null, url: 'http://hub:8080/#/alert/7', fields: { disk: 'sda' } }] },
    })
    const over: Notice = { ...NOTICE, alerts: [{ ...ALERT, state: 'resolved', telling: 'resolved', overMs: NOW + 1000 }] }
    expect(JSON.parse(standardBody(over, { publicUrl: undefined, maxBytes: 20_000 }))).toMatchObject({ type: 'alert.resolved', data: { alerts: [{ resolved: '2026-11-23T12:00:01.000Z' }] } })
  })
  test('alertmanager, version 4, field by field', () => {
    const two: Notice = { ...NOTICE, alerts: [ALERT, { ...ALERT, id: 8, key: 'k2', node: 'n2', state: 'resolved', overMs: NOW + 60_000 }], more: 3 }
    const body = JSON.parse(alertmanagerBody(two, { publicUrl: 'http://hub:8080', maxBytes: 200_000 })) as Record<string, unknown>
    expect(Object.keys(body)).toEqual(['version', 'groupKey', 'truncatedAlerts', 'status', 'receiver', 'groupLabels', 'commonLabels', 'commonAnnotations', 'externalURL', 'alerts'])
    expect(body).toMatchObject({
      version: '4', groupKey: 'ops:g', truncatedAlerts: 3, status: 'firing', receiver: 'ops', groupLabels: { alertname: 'disk.failed' }, externalURL: 'http://hub:8080',
      commonLabels: { alertname: 'disk.failed', severity: 'critical', disk: 'sda', odd_name: 'x', session: 'a1b2c3' },
      alerts: [
        { status: 'firing', labels: { node: 'n1' }, annotations: { summary: 'sda failed on n1', runbook_url: 'https://wiki/disk' }, startsAt: '2026-11-23T12:00:00.000Z', endsAt: '0001-01-01T00:00:00Z', generatorURL: 'http://hub:8080/#/alert/7' },
        { status: 'resolved', labels: { node: 'n2' }, endsAt: '2026-11-23T12:01:00.000Z' },
      ],
    })
    expect(body['commonLabels']).not.toHaveProperty('node')
    const [one, other] = body['alerts'] as { fingerprint: string }[]
    expect(one!.fingerprint).toMatch(/^[0-9a-f]{16}$/)
    expect(one!.fingerprint).not.toBe(other!.fingerprint)
  })
  test('of many alerts hold as many as find room, and the number of the others', () => {
    const many: Notice = { ...NOTICE, alerts: Array.from({ length: 100 }, (_, id) => ({ ...ALERT, id })), more: 5 }
    const text = standardBody(many, { publicUrl: undefined, maxBytes: 20_000 })
    const { data } = JSON.parse(text) as { data: { alerts: unknown[]; truncated: number } }
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000)
    expect(data.alerts.length).toBeGreaterThan(10)
    expect(data.alerts.length + data.truncated).toBe(105)
  })
  test.for<readonly [Notice, string, string]>([
    [{ kind: 'command', receiver: 'ops', severity: 'info', title: 't', atMs: NOW, command: { severity: 'info', title: 't', body: 'b', seq: 3, nodeId: 1, node: 'n1', sessionId: 0, session: '', atMs: NOW, before: 5, after: 0 } }, 'command.received', 'hps-trigger'],
    [{ kind: 'test', receiver: 'ops', severity: 'info', title: 't', atMs: NOW, by: 'anna' }, 'hub.test', 'hps-test'],
    [{ kind: 'dead', receiver: 'ops', severity: 'error', title: 't', atMs: NOW, channel: 'mail', to: 'boss', error: 'e', outboxIds: [4], titles: ['x'] }, 'notice.dead', 'hps-notice-dead'],
  ])('of other notices: %o', ([notice, type, name]) => {
    expect(JSON.parse(standardBody(notice, { publicUrl: undefined, maxBytes: 20_000 }))).toMatchObject({ type })
    expect(JSON.parse(alertmanagerBody(notice, { publicUrl: undefined, maxBytes: 20_000 }))).toMatchObject({ version: '4', status: 'firing', alerts: [{ labels: { alertname: name } }] })
  })
})

describe('answers', () => {
  test.for<readonly [string, Answer, Record<string, unknown>]>([
    ['500', (response) => response.writeHead(500).end('oops\nno'), { kind: 'failed', reason: 'refused-later', isPermanent: false, error: '500 oops\nno' }],
    ['404', (response) => response.writeHead(404).end(), { kind: 'failed', reason: 'refused', isPermanent: false }],
    ['401', (response) => response.writeHead(401).end(), { kind: 'failed', reason: 'login', isPermanent: false }],
    ['429 with a time', (response) => response.writeHead(429, { 'retry-after': '120' }).end(), { kind: 'failed', reason: 'throttled', isPermanent: false, retryAfterMs: 120_000 }],
    ['503 with a date', (response) => response.writeHead(503, { 'retry-after': new Date(NOW + 90_000).toUTCString() }).end(), { kind: 'failed', reason: 'refused-later', retryAfterMs: 90_000 }],
    ['an endless answer', (response) => { response.writeHead(200); for (let part = 0; part < 100; part++) response.write('x'.repeat(1000)) }, { kind: 'sent' }],
    ['an answer that breaks off', (response) => { response.writeHead(200, { 'content-length': 1000 }); response.write('half'); setImmediate(() => response.destroy()) }, { kind: 'sent', reply: '200 half' }],
    ['a connection that breaks off', (_, request) => void request.socket.destroy(), { kind: 'failed', reason: 'unreachable', isPermanent: false }],
  ])('%s', async ([, answer, expected]) => {
    const port = await serve(answer)
    expect(await channel(routesWith(`http://127.0.0.1:${port}/`, LOOP)).deliver(rowOf(NOTICE))).toMatchObject(expected)
  })
  test('a redirect is not followed, and where it leads is not told but for its origin', async () => {
    const target = await serve()
    const port = await serve((response) => response.writeHead(302, { location: `http://127.0.0.1:${target}/secret-path` }).end())
    const delivery = await channel(routesWith(`http://127.0.0.1:${port}/`, LOOP)).deliver(rowOf(NOTICE))
    expect(delivery).toMatchObject({ kind: 'failed', reason: 'redirect', isPermanent: false })
    expect(JSON.stringify(delivery)).not.toContain('secret-path')
    expect(got).toHaveLength(1)
  })
  test('one that answers nothing is given up after its time', async () => {
    const port = await serve(() => undefined)
    expect(await channel(routesWith(`http://127.0.0.1:${port}/`, LOOP), { timeoutMs: 50 }).deliver(rowOf(NOTICE))).toMatchObject({ kind: 'failed', reason: 'timeout' })
    const half = await serve((response) => void response.writeHead(200).write('a'))
    expect(await channel(routesWith(`http://127.0.0.1:${half}/`, LOOP), { timeoutMs: 50 }).deliver(rowOf(NOTICE))).toMatchObject({ kind: 'failed', reason: 'timeout' })
  })
  test('410 stops everything to that address until the routes are read anew', async () => {
    const port = await serve((response) => response.writeHead(410).end())
    let routes = routesWith(`http://127.0.0.1:${port}/`, LOOP)
    const said: string[] = []
    const { deliver } = createWebhookChannel({ routes: () => routes, publicUrl: undefined, clock: () => NOW, log: { ...silentLogger, error: (_fields, message) => void said.push(message) } })
    expect(await deliver(rowOf(NOTICE))).toMatchObject({ reason: 'gone', isPermanent: true })
    expect(await deliver(rowOf(NOTICE))).toMatchObject({ reason: 'gone', isPermanent: false })
    expect(got).toHaveLength(1)
    expect(said).toHaveLength(1)
    routes = routesWith(`http://127.0.0.1:${port}/`, LOOP)
    await deliver(rowOf(NOTICE))
    expect(got).toHaveLength(2)
  })
  test('a receiver or address that the routes do not have any more waits', async () => {
    expect(await channel(routesWith('http://example.org/')).deliver(rowOf(NOTICE, { target: 'other' }))).toMatchObject({ reason: 'no-receiver', isPermanent: false })
  })
  test('https is verified: by the certificates that are named, else by the usual ones', async () => {
    const authority = anAuthority()
    const { key, certificate } = authority.issue({ name: 'localhost' })
    const server = createTlsServer({ key, cert: certificate }, listener((response) => response.writeHead(200).end('ok')))
    const port = await listen(server as never)
    files['ca.pem'] = authority.certificate
    const url = `https://localhost:${port}/`
    expect(await channel(routesWith(url, LOOP)).deliver(rowOf(NOTICE))).toMatchObject({ kind: 'failed', reason: 'tls' })
    expect(await channel(routesWith(url, `${LOOP}, ca_file: ca.pem`)).deliver(rowOf(NOTICE))).toEqual({ kind: 'sent', reply: '200 ok' })
  })
})

describe('addresses', () => {
  const usual = { allowPrivate: true, allowLoopback: false }
  test.for<readonly [string, string]>([
    ['93.184.216.34', 'allowed'], ['10.1.2.3', 'allowed'], ['192.168.0.1', 'allowed'], ['fd00::1', 'allowed'], ['2606:2800:220:1::1', 'allowed'], ['127.0.0.1', 'loopback'], ['::1', 'loopback'], ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'link-local'], ['169.254.169.254', 'link-local'], ['fe80::1', 'link-local'], ['fd00:ec2::254', 'link-local'], ['fd20:ce::254', 'link-local'], ['168.63.129.16', 'link-local'], ['100.100.100.200', 'link-local'], ['0.0.0.0', 'link-local'], ['224.0.0.1', 'link-local'],
    ['64:ff9b::a9fe:a9fe', 'link-local'], ['64:ff9b::7f00:1', 'loopback'], ['64:ff9b::5db8:d822', 'allowed'],
  ])('%s: %s', ([address, verdict]) => {
    expect(judgeAddress(address, usual)).toBe(verdict)
  })
  test('private ones may be forbidden', () => {
    expect(['10.0.0.1', 'fd00::1', '100.64.0.1', '8.8.8.8'].map((address) => judgeAddress(address, { ...usual, allowPrivate: false }))).toEqual(['private', 'private', 'private', 'allowed'])
  })
  test.for<readonly [string, readonly string[]]>([
    ['a name that leads to the metadata of a cloud', ['169.254.169.254']],
    ['a name that leads to this machine', ['127.0.0.1', '::1']],
  ])('what a name leads to is judged, not the name: %s', async ([, addresses]) => {
    const port = await serve()
    const deliver = (name: string) => createWebhookChannel({
      routes: () => routesWith(`http://${name}:${port}/`), publicUrl: undefined, clock: () => NOW, log: silentLogger,
      resolve: (_host, done) => done(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
    }).deliver(rowOf(NOTICE))
    expect(await deliver('hooks.example.org')).toMatchObject({ kind: 'failed', reason: 'address-denied', isPermanent: false })
    expect(got).toHaveLength(0)
  })
  test.for(['http://169.254.169.254/', 'http://[fe80::1]/', 'http://127.0.0.1:1/', 'http://0x7f.1:1/', 'http://2130706433:1/', 'http://[::ffff:127.0.0.1]:1/'])('written as numbers: %s', async (url) => {
    expect(await channel(routesWith(url)).deliver(rowOf(NOTICE))).toMatchObject({ kind: 'failed', reason: 'address-denied' })
  })
})

describe('Retry-After', () => {
  test.for<readonly [string | undefined, number | undefined]>([[undefined, undefined], ['30', 30_000], ['soon', undefined], ['Mon, 23 Nov 2026 11:00:00 GMT', 0], ['Mon, 23 Nov 2026 12:01:00 GMT', 60_000]])('%s', ([value, expected]) => {
    expect(retryAfterOf(value, NOW)).toBe(expected)
  })
})

test('secrets are read from files, and a bad one is a fault with its place and without its value', () => {
  const routes = readRoutes('routes.yaml', `format: 1\nreceivers:\n- name: ops\n  webhooks:\n  - {url: 'https://x.example/', secret_files: bad.secret}\n`, (path) => ({ ok: true, value: files[path]! }))
  expect(routes).toMatchObject({ ok: false, faults: [{ line: 5, message: expect.stringContaining('bad.secret holds no secret') }] })
  expect(JSON.stringify(routes)).not.toContain('whsec_short')
})
