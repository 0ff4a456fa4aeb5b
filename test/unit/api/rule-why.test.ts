import { expect, test } from 'vitest'
import { explained, fakeWhy, suggested, whyNotView } from './fake-why.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const line = (text: string) => ({ app: 'kernel', severity: 'crit', text })
const suggest = (api: ReturnType<typeof fakeApi>['api'], payload: object, token = OPERATOR) => api.inject({ method: 'POST', url: '/api/v1/rules/suggest', headers: bearer(token), payload })

test('explain and why-not answer whoever may read', async () => {
  const { api } = fakeApi()
  const get = (url: string) => api.inject({ url, headers: bearer(VIEWER) })
  expect((await get('/api/v1/rules/explain?message=7')).json()).toEqual(explained())
  expect((await get('/api/v1/rules/login.guessing/why-not?node=tch-001')).json()).toEqual(whyNotView())
  expect((await get('/api/v1/rules/explain?message=404')).statusCode).toBe(404)
  for (const url of ['/api/v1/rules/explain', '/api/v1/rules/explain?message=0', '/api/v1/rules/explain?message=x', '/api/v1/rules/a.b/why-not', '/api/v1/rules/a.b/why-not?node=']) expect((await get(url)).statusCode, url).toBe(400)
})

test('a rule is made for operators only: numbers and lines come through as they are', async () => {
  const { api, parts } = fakeApi()
  const asked: unknown[] = []
  parts.why = { ...fakeWhy(), suggest: async (request) => (asked.push(request), suggested()) }
  expect((await suggest(api, { good: [7, line('x')] })).json()).toEqual(suggested())
  expect(asked).toEqual([{ id: 'suggested.rule', good: [7, line('x')], bad: [] }])
  expect((await suggest(api, { good: [7] }, VIEWER)).statusCode).toBe(403)
  expect(asked).toHaveLength(1)
})

test.for<[what: string, body: object]>([
  ['no good line', { good: [] }], ['too many lines', { good: Array.from({ length: 51 }, () => 7) }], ['a line that is too long', { good: [line('x'.repeat(8193))] }], ['a severity that is none', { good: [{ ...line('x'), severity: 'bad' }] }],
  ['an id that no rule may have', { id: '../x', good: [7] }], ['a key that is unknown', { good: [7], worse: [] }],
])('%s is refused', async ([, body]) => {
  expect((await suggest(fakeApi().api, body)).statusCode).toBe(400)
})
