import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simpleParser, type ParsedMail } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlertView } from '#api/index.ts'
import { run, until } from '../support/child.ts'
import { placeHub, ROOT, startHub, untilFound, type HubPlace, type RunningHub } from '../support/hub.ts'
import { startSmtpServer, type Taken, type TestServer } from '../support/mail/smtp-server.ts'

/** Trigger commands as the wire contract has them: `logger` on a node, a hub, and what becomes of each. */
const ROUTES = `
format: 1
default: ops
receivers:
- {name: ops, mail: [ops@example.org]}
- {name: boss, mail: [boss@example.org]}
- {name: storage-night, mail: [night@example.org]}
`
let place: HubPlace
let hub: RunningHub
let server: TestServer
beforeAll(async () => {
  server = await startSmtpServer()
  place = await placeHub({
    mail: { host: '127.0.0.1', port: server.port, tls: 'none', from: 'HPS hub <hps@hub.example.org>' }, http: { public_url: 'https://hub.example.org' },
    triggers: { receivers: ['ops', 'storage-*'], severities: ['critical', 'error', 'warning'], per_node_per_hour: 8 },
  })
  mkdirSync(place.data, { recursive: true, mode: 0o700 })
  writeFileSync(join(place.data, 'routes.yaml'), ROUTES)
  hub = await startHub(place)
}, 60_000)
afterAll(async () => {
  if (hub?.child.running()) await hub.kill()
  place?.remove()
  await server?.[Symbol.asyncDispose]()
})

const logger = async (text: string, ...args: readonly string[]): Promise<void> => {
  const { code, output } = await run('logger', ['--server', '127.0.0.1', '--port', String(hub.syslogPort), '--udp', '-t', 'hps-trigger', ...args, '--', text])
  expect({ code, output }).toEqual({ code: 0, output: '' })
}
/** The line in which the hub says why it did not obey the command. */
const refusalOf = async (text: string): Promise<string> => {
  const [command] = await untilFound(hub, `app:hps-trigger "${text}"`)
  const [said] = await untilFound(hub, `app:hps-hub "trigger command refused" "seq=${command!.seq}"`)
  return said!.text
}
interface Told extends Taken { readonly mail: ParsedMail }
const commandMails = async (): Promise<readonly Told[]> => (await Promise.all(server.mails.map(async (taken) => ({ ...taken, mail: await simpleParser(taken.raw) })))).filter(({ mail }) => mail.headers.get('x-hps-kind') === 'command')
const mailOf = (subject: string): Promise<Told> => until(`the mail ${subject}`, async () => (await commandMails()).find(({ mail }) => mail.subject === subject))
const register = () => hub.json('/api/v1/nodes/tch-001', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ addresses: ['127.0.0.1'] }) })

