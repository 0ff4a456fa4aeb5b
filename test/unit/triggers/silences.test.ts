import { describe, expect, test } from 'vitest'
import { createAlertRecords, createOutboxRecords, openHubDatabase, type SilenceRecord } from '#store/index.ts'
import { createSilenceEffects, NO_ROUTES, type Notice, type Routes, type SilenceNews } from '#triggers/index.ts'
import { stored } from './support.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 14)
const silence = (given: Partial<SilenceRecord> = {}): SilenceRecord => ({
  subject: 'node', id: 5, reason: 'stopped', nodeId: 5, sinceMs: NOW_MS - 200_000, noticedMs: NOW_MS, usualMs: 30_000, limitMs: 120_000, lastSeq: 77, expected: 0, unheard: 0, ...given,
})
const news = (given: Partial<SilenceNews> = {}): SilenceNews => ({
  silence: silence(), name: 'tch-005', node: 'tch-005', sessionId: 3, session: 'a1b2c3', words: { messages: [stored({ text: 'bye\u001b[2J\nX-Evil: 1', nodeId: 5 }, 77)], fatal: [] }, ...given,
})
const OPS: Routes = { file: 'routes.yaml', names: ['ops'], receiver: (name) => (name === 'ops' ? { name, mail: ['ops@example.org'] } : undefined) }

function open({ routes = OPS, receiver = 'ops' }: { readonly routes?: Routes; readonly receiver?: string } = {}) {
  const db = openHubDatabase(':memory:')
  const counted: string[] = []
  const effects = createSilenceEffects({ db, clock: () => NOW_MS, routes: () => routes, receiver, metrics: { add: (name) => void counted.push(name) } })
  const notices = () => (db.prepare('SELECT payload FROM outbox').all() as { payload: string }[]).map(({ payload }) => JSON.parse(payload) as Notice)
  return { db, effects, counted, alerts: createAlertRecords(db), outbox: createOutboxRecords(db), notices }
}

describe('a silence', () => {
  test('is an alert and a notice, once; when it is over the alert is resolved, and the next one is another', () => {
    const { effects, alerts, notices, counted } = open()
    expect(effects.begin(news())).toBe(true)
    expect(effects.begin(news())).toBe(false)
    expect(alerts.open('silence', 'node:5')).toMatchObject({ severity: 'error', nodeId: 5, sessionId: 3, firstMs: NOW_MS - 200_000, lastSeq: 77, notifiedMs: NOW_MS })
    expect(counted).toEqual(['hps_alerts_opened_total', 'hps_notifications_queued_total'])
    effects.end(silence())
    expect(alerts.open('silence', 'node:5')).toBeUndefined()
    expect(effects.begin(news({ silence: silence({ noticedMs: NOW_MS + 1 }) }))).toBe(true)
    expect(notices().length).toBe(2)
  })

  test('the notice has the last word in one line, why, since when and the usual gap', () => {
    const { effects, notices } = open()
    effects.begin(news())
    expect(notices()[0]).toMatchObject({
      kind: 'alert', rule: 'silence', severity: 'error', seq: 77, nodeId: 5, before: 19, title: 'tch-005 is silent since 2026-11-22T13:56:40.000Z: bye\\x1b[2J\\x0aX-Evil: 1',
      fields: { Why: 'It stopped.', 'Last heard': '2026-11-22T13:56:40.000Z', 'Usually quiet for at most': '30s' },
    })
  })

  test('what tells of an end makes it critical, and stands in the title and the fields', () => {
    const { effects, notices } = open()
    effects.begin(news({ words: { messages: news().words.messages, fatal: [stored({ text: 'Kernel panic - not syncing' }, 70)] } }))
    expect(notices()[0]).toMatchObject({ severity: 'critical', title: expect.stringMatching(/: Kernel panic - not syncing$/) as unknown, fields: { 'Before it ended 1': expect.stringMatching(/Z Kernel panic - not syncing$/) as unknown } })
  })

  test.each([
    ['of a sender is a warning', news({ silence: silence({ subject: 'source', nodeId: 0 }), name: '10.0.0.9 by tcp', node: '' }), 'warning', /^10\.0\.0\.9 by tcp is silent since/],
    ['of the hub is critical', news({ silence: silence({ subject: 'hub', id: 0, nodeId: 0, reason: 'nobody', expected: 9, unheard: 8, usualMs: 0 }), name: 'the hub', node: '', words: { messages: [], fatal: [] } }), 'critical', /^The hub hears nobody: 8 of 9 are silent since/],
  ])('%s', (_, given, severity, title) => {
    const { effects, notices } = open()
    effects.begin(given)
    expect(notices()[0]!.severity).toBe(severity)
    expect(notices()[0]!.title).toMatch(title)
  })

  test.each([
    ['no routes', { routes: NO_ROUTES }],
    ['another receiver', { receiver: 'nobody' }],
    ['nobody to be told', { receiver: '' }],
  ])('with %s there is an alert and no notice that would wait for ever', (_, options) => {
    const { effects, alerts, notices } = open(options)
    expect(effects.begin(news())).toBe(false)
    expect(alerts.open('silence', 'node:5')).toMatchObject({ notifiedMs: undefined })
    expect(notices()).toEqual([])
  })

  test('its alert does not grow old, as those of rules do', () => {
    const { effects, alerts } = open()
    effects.begin(news())
    expect(alerts.resolveQuiet(NOW_MS + 1e12)).toBe(0)
    expect(alerts.open('silence', 'node:5')).toBeDefined()
  })

  test('alerts of silences that are over since are resolved after a start; those of rules stay', () => {
    const { effects, alerts } = open()
    effects.begin(news())
    effects.begin(news({ silence: silence({ id: 6, nodeId: 6 }) }))
    alerts.insert({ ...alerts.open('silence', 'node:6')!, rule: 'net.link' })
    effects.keepOnly([silence()])
    expect([alerts.open('silence', 'node:5'), alerts.open('silence', 'node:6'), alerts.open('net.link', 'node:6')].map((alert) => alert !== undefined)).toEqual([true, false, true])
  })
})
