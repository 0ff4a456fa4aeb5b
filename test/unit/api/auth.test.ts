import { expect, test } from 'vitest'
import { bearer, fakeApi, OPERATOR, SCRAPER, VIEWER } from './fakes.ts'

const SEARCH = '/api/v1/logs'
const OWN_PAGE = { 'x-hps-request': '1', 'sec-fetch-site': 'same-origin', origin: 'http://hub:8080', host: 'hub:8080' }

async function login(api: ReturnType<typeof fakeApi>['api'], token = OPERATOR, headers: Record<string, string> = OWN_PAGE) {
  const reply = await api.inject({ method: 'POST', url: '/api/v1/login', headers, payload: { token } })
  return { reply, cookie: String(reply.headers['set-cookie'] ?? '').split(';')[0]! }
}

test('without a token the answer is 401 and says how to get in', async () => {
  const reply = await fakeApi().api.inject({ url: SEARCH })
  expect(reply.statusCode).toBe(401)
  expect(reply.headers['www-authenticate']).toBe('Bearer realm="hps"')
  expect(reply.json()).toMatchObject({ code: 'unauthorized', status: 401, request_id: expect.any(String) })
})

test.for<[given: string, header: string]>([
  ['a token that is none of ours', 'Bearer hps_op_nope'],
  ['another scheme', `Basic ${Buffer.from(`x:${OPERATOR}`).toString('base64')}`],
  ['nothing after the scheme', 'Bearer '],
  ['two tokens', `Bearer ${OPERATOR} ${OPERATOR}`],
])('%s is refused, even from a node that needs none', async ([, authorization]) => {
  const { api } = fakeApi()
  const reply = await api.inject({ url: '/api/v1/logs/ack?key=known-key-1', headers: { authorization }, remoteAddress: '10.0.0.7' })
  expect(reply.statusCode).toBe(401)
})

test('a viewer reads and may not write', async () => {
  const { api } = fakeApi()
  expect((await api.inject({ url: SEARCH, headers: bearer(VIEWER) })).statusCode).toBe(200)
  const write = await api.inject({ method: 'PATCH', url: '/api/v1/nodes/tch-001', headers: bearer(VIEWER), payload: {} })
  expect(write.json()).toMatchObject({ code: 'forbidden', status: 403 })
})

test('a node is known by its address, and its name goes with the call', async () => {
  const { api, calls } = fakeApi()
  await api.inject({ url: '/api/v1/logs/ack?key=known-key-1', remoteAddress: '::ffff:10.0.0.7' })
  expect(calls.acks[0]!.caller).toEqual({ role: 'node', name: 'tch-001', address: '10.0.0.7', nodeId: 1 })
})

test('X-Forwarded-For is a claim and is not believed', async () => {
  const reply = await fakeApi().api.inject({ url: '/api/v1/logs/ack?key=known-key-1', remoteAddress: '192.0.2.1', headers: { 'x-forwarded-for': '10.0.0.7' } })
  expect(reply.statusCode).toBe(401)
})

test('a browser trades its token for a cookie that scripts cannot read and other sites cannot send', async () => {
  const { api } = fakeApi()
  const { reply, cookie } = await login(api)
  expect(reply.json()).toMatchObject({ role: 'operator', until: '2026-11-29T03:04:05.000Z' })
  expect(String(reply.headers['set-cookie'])).toMatch(/^hps_login=\S+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)
  expect(reply.body).not.toContain(OPERATOR)
  expect((await api.inject({ url: SEARCH, headers: { cookie } })).statusCode).toBe(200)
})

test('the cookie is Secure where the hub is reached by https', async () => {
  const { reply } = await login(fakeApi({ public_url: 'https://hub.example.org' }).api)
  expect(String(reply.headers['set-cookie'])).toContain('; Secure')
})

test.for<[given: string, headers: Record<string, string>]>([
  ['without our header', { 'sec-fetch-site': 'same-origin' }],
  ['from another site', { ...OWN_PAGE, 'sec-fetch-site': 'cross-site' }],
  ['from a sibling site', { ...OWN_PAGE, 'sec-fetch-site': 'same-site' }],
  ['from another origin', { ...OWN_PAGE, origin: 'http://evil.example.org' }],
  ['from no origin', { ...OWN_PAGE, origin: 'null' }],
])('a write by cookie %s is refused, and so is a login', async ([, headers]) => {
  const { api, calls } = fakeApi()
  const { cookie } = await login(api)
  const write = await api.inject({ method: 'PATCH', url: '/api/v1/nodes/tch-001', headers: { ...headers, cookie }, payload: {} })
  expect(write.statusCode).toBe(403)
  expect(calls.sets).toEqual([])
  expect((await login(api, OPERATOR, headers)).reply.statusCode).toBe(403)
})

test('a write by cookie from our own page is taken', async () => {
  const { api, calls } = fakeApi()
  const { cookie } = await login(api)
  expect((await api.inject({ method: 'PATCH', url: '/api/v1/nodes/tch-001', headers: { ...OWN_PAGE, cookie }, payload: { profile: null } })).statusCode).toBe(200)
  expect(calls.sets).toEqual([{ name: 'tch-001', change: { profile: null }, actor: expect.stringContaining('the operator, browser at') }])
})

test('a scraper’s token does not open the pages', async () => {
  expect((await login(fakeApi().api, SCRAPER)).reply.statusCode).toBe(403)
})

