import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anAuthority, writeCertificate } from '../support/certificates.ts'
import { freePort, run, startChild, until, type Child } from '../support/child.ts'
import { aHub, ROOT, type RunningHub } from '../support/hub.ts'
import { sendTcp, sendUdp } from '../support/senders.ts'
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts'

/** Debian's Prometheus scrapes the hub with the files of deploy/; the dashboard's queries and the alert rules are run by it. */
const PROMETHEUS = join(ROOT, 'deploy/prometheus')

interface Panel { readonly title: string; readonly type: string; readonly targets?: readonly { readonly expr: string }[] }
const dashboard = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/dashboards/hps-hub.json'), 'utf8')) as { readonly panels: readonly Panel[] }
const alertRules = readFileSync(join(PROMETHEUS, 'alerts.yml'), 'utf8')

/** Queries that rightly answer nothing while all is well: only these may be empty. */
const MAY_BE_EMPTY: readonly RegExp[] = [/hps_notifications_failed_total.*> 0$/, /hps_queue_fill.*> 0$/]

/** One rule that sends a mail, so that alerts and deliveries are there to be shown. */
const RULES = `format: 1
pack: monitored
rules:
- id: monitored.degraded
  title: 'Pool of {{node}} is degraded'
  severity: error
  when: {match: {app: zed, contains: DEGRADED}}
  by: [node]
  notify: {to: ops}
  tests:
  - name: one mail
    steps:
    - '0s tch-001 zed.err: pool DEGRADED'
    - expect: {firing: {node: tch-001}}
`
const ROUTES = 'format: 1\ndefault: ops\nreceivers:\n- name: ops\n  mail: [ops@example.org]\nroute: {receiver: ops, wait: 0s}\n'

let smtp: SmtpSink
let rules: string
let certificates: string
let hub: RunningHub & AsyncDisposable
/** Receives what the hub forwards, so that the figures of a forwarder are there to be asked for. */
let above: RunningHub & AsyncDisposable
let prometheus: { readonly child: Child; readonly url: string; readonly folder: string }

