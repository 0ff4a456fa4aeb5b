import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { parseQuery, printQuery, type Query } from '#store/index.ts'
import { conjunction, disjunction } from '../../src/store/query/trees.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)

const awkward = fc.constantFrom('link', 'or', 'AND', 'not', '*', '-x', '/dev', 'a:', 'node:x', '.a:b', 'sd.x:1', '>=5', '1..2', '"', '\\', '(', ',', ' ', 'Ä', '😀', 'a*b', '#7', 'boot', '\n')
const string = fc.oneof(awkward, fc.array(awkward, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')), fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }))
const comparison = fc.constantFrom('=', '<', '<=', '>', '>=')
const order = fc.constantFrom('<', '<=', '>', '>=')
const count = fc.integer({ min: 0, max: 2 ** 50 })
const half = fc.integer({ min: 0, max: 0xffff_ffff })
const range = fc.tuple(fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }), fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined })).filter(([from, until]) => from !== undefined || until !== undefined)

const part = fc.oneof(fc.constantFrom('status', 'x@1', 'a.b', 'odd name', '"', '\\', '*', '..', 'ä'), fc.string({ minLength: 1, maxLength: 5 })).filter((name) => name.split('.').length <= 8)
const param = fc.oneof(
  fc.record({ place: fc.constant('body' as const), name: part }),
  fc.record({ place: fc.constant('sd' as const), name: part }),
  fc.record({ place: fc.constant('sd' as const), name: part, sdId: part }),
)
const paramValue = fc.oneof(
  fc.record({ comparison: fc.constant('=' as const), value: fc.oneof(fc.constant(''), string) }),
  fc.record({ comparison: fc.constant('=' as const), value: fc.oneof(fc.constant(''), string), open: fc.constant('end' as const) }),
  fc.record({ comparison: order, value: fc.constantFrom('0', '500', '-1.5', '1e3') }),
)

const leaf = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: string }),
  fc.record({ kind: fc.constant('text' as const), text: string, open: fc.constantFrom('start', 'end', 'both') }),
  fc.constantFrom('a', 'a/b', '\\\\', '[/"]', 'x y', '(?i)k').map((pattern) => ({ kind: 'regex' as const, pattern })),
  fc.record({ kind: fc.constant('field' as const), field: fc.constantFrom('app', 'host', 'procid', 'msgid', 'label'), value: string }),
  fc.record({ kind: fc.constant('name' as const), field: fc.constantFrom('node', 'session', 'source'), value: string }),
  fc.record({ kind: fc.constant('severity' as const), comparison, code: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('facility' as const), code: fc.integer({ min: 0, max: 23 }) }),
  fc.record({ kind: fc.constant('seq' as const), comparison, value: count }),
  fc.record({ kind: fc.constant('procid' as const), comparison: order, value: count }),
  fc.record({ kind: fc.constant('confidence' as const), comparison, value: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ kind: fc.constant('format' as const), code: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ kind: fc.constant('fault' as const), code: fc.integer({ min: 0, max: 15 }) }),
  fc.record({ kind: fc.constant('method' as const), code: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('template' as const), hi: half, lo: half }),
  fc.tuple(param, paramValue).map(([name, value]) => ({ kind: 'param' as const, ...name, ...value })),
  fc.tuple(fc.constantFrom('time', 'boot-time'), range).map(([kind, [fromMs, untilMs]]) => ({ kind, fromMs, untilMs })),
) as fc.Arbitrary<Query>

/** Trees in the canonical shape, as the parser makes them. */
const { tree } = fc.letrec<{ tree: Query }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map(conjunction),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map(disjunction),
    tie('tree').map((term): Query => ({ kind: 'not', term })),
  ),
}))

test.prop([tree], { numRuns: 3000 })('what is printed is read again as the same tree, whatever kind it is of', (query) => {
  const printed = printQuery(query)
  const parsed = parseQuery(printed, { nowMs })
  expect([printed, parsed.ok ? parsed.value : parsed.faults]).toEqual([printed, query])
  expect(printQuery(query)).toBe(printed)
})
