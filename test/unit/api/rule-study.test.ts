import { expect, test } from 'vitest'
import type { BacktestRequest } from '#api/index.ts'
import { backtested, fakeStudy, noisy } from './fake-study.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const asOperator = { headers: bearer(OPERATOR) }
const URL = '/api/v1/rules/backtest'
function watched() {
  const asked: BacktestRequest[] = []
  const fake = fakeApi()
  fake.parts.study = fakeStudy(asked)
  return { ...fake, asked }
}

test('a back-test gives every member of its view', async () => {
  const { api, asked } = watched()
  const answer = await api.inject({ method: 'POST', url: URL, ...asOperator, payload: { rule: 'storage.raid-degraded', since: '7d', until: '1d', limit: 5 } })
  expect(answer.json()).toEqual(backtested())
  expect(asked).toMatchObject([{ what: { kind: 'rule', id: 'storage.raid-degraded' }, since: '7d', until: '1d', limit: 5 }])
})

test('a text is tried under its name, and is never loaded', async () => {
  const { api, asked } = watched()
  await api.inject({ method: 'POST', url: URL, ...asOperator, payload: { text: 'format: 1\n', file: 'mine.yaml' } })
  await api.inject({ method: 'POST', url: URL, ...asOperator, payload: { text: 'format: 1\n' } })
  expect(asked.map(({ what }) => what)).toEqual([{ kind: 'file', file: 'mine.yaml', text: 'format: 1\n' }, { kind: 'file', file: 'tried.yaml', text: 'format: 1\n' }])
})

test.each([
  ['neither', {}], ['both', { rule: 'a', text: 'b' }], ['a path', { text: 'a', file: '../x.yaml' }], ['too many', { rule: 'a', limit: 100_000 }], ['something else', { rule: 'a', load: true }],
])('%s is refused', async (_, payload) => {
  const { api, asked } = watched()
  expect((await api.inject({ method: 'POST', url: URL, ...asOperator, payload })).statusCode).toBe(400)
  expect(asked).toEqual([])
})

test('it is for operators: expressions of a caller are work for the hub; noise is for everybody', async () => {
  const { api, asked } = watched()
  expect((await api.inject({ method: 'POST', url: URL, headers: bearer(VIEWER), payload: { rule: 'a' } })).statusCode).toBe(403)
  expect(asked).toEqual([])
  const noise = await api.inject({ url: '/api/v1/rules/noise?since=30d', headers: bearer(VIEWER) })
  expect(noise.json()).toEqual(noisy())
})

test('a rule that is not there', async () => {
  expect((await watched().api.inject({ method: 'POST', url: URL, ...asOperator, payload: { rule: 'gone' } })).statusCode).toBe(404)
})

test('as events: its id, how far it is, the result', async () => {
  const { body } = await watched().api.inject({ method: 'POST', url: URL, headers: { ...asOperator.headers, accept: 'text/event-stream' }, payload: { rule: 'a' } })
  expect(body).toMatch(/^event: started\ndata: \{"id":"[^"]+"\}\n\nevent: progress\ndata: \{"done":500,"total":1000\}\n\nevent: result\ndata: \{"from"/m)
})

test('who began it stops it, and it answers with what it has; nobody else does', async () => {
  const { api } = watched()
  const { url: base } = { url: await api.listen().then(({ port }) => `http://127.0.0.1:${port}`) }
  try {
    const response = await fetch(`${base}${URL}`, { method: 'POST', headers: { ...asOperator.headers, accept: 'text/event-stream', 'content-type': 'application/json' }, body: JSON.stringify({ rule: 'slow' }) })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('event: progress')) text += (await reader.read()).value ?? ''
    const id = /"id":"([^"]+)"/.exec(text)![1]!
    const stop = (headers: Record<string, string>, what = id): Promise<Response> => fetch(`${base}${URL}/running/${what}`, { method: 'DELETE', headers })
    expect([(await stop(bearer(VIEWER))).status, (await stop(asOperator.headers, 'other')).status, (await stop(asOperator.headers)).status]).toEqual([403, 404, 204])
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value
    expect(text).toContain('"complete":false,"reason":"cancelled"')
  } finally {
    await api.close()
  }
})
