import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertsView, AlertDetail, ExplainView, OutboxListView, SuggestView } from '#api/index.ts'
import { loadRules } from '#triggers/index.ts'
import { createRenderer } from '#render/index.ts'
import { run, until } from '../support/child.ts'
import { aHub, ROOT, type RunningHub } from '../support/hub.ts'
import { sendUdp } from '../support/senders.ts'

/** What anybody who can send a datagram may write into host names, programs, structured data and texts, on its way to alerts, web addresses, pages and terminals. */
const RULES = `
format: 1
pack: hostile
rules:
- id: hostile.said
  title: '{{node}} {{app}}: {{word}}'
  severity: critical
  when: {match: {regex: 'OWNED (?<word>(?s:.*))'}}
  by: [node, app]
  notify: {to: chat, wait: 0s, context: {before: 5, after: 5}}
  tests:
  - {name: one, steps: ['0s n1 x.info: OWNED now', {expect: {firing: {word: now}}}, '1s n1 x.info: nothing', {expect: {nothing_new: true}}]}
- id: hostile.hub
  title: 'The hub says {{text}}'
  severity: critical
  when: {match: {app: hps-hub, contains: the sky falls}}
  by: []
  tests:
  - {name: one, steps: ['0s n1 hps-hub.info: the sky falls', {expect: {firing: {}}}, '1s n1 x.info: the sky falls', {expect: {nothing_new: true}}]}
`
const SCRIPT = '<script>window.owned=1</script><img src=x onerror="window.owned=1"><svg onload=window.owned=1>'
const ATTACKS: Readonly<Record<string, string | Buffer>> = {
  markup: `${SCRIPT}"><a href="javascript:window.owned=1">x</a>`,
  headers: 'x\r\nX-Owned: 1\r\n\r\nHTTP/1.1 200 OK\r\nBcc: owned@example.org',
  templates: '{{constructor.constructor "return process"}}{{{this}}}{{#each @root}}{{this}}{{/each}} ${net0/mac} $(touch /tmp/owned) `id` %0a',
  terminal: '\u001b[2J\u001b]0;owned\u0007\u009b31m\u001b]8;;https://owned.example\u0007click\u001b]8;;\u0007\u0008\u007f',
  direction: '\u202egnp.exe\u2066\u200f\u2028\u2029\u0085',
  nothing: 'a\u0000b\u0001c',
  yaml: "x: y\n- id: owned\n  severity: critical\n...\n---\n&a *a !!js/function 'x' \"y\" # z\n\t$disk $$vars",
  bytes: Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0x62]),
  prototype: '__proto__ constructor toString hasOwnProperty',
  long: 'A'.repeat(60_000),
}

const BROWSER = '/usr/bin/chromium'
const folder = mkdtempSync(join(tmpdir(), 'hps-hostile-'))
let hub: RunningHub & AsyncDisposable
let chat: Server
const posts: { readonly headers: IncomingHttpHeaders; readonly names: readonly string[]; readonly body: string }[] = []
const names = Object.keys(ATTACKS)

beforeAll(async () => {
  chat = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      posts.push({ headers: request.headers, names: request.rawHeaders.filter((_, index) => index % 2 === 0), body: Buffer.concat(chunks).toString() })
      response.writeHead(200).end(SCRIPT)
    })
  }).listen(0, '127.0.0.1')
  await once(chat, 'listening')
  writeFileSync(join(folder, 'hostile.yaml'), RULES)
  writeFileSync(join(folder, 'routes.yaml'), `format: 1\nreceivers:\n- name: chat\n  max_per_hour: 1000\n  webhooks:\n  - {name: chat, url: 'http://127.0.0.1:${(chat.address() as AddressInfo).port}/', allow_loopback: true}\nroute: {receiver: chat, group_by: [alert], wait: 0s}\n`)
  hub = await aHub({ rules: { directories: [folder], routes: join(folder, 'routes.yaml') } })
  for (const [name, text] of Object.entries(ATTACKS)) {
    const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text)
    // oxlint-disable-next-line no-control-regex -- what ends a field of RFC 5424
    const word = (length: number): Buffer => Buffer.from(bytes.toString('latin1').replace(/[\x00-\x20\x7f]/g, '_').slice(0, length), 'latin1')
    await sendUdp(hub.syslogPort, [Buffer.concat([
      Buffer.from('<10>1 - '), word(255), Buffer.from(' '), word(20), Buffer.from(`.${name} - - [x@1 y="`), Buffer.from(bytes.toString('latin1').replace(/["\\\]]/g, '\\$&').slice(0, 500), 'latin1'), Buffer.from('"] OWNED '), bytes,
    ])])
  }
  await until('all of them are alerts', async () => (await alerts()).length >= names.length)
}, 60_000)
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]()
  chat?.close()
  rmSync(folder, { recursive: true })
})

const alerts = async () => (await hub.json<AlertsView>('/api/v1/alerts?limit=100')).alerts
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

test('titles and keys are one line that no terminal obeys', async () => {
  for (const { title, rule } of await alerts()) {
    expect(rule).toBe('hostile.said')
    expect(title).not.toMatch(OBEYED)
    expect(title).not.toContain('\n')
    expect(title.length).toBeLessThanOrEqual(200)
  }
})

