import { expect, test } from 'vitest'
import { masked } from '#base/masked.ts'
import type { Changes } from './fake-alerts.ts'
import { delivery, deliveryDetail, fakeOutbox, fakeRules, rule, ruleDetail, trial } from './fake-triggers.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const asOperator = { headers: bearer(OPERATOR) }
const asViewer = { headers: bearer(VIEWER) }
const watched = () => {
  const changes: Changes = []
  const fake = fakeApi()
  fake.parts.outbox = fakeOutbox(changes)
  fake.parts.rules = fakeRules(changes)
  return { ...fake, changes }
}

test.for<[url: string, expected: unknown]>([
  ['/api/v1/rules', { rules: [rule()], faults: ['rules/x.yaml:1:1: no'], warnings: [] }],
  ['/api/v1/rules/storage.raid-degraded', ruleDetail()],
  ['/api/v1/outbox', { outbox: [delivery()], cursor: null, counts: [{ state: 'retry', count: 1 }] }],
  ['/api/v1/outbox/5', deliveryDetail()],
])('%s gives every member of its view', async ([url, expected]) => {
  expect((await fakeApi().api.inject({ url, ...asOperator })).json()).toEqual(expected)
})

test('operators see addresses, viewers do not', async () => {
  const { api } = fakeApi()
  const receivers = async (as: typeof asViewer) => (await api.inject({ url: '/api/v1/receivers', ...as })).json<{ receivers: { channels: { to: string[] }[] }[] }>().receivers[0]!.channels.flatMap(({ to }) => to)
  expect(await receivers(asOperator)).toEqual(['anna@example.org', 'https://hooks.example.org/T000/secret'])
  expect(await receivers(asViewer)).toEqual(['a…@example.org', 'https://hooks.example.org/…'])
  for (const url of ['/api/v1/outbox', '/api/v1/outbox/5']) {
    expect((await api.inject({ url, ...asViewer })).body).not.toContain('anna@')
    expect((await api.inject({ url, ...asOperator })).body).toContain('anna@')
  }
})

test.for<[text: string, shown: string]>([
  ['550 <anna.b+x@example.org>: no such user', '550 <a…@example.org>: no such user'],
  ['POST https://hooks.example.org/T000/B1?k=s failed', 'POST https://hooks.example.org/… failed'],
  ['connection refused by 10.0.0.1:25', 'connection refused by 10.0.0.1:25'],
])('%s is shown to viewers as %s', ([text, shown]) => {
  expect(masked(text)).toBe(shown)
})

test('what is told of a notice that was given up names nobody to viewers', async () => {
  const { api, parts } = fakeApi()
  const payload = { kind: 'dead', error: '550 <anna@example.org> unknown', titles: ['RAID md0'] }
  parts.outbox = { ...fakeOutbox(), row: async () => deliveryDetail({ last_error: null, payload }) }
  const shown = async (as: typeof asViewer) => (await api.inject({ url: '/api/v1/outbox/5', ...as })).json<{ payload: unknown }>().payload
  expect(await shown(asViewer)).toEqual({ ...payload, error: '550 <a…@example.org> unknown' })
  expect(await shown(asOperator)).toEqual(payload)
})

test('deliveries are sent again, cancelled one by one or by scope, by operators only', async () => {
  const { api, changes } = watched()
  const requests = [
    { method: 'POST', url: '/api/v1/outbox/5/retry' },
    { method: 'POST', url: '/api/v1/outbox/5/cancel' },
    { method: 'POST', url: '/api/v1/outbox/cancel', payload: { rule: 'net.link' } },
    { method: 'POST', url: '/api/v1/outbox/cancel', payload: { all: true } },
    { method: 'POST', url: '/api/v1/receivers/storage/test' },
  ] as const
  for (const request of requests) expect((await api.inject({ ...request, ...asViewer })).statusCode).toBe(403)
  expect(changes).toEqual([])
  const codes: number[] = []
  for (const request of requests) codes.push((await api.inject({ ...request, ...asOperator })).statusCode)
  expect(codes).toEqual([200, 200, 200, 200, 200])
  expect(changes).toEqual([['retry', [5, 'the operator']], ['cancel', [5, 'the operator']], ['cancelAll', [{ rule: 'net.link' }, 'the operator']], ['cancelAll', [{ all: true }, 'the operator']], ['try', ['storage', 'the operator']]])
})

test('a receiver that is tried answers with what each channel said, to the last word of the server', async () => {
  expect((await fakeApi().api.inject({ method: 'POST', url: '/api/v1/receivers/storage/test', ...asOperator })).json()).toEqual(trial())
})

test.each([[{}], [{ rule: 'a', receiver: 'b' }], [{ all: false }], [{ everything: true }]])('cancelling %j is refused', async (payload) => {
  const { api, changes } = watched()
  expect((await api.inject({ method: 'POST', url: '/api/v1/outbox/cancel', payload, ...asOperator })).statusCode).toBe(400)
  expect(changes).toEqual([])
})

test.each([['POST', '/api/v1/outbox/6/cancel', 409], ['POST', '/api/v1/receivers/nobody/test', 404], ['GET', '/api/v1/rules/no.such', 404], ['GET', '/api/v1/outbox?state=waiting', 400]] as const)('%s %s is %i', async (method, url, status) => {
  expect((await fakeApi().api.inject({ method, url, ...asOperator })).statusCode).toBe(status)
})

test('a text is tried as a rule file of a name, and its faults have places', async () => {
  const { api, changes } = watched()
  const payload = { text: 'rules:\n- id: x\n', file: 'storage.yaml' }
  expect((await api.inject({ method: 'POST', url: '/api/v1/rules/lint', payload, ...asViewer })).statusCode).toBe(403)
  expect((await api.inject({ method: 'POST', url: '/api/v1/rules/lint', payload, ...asOperator })).json()).toMatchObject({ good: false, faults: [{ file: 'storage.yaml', line: 3, column: 5, message: 'unknown key', hint: 'did you mean when?' }] })
  expect((await api.inject({ method: 'POST', url: '/api/v1/rules/test', payload: { text: 'x' }, ...asOperator })).statusCode).toBe(200)
  expect((await api.inject({ method: 'POST', url: '/api/v1/rules/test', payload: { text: 'x', file: '../../etc/passwd' }, ...asOperator })).statusCode).toBe(400)
  expect(changes).toEqual([['lint', { file: 'storage.yaml', text: payload.text }], ['test', { file: 'tried.yaml', text: 'x' }]])
})
