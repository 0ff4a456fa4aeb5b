import { expect, test } from 'vitest'
import { parseQuery } from '#store/index.ts'
import { queryText, type Selection } from '../../../src/cli/query-text.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)

test.for<readonly [words: readonly string[], selection: Selection, query: string]>([
  [[], {}, ''],
  [['link', 'down'], {}, 'link down'],
  [['nvme*'], { node: 'tch-001' }, 'nvme* node:tch-001'],
  [['a', 'or', 'b'], { priority: 'err' }, '(a or b) severity:<=err'],
  [['a', 'or', 'b'], {}, 'a or b'],
  [['error'], { node: 'tch-001,tch-002' }, 'error node:tch-001,tch-002'],
  [[], { node: 'tch-*' }, 'node:tch-*'],
  [[], { node: 'rack 7,"x"' }, 'node:"rack 7","\\"x\\""'],
  [[], { boot: '#7', since: 'boot+90s', until: 'boot+1h30m' }, 'session:#7 since:boot+90s until:boot+1h30m'],
  [[], { since: 'boot', until: '15m' }, 'since:boot until:15m'],
  [[], { since: '2026-11-22T10:00:00Z' }, 'since:2026-11-22T10:00:00.000Z'],
  [[], { priority: '3' }, 'severity:<=err'],
])('%j with %j asks for %s, which the hub can read', ([words, selection, query]) => {
  expect(queryText(words, selection, nowMs)).toBe(query)
  expect(parseQuery(query, { nowMs }).ok).toBe(true)
})

test.for<readonly [Selection, string]>([
  [{ since: 'boot-90s' }, 'boot-90s is not a time'],
  [{ until: 'boot+soon' }, 'boot+soon is not a time'],
  [{ priority: 'loud' }, 'loud is not a severity'],
])('%j is refused', ([selection, message]) => {
  expect(() => queryText([], selection, nowMs)).toThrow(message)
})
