import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LOSS_HOUR_MS, type Loss } from '#domain/loss.ts'
import type { Source } from '#domain/source.ts'
import { createLossRecords, type SessionRecord } from '#store/index.ts'
import { createLossesPart } from '../../../src/app/parts/losses.ts'
import { createSessionsPart } from '../../../src/app/parts/sessions.ts'
import { openRecords } from '../../../src/app/records.ts'
import { silentLogger } from '#telemetry/index.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 14, 30)
const HOUR_MS = LOSS_HOUR_MS
const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS
const source = (id: number, given: Partial<Source> = {}): Source => ({
  id, address: `10.0.0.${id}`, transport: 'udp', listener: 'udp', certificate: '', roles: ['node'], firstSeenMs: NOW_MS, lastSeenMs: NOW_MS, messages: 100, faulty: 0, conflicts: 0, rate: 0, clock: undefined, ...given,
})
const session = (id: number, given: Partial<SessionRecord> = {}): SessionRecord => ({
  id, nodeId: 1, kind: 'boot', origin: 'kernel', state: 'open', end: undefined, openedMs: NOW_MS - HOUR_MS, endedMs: undefined, bootTimeMs: undefined, bootId: undefined, stage: undefined, firstSeq: 1, lastSeq: 9,
  lastMessageMs: NOW_MS, messages: 10, replayed: 0, numbered: 10, acknowledged: 0, streamed: 0, datagramListeners: ['udp'], hashes: [], kernelMarks: undefined, ...given,
})

function open() {
  const records = openRecords(join(mkdtempSync(join(tmpdir(), 'hps-losses-')), 'hub.db'))
  const losses = createLossRecords(records.db)
  const asked: string[] = []
  const writer = { ask: async (command: { readonly kind: string }) => (asked.push(command.kind), { kind: 'reply', id: 1, ok: true }) } as never
  const add = (given: Partial<Loss> & Pick<Loss, 'reason' | 'count'>, agoMs = 60_000) =>
    losses.add({ hourMs: hourOf(NOW_MS - agoMs), sourceId: 1, listener: 'udp', sessionId: 0, firstMs: NOW_MS - agoMs, lastMs: NOW_MS - agoMs, ...given })
  records.nodes.save({ id: 1, name: 'tch-001', registered: true, createdMs: 1, lastSeenMs: NOW_MS, currentSession: undefined, clock: undefined } as never)
  records.sources.save(source(1))
  records.sources.save(source(2, { transport: 'relp', listener: 'relp', messages: 7 }))
  return {
    records, losses, add, asked, part: createLossesPart({ records, losses, writer, clock: () => NOW_MS }),
    sessions: createSessionsPart({ records, losses, writer, clock: () => NOW_MS, quietAfterMs: HOUR_MS, log: silentLogger }),
  }
}
const ask = { by: 'source', limit: 100 } as const

describe('the verdict', () => {
  test.for<[string, readonly (Partial<Loss> & Pick<Loss, 'reason' | 'count'>)[], string]>([
    ['nothing', [], 'Nothing was lost in the last 24h.'],
    ['what came twice is no loss', [{ reason: 'doubled', count: 9 }], 'Nothing was lost in the last 24h.'],
    ['all of it', [{ reason: 'shed', count: 12_000 }, { reason: 'kernel-buffer', count: 345 }, { reason: 'missing', count: 1 }, { reason: 'cut', count: 2 }], '12,345 messages were lost in the last 24h, 1 number of senders never came, 2 messages were cut.'],
    ['numbers alone', [{ reason: 'missing', count: 3 }], '3 numbers of senders never came in the last 24h.'],
    ['one that was cut', [{ reason: 'piece-missing', count: 1 }], '1 message was cut in the last 24h.'],
    ['late after all', [{ reason: 'missing', count: 3 }, { reason: 'missing', count: -3 }], 'Nothing was lost in the last 24h.'],
  ])('%s', async ([, entries, verdict]) => {
    const { add, part, asked } = open()
    for (const entry of entries) add(entry)
    expect((await part.losses({ ...ask, since: '24h' })).verdict).toBe(verdict)
    expect(asked).toEqual(['flush'])
  })

  test('of a time that is named', async () => {
    const { part } = open()
    expect((await part.losses({ ...ask, since: '2026-11-22T00:00:00Z', until: '2026-11-22T12:00:00Z' })).verdict).toBe('Nothing was lost since 2026-11-22T00:00:00.000Z until 2026-11-22T12:00:00.000Z.')
    expect((await part.losses(ask)).verdict).toBe('Nothing was lost.')
  })

  test.for(['yesterday', '-', 'Infinity', '2026', '99'])('%s is no time', async (since) => {
    await expect(open().part.losses({ ...ask, since })).rejects.toMatchObject({ code: 'bad-request' })
  })
})

