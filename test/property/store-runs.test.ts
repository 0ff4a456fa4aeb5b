import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { StoredMessage } from '#domain/message.ts'
import { facilityCode, severityCode } from '#domain/severity.ts'
import { openLogStore, type CountKey, type LogStore, type ResolvedQuery } from '#store/index.ts'
import { NOON_MS } from '../support/store/batches.ts'
import { testFolder } from '../support/store/folder.ts'
import { answers } from '../support/store/naive-search.ts'
import { anyKeys, anyQuery } from '../support/store/run-queries.ts'
import { chanceOf, parsedBatches, type Chance } from '../support/store/run-rows.ts'

const hex = (half: number): string => half.toString(16).padStart(8, '0')
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** What a key is of a message, said a second time. */
function valueOf(by: CountKey, message: StoredMessage, templateOf: (message: StoredMessage) => string): string | number {
  if (by.kind === 'time') return message.receivedMs - (message.receivedMs % by.stepMs)
  if (by.kind === 'param') throw new Error('no key of this test')
  switch (by.field) {
    case 'node':
    case 'session':
    case 'source':
      return message[`${by.field}Id`]
    case 'severity':
      return severityCode(message.severity)!
    case 'facility':
      return facilityCode(message.facility)!
    case 'app':
    case 'host':
    case 'procid':
    case 'msgid':
      return lower(message[by.field])
    case 'format':
    case 'method':
      return message[by.field]
    case 'template':
      return templateOf(message)
  }
}

/** All pages of a search. */
function pagesOf({ reader }: LogStore, wanted: ResolvedQuery, { order, limit }: { readonly order: 'newest' | 'oldest'; readonly limit: number }): StoredMessage[] {
  const found: StoredMessage[] = []
  let cursor: string | undefined
  do {
    const page = reader.search(wanted, { order, limit, cursor, deadlineAtMs: Infinity })
    expect(page.complete).toBe(true)
    found.push(...page.messages)
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
}

interface Ground { readonly chance: Chance; readonly messages: readonly StoredMessage[]; readonly templateOf: (message: StoredMessage) => string }

function checkSearch(store: LogStore, { chance, messages, templateOf }: Ground): void {
  const wanted = anyQuery(chance, messages)
  const order = chance.pick(['newest', 'oldest'] as const)
  const expected = messages.filter((message) => answers(wanted, message, templateOf)).map(({ seq }) => seq)
  const limit = Math.max(chance.pick([1, 7, 100, 100_000]), Math.ceil(expected.length / 5))
  const found = pagesOf(store, wanted, { order, limit }).map(({ seq }) => seq)
  expect(found, JSON.stringify(wanted)).toEqual(order === 'newest' ? expected.toReversed() : expected)
}

function checkCount(store: LogStore, { chance, messages, templateOf }: Ground): void {
  const wanted = anyQuery(chance, messages)
  const by = anyKeys(chance)
  const matching = messages.filter((message) => answers(wanted, message, templateOf))
  const groups = Map.groupBy(matching, (message) => JSON.stringify(by.map((key) => valueOf(key, message, templateOf))))
  const isByTemplate = by.some((key) => key.kind === 'field' && key.field === 'template')
  const answer = store.reader.count(wanted, { by, limit: 100_000, deadlineAtMs: Infinity })
  const about = JSON.stringify([wanted, by])
  expect(answer, about).toMatchObject({ total: matching.length, complete: true, others: 0, distinct: by.length === 0 ? 0 : groups.size })
  const expected = Object.fromEntries([...groups].map(([keys, group]) => [keys, [group.length, isByTemplate ? group.at(-1)!.seq : undefined]]))
  if (by.length > 0) expect(Object.fromEntries(answer.groups.map(({ keys, count, exampleSeq }) => [JSON.stringify(keys), [count, exampleSeq]])), about).toEqual(expected)
}

property.prop([fc.record({ seed: fc.integer(), rows: fc.constantFrom(40, 400, 1500, 6000), later: fc.constantFrom(0, 30, 500) })], { numRuns: 8, endOnFailure: true })(
  'sealed runs with learned shapes give back every message, and answer and count as a plain scan does, after a second round too',
  ({ seed, rows, later }) => {
    const chance = chanceOf(seed)
    const store = openLogStore({ directory: testFolder(), segmentBytes: 1e9, sealAfterMs: 1, retentionMs: 1e12, clock: () => NOON_MS })
    const templates = new Map<number, string>()
    const templateOf = ({ seq }: StoredMessage): string => templates.get(seq)!
    const round = (count: number): void => {
      for (const batch of parsedBatches(chance, count)) {
        store.writer.append(batch)
        for (let row = 0; row < batch.rows; row++) templates.set(batch.firstSeq + row, hex(batch.templateHi[row]!) + hex(batch.templateLo[row]!))
      }
      store.writer.sync()
      const before = store.reader.readAfter(0, 100_000)
      store.maintain({ nowMs: NOON_MS + 1000 })
      expect(store.reader.stats()).toMatchObject({ sealedRows: before.length, damaged: [] })
      const messages = store.reader.readAfter(0, 100_000)
      expect(messages).toEqual(before)
      const questions = count > 2000 ? 12 : 25
      for (let i = 0; i < questions; i++) checkSearch(store, { chance, messages, templateOf })
      for (let i = 0; i < questions; i++) checkCount(store, { chance, messages, templateOf })
      for (let i = 0; i < 3; i++) {
        const wanted = chance.pick(messages)
        expect(store.reader.message(wanted.seq)).toEqual(wanted)
        expect(pagesOf(store, { kind: 'ids', field: 'node', ids: [wanted.nodeId] }, { order: 'oldest', limit: 1000 })).toEqual(messages.filter(({ nodeId }) => nodeId === wanted.nodeId))
      }
    }
    try {
      round(rows)
      if (later > 0) round(later)
    } finally {
      store.close()
    }
  },
  120_000,
)
