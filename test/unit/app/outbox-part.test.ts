import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLogger } from '#telemetry/index.ts'
import { createOutboxDesk, type Receiver } from '#triggers/index.ts'
import { createOutboxPart } from '../../../src/app/parts/outbox.ts'
import { openRecords, type Records } from '../../../src/app/records.ts'

const NOW_MS = Date.parse('2026-11-22T03:04:05.000Z')
const receiver: Receiver = { name: 'ops', mail: ['ops@example.org'], webhooks: [{ name: 'chat', url: 'https://hooks.example.org/services/S3CRET?token=S3CRET', form: 'standard', keys: [], token: undefined, ca: undefined, allowPrivate: false, allowLoopback: false }], maxPerHour: 60, digestMs: undefined, quiet: [], quietExcept: [] }

function open(): { readonly records: Records; readonly part: ReturnType<typeof createOutboxPart>; readonly woken: number[] } & Disposable {
  const records = openRecords(join(mkdtempSync(join(tmpdir(), 'hps-outbox-')), 'hub.db'))
  const woken: number[] = []
  const clock = () => NOW_MS
  const part = createOutboxPart({
    outbox: records.outbox, desk: createOutboxDesk({ db: records.db, clock, log: silentLogger }), wake: () => void woken.push(1),
    routes: () => ({ names: ['ops'], receiver: () => receiver }),
    tryOut: async (name) => (name === 'ops' ? { receiver: name, mail: undefined, webhooks: [{ name: 'chat', delivery: { kind: 'sent', reply: '204' } }, { name: 'old', delivery: { kind: 'failed', reason: 'refused', isPermanent: true, error: 'gone' } }] } : undefined),
  })
  return { records, part, woken, [Symbol.dispose]: () => records[Symbol.dispose]() }
}
const add = (records: Records, dedupKey: string, given: { readonly rule?: string; readonly receiver?: string } = {}) =>
  records.outbox.add({ dedupKey, channel: 'mail', receiver: 'ops', payload: JSON.stringify({ kind: 'test', receiver: 'ops', severity: 'critical', title: 'tch-001 panicked', atMs: 0, by: 'x' }), createdMs: 0, ...given })

test('a waiting notice is shown with the subject of its mail and when it is tried', async () => {
  using hub = open()
  add(hub.records, 'a')
  expect(await hub.part.list({ limit: 10 })).toMatchObject({ outbox: [{ state: 'queued', receiver: 'ops', subject: '[CRITICAL] tch-001 panicked', created: '1970-01-01T00:00:00.000Z', done: null }], cursor: null, counts: [{ state: 'queued', count: 1 }] })
})

test('pages follow each other without a gap', async () => {
  using hub = open()
  for (const key of 'abcde') add(hub.records, key)
  const first = await hub.part.list({ limit: 2 })
  const second = await hub.part.list({ limit: 2, cursor: first.cursor! })
  const third = await hub.part.list({ limit: 2, cursor: second.cursor! })
  expect([first, second, third].map(({ outbox }) => outbox.map(({ id }) => id))).toEqual([[5, 4], [3, 2], [1]])
  expect(third.cursor).toBe(null)
})

test('what waits is cancelled once; what is cancelled is sent again and the outbox woken', async () => {
  using hub = open()
  add(hub.records, 'a')
  expect(await hub.part.cancel(1, 'anna')).toMatchObject({ state: 'cancelled', last_error: 'cancelled by anna' })
  await expect(hub.part.cancel(1, 'anna')).rejects.toMatchObject({ code: 'conflict' })
  expect(await hub.part.retry(1, 'anna')).toMatchObject({ state: 'queued', attempts: 0 })
  expect(hub.woken).toEqual([1])
  await expect(hub.part.retry(1, 'anna')).rejects.toMatchObject({ code: 'conflict' })
  await expect(hub.part.row(2)).rejects.toMatchObject({ code: 'not-found' })
})

test('all that waits of a rule is cancelled, and nothing else', async () => {
  using hub = open()
  for (const [key, rule] of [['a', 'net.link'], ['b', 'net.link'], ['c', 'disk.full']] as const) add(hub.records, key, { rule })
  expect(await hub.part.cancelAll({ rule: 'net.link' }, 'anna')).toBe(2)
  expect((await hub.part.list({ limit: 10, states: ['queued'] })).outbox.map(({ rule }) => rule)).toEqual(['disk.full'])
})

test('a receiver that is tried answers channel by channel; one that is not there is named with those that are', async () => {
  using hub = open()
  expect(await hub.part.tryReceiver('ops', 'anna')).toEqual({ receiver: 'ops', channels: [{ channel: 'webhook', name: 'chat', sent: true, answer: '204', reason: null, permanent: false, mail: null }, { channel: 'webhook', name: 'old', sent: false, answer: 'gone', reason: 'refused', permanent: true, mail: null }] })
  await expect(hub.part.tryReceiver('nobody', 'anna')).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('there are ops') })
  expect(await hub.part.receivers()).toEqual([{ name: 'ops', channels: [{ kind: 'mail', to: ['ops@example.org'] }, { kind: 'webhook', to: ['https://hooks.example.org/…'] }], max_per_hour: 60 }])
})
