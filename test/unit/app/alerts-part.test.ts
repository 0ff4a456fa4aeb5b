import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AlertItem, MessageView } from '#api/index.ts'
import type { Alert, AlertSeverity } from '#domain/alert.ts'
import { createAlertRecords, createAlertSilenceRecords, createAlertTransitionRecords } from '#store/index.ts'
import { silentLogger } from '#telemetry/index.ts'
import { alertField, createMutes, createPolicies, createSilencing, type AlertNames } from '#triggers/index.ts'
import { MAX_BEHIND } from '../../../src/app/parts/alert-follow.ts'
import { createAlertSilencesPart } from '../../../src/app/parts/alert-silences.ts'
import { createAlertsPart } from '../../../src/app/parts/alerts.ts'
import { openRecords } from '../../../src/app/records.ts'

const NOW_MS = Date.parse('2026-11-22T03:04:05.000Z')
const names: AlertNames = { node: (id) => (id === 1 ? 'tch-001' : null), session: (id) => (id === 3 ? 'a1b2c3' : null), labels: () => ({ rack: 'r1' }) }
const anAlert = (given: Partial<Alert> = {}): Omit<Alert, 'id'> => ({
  rule: 'disk.full', ruleVersion: 'v1', stateVersion: 's1', key: 'k', state: 'firing', severity: 'warning', title: 'full', nodeId: 1, sessionId: 3, sourceId: 0, fields: { disk: 'sda' }, host: 'tch-001', app: 'df', text: 'x',
  firstMs: NOW_MS - 60_000, lastMs: NOW_MS - 60_000, firstSeq: 7, lastSeq: 9, count: 1, firedMs: NOW_MS - 60_000, overMs: undefined, resolvedMs: undefined, acknowledgedBy: undefined, acknowledgedNote: undefined,
  flaps: 0, isLate: false, escalated: 0, dueMs: undefined, policy: '', ...given,
})

function open() {
  const records = openRecords(join(mkdtempSync(join(tmpdir(), 'hps-alerts-')), 'hub.db'))
  const { db } = records
  const clock = () => NOW_MS
  const alerts = createAlertRecords(db)
  const transitions = createAlertTransitionRecords(db)
  const silences = createAlertSilenceRecords(db)
  const policies = createPolicies()
  const mutes = createMutes({ silences, planned: { ahead: () => [] }, alerts, policies, fieldOf: (alert, field) => alertField(alert, field, names), addressOf: () => undefined })
  const ticks: (() => void)[] = []
  const done: unknown[] = []
  const part = createAlertsPart({
    records, clock, log: silentLogger, pagesUrl: 'http://hub', wakeOutbox: () => void done.push('woken'),
    triggers: {
      mutes, policies, names,
      person(deed) {
        done.push(deed)
        const alert = alerts.byId(deed.id)
        return alert === undefined ? undefined : { outcome: alert.state === 'resolved' ? 'resolved' : { ...alert, state: 'acknowledged', acknowledgedBy: deed.who }, hasNews: true }
      },
    },
    context: async (seq) => [{ seq: 5, session: 'old' }, { seq: 6, session: 'a1b2c3' }, { seq, session: 'a1b2c3' }] as unknown as MessageView[],
    every(_, work) {
      ticks.push(work)
      return () => void ticks.splice(ticks.indexOf(work), 1)
    },
  })
  const silencesPart = createAlertSilencesPart({ silencing: createSilencing({ silences, clock, log: silentLogger }), silences, mutes, names, clock })
  const step = (alertId: number): void => transitions.add({ alertId, atMs: NOW_MS, from: undefined, to: 'firing', reason: 'found', by: '', note: '', seq: 7 })
  return { records, alerts, part, silencesPart, done, step, tick: () => ticks.forEach((work) => work()), ticks, [Symbol.dispose]: () => records[Symbol.dispose]() }
}