test('a web address gets JSON with the headers of the hub and no other', async () => {
  await until('all of them are told', () => posts.length >= names.length)
  for (const { headers, names: sent, body } of posts) {
    expect(sent.map((name) => name.toLowerCase()).toSorted()).toEqual(['connection', 'content-length', 'content-type', 'host', 'user-agent', 'webhook-id', 'webhook-timestamp'])
    expect([headers['content-type'], Buffer.byteLength(body) < 20_000]).toEqual([expect.stringMatching(/^application\/json\b/), true])
    const { type, data } = JSON.parse(body) as { type: string; data: { title: string; alerts: { rule: string; fields: Record<string, string> }[] } }
    expect([type, data.alerts[0]!.rule, Object.getPrototypeOf(data)]).toEqual(['alert.firing', 'hostile.said', Object.prototype])
    expect(data.title).not.toMatch(OBEYED)
  }
})

test('no page runs, asks or shows as markup what was sent', async () => {
  const browser: Browser = await chromium.launch({ executablePath: BROWSER, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
  try {
    const page = await (await browser.newContext({ baseURL: hub.url })).newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => void complaints.push(error.message))
    page.on('console', (message) => void (/Content.Security.Policy/i.test(message.text()) && complaints.push(message.text())))
    page.on('dialog', (dialog) => void complaints.push(dialog.message()))
    page.on('request', (request) => void (request.url().startsWith(hub.url) || complaints.push(request.url())))
    await page.goto(/https?:\/\/\S+#\S*/.exec(hub.child.output())![0].replace(/^https?:\/\/[^/]+/, hub.url))
    await page.locator('[data-test="page-logs"]').waitFor()
    const [list, { outbox }] = [await alerts(), await hub.json<OutboxListView>('/api/v1/outbox')]
    const seqs = await Promise.all(list.map(async ({ id }) => (await hub.json<AlertDetail>(`/api/v1/alerts/${id}`)).last_seq))
    const places = ['alerts', 'outbox', 'rules', 'rule/hostile.said', 'nodes', 'sources', 'sessions', ...list.map(({ id }) => `alert/${id}`), ...outbox.slice(0, 3).map(({ id }) => `delivery/${id}`), ...seqs.slice(0, 3).map((seq) => `message/${seq}`)]
    for (const place of places) await shows(page, place)
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
}, 60_000)

async function shows(page: Page, place: string): Promise<void> {
  await page.goto(`${hub.url}/#/${place}`)
  await page.locator('main [data-test^="page-"]').first().waitFor()
  await page.waitForLoadState('networkidle')
  const markup = await page.locator('main :is(script, img, iframe, a[href^="javascript"], svg[onload], [onerror])').count()
  expect({ place, markup, owned: await page.evaluate(() => 'owned' in globalThis) }).toEqual({ place, markup: 0, owned: false })
}

test('no command prints what a terminal obeys', async () => {
  const [first] = await alerts()
  const seq = (await hub.json<AlertDetail>(`/api/v1/alerts/${first!.id}`)).last_seq
  const { id } = (await hub.json<OutboxListView>('/api/v1/outbox')).outbox[0]!
  const all = (await alerts()).filter(({ title }) => title.includes('\\')).slice(0, 2).map((alert) => ['alerts', 'show', String(alert.id)])
  expect(all).toHaveLength(2)
  const shown = [['alerts', 'list'], ...all, ['outbox', 'show', String(id)], ['rules', 'explain', String(seq)]]
  await Promise.all(shown.map(async (words) => {
    const { output } = await run(join(ROOT, 'hps'), [...words, '--url', hub.url, '--color', 'never'], { env: { HPS_TOKEN: hub.token } })
    expect(`${words.join(' ')}: ${OBEYED.exec(output)?.[0].charCodeAt(0).toString(16) ?? 'nothing'}`).toBe(`${words.join(' ')}: nothing`)
    expect(output.length).toBeGreaterThan(20)
  }))
}, 60_000)

test('a rule made of such lines is one rule, and explanations hold', async () => {
  for (const { id } of await alerts()) {
    const seq = (await hub.json<AlertDetail>(`/api/v1/alerts/${id}`)).last_seq
    expect((await hub.json<ExplainView>(`/api/v1/rules/explain?message=${seq}`)).rules.map(({ rule }) => rule)).toContain('hostile.said')
    const { good, text } = await hub.json<SuggestView>('/api/v1/rules/suggest', { method: 'POST', body: JSON.stringify({ good: [seq] }), headers: { 'content-type': 'application/json' } })
    if (!good) continue
    const loaded = loadRules([{ name: 'suggested.yaml', text: text! }], { renderer: createRenderer() })
    expect(loaded.ok && loaded.value.rules.map((rule) => [rule.id, rule.policy.status])).toEqual([['suggested.rule', 'shadow']])
    expect(text!.replaceAll('\t', '')).not.toMatch(OBEYED)
  }
})

test('nobody speaks for the hub, and commands of nodes that prove nothing are refused', async () => {
  await sendUdp(hub.syslogPort, [Buffer.from('<10>1 - ips-01 hps-hub - - - the sky falls'), Buffer.from('<10>1 - tch-001 hps-trigger - - - notify to=chat severity=critical subject="x\\r\\nX-Owned: 1" body="y"')])
  await until('the command is refused', async () => ((await hub.metrics()).get('hps_trigger_commands_total{outcome="unproven-node"}') ?? 0) > 0)
  expect((await alerts()).filter(({ rule }) => rule === 'hostile.hub')).toEqual([])
})

test('metrics have no label of what was sent', async () => {
  const text = await (await hub.get('/metrics')).text()
  expect(text).not.toMatch(/owned|OWNED|<script|javascript/)
})