test('logging out ends the login, and takes the cookie away', async () => {
  const { api, calls } = fakeApi()
  const { cookie } = await login(api)
  const out = await api.inject({ method: 'POST', url: '/api/v1/logout', headers: { ...OWN_PAGE, cookie } })
  expect(out.statusCode).toBe(204)
  expect(String(out.headers['set-cookie'])).toContain('Max-Age=0')
  expect(calls.revoked).toEqual([100])
  expect((await api.inject({ url: SEARCH, headers: { cookie } })).statusCode).toBe(401)
})

test('a page of another site cannot make a node’s browser speak for the node', async () => {
  const { api, calls } = fakeApi()
  const cross = { 'sec-fetch-site': 'cross-site' }
  for (const url of ['/boot/v1/decide?mac=52-54-00-00-00-07', '/boot/v1/log?text=x', '/api/v1/logs/ack?key=known-key-1']) {
    const reply = await api.inject({ url, headers: { ...cross, accept: 'application/json' }, remoteAddress: '10.0.0.7' })
    expect([url, reply.statusCode]).toEqual([url, 403])
  }
  expect(calls).toMatchObject({ facts: [], ingests: [], acks: [] })
})

test('failures are counted, slowed down per address, and never lock out a valid token', async () => {
  const { api, parts, clock, calls } = fakeApi()
  const wrong = () => api.inject({ url: SEARCH, headers: bearer('hps_op_wrong'), remoteAddress: '192.0.2.9' })
  for (let i = 0; i < 30; i++) expect((await wrong()).statusCode).toBe(401)
  const limited = await wrong()
  expect([limited.statusCode, limited.headers['retry-after']]).toEqual([429, '60'])
  expect((await api.inject({ url: SEARCH, headers: bearer(VIEWER), remoteAddress: '192.0.2.9' })).statusCode).toBe(200)
  expect((await api.inject({ url: SEARCH, remoteAddress: '192.0.2.10' })).statusCode).toBe(401)
  clock.nowMs += 60_000
  expect((await wrong()).statusCode).toBe(401)
  const exposed = await parts.metrics.expose()
  expect(exposed).toContain('hps_auth_failures_total{reason="bad-token"} 31')
  expect(exposed).toContain('hps_auth_failures_total{reason="rate-limited"} 1')
  expect(calls.logged.join('\n')).not.toContain('hps_op_')
})

test('no secret and no query string is ever logged', async () => {
  const { api, calls } = fakeApi()
  await login(api)
  await api.inject({ url: `/api/v1/logs?q=private&token=${OPERATOR}`, headers: bearer(OPERATOR) })
  await api.inject({ method: 'POST', url: '/api/v1/tokens', headers: bearer(OPERATOR), payload: { role: 'viewer', label: 'me' } })
  const logged = calls.logged.join('\n')
  expect(logged).toContain('"path":"/api/v1/logs"')
  for (const secret of [OPERATOR, 'private', 'hps_op_child']) expect(logged).not.toContain(secret)
})

test.for<[given: string, headers: Record<string, string>]>([
  ['that another site\'s page wrote', { origin: 'http://evil.example.org', host: '10.0.0.1:8080' }],
  ['from a page without an origin', { origin: 'null', host: '10.0.0.1:8080' }],
  ['by a name that is not the hub\'s', { host: 'evil.example.org:8080', 'accept-encoding': 'gzip, deflate' }],
  ['by a name that looks like an address', { host: '10.0.0.1.evil.example.org', 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'curl/8' }],
  ['by no name at all', { host: '@', 'accept-encoding': 'deflate' }],
])('what a node asks %s is refused: its browser may be led', async ([, headers]) => {
  const { api, calls } = fakeApi()
  const write = await api.inject({ method: 'POST', url: SEARCH, headers: { ...headers, 'content-type': 'text/plain' }, remoteAddress: '10.0.0.7', payload: 'forged\n' })
  expect(write.statusCode).toBe(403)
  expect(calls.ingests).toEqual([])
  expect((await api.inject({ url: '/boot/v1/decide.json?mac=52:54:00:12:34:56', headers, remoteAddress: '10.0.0.7' })).statusCode).toBe(403)
})

test('loaders and shells may call the hub as their network does', async () => {
  const reply = await fakeApi().api.inject({ url: '/boot', headers: { host: 'hub.example.org', 'user-agent': 'iPXE/1.0.0+' }, remoteAddress: '10.0.0.7' })
  expect(reply.body).toContain('chain http://hub.example.org/')
})

test.for(['10.0.0.1:8080', '[fd00::1]:8080', 'localhost:8080', 'hub', 'HUB.lan.', 'hub.provisioning.example.org', 'www.example.org:8080'])('a browser on a node may call the hub %s', async (host) => {
  const { api } = fakeApi({ public_url: 'https://www.example.org' })
  expect((await api.inject({ url: '/api/v1/logs/ack?key=known-key-1', headers: { host, 'accept-encoding': 'gzip, deflate' }, remoteAddress: '10.0.0.7' })).statusCode).toBe(200)
})

test('a token is worth the same by every name', async () => {
  expect((await fakeApi().api.inject({ url: SEARCH, headers: { ...bearer(VIEWER), host: 'hub.example.org' } })).statusCode).toBe(200)
})
