import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fakeApi } from './fakes.ts'

test('the reference lists every route of the OpenAPI document with its callers, and no other', async () => {
  const { paths } = (await fakeApi().api.openApi()) as { paths: Record<string, Record<string, { 'x-callers': string[]; summary: string }>> }
  const routes = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { 'x-callers': callers, summary }]) => `${method.toUpperCase()} ${path} | ${callers.join(', ')} | ${summary}`))
  const text = readFileSync(new URL('../../../docs/reference/api.md', import.meta.url), 'utf8')
  const documented = [...text.matchAll(/^\| `([A-Z]+ \/[^`]*)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, route, callers, summary]) => `${route} | ${callers} | ${summary}`)
  expect(documented.toSorted()).toEqual(routes.toSorted())
})

test('the document is OpenAPI with a schema for each answer', async () => {
  const document = (await fakeApi().api.openApi()) as { openapi: string; paths: Record<string, Record<string, { responses: Record<string, unknown>; tags: string[] }>> }
  expect(document.openapi).toBe('3.1.0')
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) expect([path, Object.keys(operation.responses).length > 0, operation.tags.length]).toEqual([path, true, 1])
  }
})
