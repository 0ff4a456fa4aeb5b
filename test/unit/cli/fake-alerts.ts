import type { AlertView, AlertSilenceView, OutboxView, RuleView } from '#api/index.ts'

export const anAlert = (given: Partial<AlertView> = {}): AlertView => ({
  id: 12, rule: 'storage.raid-degraded', key: 'tch-001|md0', state: 'firing', severity: 'critical', title: 'RAID md0 on tch-001: sdb failed \u001b[2J', node: 'tch-001', session: 'a1b2c3',
  first: '2026-11-22T03:00:00.000Z', last: '2026-11-22T03:04:00.000Z', fired: '2026-11-22T03:00:00.000Z', over: null, resolved: null, count: 3, flaps: 0, late: false, acknowledged_by: null, acknowledged_note: null,
  mutes: [{ mute: 'silenced', why: 'silence 4 by anna: new disk', silence: 4, alert: null, until: null }], ...given,
})
const aStep = { at: '2026-11-22T03:00:00.000Z', from: null, to: 'firing', reason: 'found', means: 'the condition of the rule holds', by: '', note: '', seq: 7 }
/** As the stream sends it. */
export const aStepEvent = (id: number, alert: Partial<AlertView> = {}): string => `id: ${id}\nevent: transition\ndata: ${JSON.stringify({ id, ...aStep, alert: anAlert(alert) })}\n\n`
const aDetail = {
  ...anAlert(), fields: { node: 'tch-001', array: 'md0\u001b[2J' }, host: 'tch-001', app: 'kernel', text: 'x', first_seq: 7, last_seq: 9, due: null, link: 'http://hub:8080/#/alert/12',
  policy: { version: 'v1', status: 'live', in_use: false, by: ['node'], for_ms: 0, hold_ms: 300_000, quiet_ms: null, at_session_end: false, only_by_person: false, notify: 'storage', repeat_ms: null, escalate: [], runbook: 'storage.md', owner: null },
  transitions: [aStep, { ...aStep, from: 'firing', to: 'acknowledged', reason: 'acknowledged', means: 'somebody looks after it', by: 'anna', note: 'disk ordered \u001b[2J', seq: null }],
  notices: [{ id: 5, state: 'retry', channel: 'mail', receiver: 'storage', telling: 'firing', created: '2026-11-22T03:00:01.000Z', done: null, attempts: 2, last_error: '450 later' }],
}
const aSilence = (given: Partial<AlertSilenceView> = {}): AlertSilenceView => ({
  id: 4, matchers: ['rule=storage.raid-degraded'], from: '2026-11-22T03:00:00.000Z', until: '2026-11-22T05:00:00.000Z', state: 'now', reason: 'new disk', by: 'anna', made: '2026-11-22T03:00:00.000Z', ended: null, ended_by: null, covers: 1, ...given,
})
export const aDelivery: OutboxView = { id: 3, state: 'retry', channel: 'mail', receiver: 'ops', kind: 'alerts', rule: 'net.link', subject: 'a link is down', attempts: 2, created: 'x', next: 'y', done: null, last_error: 'refused', reply: null }
export const aRule: RuleView = { id: 'net.link', version: '1', file: 'rules/net.yaml', severity: 'warning', title: 'A link went down', status: 'live', matches: 4, kind: 'match', pack: 'net', alerts_open: 1, live_keys: 2, cpu_ms: 3, breaker: null }
const aRuleDetail = { ...aRule, line: 3, text: '- id: net.link\n  title: \u001b[2J', text_why: null, overridden: [{ what: 'status', file: 'rules/local/site.yaml', line: 3, column: 5 }], by: ['node'], tests: [{ name: 'fires', steps: [] }], false_alarms: null, requires: [], tags: [], runbook: null, owner: null }
const aTrial = {
  receiver: 'ops',
  channels: [{ channel: 'mail', name: 'mail:25', sent: false, answer: '550 no \u001b[2J', reason: 'refused', permanent: true, mail: { addresses: ['a@b'], accepted: [], refused: [{ address: 'a@b', answer: '550 no' }], capabilities: [], tls: null, message_id: '<1@hub>', took_ms: 4, dialogue: [{ who: 'server', text: '220 hi' }] } }],
}

interface Asked { readonly method: string; readonly path: string; readonly parameters: Readonly<Record<string, string>>; json(status: number, value: unknown): void }

/** What the fake hub says below /alerts, /alert-silences, /rules, /outbox and /receivers; false: it is none of these. */
export function answerAlerts({ method, path, parameters, json }: Asked): boolean {
  const answer = (value: unknown, status = 200): true => (json(status, value), true)
  if (path === '/alerts') return answer(parameters['node'] === 'calm' ? { alerts: [], cursor: null, open: [], calm_since: '2026-11-20T00:00:00.000Z' } : parameters['cursor'] === undefined && parameters['limit'] === '2' ? { alerts: [anAlert(), anAlert({ id: 13 })], cursor: 'critical.13', open: [], calm_since: null } : { alerts: [anAlert({ id: 14, mutes: [] })], cursor: null, open: [], calm_since: null })
  if (path === '/alerts/12' && method === 'GET') return answer({ ...aDetail, context: [] })
  if (path.startsWith('/alerts/99/')) return answer({ code: 'conflict', title: 'no', detail: 'The alert 99 is over already', request_id: 'r-2' }, 409)
  if (path.startsWith('/alerts/')) return answer(anAlert({ state: 'acknowledged' }))
  if (path === '/alert-silences/preview') return answer({ matchers: [], total: 2, alerts: [anAlert()] })
  if (path === '/alert-silences') return answer(method === 'POST' ? aSilence() : { silences: [aSilence(), aSilence({ id: 3, state: 'ended', ended: 'x', ended_by: 'bert' })] }, method === 'POST' ? 201 : 200)
  if (path.startsWith('/alert-silences/')) return answer(aSilence({ state: 'ended' }))
  if (path === '/rules') return answer({ rules: [aRule], faults: [], warnings: [] })
  if (path.startsWith('/rules/')) return answer(aRuleDetail)
  if (path === '/outbox') return answer({ outbox: [aDelivery], cursor: null, counts: [] })
  if (path === '/outbox/cancel') return answer({ cancelled: 3 })
  if (path.startsWith('/outbox/')) return answer({ ...aDelivery, alerts: [12], expires: null, give_up: null, payload: { title: 'x \u001b[2J' } })
  if (path === '/receivers') return answer({ receivers: [{ name: 'ops', channels: [{ kind: 'mail', to: ['a@b'] }], max_per_hour: 60 }] })
  if (path.startsWith('/receivers/')) return answer(aTrial)
  return false
}
