import { fc, test } from '@fast-check/vitest'
import { expect, onTestFinished } from 'vitest'
import type { StoredMessage } from '#domain/message.ts'
import { openLogStore, type LogStore, type ResolvedQuery } from '#store/index.ts'
import { batchOf, NOON_MS, type RowSpec } from '../support/store/batches.ts'
import { testFolder } from '../support/store/folder.ts'
import { answers } from '../support/store/naive-search.ts'

const WORDS = ['link', 'Link Is Up', 'links', 'eth0:', 'ÄÖ', 'äöx', 'status=500', 'user.name=Root', '', 'x', 'aab', 'aaab', '\u0000\u00ff']
const JSON_TEXTS = ['{"status":404,"user":{"name":"root"}}', '@cee: {"status":"500","user":null}', ' {"status":5e2} ', '{"status":[500]}', '{"status"']
const SD = ['', '[origin ip="10.0.0.1" ip="10.0.0.2"]', '[x@1 n="7"][origin ip="::1" n="07.0"]']
const APPS = ['kernel', 'Kernel', 'kern', 'sshd', '', 'ünï', '%LINK-3-UPDOWN']
const DAY_MS = 86_400_000

const row: fc.Arbitrary<RowSpec> = fc.record({
  receivedMs: fc.constantFrom(NOON_MS, NOON_MS + 1, NOON_MS + 5000, NOON_MS + DAY_MS, NOON_MS - DAY_MS),
  sentMs: fc.constantFrom(Number.NaN, NOON_MS, NOON_MS - 0.25, -1, 8e15),
  host: fc.constantFrom('', 'tch-001', 'TCH-001'),
  app: fc.constantFrom(...APPS),
  procid: fc.constantFrom('', '1', '77', '7a'),
  label: fc.constantFrom('', 'a1b2c3', 'a1'),
  sd: fc.constantFrom(...SD),
  text: fc.oneof(fc.constantFrom(...JSON_TEXTS), fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }).map((words) => words.join(' ')), fc.uint8Array({ maxLength: 30 })),
  pri: fc.integer({ min: 0, max: 191 }),
  node: fc.constantFrom(0, 1, 2, 300),
  session: fc.constantFrom(0, 7, 8, 70_000),
  source: fc.constantFrom(1, 2, 4_000_000_000),
  template: fc.constantFrom(0, 1, 0xffff_ffff),
  templateHi: fc.constantFrom(0, 1, 0xffff_ffff),
  faults: fc.integer({ min: 0, max: 0xffff }),
  format: fc.integer({ min: 0, max: 5 }),
  method: fc.integer({ min: 0, max: 7 }),
  confidence: fc.integer({ min: 0, max: 100 }),
})
const comparison = fc.constantFrom('=', '<', '<=', '>', '>=')
const leaf: fc.Arbitrary<ResolvedQuery> = fc.oneof(
  fc.constant({ kind: 'all' } as const),
  fc.record({ kind: fc.constant('text' as const), text: fc.constantFrom('LINK', 'ink is', 'link is', 'äö', 'Ö', 'ÿ', 'aab', '500', ' ', ':', 'no such') }),
  fc.record({ kind: fc.constant('text' as const), text: fc.constantFrom('LINK', 'ink is', 'äö', 'Ö', 'ÿ', 'ab', '50', ':'), open: fc.constantFrom('start', 'end', 'both') }),
  fc.constantFrom('^link', 'up$', 'status=\\d+', 'a+b', '[^ ]+:', 'status.*\\d{3}', '(?:link|eth).* is').map((pattern) => ({ kind: 'regex', pattern }) as const),
  fc.record({ kind: fc.constant('field' as const), field: fc.constantFrom('app', 'host', 'procid', 'msgid', 'label'), value: fc.constantFrom('kernel', 'A1*', 'a1b2c3', 'KERN*', 'tch-001', '77', '*', 'Ünï', 'ün*') }),
  fc.record({ kind: fc.constant('ids' as const), field: fc.constantFrom('node', 'session', 'source'), ids: fc.array(fc.constantFrom(0, 1, 2, 7, 300, 70_000, 4_000_000_000, 5), { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('severity' as const), comparison, code: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('facility' as const), code: fc.integer({ min: 0, max: 23 }) }),
  fc.record({ kind: fc.constant('procid' as const), comparison, value: fc.constantFrom(0, 1, 77) }),
  fc.record({ kind: fc.constant('confidence' as const), comparison, value: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ kind: fc.constantFrom('format', 'fault', 'method'), code: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ kind: fc.constant('template' as const), hi: fc.constantFrom(0, 1, 0xffff_ffff), lo: fc.constantFrom(0, 1, 0xffff_ffff) }),
  fc.record({ kind: fc.constant('param' as const), place: fc.constant('body' as const), name: fc.constantFrom('status', 'user.name', 'user', 'x', 'cisco.mnemonic'), comparison, value: fc.constantFrom('404', '499.5', '500', 'ROOT', 'null', 'UpDown') }),
  fc.record({ kind: fc.constant('param' as const), place: fc.constant('body' as const), name: fc.constantFrom('status', 'user.name', 'user'), comparison: fc.constant('=' as const), value: fc.constantFrom('', '4', 'ro'), open: fc.constant('end' as const) }),
  fc.record({ kind: fc.constant('param' as const), place: fc.constant('sd' as const), name: fc.constantFrom('ip', 'n'), sdId: fc.constantFrom(undefined, 'origin', 'x@1'), comparison, value: fc.constantFrom('7', '10.0.0.2', '::1') }),
  fc.record({ kind: fc.constant('session-times' as const), spans: fc.array(fc.record({ id: fc.constantFrom(7, 8, 70_000), fromMs: fc.constantFrom(-Infinity, NOON_MS, NOON_MS + 1), untilMs: fc.constantFrom(Infinity, NOON_MS + 5000) }), { maxLength: 2 }).map((spans) => spans.filter((span, i) => spans.findIndex(({ id }) => id === span.id) === i)) }),
  fc.record({ kind: fc.constant('seq' as const), comparison, value: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ kind: fc.constant('time' as const), fromMs: fc.constantFrom(undefined, NOON_MS, NOON_MS + 1), untilMs: fc.constantFrom(undefined, NOON_MS + 1, NOON_MS + DAY_MS) }),
) as fc.Arbitrary<ResolvedQuery>
const { tree: query } = fc.letrec<{ tree: ResolvedQuery }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((terms): ResolvedQuery => ({ kind: 'and', terms })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((terms): ResolvedQuery => ({ kind: 'or', terms })),
    tie('tree').map((term): ResolvedQuery => ({ kind: 'not', term })),
  ),
}))
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 })

