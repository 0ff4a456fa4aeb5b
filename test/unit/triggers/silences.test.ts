import { describe, expect, test } from 'vitest'
import { openHubDatabase, type SilenceRecord } from '#store/index.ts'
import { createSilenceEffects, NO_ROUTES, type Routes, type SilenceNews } from '#triggers/index.ts'
import { startEffects } from './alerts-support.ts'
import { stored } from './support.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 14)
const silence = (given: Partial<SilenceRecord> = {}): SilenceRecord => ({
  subject: 'node', id: 5, reason: 'stopped', nodeId: 5, sinceMs: NOW_MS - 200_000, noticedMs: NOW_MS, usualMs: 30_000, limitMs: 120_000, lastSeq: 77, expected: 0, unheard: 0, ...given,
})
const news = (given: Partial<SilenceNews> = {}): SilenceNews => ({
  silence: silence(), name: 'tch-005', node: 'tch-005', sessionId: 3, session: 'a1b2c3', words: { messages: [stored({ text: 'bye\u001b[2J\nX-Evil: 1', nodeId: 5 }, 77)], fatal: [] }, ...given,
})
const OPS: Routes = {
  ...NO_ROUTES, file: 'routes.yaml', names: ['ops'],
  receiver: (name) => (name === 'ops' ? { name, mail: ['ops@example.org'], webhooks: [], maxPerHour: 60, digestMs: undefined, quiet: [], quietExcept: [] } : undefined),
}

function open({ routes = OPS, receiver = 'ops' }: { readonly routes?: Routes; readonly receiver?: string } = {}) {
  const { effects: all, clock, alerts, transitions, told, history, passTo } = startEffects({ db: openHubDatabase(':memory:'), policies: [] })
  clock.nowMs = NOW_MS
  const effects = createSilenceEffects({ alerts, clock: () => clock.nowMs, routes: () => routes, receiver, effects: all })
  return { effects, all, alerts, transitions, told, history, passTo }
}

describe('a silence', () => {
  test('is an alert and is told, once; when it is over the alert is resolved, and the next one is another', () => {
    const { effects, alerts, told, history } = open()
    expect(effects.begin(news())).toBe(true)
    expect(effects.begin(news())).toBe(false)
    expect(alerts.open('silence', 'node:5')).toMatchObject({ severity: 'error', nodeId: 5, sessionId: 3, firstMs: NOW_MS - 200_000, firedMs: NOW_MS, lastSeq: 77 })
    expect(effects.end(silence())).toBe(true)
    expect(effects.end(silence())).toBe(false)
    expect(alerts.open('silence', 'node:5')).toBeUndefined()
    expect(history(1)).toEqual(['new>firing found', 'firing>resolved heard'])
    expect(effects.begin(news({ silence: silence({ noticedMs: NOW_MS + 1 }) }))).toBe(true)
    expect(told.map(({ transition, policy }) => [transition.reason, policy.notify?.to, policy.notify?.before])).toEqual([['found', 'ops', 19], ['heard', 'ops', 19], ['found', 'ops', 19]])
  })

  test('its alert has the last word in one line, why, since when and the usual gap', () => {
    const { effects, alerts } = open()
    effects.begin(news())
    expect(alerts.open('silence', 'node:5')).toMatchObject({
      title: 'tch-005 is silent since 2026-11-22T13:56:40.000Z: bye\\x1b[2J\\x0aX-Evil: 1', text: 'It stopped.',
      fields: { node: 'tch-005', session: 'a1b2c3', Why: 'It stopped.', 'Last heard': '2026-11-22T13:56:40.000Z', 'Usually quiet for at most': '30s' },
    })
  })

  test('what tells of an end makes it critical, and stands in the title and the fields', () => {
    const { effects, alerts } = open()
    effects.begin(news({ words: { messages: news().words.messages, fatal: [stored({ text: 'Kernel panic - not syncing' }, 70)] } }))
    expect(alerts.open('silence', 'node:5')).toMatchObject({ severity: 'critical', title: expect.stringMatching(/: Kernel panic - not syncing$/) as unknown, fields: { 'Before it ended 1': expect.stringMatching(/Z Kernel panic - not syncing$/) as unknown } })
  })

  test.each([
    ['of a sender is a warning', news({ silence: silence({ subject: 'source', nodeId: 0 }), name: '10.0.0.9 by tcp', node: '' }), 'source:5', 'warning', /^10\.0\.0\.9 by tcp is silent since/],
    ['of the hub is critical', news({ silence: silence({ subject: 'hub', id: 0, nodeId: 0, reason: 'nobody', expected: 9, unheard: 8, usualMs: 0 }), name: 'the hub', node: '', words: { messages: [], fatal: [] } }), 'hub:0', 'critical', /^The hub hears nobody: 8 of 9 are silent since/],
  ])('%s', (_, given, key, severity, title) => {
    const { effects, alerts } = open()
    effects.begin(given)
    expect(alerts.open('silence', key)).toMatchObject({ severity, title: expect.stringMatching(title) as unknown })
  })

  test.each([
    ['no routes', { routes: NO_ROUTES }],
    ['another receiver', { receiver: 'nobody' }],
    ['nobody to be told', { receiver: '' }],
  ])('with %s there is an alert that names no receiver', (_, options) => {
    const { effects, told } = open(options)
    effects.begin(news())
    expect(told).toMatchObject([{ policy: { notify: undefined } }])
  })

  test('its alert does not grow old, as those of rules do, and a reload of the rules does not end it', () => {
    const { effects, alerts, passTo, all } = open()
    effects.begin(news())
    passTo(NOW_MS + 1e12)
    all.replaceRules([])
    expect(alerts.open('silence', 'node:5')).toBeDefined()
  })

  test('alerts of silences that are over since are resolved after a start; those of rules stay', () => {
    const { effects, alerts } = open()
    effects.begin(news())
    effects.begin(news({ silence: silence({ id: 6, nodeId: 6 }) }))
    alerts.insert({ ...alerts.open('silence', 'node:6')!, rule: 'net.link' })
    expect(effects.keepOnly([silence()])).toBe(true)
    expect(effects.keepOnly([silence()])).toBe(false)
    expect([alerts.open('silence', 'node:5'), alerts.open('silence', 'node:6'), alerts.open('net.link', 'node:6')].map((alert) => alert !== undefined)).toEqual([true, false, true])
  })
})
