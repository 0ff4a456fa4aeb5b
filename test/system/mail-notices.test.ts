import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simpleParser, type ParsedMail } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OutboxListView } from '#api/index.ts'
import { run, until } from '../support/child.ts'
import { placeHub, ROOT, startHub, sumOf, type HubPlace, type RunningHub } from '../support/hub.ts'
import { startSmtpServer, type TestServer } from '../support/mail/smtp-server.ts'
import { sendUdp } from '../support/senders.ts'

/** Who is told of what by a hub with routes, as a person would set them up, and what becomes of mails that are not taken. */
const RULES = `
format: 1
pack: lab
rules:
- id: lab.disk
  title: '{{node}}: {{disk}} failed'
  severity: critical
  when: {match: {app: kernel, regex: 'Disk failure on (?<disk>\\w+)'}}
  by: [node, disk]
  resolve: {match: {app: kernel, regex: '(?<disk>\\w+) is back'}}
  tests: [{name: one, steps: ['0s n1 kernel.crit: Disk failure on sdb', expect: {firing: {disk: sdb}}]}]
- id: lab.link
  title: '{{node}}: link of {{iface}} is down'
  severity: warning
  when: {match: {app: kernel, regex: 'link of (?<iface>\\w+) is down'}}
  by: [node, iface]
  resolve: {match: {app: kernel, regex: 'link of (?<iface>\\w+) is up'}}
  tests: [{name: one, steps: ['0s n1 kernel.crit: link of eno1 is down', expect: {firing: {iface: eno1}}]}]
- id: lab.named
  title: 'named {{what}}'
  severity: error
  when: {match: {app: kernel, regex: 'named fault (?<what>\\w+)'}}
  by: [what]
  notify: {to: lost, wait: 0s}
  tests: [{name: one, steps: ['0s n1 kernel.crit: named fault x', expect: {firing: {what: x}}]}]
`
const ROUTES = `
format: 1
fallback: boss
receivers:
- {name: ops, mail: [ops@example.org]}
- {name: boss, mail: [boss@example.org]}
- {name: lost, mail: [lost@example.org]}
- {name: network, mail: [network@example.org]}
- {name: sleeper, mail: [sleeper@example.org], quiet: always, quiet_except: [critical]}
- {name: capped, mail: [capped@example.org], max_per_hour: 2}
route:
  receiver: ops
  group_by: [alert]
  wait: 0s
  interval: 1s
  routes:
  - {match: {rule: lab.link, iface: 'quiet*'}, receiver: sleeper}
  - {match: {rule: lab.disk, disk: 'quiet*'}, receiver: sleeper}
  - {match: {rule: lab.link, iface: 'cap*'}, receiver: capped}
  - {match: {rule: lab.link, iface: 'nobody*'}, receiver: nobody}
  - {match: {rule: lab.link, iface: 'own*'}, receiver: network}
  - {match: {severity: warning}, receiver: network, group_by: [rule], wait: 1s}
quiet_hours:
  always: [{from: '00:00', to: '24:00'}]
`
let place: HubPlace
let hub: RunningHub
let server: TestServer
let isDown = false
const rules = mkdtempSync(join(tmpdir(), 'hps-notices-'))
beforeAll(async () => {
  server = await startSmtpServer({
    connect: () => (isDown ? { code: 421, text: 'too busy, come again' } : undefined),
    rcpt: (address) => (address === 'lost@example.org' ? { code: 550, text: 'no such user here' } : undefined),
  })
  writeFileSync(join(rules, 'lab.yaml'), RULES)
  place = await placeHub({ rules: { directories: [rules] }, http: { public_url: 'https://hub.example.org' }, mail: { host: '127.0.0.1', port: server.port, tls: 'none', from: 'HPS hub <hps@hub.example.org>' } })
  mkdirSync(place.data, { recursive: true, mode: 0o700 })
  writeFileSync(join(place.data, 'routes.yaml'), ROUTES)
  hub = await startHub(place)
}, 60_000)
afterAll(async () => {
  if (hub?.child.running()) await hub.kill()
  place?.remove()
  rmSync(rules, { recursive: true, force: true })
  await server?.[Symbol.asyncDispose]()
})

const say = (...texts: readonly string[]): Promise<void> => sendUdp(hub.syslogPort, texts.map((text) => `<2>1 - tch-001 kernel - - - ${text}`))
const to = async (name: string): Promise<readonly ParsedMail[]> => Promise.all(server.mails.filter((mail) => mail.to.includes(`${name}@example.org`)).map(({ raw }) => simpleParser(raw)))
const subjectsTo = async (name: string): Promise<readonly (string | undefined)[]> => (await to(name)).map(({ subject }) => subject)
const told = (name: string, holds: (mail: ParsedMail) => boolean): Promise<ParsedMail> => until(`a mail to ${name}`, async () => (await to(name)).find(holds))
const titled = (subject: string) => (mail: ParsedMail): boolean => mail.subject === subject
const rowsOf = async (query: string): Promise<OutboxListView['outbox']> => (await hub.json<OutboxListView>(`/api/v1/outbox?${query}`)).outbox
const hps = (...args: readonly string[]) => run(join(ROOT, 'hps'), [...args, '--data', hub.data])