beforeAll(async () => {
  smtp = await startSmtpSink()
  rules = mkdtempSync(join(tmpdir(), 'hps-rules-'))
  writeFileSync(join(rules, 'monitored.yaml'), RULES)
  writeFileSync(join(rules, 'routes.yaml'), ROUTES)
  certificates = mkdtempSync(join(tmpdir(), 'hps-certificates-'))
  const [syslogPort, tlsPort, abovePort] = [await freePort(), await freePort(), await freePort()]
  above = await aHub({ syslog: { listeners: [{ name: 'below', transport: 'relp', address: '127.0.0.1', port: abovePort }] }, rules: { directories: [] } })
  const listeners = [
    ...(['udp', 'tcp'] as const).map((transport) => ({ name: transport, transport, address: '127.0.0.1', port: syslogPort })),
    { name: 'tls', transport: 'relp', address: '127.0.0.1', port: tlsPort, tls: writeCertificate(certificates, 'hub', anAuthority().issue({ name: 'hub.test', expiresMs: Date.now() + 90 * 86_400_000 })) },
  ]
  const sinks = [{ kind: 'file', name: 'all', path: 'all.log' }, { kind: 'forward', name: 'above', transport: 'relp', host: '127.0.0.1', port: abovePort }]
  const running = await aHub({ syslog: { listeners }, sinks, store: { seal_after: '1s' }, rules: { directories: [rules] }, mail: { host: '127.0.0.1', port: smtp.port, tls: 'none' } })
  hub = { ...running, syslogPort }
  await makeTraffic(hub)
  const folder = mkdtempSync(join(tmpdir(), 'hps-prometheus-'))
  cpSync(PROMETHEUS, folder, { recursive: true })
  const { secret } = await hub.json<{ readonly secret: string }>('/api/v1/tokens', post({ role: 'metrics', label: 'prometheus' }))
  writeFileSync(join(folder, 'metrics.token'), `${secret}\n`)
  // The shipped file but for the port of this hub, and a pace that does not make the test wait.
  const config = readFileSync(join(folder, 'prometheus.yml'), 'utf8')
  expect(config).toContain('127.0.0.1:8080')
  writeFileSync(join(folder, 'prometheus.yml'), config.replace('127.0.0.1:8080', `127.0.0.1:${hub.httpPort}`).replaceAll(/(scrape_interval|evaluation_interval): 15s/g, '$1: 1s'))
  const port = await freePort()
  const child = startChild('prometheus', [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/tsdb`, `--web.listen-address=127.0.0.1:${port}`], { cwd: folder })
  prometheus = { child, url: `http://127.0.0.1:${port}`, folder }
  await until('Prometheus to have scraped the hub six times', async () => {
    if (!child.running()) throw new Error(child.output())
    return (await value('sum(count_over_time(up{job="hps-hub"}[1m]))')) >= 6
  })
  await makeTraffic(hub)
  await until('a scrape of the second half of the traffic', async () => (await value('sum(increase(hps_ingest_messages_total{transport="tcp"}[1m]))')) > 0)
})
afterAll(async () => {
  await prometheus?.child.stop()
  if (prometheus !== undefined) rmSync(prometheus.folder, { recursive: true, force: true })
  await hub?.[Symbol.asyncDispose]()
  await above?.[Symbol.asyncDispose]()
  await smtp?.[Symbol.asyncDispose]()
  for (const folder of [rules, certificates]) rmSync(folder, { recursive: true, force: true })
})

const post = (body: unknown): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

/** A little of everything that the dashboard shows. */
async function makeTraffic({ syslogPort, ...hub }: RunningHub): Promise<void> {
  const lines = Array.from({ length: 200 }, (_, i) => `<14>1 - tch-00${i % 5} kernel - - - monitored ${i}`)
  await sendUdp(syslogPort, lines)
  await sendTcp(syslogPort, [`${lines.join('\n')}\n`])
  await sendUdp(syslogPort, ['<11>1 - tch-001 zed - - - pool tank is DEGRADED'])
  await hub.post(['monitored by http'])
  await until('the mail', () => smtp.mails.length > 0)
  await until('the traffic to be searchable', async () => (await hub.search('monitored')).length > 0)
  await fetch(`${hub.url}/boot/v1/decide?mac=52:54:00:00:00:01`)
  await fetch(`${hub.url}/api/v1/logs`, { headers: { authorization: 'Bearer wrong' } })
}

interface Answer { readonly status: string; readonly error?: string; readonly data: { readonly resultType: string; readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[] } }
async function query(expr: string): Promise<Answer> {
  return (await (await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query: expr }).toString()}`)).json()) as Answer
}
const value = async (expr: string): Promise<number> => Number((await query(expr)).data.result[0]?.value[1] ?? 0)

const expressions = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr: withVariables(expr) })))
function withVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*')
}

test('the scrape works with the metrics token, and the token does nothing else', async () => {
  expect(await value('up{job="hps-hub"}')).toBe(1)
  const token = readFileSync(join(prometheus.folder, 'metrics.token'), 'utf8').trim()
  const asked = await fetch(`${hub.url}/api/v1/logs`, { headers: { authorization: `Bearer ${token}`, accept: 'application/json' } })
  expect(asked.status).toBe(403)
  expect((await fetch(`${hub.url}/metrics`)).status).toBe(401)
})

test('the dashboard has queries, and no variable that the test does not know', () => {
  expect(expressions.length).toBeGreaterThan(30)
  expect(expressions.filter(({ expr }) => expr.includes('$'))).toEqual([])
})

test.for(expressions)('dashboard, $title: $expr', async ({ expr }) => {
  const { status, error, data } = await query(expr)
  expect({ status, error }).toEqual({ status: 'success', error: undefined })
  if (!MAY_BE_EMPTY.some((pattern) => pattern.test(expr))) expect(data.result.length, 'series').toBeGreaterThan(0)
})

test('every metric that the dashboard and the alert rules name is one that the hub exposes', async () => {
  const exposed = new Set([...(await hub.metrics()).keys()].map((key) => key.replace(/\{.*/, '')))
  const named = new Set([...expressions.map(({ expr }) => expr), alertRules].flatMap((text) => text.match(/\bhps_[a-z0-9_]+/g) ?? []))
  expect(named.size).toBeGreaterThan(30)
  expect([...named].filter((name) => !exposed.has(name))).toEqual([])
})

test('docs/reference/metrics.md has every metric that the hub exposes', async () => {
  const page = readFileSync(join(ROOT, 'docs/reference/metrics.md'), 'utf8')
  const exposed = new Set([...(await hub.metrics()).keys()].map((key) => key.replace(/\{.*/, '')))
  expect([...exposed].filter((name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name.replace(/_(bucket|sum|count)$/, '')}\` | histogram`))).toEqual([])
})

test('Prometheus runs the alert rules; on a healthy hub only the watchdog fires', async () => {
  const loaded = (await (await fetch(`${prometheus.url}/api/v1/rules`)).json()) as { data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] } }
  const rules = loaded.data.groups.flatMap((group) => group.rules)
  expect(rules.length).toBeGreaterThan(15)
  expect(rules.filter((rule) => rule.health === 'err')).toEqual([])
  const firing = await query('ALERTS{alertstate="firing"}')
  expect(firing.data.result.map(({ metric }) => metric['alertname'])).toEqual(['HpsWatchdog'])
})

test('promtool finds no fault in the files of deploy/prometheus, and their unit tests pass', async () => {
  for (const args of [['check', 'config', join(prometheus.folder, 'prometheus.yml')], ['check', 'rules', 'alerts.yml'], ['test', 'rules', 'alerts.test.yml']]) {
    const { code, output } = await run('promtool', args, { cwd: PROMETHEUS })
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  }
})

test('every alert rule has a unit test that fires and, but for the watchdog, one that stays silent', () => {
  const names = [...alertRules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!)
  const tests = readFileSync(join(PROMETHEUS, 'alerts.test.yml'), 'utf8')
  const fires = (name: string): boolean => new RegExp(`alertname: ${name}\\b(?!.*exp_alerts: \\[\\])`).test(tests)
  const silent = (name: string): boolean => new RegExp(`alertname: ${name}\\b.*exp_alerts: \\[\\]`).test(tests)
  expect(names.filter((name) => !fires(name))).toEqual([])
  expect(names.filter((name) => name !== 'HpsWatchdog' && !silent(name))).toEqual([])
})
