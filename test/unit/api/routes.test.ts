import { expect, test } from 'vitest'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

test('a search is answered with messages and a cursor', async () => {
  const { api, calls } = fakeApi()
  const reply = await api.inject({ url: '/api/v1/logs?q=node%3Atch-001+link&limit=5&order=oldest', headers: bearer(VIEWER) })
  expect(reply.statusCode).toBe(200)
  expect(reply.json()).toMatchObject({ messages: [{ seq: 7, sent: null, faults: ['no-year'] }], cursor: 'next', complete: true })
  expect(calls.searches).toEqual([{ query: 'node:tch-001 link', limit: 5, order: 'oldest', cursor: undefined }])
})
