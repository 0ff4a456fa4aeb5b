import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { createTransport } from 'nodemailer'
import { describe, expect, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { createHealth } from '#telemetry/index.ts'
import { createMailChannel, createRulesStatus, findRoutesFile, loadRoutes, NO_ROUTES, readRoutes, registerHealth, type Notice } from '#triggers/index.ts'
import { composeMail, type ComposeOptions } from '#triggers/actions/mail.ts'
import { formatTextFault } from '#domain/fault.ts'
import { stored } from './support.ts'

const AT_MS = Date.UTC(2026, 10, 22, 13, 42, 29, 220)
const NOTICE: Notice = {
  kind: 'alert', title: 'tch-001: kernel panic: VFS: Unable to mount root fs on unknown-block(0,0)', severity: 'critical', rule: 'boot.kernel-panic', version: '0c0ffee1234a', key: 'k',
  seq: 4712, receivedMs: AT_MS, nodeId: 1, sessionId: 5, node: 'tch-001', session: 'a1b2c3', host: 'tch-001', app: 'kernel', text: 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
  fields: { reason: 'VFS: Unable to mount root fs on unknown-block(0,0)' }, count: 3, firstMs: AT_MS - 90_000, runbook: 'https://wiki.example.org/panic', owner: 'boot team', before: 3, after: 1,
}
const CONTEXT = [
  stored({ app: 'kernel', pri: 6, text: '[    2.101204] List of all partitions:', receivedMs: AT_MS - 12 }, 4710),
  stored({ app: 'kernel', pri: 3, text: '[    2.112001] VFS: Cannot open root device "sda1" or unknown-block(0,0): error -6', receivedMs: AT_MS - 4 }, 4711),
  stored({ app: 'kernel', pri: 0, text: '[    2.113456] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)', receivedMs: AT_MS }, 4712),
]
const compose = (notice: Partial<Notice> = {}, change: Partial<ComposeOptions> = {}) =>
  composeMail({ id: 9, dedupKey: 'key-9', receiver: 'ops', alertId: undefined, payload: JSON.stringify({ ...NOTICE, ...notice }) },
    { renderer: createRenderer(), domain: 'hub.example.org', publicUrl: 'http://hub.example.org:8080/', firstOf: () => undefined, context: () => Promise.resolve(CONTEXT), ...change })

test.for(['text', 'html'] as const)('the %s of a mail looks as it did', async (form) => {
  const path = new URL(`../../fixtures/mail/kernel-panic.${form === 'text' ? 'txt' : 'html'}`, import.meta.url)
  const made = (await compose())[form]
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, made)
  expect(made).toBe(readFileSync(path, 'utf8'))
})

test('lines of the text fit a terminal, but for what was logged', async () => {
  const { text } = await compose({}, { context: () => Promise.resolve([]) })
  expect(text.split('\n').filter((line) => line.length > 78 && !line.includes('VFS'))).toEqual([])
})

describe('what a node logs stays text', () => {
  const HOSTILE = `<img src=x onerror=alert(1)>\r\nBcc: victim@example.org\r\n\r\n{{constructor}}{{#each fields}} \u202e"'><script>`
  const view = { title: HOSTILE, text: HOSTILE, node: HOSTILE, host: HOSTILE, fields: { evil: HOSTILE, [HOSTILE]: 'x' }, runbook: 'https://example.org/"><b>' }
  const context = () => Promise.resolve([stored({ text: HOSTILE, app: HOSTILE }, 4712)])

  test('in the page', async () => {
    const { html } = await compose(view, { context })
    const plain = (await compose()).html
    const tags = (text: string) => new Set((text.match(/<\/?[a-z!]+/gi) ?? []).map((tag) => tag.toLowerCase()))
    expect([...tags(html)].filter((tag) => !tags(plain).has(tag))).toEqual([])
    expect(html).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/) // oxlint-disable-line no-control-regex -- control characters are looked for
    expect(html).toContain('{{constructor}}{{#each fields}}')
  })

  test('in the headers', async () => {
    const mail = await compose(view, { context })
    const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail({ ...mail, from: 'a@b.c', to: 'd@e.f' })
    const parsed = await simpleParser(message as Buffer)
    expect([...parsed.headers.keys()].filter((name) => ['bcc', 'cc'].includes(name))).toEqual([])
    expect(parsed.subject).not.toMatch(/[\r\n]/)
    expect(parsed.subject).toContain('[CRITICAL] <img src=x onerror=alert(1)> Bcc: victim@example.org')
  })

  test('and each of its lines is one line of the text', async () => {
    const { text } = await compose(view, { context })
    expect(text.split('\n').filter((line) => line.startsWith('Bcc:'))).toEqual([])
  })
})

test('a mail without context says why, and shows the message itself', async () => {
  const { text } = await compose({}, { context: () => Promise.reject(new Error('reader is busy')) })
  expect(text).toContain('Kernel panic - not syncing')
  expect(text).toContain('(the messages around it could not be read: Error: reader is busy)')
})

test('a command shows its body line by line', async () => {
  const { text, subject } = await compose({ kind: 'command', title: 'disk nearly full', text: 'first\nsecond\\nthird', severity: 'warning' })
  expect(subject).toBe('[WARNING] disk nearly full')
  expect(text).toContain('\nfirst\nsecond\nthird\n')
})

