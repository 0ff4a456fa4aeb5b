import { expect, test } from 'vitest'
import { createApi } from '#api/index.ts'
import { bearer, CONFIG, fakeApi, fakeParts, OPERATOR, PAGES, SCRAPER, VIEWER } from './fakes.ts'

interface Operation {
  readonly method: string
  readonly path: string
  readonly callers: readonly string[]
}

async function operations(): Promise<Operation[]> {
  const { paths } = (await fakeApi().api.openApi()) as { paths: Record<string, Record<string, { 'x-callers': string[] }>> }
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, callers: operation['x-callers'] })))
}

/** A request that gets past the schemas, or is refused by them: never by who calls. */
const urlOf = (path: string): string => path.replace('{seq}', '7').replace('{id}', '3').replace('{name}', 'tch-001').replace('{check}', 'store').replace('{file}', 'index.html').replace('{*}', 'vmlinuz').replace('/stream', '/stream?q=%00fault')

const WHO: Readonly<Record<string, { readonly remoteAddress: string; readonly headers?: Record<string, string> }>> = {
  operator: { remoteAddress: '192.0.2.1', headers: bearer(OPERATOR) },
  viewer: { remoteAddress: '192.0.2.1', headers: bearer(VIEWER) },
  metrics: { remoteAddress: '192.0.2.1', headers: bearer(SCRAPER) },
  node: { remoteAddress: '10.0.0.7' },
  'boot-network': { remoteAddress: '10.9.9.9' },
  anonymous: { remoteAddress: '192.0.2.1' },
}

test('every route says who may call it, and the routes are all there', async () => {
  const all = await operations()
  expect(all.length).toBeGreaterThan(35)
  expect(all.filter(({ callers }) => callers === undefined || callers.length === 0)).toEqual([])
})

test.for(Object.keys(WHO))('%s gets in where the route says so, and nowhere else', async (who) => {
  const wrong: string[] = []
  const { api, clock } = fakeApi()
  for (const { method, path, callers } of await operations()) {
    if (path.endsWith('/stream') && callers.includes(who)) continue // answers for ever; stream.test.ts and alert-stream.test.ts
    clock.nowMs += 61_000 // or the limit on failures would answer
    const { statusCode } = await api.inject({ method: method as 'GET', url: urlOf(path), ...WHO[who]! })
    const isIn = statusCode !== 401 && statusCode !== 403
    // a node asks from a boot network
    const may = callers.includes('anonymous') || callers.includes(who) || (who === 'node' && callers.includes('boot-network'))
    const isLoginOrOut = path.endsWith('/login') || path.endsWith('/logout')
    if (isIn !== may && !isLoginOrOut) wrong.push(`${who} ${method} ${path}: ${statusCode}`)
  }
  expect(wrong).toEqual([])
})

test('a route that does not say who may call it keeps the server from starting', async () => {
  const { parts } = fakeParts()
  const api = createApi({ parts, config: CONFIG, pages: PAGES, extraRoutes: [(app) => void app.get('/open', async () => 'open')] })
  await expect(api.inject({ url: '/open' })).rejects.toThrow('does not say who may call it')
})
