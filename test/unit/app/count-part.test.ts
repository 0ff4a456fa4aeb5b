import { expect, test } from 'vitest'
import type { CountAnswer, CountKey, ReaderClient } from '#store/index.ts'
import type { StoredMessage } from '#domain/message.ts'
import { countMessages } from '../../../src/app/parts/count.ts'
import { exportMessages } from '../../../src/app/parts/export.ts'
import { templateText } from '#domain/template-text.ts'
import { queryRange, stepMsOf } from '../../../src/app/parts/time-steps.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 12)
const HOUR_MS = 3_600_000
const stored = (given: Partial<StoredMessage>): StoredMessage => ({
  seq: 1, receivedMs: NOW_MS, sentMs: undefined, facility: 'user', severity: 'info', host: '', app: 'sshd', procid: '', msgid: '', structuredData: '', text: '', label: '', raw: new Uint8Array(8), format: 'line', faults: [], sourceId: 1, nodeId: 1, sessionId: 1, method: 'lease', confidence: 9, ...given,
})
const names = { node: (id: number) => (id === 1 ? 'tch-001' : null), session: () => 'a1b2c3', bootMs: () => undefined, clockOffsetMs: () => undefined, source: () => '10.0.0.7', forget() {} }

function readerOf(answer: Partial<CountAnswer>): { reader: ReaderClient; asked: (readonly CountKey[])[]; limits: number[] } {
  const asked: (readonly CountKey[])[] = []
  const limits: number[] = []
  const reader = {
    async count(_query: unknown, { by, limit }: { readonly by: readonly CountKey[]; readonly limit: number }) {
      asked.push(by)
      limits.push(limit)
      return { total: 9, groups: [], distinct: 0, isBounded: false, others: 0, complete: true, scannedRows: 9, ...answer }
    },
    messages: async (seqs: readonly number[]) => seqs.map((seq) => stored({ seq, text: `session ${seq} opened for 10.0.0.${seq}` })),
    stats: async () => ({ oldestMs: NOW_MS - HOUR_MS }),
  }
  return { reader: reader as unknown as ReaderClient, asked, limits }
}
const count = (reader: ReaderClient, by: readonly string[], step?: string) =>
  countMessages({ kind: 'all' }, { kind: 'all' }, { query: '', by, step, reader, names, clock: () => NOW_MS, deadlineAtMs: () => NOW_MS })

test('ids, codes and templates get names, and what has none is null', async () => {
  const { reader } = readerOf({ groups: [{ keys: [1, 4], count: 5 }, { keys: [0, 6], count: 4 }, { keys: [77, 7], count: 1 }] })
  expect((await count(reader, ['node', 'severity'])).groups.map(({ keys }) => keys)).toEqual([['tch-001', 'warning'], [null, 'info'], ['#77', 'debug']])
  const byTemplate = readerOf({ groups: [{ keys: ['00000000000000ff'], count: 5, exampleSeq: 3 }] })
  expect((await count(byTemplate.reader, ['template'])).groups).toMatchObject([{ keys: ['00000000000000ff'], pattern: 'session * opened for *', example: { seq: 3, node: 'tch-001' } }])
})

test('over time the steps are chosen from the range of the query, else from what is stored', async () => {
  const { reader, asked, limits } = readerOf({ groups: [{ keys: [NOW_MS - 60_000], count: 5 }] })
  expect(await count(reader, ['time'])).toMatchObject({ step_ms: 60_000, from: '2026-11-22T11:00:00.000Z', until: '2026-11-22T12:00:00.000Z', groups: [{ keys: ['2026-11-22T11:59:00.000Z'] }] })
  expect(await count(reader, ['app', 'time'], '15m')).toMatchObject({ step_ms: 900_000 })
  expect(asked).toEqual([[{ kind: 'time', stepMs: 60_000 }], [{ kind: 'field', field: 'app' }, { kind: 'time', stepMs: 900_000 }]])
  expect(limits).toEqual([1000, 1000])
})

test('parameters are named as in queries', async () => {
  const { reader, asked } = readerOf({})
  await count(reader, ['sd.origin.ip', '.request.path'])
  expect(asked).toEqual([[{ kind: 'param', place: 'sd', name: 'ip', sdId: 'origin' }, { kind: 'param', place: 'body', name: 'request.path' }]])
})

test.for([
  [['nodes'], 'did you mean node?'],
  [['node', 'app', 'host'], 'at most 2 keys'],
] as const)('%s is refused', async ([by, why]) => {
  await expect(count(readerOf({}).reader, by)).rejects.toThrow(why)
})
test.for(['x', '0s', '1ms', '0.5ms'])('a step of %s is refused', async (step) => {
  await expect(count(readerOf({}).reader, ['time'], step)).rejects.toMatchObject({ code: 'bad-request' })
})

test('the range of a query is what its terms of time leave', () => {
  const time = (fromMs?: number, untilMs?: number) => ({ kind: 'time', fromMs, untilMs }) as const
  expect(queryRange({ kind: 'and', terms: [time(5), { kind: 'text', text: 'x' }, time(3, 9)] })).toEqual({ fromMs: 5, untilMs: 9 })
  expect(queryRange({ kind: 'or', terms: [time(5, 6), time(1, 2)] })).toEqual({ fromMs: 1, untilMs: 6 })
  expect(queryRange({ kind: 'not', term: time(5, 6) })).toEqual({ fromMs: -Infinity, untilMs: Infinity })
})

test.for([[0, 100], [HOUR_MS, 60_000], [24 * HOUR_MS, 30 * 60_000], [30 * 24 * HOUR_MS, 12 * HOUR_MS], [3650 * 24 * HOUR_MS, 28 * 24 * HOUR_MS]] as const)('a range of %d ms has steps of %d ms', ([length, step]) => {
  expect(stepMsOf(undefined, { fromMs: 0, untilMs: length })).toBe(step)
})

test.for([
  ['link is down', 'link is down'],
  ['eth0: link is down', '*: link is down'],
  ['from 10.0.0.7:514 to fe80::1', 'from * to *::*'],
  ['', ''],
] as const)('the template of “%s” reads “%s”', ([text, expected]) => {
  expect(templateText(text)).toBe(expected)
})

test('an export goes on through deadlines and damage, and gives up when it does not get on', async () => {
  const pages = [
    { messages: [stored({ seq: 1 })], cursor: 'a', complete: true },
    { messages: [], cursor: 'b', complete: false, reason: 'deadline' },
    { messages: [stored({ seq: 2 })], cursor: 'c', complete: false, reason: 'damaged' },
    { messages: [stored({ seq: 3 })], cursor: undefined, complete: true },
  ]
  const cursors: unknown[] = []
  const run = (reader: unknown) => exportMessages({ reader: reader as ReaderClient, query: { kind: 'all' }, order: 'oldest', signal: new AbortController().signal, deadlineAtMs: () => 0, view: (message) => ({ seq: message.seq }) as never })
  const whole = run({ search: async (_: unknown, { cursor }: { readonly cursor?: string }) => (cursors.push(cursor), pages.shift()) })
  const seqs: number[] = []
  let next = await whole.next()
  for (; next.done !== true; next = await whole.next()) seqs.push(...next.value.map((message) => message.view().seq))
  expect([seqs, next.value, cursors]).toEqual([[1, 2, 3], { reason: 'damaged' }, [undefined, 'a', 'b', 'c']])
  const stuck = run({ search: async () => ({ messages: [], cursor: 'x', complete: false, reason: 'deadline' }) })
  await expect(stuck.next()).rejects.toMatchObject({ code: 'deadline' })
})
