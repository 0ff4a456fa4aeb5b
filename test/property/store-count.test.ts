import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import { FORMATS } from '#domain/message.ts'
import { facilityCode, severityCode } from '#domain/severity.ts'
import type { StoredMessage } from '#domain/message.ts'
import { openLogStore, type CountKey, type ResolvedQuery } from '#store/index.ts'
import { batchOf, NOON_MS, type RowSpec } from '../support/store/batches.ts'
import { testFolder } from '../support/store/folder.ts'
import { answers } from '../support/store/naive-search.ts'

// few values, so that groups meet each other
const row: fc.Arbitrary<RowSpec> = fc.record({
  node: fc.nat(3), session: fc.nat(2), source: fc.nat(2), pri: fc.nat(191), app: fc.constantFrom('', 'sshd', 'SSHD', 'caf\u00e9', 'cron'), host: fc.constantFrom('', 'a', 'A'),
  procid: fc.constantFrom('', '1', '22'), msgid: fc.constantFrom('', 'ID'), receivedMs: fc.nat(200_000).map((ms) => NOON_MS + ms), text: fc.constantFrom('link up', 'link down 7', 'down', ''),
})
const key: fc.Arbitrary<CountKey> = fc.oneof(
  fc.constantFrom('node', 'session', 'source', 'app', 'host', 'procid', 'msgid', 'severity', 'facility', 'format').map((field) => ({ kind: 'field', field }) as CountKey),
  fc.constantFrom(1000, 60_000).map((stepMs) => ({ kind: 'time', stepMs }) as CountKey),
)
const query: fc.Arbitrary<ResolvedQuery> = fc.constantFrom<ResolvedQuery>(
  { kind: 'all' }, { kind: 'text', text: 'link' }, { kind: 'ids', field: 'node', ids: [1, 2] }, { kind: 'not', term: { kind: 'field', field: 'app', value: 'sshd' } },
  { kind: 'and', terms: [{ kind: 'severity', comparison: '<=', code: 4 }, { kind: 'time', fromMs: NOON_MS + 50_000, untilMs: undefined }] },
)

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
/** What a key is of a message, said a second time. */
function valueOf(by: CountKey, message: StoredMessage): string | number {
  if (by.kind === 'time') return message.receivedMs - (message.receivedMs % by.stepMs)
  if (by.kind === 'param') return ''
  switch (by.field) {
    case 'node':
    case 'session':
    case 'source':
      return message[`${by.field}Id`]
    case 'severity':
      return severityCode(message.severity)!
    case 'facility':
      return facilityCode(message.facility)!
    case 'format':
      return FORMATS.find((word) => word === message.format)!
    case 'app':
    case 'host':
    case 'procid':
    case 'msgid':
      return lower(message[by.field])
    case 'method':
    case 'template':
      return ''
  }
}

property.prop([fc.array(row, { maxLength: 60 }), fc.array(key, { maxLength: 2 }), query, fc.integer({ min: 1, max: 20 }), fc.boolean()], { numRuns: 80 })(
  'counts are those of a naive scan, from segments and from sealed files', (rows, by, asked, perBatch, isSealed) => {
    const store = openLogStore({ directory: testFolder(), segmentBytes: 20_000, sealAfterMs: isSealed ? 1 : 1e9, retentionMs: 1e12, clock: () => NOON_MS })
    try {
      for (let i = 0; i < rows.length; i += perBatch) store.writer.append(batchOf(rows.slice(i, i + perBatch)))
      store.writer.sync()
      if (isSealed) store.maintain({ nowMs: NOON_MS + 1000 })
      const matching = store.reader.readAfter(0, 1000).filter((message) => answers(asked, message))
      const expected = Object.fromEntries([...Map.groupBy(matching, (message) => JSON.stringify(by.map((each) => valueOf(each, message))))].map(([name, group]) => [name, group.length]))
      const answer = store.reader.count(asked, { by, limit: 1000, deadlineAtMs: Infinity })
      expect(answer).toMatchObject({ total: matching.length, complete: true, others: 0, isBounded: false, distinct: by.length === 0 ? 0 : Object.keys(expected).length })
      if (by.length > 0) expect(Object.fromEntries(answer.groups.map(({ keys, count }) => [JSON.stringify(keys), count]))).toEqual(expected)
    } finally {
      store.close()
    }
  },
)