test('context is asked for the node, and the same row always has the same Message-ID', async () => {
  const asked: unknown[] = []
  const context: ComposeOptions['context'] = (...args) => (asked.push(args), Promise.resolve([]))
  const ids = [await compose({}, { context }), await compose({}, { context })].map(({ messageId }) => messageId)
  expect(asked[0]).toEqual([4712, { before: 3, after: 1, nodeId: 1 }])
  expect(ids[0]).toBe(ids[1])
})

test('the password is read at start, and a file that is not there stops it', () => {
  const made = () =>
    createMailChannel({
      config: { host: 'localhost', port: 25, tls: 'starttls', from: 'a@b.c', user: 'u', password_file: '/nonexistent/password' }, routes: () => NO_ROUTES, renderer: createRenderer(), context: () => Promise.resolve([]),
      firstOf: () => undefined, publicUrl: undefined,
    })
  expect(made).toThrow('ENOENT')
})

describe('routes', () => {
  const faults = (text: string): readonly string[] => {
    const routes = readRoutes('routes.yaml', text)
    return routes.ok ? [] : routes.faults.map(formatTextFault)
  }
  test('an unknown name goes to the default receiver', () => {
    const routes = readRoutes('r', 'format: 1\ndefault: ops\nreceivers: [{name: ops, mail: [a@b.c]}, {name: noc, mail: [d@e.f]}]\n')
    expect(routes.ok && [routes.value.receiver('noc')?.name, routes.value.receiver('boss')?.name, routes.value.names]).toEqual(['noc', 'ops', ['ops', 'noc']])
  })
  test.for<readonly [string, string, readonly string[]]>([
    ['an address with a line break', 'receivers: [{name: ops, mail: ["a@b.c\\nBcc: x@y.z"]}]', ['routes.yaml:2:32: receivers[0].mail[0] must be a text that matches ^[^@\\s<>,;"]+@[^@\\s<>,;"]+$, not "a@b.c\\nBcc: x@y.z"']],
    ['a default that is not there', 'default: boss\nreceivers: [{name: ops, mail: [a@b.c]}]', ['routes.yaml:2:10: there is no receiver `boss`']],
    ['a name twice', 'receivers: [{name: ops, mail: [a@b.c]}, {name: ops, mail: [a@b.c]}]', ['routes.yaml:2:48: there is a receiver `ops` already']],
    ['an unknown key', 'defualt: ops\nreceivers: []', ['routes.yaml:2:1: defualt: there is no such key (did you mean default?)']],
  ])('%s is refused', ([, text, expected]) => {
    expect(faults(`format: 1\n${text}\n`)).toEqual(expected)
  })
  test('the data folder comes before the rule folders, and no file is no fault', () => {
    const [data, rules] = [mkdtempSync(join(tmpdir(), 'hps-data-')), mkdtempSync(join(tmpdir(), 'hps-rules-'))]
    const where = { configured: undefined, data, directories: [rules] }
    expect(loadRoutes(where)).toEqual({ ok: true, value: NO_ROUTES })
    writeFileSync(join(rules, 'routes.yaml'), 'format: 1\nreceivers: []\n')
    expect(findRoutesFile(where)).toBe(join(rules, 'routes.yaml'))
    writeFileSync(join(data, 'routes.yaml'), 'format: 1\nreceivers: []\n')
    expect(findRoutesFile(where)).toBe(join(data, 'routes.yaml'))
    expect(loadRoutes({ ...where, configured: '/nonexistent' })).toMatchObject({ ok: false, faults: [{ file: '/nonexistent' }] })
  })
  test('the example is right', () => {
    expect(faults(readFileSync(new URL('../../../rules/routes.example.yaml', import.meta.url), 'utf8'))).toEqual([])
  })
})

test('health tells what is missing, and never makes the hub unready', () => {
  const health = createHealth()
  const status = createRulesStatus()
  let routes = NO_ROUTES
  const config = { port: 25, tls: 'none' as const, from: 'a@b.c' }
  registerHealth(health, { status, config, routes: () => routes })
  const reasons = () => Object.fromEntries(Object.entries(health.report().checks).map(([name, { status: result, reason }]) => [name, `${result} ${reason ?? ''}`.trim()]))
  expect(reasons()).toEqual({ rules: 'warn the rules are not loaded yet', mail: 'warn no SMTP server is configured (mail.host): mails wait in the outbox' })
  status.take({ kind: 'refused', faults: ['r.yaml:1:1: no', 'r.yaml:2:1: no'] })
  expect(reasons()['rules']).toBe('warn no rules are in use: r.yaml:1:1: no and 1 more')
  status.take({ kind: 'loaded', rules: 1, tests: 1, list: [], warnings: [] })
  expect(reasons()['rules']).toBe('pass')
  status.take({ kind: 'refused', faults: ['r.yaml:1:1: no'] })
  expect(reasons()['rules']).toBe('warn the rules on disk were refused, the ones before are in use: r.yaml:1:1: no')
  const withHost = createHealth()
  registerHealth(withHost, { status, config: { ...config, host: 'mail' }, routes: () => routes })
  expect(withHost.report().checks['mail']).toEqual({ status: 'warn', reason: 'there are no receivers (routes.yaml): mails wait in the outbox' })
  routes = { file: 'r', names: ['ops'], receiver: () => undefined }
  expect(withHost.report().checks['mail']).toEqual({ status: 'pass' })
})
