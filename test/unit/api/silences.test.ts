import { expect, test } from 'vitest'
import { fakeSilences, planned, rhythm, silence } from './fake-silences.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const asOperator = { headers: bearer(OPERATOR) }
const asViewer = { headers: bearer(VIEWER) }

const api = () => {
  const changes: (readonly [string, unknown, string])[] = []
  const fake = fakeApi()
  fake.parts.silences = fakeSilences(changes)
  return { ...fake, changes }
}

test.for<[url: string, expected: unknown]>([
  ['/api/v1/silences', { silences: [silence()] }],
  ['/api/v1/silences/node/tch-002', rhythm()],
  ['/api/v1/silences/source/10.0.0.7', rhythm({ subject: 'source', name: '10.0.0.7' })],
  ['/api/v1/planned', { planned: [planned()] }],
])('%s gives every member of its view', async ([url, expected]) => {
  expect((await fakeApi().api.inject({ url, ...asViewer })).json()).toEqual(expected)
})

test('somebody who speaks has no silence', async () => {
  const { api: server, parts } = fakeApi()
  parts.silences = { ...fakeSilences(), of: async () => rhythm({ silence: null, usual_ms: null, limit_ms: null, spoke: null }) }
  expect((await server.inject({ url: '/api/v1/silences/node/tch-001', ...asViewer })).json()).toEqual(rhythm({ silence: null, usual_ms: null, limit_ms: null, spoke: null }))
})

test('an operator plans and ends work and forgets somebody, under its name; a viewer may not', async () => {
  const { api: server, changes } = api()
  const plan = { method: 'POST', url: '/api/v1/planned', payload: { node: 'tch-002', for: '2h', why: 'new memory' } } as const
  const end = { method: 'DELETE', url: '/api/v1/planned/4' } as const
  const forget = { method: 'DELETE', url: '/api/v1/silences/source/10.0.0.7' } as const
  for (const request of [plan, end, forget]) expect((await server.inject({ ...request, ...asViewer })).statusCode).toBe(403)
  expect(changes).toEqual([])
  expect((await server.inject({ ...plan, ...asOperator })).statusCode).toBe(201)
  expect((await server.inject({ ...end, ...asOperator })).json()).toMatchObject({ id: 4, state: 'ended', ended_by: 'the operator' })
  expect((await server.inject({ ...forget, ...asOperator })).statusCode).toBe(204)
  expect(changes).toEqual([['plan', { node: 'tch-002', for: '2h', why: 'new memory' }, 'the operator'], ['end', 4, 'the operator'], ['forget', 'source 10.0.0.7', 'the operator']])
})

test.each([
  ['no reason', { all: true, for: '2h' }],
  ['no length', { all: true, why: 'x' }],
  ['a member that nobody knows', { all: true, for: '2h', why: 'x', nodes: ['a'] }],
])('work with %s is refused', async (_, payload) => {
  const { api: server, changes } = api()
  expect((await server.inject({ method: 'POST', url: '/api/v1/planned', payload, ...asOperator })).statusCode).toBe(400)
  expect(changes).toEqual([])
})

test.each([['/api/v1/silences/node/nobody', 404], ['/api/v1/silences/hub/x', 400]])('%s is %i', async (url, status) => {
  expect((await fakeApi().api.inject({ url, ...asViewer })).statusCode).toBe(status)
})
