import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openLogReader, openLogStore, type ResolvedQuery } from '#store/index.ts'
import { batchOf, NOON_MS } from '../../../support/store/batches.ts'
import { testFolder } from '../../../support/store/folder.ts'

const ROWS = 12_000
const DAMAGED_BLOCK = 1
const BLOCK_ROWS = 4096

/** One run of three blocks whose rows lie in order of seq; one byte of a block's payload is turned over. */
function storeWithDamage(): string {
  const directory = testFolder()
  const store = openLogStore({ directory, segmentBytes: 1e9, sealAfterMs: 1, retentionMs: 1e12, clock: () => NOON_MS })
  for (let from = 0; from < ROWS; from += 4000) store.writer.append(batchOf(Array.from({ length: 4000 }, (_, i) => ({ text: `message ${from + i} of many`, app: 'app', template: 7 }))))
  store.writer.sync()
  store.maintain({ nowMs: NOON_MS + 1000 })
  store.close()
  const db = new Database(join(directory, '2026-11-22.001.db'))
  const { id, bytes } = db.prepare('SELECT id, bytes FROM payloads WHERE id % 66 = ?').get(2 + DAMAGED_BLOCK) as { id: number; bytes: Buffer }
  bytes[bytes.length >> 1]! ^= 0x55
  db.prepare('UPDATE payloads SET bytes = ? WHERE id = ?').run(bytes, id)
  db.close()
  return directory
}

test.each<[string, ResolvedQuery]>([['all messages', { kind: 'all' }], ['a word', { kind: 'text', text: 'many' }], ['an expression', { kind: 'regex', pattern: '[0-9] of' }]])('a search for %s finds all but the damaged block of a run, which is told', (_, wanted) => {
  const reader = openLogReader({ directory: storeWithDamage(), clock: () => 0 })
  onTestFinished(() => reader.close())
  const seqs: number[] = []
  const reasons: (string | undefined)[] = []
  let cursor: string | undefined
  do {
    const page = reader.search(wanted, { order: 'newest', limit: 1000, cursor, deadlineAtMs: Infinity })
    seqs.push(...page.messages.map(({ seq }) => seq))
    reasons.push(page.reason)
    cursor = page.cursor
  } while (cursor !== undefined)
  const expected = Array.from({ length: ROWS }, (_, i) => i + 1).filter((seq) => seq <= BLOCK_ROWS || seq > 2 * BLOCK_ROWS)
  expect(seqs.toReversed()).toEqual(expected)
  expect(reasons).toContain('damaged')
  expect(reader.stats().damaged.join()).toMatch(/run \d+: seq 1 to 12000, block 1: the checksum does not hold/)
})

test.each<[string, string, ResolvedQuery]>([
  ['token index', 'UPDATE payloads SET bytes = ? WHERE id % 66 = 1', { kind: 'text', text: '4711' }],
  ['list of shapes', 'UPDATE runs SET shapes = ?', { kind: 'text', text: 'many' }],
  ['list of origins', 'UPDATE runs SET origins = ?', { kind: 'ids', field: 'node', ids: [7] }],
  ['shape', 'UPDATE shapes SET definition = ?', { kind: 'text', text: 'many' }],
])('a damaged %s never makes an answer look complete', (_, update, wanted) => {
  const directory = testFolder()
  const store = openLogStore({ directory, segmentBytes: 1e9, sealAfterMs: 1, retentionMs: 1e12, clock: () => NOON_MS })
  store.writer.append(batchOf(Array.from({ length: 5000 }, (_, i) => ({ text: `message ${i} of many`, app: 'app', node: 7, template: 7 }))))
  store.writer.sync()
  store.maintain({ nowMs: NOON_MS + 1000 })
  store.close()
  const db = new Database(join(directory, '2026-11-22.001.db'))
  const [table, column, where] = /UPDATE (\w+) SET (\w+) = \?(.*)/.exec(update)!.slice(1)
  const bytes = db.prepare(`SELECT ${column} FROM ${table}${where}`).pluck().get() as Buffer
  bytes[bytes.length >> 1]! ^= 1
  expect(db.prepare(update).run(bytes).changes).toBe(1)
  db.close()
  const reader = openLogReader({ directory, clock: () => 0 })
  onTestFinished(() => reader.close())
  expect(reader.search(wanted, { order: 'newest', limit: 10, deadlineAtMs: Infinity })).toMatchObject({ complete: false, reason: 'damaged' })
  expect(reader.stats().damaged.join()).toContain('the checksum does not hold')
})
