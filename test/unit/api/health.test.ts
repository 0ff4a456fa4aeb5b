import { expect, test } from 'vitest'
import { bearer, fakeApi, SCRAPER, VIEWER } from './fakes.ts'

test('alive is one word', async () => {
  const reply = await fakeApi().api.inject({ url: '/livez' })
  expect([reply.statusCode, reply.body]).toEqual([200, 'ok\n'])
})

test('a warning leaves the hub ready, a failure does not', async () => {
  const { api, parts } = fakeApi()
  expect((await api.inject({ url: '/readyz' })).body).toBe('ready\n')
  parts.health.register('writer', () => ({ status: 'fail', reason: 'no space left' }))
  const failed = await api.inject({ url: '/readyz' })
  expect([failed.statusCode, failed.body]).toEqual([503, 'not ready\n'])
  expect((await api.inject({ url: '/readyz?exclude=writer' })).statusCode).toBe(200)
  expect((await api.inject({ url: '/readyz?exclude=mail&exclude=writer' })).statusCode).toBe(200)
})

test('strangers learn the names of checks, callers with a token the reasons', async () => {
  const { api } = fakeApi()
  expect((await api.inject({ url: '/readyz?verbose' })).body).toBe('[pass] store\n[warn] mail\nready\n')
  expect((await api.inject({ url: '/readyz?verbose', headers: bearer(VIEWER) })).body).toBe('[pass] store\n[warn] mail: smtp.example.org refuses\nready\n')
  expect((await api.inject({ url: '/readyz', headers: bearer(VIEWER) })).body).toBe('ready\n')
})

test('JSON is given where it is asked for', async () => {
  const { api } = fakeApi()
  const reply = await api.inject({ url: '/readyz?verbose', headers: { accept: 'application/json' } })
  expect(reply.headers['content-type']).toMatch(/^application\/health\+json/)
  expect(reply.json()).toEqual({ status: 'warn', checks: { store: { status: 'pass' }, mail: { status: 'warn' } } })
})

test('one check can be asked for', async () => {
  const { api, parts } = fakeApi()
  parts.health.register('writer', () => ({ status: 'fail' }))
  expect((await api.inject({ url: '/readyz/store' })).statusCode).toBe(200)
  expect((await api.inject({ url: '/readyz/writer' })).statusCode).toBe(503)
  expect((await api.inject({ url: '/readyz/none' })).statusCode).toBe(404)
  expect((await api.inject({ url: '/readyz/toString' })).statusCode).toBe(404)
})

test('metrics are for scrapers, and only metrics', async () => {
  const { api } = fakeApi()
  const reply = await api.inject({ url: '/metrics', headers: bearer(SCRAPER) })
  expect(reply.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(reply.body).toContain('hps_auth_failures_total{reason="bad-token"} 0')
  expect((await api.inject({ url: '/api/v1/logs', headers: bearer(SCRAPER) })).statusCode).toBe(403)
})
