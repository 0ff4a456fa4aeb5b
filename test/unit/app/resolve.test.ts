import { expect, onTestFinished, test } from 'vitest'
import { createNodeRecords, createOutboxRecords, createPinRecords, createSessionRecords, createSourceRecords, openHubDatabase, parseQuery, type ResolvedQuery } from '#store/index.ts'
import type { Records } from '../../../src/app/records.ts'
import { MAX_BOOT_SESSIONS, resolveQuery } from '../../../src/app/resolve.ts'

const SECOND = 1000

/** Three nodes; session n opened at second 100 · n; 3 was joined to 2, 4 is suspect. */
function open(): Records {
  const db = openHubDatabase(':memory:')
  const nodes = createNodeRecords(db)
  const sessions = createSessionRecords(db)
  for (const [id, name] of [[1, 'tch-001'], [2, 'tch-002'], [3, 'db-1']] as const) {
    nodes.save({ id, name, registered: true, createdMs: 1, lastSeenMs: undefined, currentSession: undefined })
    nodes.saveName(name, id)
  }
  for (const [id, nodeId, hash] of [[1, 1, 'aaaaa1'], [2, 1, 'aaaaa2'], [3, 1, 'aaaaa3'], [4, 2, 'aaaaa4'], [5, 2, 'aaaaa5'], [6, 3, 'aaaaa6']] as const) {
    saveSession(sessions, { id, nodeId, openedMs: 100 * SECOND * id, isSuspect: id === 4 })
    sessions.addHash(id, hash, 1)
  }
  sessions.saveAlias({ sessionId: 3, joinedTo: 2, reason: 'operator', atMs: 1 })
  onTestFinished(() => void db.close())
  return { db, nodes, sessions, sources: createSourceRecords(db), outbox: createOutboxRecords(db), pins: createPinRecords(db), [Symbol.dispose]: () => void db.close() }
}

function saveSession(sessions: Records['sessions'], { id, nodeId, openedMs, isSuspect }: { readonly id: number; readonly nodeId: number; readonly openedMs: number; readonly isSuspect: boolean }): void {
  sessions.save({
    id, nodeId, kind: 'boot', origin: 'kernel', state: isSuspect ? 'suspect' : 'open', end: undefined, openedMs, endedMs: undefined, bootTimeMs: undefined, bootId: undefined,
    stage: undefined, firstSeq: 0, lastSeq: 0, lastMessageMs: openedMs, messages: 0, replayed: 0, numbered: 0, acknowledged: 0, streamed: 0, datagramListeners: [], hashes: [], kernelMarks: undefined,
  })
}

function resolve(text: string, records: Records = open()): ResolvedQuery {
  const parsed = parseQuery(text, { nowMs: 0 })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return resolveQuery(parsed.value, records)
}

/** `id:from-until` of every span in the tree, in seconds. */
function spans(query: ResolvedQuery): string[] {
  if (query.kind === 'and' || query.kind === 'or') return query.terms.flatMap(spans)
  if (query.kind === 'not') return spans(query.term)
  return query.kind === 'session-times' ? query.spans.map(({ id, fromMs, untilMs }) => `${id}:${fromMs / SECOND}-${untilMs / SECOND}`).sort() : []
}

test.for<readonly [text: string, spans: readonly string[]]>([
  ['since:boot+90s', ['1:190-Infinity', '2:290-Infinity', '3:290-Infinity', '5:590-Infinity', '6:690-Infinity']],
  ['session:aaaaa1 since:boot until:boot+5m', ['1:100-400']],
  ['session:aaaaa3 until:boot+1s', ['2:-Infinity-201', '3:-Infinity-201']],
  ['session:aaaaa1,#5 until:boot', ['1:-Infinity-100', '5:-Infinity-500']],
  ['node:tch-001 until:boot', ['1:-Infinity-100', '2:-Infinity-200', '3:-Infinity-200']],
  ['node:tch-*  until:boot', ['1:-Infinity-100', '2:-Infinity-200', '3:-Infinity-200', '5:-Infinity-500']],
  ['node:tch-001,db-1 session:#1,#6 until:boot', ['1:-Infinity-100', '6:-Infinity-600']],
  ['node:tch-001 (error or until:boot) node:db-1', []],
  ['node:db-1 -(a since:boot)', ['6:600-Infinity']],
  ['(node:db-1 since:boot) or (session:#1 since:boot)', ['6:600-Infinity', '1:100-Infinity']],
  ['-node:db-1 session:nosuch since:boot', []],
  ['(node:db-1 or error) session:#1,#6 until:boot', ['1:-Infinity-100', '6:-Infinity-600']],
])('%s is worked out for the sessions that can answer, joined ones as what they count as', ([text, expected]) => {
  expect(spans(resolve(text))).toEqual(expected)
})

test('more boot sessions than are worked out are refused, and named ones are not', () => {
  const records = open()
  records.db.transaction(() => {
    for (let id = 10; id < 10 + MAX_BOOT_SESSIONS; id++) saveSession(records.sessions, { id, nodeId: 2, openedMs: id, isSuspect: false })
  })()
  expect(() => resolve('since:boot+90s', records)).toThrow(expect.objectContaining({ code: 'bad-query', message: expect.stringContaining('name nodes or sessions') as string }))
  expect(spans(resolve('node:db-1 since:boot', records))).toEqual(['6:600-Infinity'])
})

test.for<readonly [text: string, ids: readonly number[]]>([
  ['node:TCH-001', [1]],
  ['node:tch-*', [1, 2]],
  ['node:nosuch', []],
  ['session:aaaaa3', [2, 3]],
  ['session:#2', [2, 3]],
  ['session:#99', []],
])('%s becomes ids', ([text, ids]) => {
  expect(resolve(text)).toMatchObject({ kind: 'ids', ids })
})