test('pages follow each other without a gap, the newest first or the worst first', async () => {
  using hub = open()
  const severities: readonly AlertSeverity[] = ['warning', 'critical', 'info', 'critical', 'error', 'warning']
  for (const [index, severity] of severities.entries()) hub.alerts.insert(anAlert({ key: String(index), severity }))
  for (const [order, expected] of [['newest', [6, 5, 4, 3, 2, 1]], ['worst', [4, 2, 5, 6, 1, 3]]] as const) {
    const seen: number[] = []
    let cursor: string | undefined
    do {
      const page = await hub.part.list({ order, limit: 2, cursor })
      expect(page.alerts.length).toBeLessThanOrEqual(2)
      seen.push(...page.alerts.map(({ id }) => id))
      cursor = page.cursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(expected)
  }
  for (const cursor of ['critical.x', '12', 'worse.3']) await expect(hub.part.list({ order: 'worst', limit: 2, cursor })).rejects.toMatchObject({ code: 'bad-cursor' })
})

test('filters narrow, whatever is open is counted all the same', async () => {
  using hub = open()
  hub.alerts.insert(anAlert({ key: 'a', rule: 'disk.full' }))
  hub.alerts.insert(anAlert({ key: 'b', rule: 'disk.gone', severity: 'critical', firstMs: NOW_MS - 7_200_000 }))
  hub.alerts.insert(anAlert({ key: 'c', rule: 'net.link', state: 'resolved', resolvedMs: NOW_MS - 5000 }))
  const ids = async (request: Partial<Parameters<typeof hub.part.list>[0]>) => (await hub.part.list({ order: 'newest', limit: 10, ...request })).alerts.map(({ id }) => id)
  expect(await ids({ rules: ['disk.*'] })).toEqual([2, 1])
  expect(await ids({ states: ['resolved'] })).toEqual([3])
  expect(await ids({ severities: ['critical'] })).toEqual([2])
  expect(await ids({ since: '1h' })).toEqual([3, 1])
  await expect(ids({ since: 'soon' })).rejects.toMatchObject({ code: 'bad-request' })
  await expect(ids({ node: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
  expect((await hub.part.list({ order: 'newest', limit: 1, states: ['resolved'] })).open).toEqual([{ state: 'firing', severity: 'critical', count: 1 }, { state: 'firing', severity: 'warning', count: 1 }])
})

test('where nothing fires it is said since when; what only may become an alert does not disturb', async () => {
  using hub = open()
  const calm = async () => (await hub.part.list({ order: 'newest', limit: 1 })).calm_since
  expect(await calm()).toBe(null)
  hub.alerts.insert(anAlert({ key: 'a', state: 'resolved', resolvedMs: NOW_MS - 5000 }))
  hub.alerts.insert(anAlert({ key: 'b', state: 'resolved', firedMs: undefined, resolvedMs: NOW_MS }))
  hub.alerts.insert(anAlert({ key: 'c', state: 'pending', firedMs: undefined }))
  expect(await calm()).toBe('2026-11-22T03:04:00.000Z')
  hub.alerts.insert(anAlert({ key: 'd' }))
  expect(await calm()).toBe(null)
})

test('one alert comes with its history, the messages of its boot around it, and who was told', async () => {
  using hub = open()
  const id = hub.alerts.insert(anAlert())
  hub.step(id)
  hub.records.outbox.add({ dedupKey: 'a', channel: 'mail', receiver: 'ops', alertId: id, createdMs: NOW_MS, payload: JSON.stringify({ kind: 'alerts', receiver: 'ops', severity: 'warning', title: 'full', atMs: NOW_MS, alerts: [{ id, telling: 'still' }], more: 0, commands: [], lead: '', group: {}, groupKey: '' }) })
  const found = await hub.part.alert(id)
  expect(found).toMatchObject({ node: 'tch-001', session: 'a1b2c3', link: `http://hub/#/alert/${id}`, fields: { disk: 'sda' }, policy: { in_use: false }, notices: [{ receiver: 'ops', telling: 'still', state: 'queued' }] })
  expect(found.transitions).toEqual([{ at: '2026-11-22T03:04:05.000Z', from: null, to: 'firing', reason: 'found', means: 'the condition of the rule holds', by: '', note: '', seq: 7 }])
  expect(found.context.map(({ seq }) => seq)).toEqual([6, 9])
  await expect(hub.part.alert(99)).rejects.toMatchObject({ code: 'not-found' })
})

test('what a person does is done once, and only to an alert that is as it was shown', async () => {
  using hub = open()
  const id = hub.alerts.insert(anAlert())
  const deed = { id, does: 'acknowledge', who: 'anna', note: 'x' } as const
  await expect(hub.part.act({ ...deed, state: 'acknowledged' })).rejects.toMatchObject({ code: 'conflict', detail: { state: 'firing' } })
  expect(hub.done).toEqual([])
  expect(await hub.part.act({ ...deed, state: 'firing' })).toMatchObject({ state: 'acknowledged', acknowledged_by: 'anna' })
  expect(hub.done).toEqual([deed, 'woken'])
  const over = hub.alerts.insert(anAlert({ key: 'b', state: 'resolved', resolvedMs: NOW_MS }))
  await expect(hub.part.act({ ...deed, id: over })).rejects.toMatchObject({ code: 'conflict', message: `The alert ${over} is over already` })
  await expect(hub.part.act({ ...deed, id: 99 })).rejects.toMatchObject({ code: 'not-found' })
})

function following(hub: ReturnType<typeof open>, afterId?: number) {
  const got: AlertItem[] = []
  const reader = { isOpen: true, got, faults: [] as unknown[], end: () => undefined as void, numbers: () => got.map((item) => (item.kind === 'transition' ? item.event.id : `${item.fromId}-${item.toId}`)) }
  reader.end = hub.part.follow({ afterId, deliver: (item) => reader.isOpen && (got.push(item), true), onFault: (fault) => void reader.faults.push(fault) })
  return reader
}

test('a follower gets every step once, from now or from where it stood, also what it did not take at first', () => {
  using hub = open()
  const id = hub.alerts.insert(anAlert())
  hub.step(id)
  hub.step(id)
  const [fresh, again] = [following(hub), following(hub, 1)]
  expect([fresh.numbers(), again.numbers()]).toEqual([[], [2]])
  again.isOpen = false
  hub.step(id)
  hub.tick()
  expect([fresh.numbers(), again.numbers()]).toEqual([[3], [2]])
  again.isOpen = true
  hub.step(id)
  hub.tick()
  hub.tick()
  expect([fresh.numbers(), again.numbers()]).toEqual([[3, 4], [2, 3, 4]])
  fresh.end()
  again.end()
  expect(hub.ticks).toEqual([])
})

test('two hundred followers share one look at the table; what people do is told at once', async () => {
  using hub = open()
  const id = hub.alerts.insert(anAlert())
  const readers = Array.from({ length: 200 }, () => following(hub))
  expect(hub.ticks).toHaveLength(1)
  for (let step = 0; step < 300; step++) hub.step(id)
  readers[7]!.isOpen = false
  hub.tick()
  expect(new Set(readers.map(({ got }) => got.length))).toEqual(new Set([300, 0]))
  // one object for all: made once, whoever reads
  expect(readers[199]!.got.map((item) => item.kind === 'transition' && item.event)).toEqual(readers[0]!.got.map((item) => item.kind === 'transition' && item.event))
  const shown = ({ got }: (typeof readers)[number]) => (got[0]?.kind === 'transition' ? got[0].event : undefined)
  expect(shown(readers[199]!)).toBe(shown(readers[0]!))
  hub.step(id)
  await hub.part.act({ id, does: 'acknowledge', who: 'anna', note: '' })
  expect(readers[0]!.got).toHaveLength(301)
  for (const reader of readers) reader.end()
  expect(hub.ticks).toEqual([])
})

test('a follower too far behind is told how many it missed; a number that was never given means now', () => {
  using hub = open()
  const id = hub.alerts.insert(anAlert())
  hub.records.db.transaction(() => {
    for (let at = 0; at <= MAX_BEHIND; at++) hub.step(id)
  })()
  const [behind, ahead] = [following(hub, 0), following(hub, 1e9)]
  hub.step(id)
  hub.tick()
  expect(behind.numbers()).toEqual([`1-${MAX_BEHIND + 1}`, MAX_BEHIND + 2])
  expect(ahead.numbers()).toEqual([MAX_BEHIND + 2])
})

test('a fault of the table ends the follower, who comes again', () => {
  const hub = open()
  const reader = following(hub)
  hub[Symbol.dispose]()
  hub.tick()
  expect([reader.faults.length, hub.ticks.length]).toEqual([1, 0])
})

test('a silence covers what fits, says so on the alert, and is ended once', async () => {
  using hub = open()
  const id = hub.alerts.insert(anAlert())
  hub.alerts.insert(anAlert({ key: 'b', rule: 'net.link', severity: 'critical' }))
  expect(await hub.silencesPart.preview(['rack=r1'])).toMatchObject({ total: 2, alerts: [{ rule: 'net.link' }, { rule: 'disk.full' }] })
  const made = await hub.silencesPart.add({ matchers: ['rule=disk.full', 'node~tch-*'], for: '2h', reason: 'new disk', by: 'anna' })
  expect(made).toMatchObject({ state: 'now', covers: 1, until: '2026-11-22T05:04:05.000Z', matchers: ['rule=disk.full', 'node~tch-*'] })
  expect((await hub.part.alert(id)).mutes).toEqual([{ mute: 'silenced', why: expect.stringContaining('new disk'), silence: made.id, alert: null, until: '2026-11-22T05:04:05.000Z' }])
  expect(await hub.silencesPart.end(made.id, 'bert')).toMatchObject({ state: 'ended', ended_by: 'bert', covers: 0 })
  await expect(hub.silencesPart.end(made.id, 'bert')).rejects.toMatchObject({ code: 'conflict' })
  await expect(hub.silencesPart.end(99, 'bert')).rejects.toMatchObject({ code: 'not-found' })
  expect((await hub.part.alert(id)).mutes).toEqual([])
})

test.each([
  [{ matchers: ['nonsense'], for: '2h' }, 'no matcher'],
  [{ matchers: ['node!=a'], for: '2h' }, 'At least one matcher'],
  [{ matchers: ['rule=a'] }, 'one of `for` and `until`'],
  [{ matchers: ['rule=a'], for: '2h', until: '2027-01-01T00:00:00Z' }, 'one of `for` and `until`'],
  [{ matchers: ['rule=a'], for: 'long' }, 'no duration'],
  [{ matchers: ['rule=a'], until: '2020-01-01T00:00:00Z' }, 'ends after it begins'],
])('a silence like %j is refused with its reason', async (request, words) => {
  using hub = open()
  await expect(hub.silencesPart.add({ reason: 'x', by: 'anna', ...request })).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining(words) })
})