describe('routes', () => {
  test('the first that fits decides: by severity, by field, by nobody; several of a rule go together', async () => {
    await say('Disk failure on sda', 'link of nobody1 is down', 'link of eno1 is down', 'link of eno2 is down', 'link of eno3 is down')
    await told('ops', titled('[CRITICAL] tch-001: sda failed'))
    const several = await told('network', titled('[3 WARNING] lab.link'))
    for (const iface of ['eno1', 'eno2', 'eno3']) expect(several.text).toContain(iface)
    expect(await to('ops')).toHaveLength(1)
    // it stands among the messages around the others, and is told to nobody
    expect([...(await subjectsTo('network')), several.text].filter((text) => /nobody1 is down \(/.test(text!))).toEqual([])
  })
  test('it is over: told in the thread of the mail that said that it began, for one and in a group', async () => {
    await say('sda is back')
    const [first] = await to('ops')
    const over = await told('ops', titled('[RESOLVED] tch-001: sda failed'))
    expect([over.inReplyTo, over.references]).toEqual([first!.messageId, first!.messageId])
    const several = await told('network', titled('[3 WARNING] lab.link'))
    await say('link of eno2 is up')
    const one = await told('network', titled('[RESOLVED] tch-001: link of eno2 is down'))
    expect([one.references].flat()).toEqual([several.messageId])
  })
  test('whoever was told hears who looks after it', async () => {
    await say('link of own1 is down')
    await told('network', titled('[WARNING] tch-001: link of own1 is down'))
    const { alerts } = await hub.json<{ readonly alerts: readonly { readonly id: number; readonly title: string }[] }>('/api/v1/alerts?rule=lab.link')
    const { id } = alerts.find(({ title }) => title.includes('own1'))!
    expect((await hps('alerts', 'ack', String(id), '--note', 'on my way')).code).toBe(0)
    const acknowledged = await told('network', titled('[ACKNOWLEDGED] tch-001: link of own1 is down'))
    expect(acknowledged.text).toMatch(/on my\sway/)
  })
  test('in quiet hours nothing but what is excepted; what waits is counted with its reason', async () => {
    await say('link of quiet1 is down', 'Disk failure on quiet2')
    expect((await told('sleeper', () => true)).subject).toBe('[CRITICAL] tch-001: quiet2 failed')
    await until('the other to be left out', async () => sumOf(await hub.metrics(), 'hps_notifications_left_total', 'reason="quiet"') > 0)
    expect(await to('sleeper')).toHaveLength(1)
  })
  test('more than a receiver wants in an hour waits for a digest', async () => {
    for (const iface of ['cap1', 'cap2']) {
      await say(`link of ${iface} is down`)
      await told('capped', titled(`[WARNING] tch-001: link of ${iface} is down`))
    }
    await say('link of cap3 is down', 'link of cap4 is down')
    await until('two to be held', async () => sumOf(await hub.metrics(), 'hps_notifications_held_total') >= 2)
    expect(await subjectsTo('capped')).toHaveLength(2)
  })
})

describe('the outbox', () => {
  test('a mailbox that is not there: given up, the fallback told, read and sent again by a person', async () => {
    await say('named fault one')
    const dead = await until('the dead letter', async () => (await rowsOf('receiver=lost'))[0]?.state === 'dead' && (await rowsOf('receiver=lost'))[0])
    const letter = await told('boss', () => true)
    expect([letter.headers.get('x-hps-kind'), letter.text!.includes('no such user here'), letter.text!.includes('named one')]).toEqual(['dead', true, true])
    const shown = await hps('outbox', 'show', String(dead.id))
    expect(shown.output).toContain('550 no such user here')
    // whoever mended the address sends it again
    writeFileSync(join(place.data, 'routes.yaml'), ROUTES.replace('lost@example.org', 'found@example.org'))
    hub.child.process.kill('SIGHUP')
    await until('the routes to be read', async () => (await (await hub.get('/api/v1/receivers')).text()).includes('found@example.org'))
    const retried = await hps('outbox', 'retry', String(dead.id))
    expect([retried.code, retried.output]).toEqual([0, expect.stringContaining(`delivery ${dead.id} to lost is sent again`)])
    expect((await told('found', () => true)).subject).toBe('[ERROR] named one')
  })
  test('a server that is away for a while: notices wait, what is over meanwhile says both, one is cancelled, the others come in order', async () => {
    isDown = true
    server.drop()
    await say('Disk failure on sdd')
    await until('a try that failed', async () => sumOf(await hub.metrics(), 'hps_notifications_failed_total', 'refused-later') > 0)
    await say('Disk failure on sde', 'named fault two', 'sdd is back')
    await until('a notice to lost that waits', async () => (await rowsOf('receiver=lost&state=queued,retry')).length > 0)
    expect((await hps('outbox', 'cancel', '--rule', 'lab.named')).output).toContain('1 delivery is cancelled')
    isDown = false
    await told('ops', titled('[FIRED AND RESOLVED] tch-001: sdd failed'))
    await told('ops', titled('[CRITICAL] tch-001: sde failed'))
    expect((await subjectsTo('ops')).filter((subject) => subject?.includes('sdd'))).toEqual(['[FIRED AND RESOLVED] tch-001: sdd failed'])
    expect((await rowsOf('receiver=lost'))[0]).toMatchObject({ state: 'cancelled' })
  })
  test('a test of a receiver shows what was said', async () => {
    const { code, output } = await hps('notify', '--test', 'network', '--verbose')
    expect([code, output]).toEqual([0, expect.stringMatching(/^mail 127\.0\.0\.1:\d+: taken: 250/)])
    for (const said of [/client EHLO/, /client MAIL FROM:<hps@hub\.example\.org>/, /client RCPT TO:<network@example\.org>/, /not encrypted/, /Message-ID <\w+@hub\.example\.org>/]) expect(output).toMatch(said)
    expect((await told('network', (mail) => mail.headers.get('x-hps-kind') === 'test')).subject).toMatch(/^\[TEST\] .* to network$/)
  })
})