test('by listener: received is stored and lost, of all time, also where nothing was lost', async () => {
  const { add, part } = open()
  add({ reason: 'kernel-buffer', sourceId: 0, count: 40 }, 50 * HOUR_MS)
  add({ reason: 'shed', count: 5 })
  add({ reason: 'missing', count: 4 })
  const { groups, lost } = await part.losses({ by: 'listener', limit: 100, since: '24h' })
  expect(lost).toBe(5)
  expect(groups.map(({ key, lost: of, missing, ever }) => [key, of, missing, ever])).toEqual([
    ['udp', 5, 4, { received: 145, stored: 100, lost: 45 }],
    ['relp', 0, 0, { received: 7, stored: 7, lost: 0 }],
  ])
})

test('by sender: only who lost something, and who is asked for', async () => {
  const { add, part } = open()
  add({ reason: 'kernel-buffer', sourceId: 0, count: 40 })
  add({ reason: 'no-free-batch', count: 5 })
  expect((await part.losses(ask)).groups.map(({ name, dropped, ever }) => [name, dropped, ever!.received])).toEqual([['unknown', 40, 40], ['10.0.0.1 by udp', 5, 105]])
  expect((await part.losses({ ...ask, source: '10.0.0.2' })).groups).toMatchObject([{ key: '2', name: '10.0.0.2 by relp', lost: 0, first: null, ever: { received: 7, stored: 7, lost: 0 } }])
  expect(await part.losses({ ...ask, source: '1' })).toMatchObject({ lost: 5, groups: [{ key: '1' }] })
  await expect(part.losses({ ...ask, source: '10.0.0.3' })).rejects.toMatchObject({ code: 'not-found' })
})

test('by hour, the newest first; by session with its node; more than are wanted are counted', async () => {
  const { records, add, part } = open()
  records.sessions.save(session(5))
  records.sessions.addHash(5, 'a1b2c3', 1)
  add({ reason: 'cut', sessionId: 5, count: 1 })
  add({ reason: 'shed', count: 2 }, 3 * HOUR_MS)
  expect((await part.losses({ by: 'hour', limit: 100 })).groups.map(({ key, cut, shed }) => [key, cut, shed])).toEqual([['2026-11-22T14:00:00.000Z', 1, 0], ['2026-11-22T11:00:00.000Z', 0, 2]])
  const answer = await part.losses({ by: 'session', limit: 1 })
  expect(answer.groups.map(({ key, name }) => [key, name])).toEqual([['0', 'unknown']])
  expect(answer.others).toBe(1)
  expect((await part.losses({ by: 'session', limit: 9 })).groups.map(({ name }) => name)).toContain('a1b2c3 of tch-001')
})

test('what was shed is shown as text that cannot move a cursor', async () => {
  const { losses, part } = open()
  losses.addShed({ sourceId: 1, templateLo: 0xff, templateHi: 1, severity: 7, count: 3, firstMs: NOW_MS, lastMs: NOW_MS, sample: Buffer.from('<15>beep \u001b[2J\u202e') })
  losses.addShed({ sourceId: 0, templateLo: 0, templateHi: 0, severity: 6, count: 2, firstMs: NOW_MS, lastMs: NOW_MS, sample: new Uint8Array([0xff]) })
  expect((await part.shed({ limit: 10 })).map(({ source: of, template, severity, sample }) => [of, template, severity, sample])).toEqual([
    ['10.0.0.1', '00000001000000ff', 'debug', '<15>beep \\x1b[2J\\u{202e}'], ['unknown', null, 'info', 'ÿ'],
  ])
  expect(await part.shed({ source: '10.0.0.2', limit: 10 })).toEqual([])
})

describe('sessions', () => {
  test('say whether they are complete, with what was joined to them', async () => {
    const { records, add, sessions } = open()
    for (const id of [5, 6, 7]) records.sessions.save(session(id))
    records.sessions.saveAlias({ sessionId: 5, joinedTo: 6, reason: 'joined by operator', atMs: NOW_MS })
    add({ reason: 'missing', sessionId: 5, count: 2 })
    add({ reason: 'cut', sessionId: 6, count: 1 })
    const listed = await sessions.list({ limit: 10 })
    expect(listed.map(({ id, completeness: { verdict, reasons } }) => [id, verdict, reasons.map(({ reason, count }) => [reason, count])])).toEqual([[7, 'complete', []], [6, 'gaps', [['cut', 1], ['missing', 2]]]])
    expect((await sessions.session('#6')).completeness).toEqual(listed[1]!.completeness)
  })

  test('may have lost what a listener lost of nobody knows whom while they were open', async () => {
    const { records, add, sessions } = open()
    records.sessions.save(session(5, { numbered: 0 }))
    records.sessions.save(session(6, { numbered: 0, datagramListeners: ['consoles'] }))
    records.sessions.save(session(7, { numbered: 0, state: 'ended', end: 'reboot', endedMs: NOW_MS - 120_000 }))
    add({ reason: 'kernel-buffer', sourceId: 0, count: 9 })
    const found = (await sessions.list({ limit: 10 })).map(({ id, completeness }) => [id, completeness.reasons.map(({ reason, count }) => `${reason} ${count}`)])
    expect(found).toEqual([[7, ['datagrams 10']], [6, ['datagrams 10']], [5, ['listener-lost 9', 'datagrams 10']]])
  })
})