describe('trigger commands', () => {
  test('of a node that nothing proves is refused, and that is seen: in the log, in a number, and as an alert', async () => {
    await logger('notify to=ops severity=warning subject="unproven one"')
    expect(await refusalOf('unproven one')).toMatch(/reason=unproven-node/)
    const samples = await hub.metrics()
    expect(samples.get('hps_trigger_commands_total{outcome="unproven-node"}')).toBe(1)
    const alerts = await until('the alert', async () => {
      const { alerts: found } = await hub.json<{ readonly alerts: readonly AlertView[] }>('/api/v1/alerts?rule=hub.trigger-refused')
      return found.length > 0 && found
    })
    expect(alerts[0]!.title).toBe('A trigger command was refused: unproven-node')
    const { output } = await run(join(ROOT, 'hps'), ['alerts', '--data', hub.data])
    expect(output).toContain('A trigger command was refused: unproven-node')
  })

  test.for<readonly [string, string, string, readonly string[]]>([
    ['as the contract writes it', 'notify to=ops severity=warning subject="first of all" body="line one\\nline two"', '[WARNING] first of all', []],
    ['fields in another order, a severity of rules, words without quotes', 'notify subject=second severity=critical to=ops', '[CRITICAL] second', ['--rfc3164']],
    ['a short severity of syslog, a receiver that is allowed by its beginning', 'notify to=storage-night severity=err subject="third, \\"quoted\\""', '[ERROR] third, "quoted"', ['--rfc5424']],
    ['behind a label of RFC 3164', '[s=a1b2c3 q=17 f=n_install l=warning st=packages] notify to=ops severity=warn subject="fourth of all"', '[WARNING] fourth of all', ['--rfc3164']],
  ])('of a proven node is obeyed: %s', async ([, text, subject, args]) => {
    await register()
    await logger(text, ...args)
    const { to, mail } = await mailOf(subject)
    expect(to).toEqual([text.includes('storage-night') ? 'night@example.org' : 'ops@example.org'])
    expect(mail.text).toContain('tch-001')
    if (text.includes('body=')) expect(mail.text).toMatch(/line one\nline two/)
  })

  test.for<readonly [string, string, RegExp]>([
    ['a receiver that is not there', 'notify to=nobody-here severity=error subject="r1"', /reason=unknown-receiver/],
    ['the default receiver by another name', 'notify to=opps severity=error subject="r2"', /to=opps .*reason=unknown-receiver/],
    ['a receiver that nodes may not name', 'notify to=boss severity=error subject="r3"', /to=boss .*reason=receiver-not-allowed/],
    ['a severity that nodes may not use', 'notify to=ops severity=info subject="r4"', /reason=severity-not-allowed/],
    ['a severity that is none', 'notify to=ops severity=hot subject="r5"', /fault=trigger-severity reason=malformed/],
    ['no subject', 'notify to=ops severity=error r6=1', /fault=trigger-field/],
    ['a subject of blanks', 'notify to=ops severity=error subject=" " body="r7"', /fault=trigger-field/],
    ['no severity', 'notify to=ops subject="r8"', /fault=trigger-severity/],
    ['a field twice', 'notify to=ops to=boss severity=error subject="r9"', /fault=trigger-field/],
    ['a field that is unknown', 'notify to=ops severity=error subject="r10" cc="boss"', /fault=trigger-field/],
    ['a quote without an end', 'notify to=ops severity=error subject="r11', /fault=trigger-field/],
    ['another verb', 'reboot to=ops severity=error subject="r12"', /fault=trigger-verb/],
    ['an address in place of a receiver', 'notify to=evil@example.com severity=error subject="r13"', /reason=unknown-receiver/],
    ['a subject that is too long', `notify to=ops severity=error body="r14" subject="${'x'.repeat(301)}"`, /fault=trigger-length/],
  ])('is refused and says why: %s', async ([, text, reason]) => {
    await register()
    const before = server.mails.length
    await logger(text, '--size', '8192')
    const word = /\br\d+\b/.exec(text)![0]
    expect(await refusalOf(word)).toMatch(reason)
    expect(server.mails).toHaveLength(before)
  })

  test('what is not allowed does not become a header, a recipient or another command', async () => {
    await register()
    await logger('notify to=ops severity=error subject="cut\\r\\nBcc: evil@example.com" body="\\r\\n.\\r\\nQUIT {{node}} <script>"')
    const { to, raw, mail } = await until('the mail', async () => (await commandMails()).find(({ mail: { subject = '' } }) => subject.startsWith('[ERROR] cut')))
    expect(to).toEqual(['ops@example.org'])
    expect([mail.bcc, mail.cc, /^bcc:/mi.test(raw.split('\r\n\r\n')[0]!)]).toEqual([undefined, undefined, false])
    expect(mail.text).toContain('QUIT {{node}} <script>')
    expect(mail.html).not.toContain('<script>')
  })

  test('a node in a loop is heard eight times in an hour, and then refused; another program of the node is no command', async () => {
    for (let at = 0; at < 8; at++) await logger(`notify to=ops severity=error subject="loop ${at}"`)
    await run('logger', ['--server', '127.0.0.1', '--port', String(hub.syslogPort), '--udp', '-t', 'hps-triggered', '--', 'notify to=ops severity=error subject="not mine"'])
    expect(await refusalOf('loop 7')).toMatch(/reason=too-many/)
    await untilFound(hub, '"not mine"')
    expect((await commandMails()).filter(({ raw }) => raw.includes('not mine'))).toEqual([])
    expect((await hub.metrics()).get('hps_trigger_commands_total{outcome="queued"}')).toBe(8)
  })
})
