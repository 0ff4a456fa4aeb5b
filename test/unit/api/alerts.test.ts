import { expect, test } from 'vitest'
import { fakeAlerts, fakeAlertSilences, alert, alertDetail, alertList, alertSilence, type Changes } from './fake-alerts.ts'
import { bearer, fakeApi, OPERATOR, VIEWER } from './fakes.ts'

const asOperator = { headers: bearer(OPERATOR) }
const asViewer = { headers: bearer(VIEWER) }

const OWN_PAGE = { 'x-hps-request': '1', 'sec-fetch-site': 'same-origin', origin: 'http://hub:8080', host: 'hub:8080' }

const watched = () => {
  const changes: Changes = []
  const fake = fakeApi()
  fake.parts.alerts = fakeAlerts(changes)
  fake.parts.alertSilences = fakeAlertSilences(changes)
  return { ...fake, changes }
}

test.for<[url: string, expected: unknown]>([
  ['/api/v1/alerts', alertList()],
  ['/api/v1/alerts/12', alertDetail()],
  ['/api/v1/alert-silences', { silences: [alertSilence()] }],
])('%s gives every member of its view', async ([url, expected]) => {
  expect((await fakeApi().api.inject({ url, ...asViewer })).json()).toEqual(expected)
})

test('who a notice could not be brought to is for operators', async () => {
  const { api, parts } = fakeApi()
  const sent = alertDetail().notices[0]!
  parts.alerts = { ...fakeAlerts(), alert: async () => alertDetail({ notices: [{ ...sent, last_error: '550 <alice@example.org> unknown' }, sent] }) }
  const errors = async (headers: Record<string, string>) => (await api.inject({ url: '/api/v1/alerts/12', headers })).json<{ notices: { last_error: string | null }[] }>().notices.map((notice) => notice.last_error)
  expect(await errors(bearer(VIEWER))).toEqual(['550 <a…@example.org> unknown', null])
  expect(await errors(bearer(OPERATOR))).toEqual(['550 <alice@example.org> unknown', null])
})

test('filters are words of the catalogue, and what was meant is said', async () => {
  const { api, changes } = watched()
  await api.inject({ url: '/api/v1/alerts?state=firing,acknowledged&severity=critical&rule=disk.*,net.link&node=tch-001&since=24h&order=worst&limit=5&cursor=critical.9', ...asViewer })
  expect(changes).toEqual([['list', { states: ['firing', 'acknowledged'], severities: ['critical'], rules: ['disk.*', 'net.link'], node: 'tch-001', since: '24h', order: 'worst', limit: 5, cursor: 'critical.9' }]])
  const wrong = await api.inject({ url: '/api/v1/alerts?state=fireing', ...asViewer })
  expect([wrong.statusCode, wrong.json<{ detail: string }>().detail]).toEqual([400, 'There is no state “fireing”: did you mean firing?'])
})

test('an operator acts under its name, a person it names beside it; a viewer may not', async () => {
  const { api, changes } = watched()
  const act = { method: 'POST', url: '/api/v1/alerts/12/acknowledge', payload: { note: 'new disk ordered', state: 'firing' } } as const
  expect((await api.inject({ ...act, ...asViewer })).statusCode).toBe(403)
  expect(changes).toEqual([])
  expect((await api.inject({ ...act, ...asOperator })).json()).toEqual(alert({ state: 'acknowledged', acknowledged_by: 'the operator' }))
  expect((await api.inject({ method: 'POST', url: '/api/v1/alerts/12/close', payload: { owner: 'anna' }, ...asOperator })).json()).toMatchObject({ state: 'resolved' })
  expect(changes).toEqual([
    ['act', { id: 12, does: 'acknowledge', note: 'new disk ordered', state: 'firing', who: 'the operator' }],
    ['act', { id: 12, does: 'close', note: '', state: undefined, who: 'anna (the operator)' }],
  ])
})

test('an alert that is in another state by now is a conflict, which says so', async () => {
  const { api } = watched()
  const reply = await api.inject({ method: 'POST', url: '/api/v1/alerts/12/unacknowledge', payload: { state: 'acknowledged' }, ...asOperator })
  expect([reply.statusCode, reply.json()]).toMatchObject([409, { code: 'conflict', state: 'firing' }])
})

test.each([['/api/v1/alerts/404', 404], ['/api/v1/alerts/x', 400], ['/api/v1/alerts/0', 400]])('%s is %i', async (url, status) => {
  expect((await fakeApi().api.inject({ url, ...asViewer })).statusCode).toBe(status)
})

test('silences are made by operators with a reason and looked at before by all who read', async () => {
  const { api, changes } = watched()
  const matchers = ['rule=storage.raid-degraded']
  const add = { method: 'POST', url: '/api/v1/alert-silences', payload: { matchers, for: '2h', reason: 'new disk', owner: 'anna' } } as const
  expect((await api.inject({ ...add, ...asViewer })).statusCode).toBe(403)
  const made = await api.inject({ ...add, ...asOperator })
  expect([made.statusCode, made.json<{ by: string }>().by]).toEqual([201, 'anna (the operator)'])
  expect((await api.inject({ method: 'POST', url: '/api/v1/alert-silences/preview', payload: { matchers }, ...asViewer })).json()).toEqual({ matchers, total: 1, alerts: [alert()] })
  expect((await api.inject({ method: 'DELETE', url: '/api/v1/alert-silences/4', ...asOperator })).json()).toMatchObject({ state: 'ended', ended_by: 'the operator' })
  expect(changes).toEqual([['silence', { matchers, for: '2h', reason: 'new disk', by: 'anna (the operator)' }], ['end', [4, 'the operator']]])
})

test.each([
  ['no matcher', { matchers: [], for: '2h', reason: 'x' }],
  ['no reason', { matchers: ['a=b'], for: '2h' }],
  ['too many matchers', { matchers: Array(17).fill('a=b'), for: '2h', reason: 'x' }],
  ['a member that nobody knows', { matchers: ['a=b'], for: '2h', reason: 'x', by: 'me' }],
])('a silence with %s is refused', async (_, payload) => {
  const { api, changes } = watched()
  expect((await api.inject({ method: 'POST', url: '/api/v1/alert-silences', payload, ...asOperator })).statusCode).toBe(400)
  expect(changes).toEqual([])
})

test('a page that another site made cannot act with the cookie of a login', async () => {
  const { api, changes } = watched()
  const login = await api.inject({ method: 'POST', url: '/api/v1/login', headers: OWN_PAGE, payload: { token: OPERATOR } })
  const cookie = String(login.headers['set-cookie']).split(';')[0]!
  const act = { method: 'POST', url: '/api/v1/alerts/12/close', payload: {} } as const
  expect((await api.inject({ ...act, headers: { cookie } })).statusCode).toBe(403)
  expect((await api.inject({ ...act, headers: { ...OWN_PAGE, cookie, origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(403)
  expect(changes).toEqual([])
  expect((await api.inject({ ...act, headers: { ...OWN_PAGE, cookie } })).statusCode).toBe(200)
})