function open(): LogStore {
  const store = openLogStore({ directory: testFolder(), segmentBytes: 1500, sealAfterMs: 1, retentionMs: 1000 * DAY_MS, clock: () => NOON_MS })
  onTestFinished(() => store.close())
  return store
}

/** @returns the seq of the first row */
function appendTo(store: LogStore, rows: readonly RowSpec[]): number {
  const batch = batchOf(rows)
  store.writer.append(batch)
  store.writer.sync()
  return batch.firstSeq
}

const hex = (half = 0): string => half.toString(16).padStart(8, '0')
function noteTemplates(templates: Map<number, string>, rows: readonly RowSpec[], firstSeq: number): void {
  for (const [i, { template, templateHi }] of rows.entries()) templates.set(firstSeq + i, hex(templateHi) + hex(template))
}

function pages(store: LogStore, wanted: ResolvedQuery, { order, limit, between }: { order: 'newest' | 'oldest'; limit: number; between?: () => void }): StoredMessage[] {
  const found: StoredMessage[] = []
  let cursor: string | undefined
  do {
    const page = store.reader.search(wanted, { order, limit, cursor, deadlineAtMs: Infinity })
    expect(page.complete).toBe(true)
    found.push(...page.messages)
    cursor = page.cursor
    between?.()
  } while (cursor !== undefined)
  return found
}

test.prop([batches, fc.array(query, { minLength: 1, maxLength: 5 }), fc.constantFrom('newest', 'oldest'), fc.integer({ min: 1, max: 9 })], { numRuns: 20 })(
  'a search finds what a plain scan finds, in segments, while sealing, and in blocks',
  (written, queries, order, limit) => {
    const store = open()
    const half = Math.ceil(written.length / 2)
    const templates = new Map<number, string>()
    const append = (rows: readonly RowSpec[]): void => noteTemplates(templates, rows, appendTo(store, rows))
    const templateOf = (message: StoredMessage): string => templates.get(message.seq)!
    const check = (): StoredMessage[] => {
      const everything = store.reader.readAfter(0, 10_000)
      for (const wanted of queries) {
        const expected = everything.filter((message) => answers(wanted, message, templateOf))
        expect(pages(store, wanted, { order, limit })).toEqual(order === 'newest' ? expected.toReversed() : expected)
      }
      return everything
    }
    written.slice(0, half).forEach(append)
    const hot = check()
    store.maintain({ nowMs: NOON_MS })
    expect(check()).toEqual(hot)
    written.slice(half).forEach(append)
    const mixed = check()
    expect(mixed).toHaveLength(written.flat().length)
    store.maintain({ nowMs: NOON_MS })
    expect(check()).toEqual(mixed)
    expect(store.reader.stats()).toMatchObject({ sealedRows: mixed.length, damaged: [] })
  },
)

test.prop([batches, query, fc.integer({ min: 1, max: 4 })], { numRuns: 10 })('paging newest first while messages arrive and are sealed shows the first page\'s world once', (written, wanted, limit) => {
  const store = open()
  const templates = new Map<number, string>()
  for (const rows of written) noteTemplates(templates, rows, appendTo(store, rows))
  const before = store.reader.readAfter(0, 10_000).filter((message) => answers(wanted, message, ({ seq }) => templates.get(seq)!))
  let turn = 0
  const between = (): void => {
    store.writer.append(batchOf(written[turn % written.length]))
    store.writer.sync()
    if (turn++ % 2 === 0) store.maintain({ nowMs: NOON_MS })
  }
  const top = before.at(-1)?.seq ?? 0
  expect(pages(store, wanted, { order: 'newest', limit, between }).filter((message) => message.seq <= top)).toEqual(before.toReversed())
})
