import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AddressObject, ParsedMail } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aChannel, aRow, type ChannelSettings } from '../support/mail/channel.ts'
import { LOGIN, placeExim, type Exim } from '../support/mail/exim.ts'
import { RAID, ofAlerts } from '../support/mail/samples.ts'
import { until } from '../support/child.ts'
import { placeHub, startHub, type HubPlace, type RunningHub } from '../support/hub.ts'
import { sendUdp } from '../support/senders.ts'

/** Mails of a hub to a real mail server: Debian's exim, with encryption, logins, and refusals of its own. */
let exim: Exim
beforeAll(async () => {
  exim = await placeExim()
  await exim.start()
}, 60_000)
afterAll(() => exim?.[Symbol.asyncDispose]())

const arrived = (count: number, what = `${count} mails`): Promise<readonly ParsedMail[]> => until(what, async () => {
  const mails = await exim.mails()
  return mails.length >= count && mails
})
const envelopeTo = (mail: ParsedMail): string => String(mail.headers.get('envelope-to'))

describe('the mail channel and exim', () => {
  const login = (): ChannelSettings['config'] => ({ host: 'localhost', user: LOGIN.user, password_file: exim.passwordFile, ca_file: exim.caFile })
  let before = 0
  const deliver = async (settings: ChannelSettings, { port = exim.port, id = 1 } = {}) => {
    before = (await exim.mails()).length
    using mail = aChannel(port, settings)
    return await mail.deliver(aRow(id))
  }
  const last = async (): Promise<ParsedMail> => (await arrived(before + 1)).at(-1)!

  test.for<readonly [string, 'starttls' | 'starttls-if-offered' | 'implicit', string]>([
    ['STARTTLS and a login', 'starttls', 'esmtpsa'], ['a login where encryption is wished for only', 'starttls-if-offered', 'esmtpsa'], ['TLS from the first byte and a login', 'implicit', 'esmtpsa'],
  ])('%s', async ([, tls, received]) => {
    expect(await deliver({ config: { tls, ...login() }, to: ['members@example.org'] }, { port: tls === 'implicit' ? exim.tlsPort : exim.port })).toEqual({ kind: 'sent', reply: expect.stringMatching(/^250 OK id=/) })
    const mail = await last()
    expect(String(mail.headers.get('received'))).toContain(received)
    expect(String(mail.headers.get('received'))).toMatch(/TLS1\.[23]/)
    expect(mail.subject).toBe('[CRITICAL] RAID md0 on tch-001: sdb failed')
    expect([mail.text!.includes('Disk failure on sdb'), typeof mail.html]).toEqual([true, 'string'])
  })
  test('without a login it is told so, as a setting to be mended', async () => {
    expect(await deliver({ config: { tls: 'none' }, to: ['members@example.org'] })).toMatchObject({ kind: 'failed', error: expect.stringContaining('members write after a login only') })
    expect(await deliver({ config: { ...login(), tls: 'starttls', user: 'nobody' } })).toMatchObject({ kind: 'failed', reason: 'login', isPermanent: false })
  })
  test('a certificate of an authority that is not known is refused', async () => {
    expect(await deliver({ config: { host: 'localhost', tls: 'starttls' } })).toMatchObject({ kind: 'failed', reason: 'tls', isPermanent: false })
  })
  test('a recipient that is greylisted gets it later, alone; one that is not there is named', async () => {
    using mail = aChannel(exim.port, { to: ['ops@example.org', 'grey@example.org', 'gone@example.org'] })
    before = (await exim.mails()).length
    expect(await mail.deliver(aRow(7))).toMatchObject({ kind: 'failed', reason: 'refused-later', isPermanent: false, error: expect.stringContaining('grey@example.org: 451 greylisted, come again (taken for: ops@example.org)') })
    expect(envelopeTo(await last())).toContain('ops@example.org')
    exim.know()
    expect(await mail.deliver(aRow(7))).toMatchObject({ kind: 'sent', reply: expect.stringContaining('gone@example.org: 550 no such user here') })
    const [first, second] = (await arrived(before + 2)).slice(before)
    expect([envelopeTo(second!), second!.messageId === first!.messageId]).toEqual([expect.stringContaining('grey@example.org'), true])
  })
  test('what is not ASCII arrives as it was written: subject, sender, lines, and an address', async () => {
    const title = 'Rack Ä4: Temperatur 91 °C – 温度 ⚠ 😀'
    before = (await exim.mails()).length
    using mail = aChannel(exim.port, { config: { from: 'Überwachung <hps@hub.example.org>' }, to: ['jörg@example.org'] })
    expect(await mail.deliver(aRow(8, ofAlerts([{ ...RAID, title, threadTitle: title }])))).toMatchObject({ kind: 'sent' })
    const arrivedMail = await last()
    expect(arrivedMail.subject).toBe(`[CRITICAL] ${title}`)
    expect(arrivedMail.from!.text).toBe('"Überwachung" <hps@hub.example.org>')
    expect(arrivedMail.text).toContain(title)
  })
  test('a test mail shows the whole conversation', async () => {
    using mail = aChannel(exim.port, { config: { tls: 'starttls', ...login() }, to: ['ops@example.org', 'gone@example.org'] })
    const trial = (await mail.tryOut('ops', 'anna'))!
    expect(trial).toMatchObject({ outcome: { kind: 'sent' }, accepted: ['ops@example.org'], refused: [{ address: 'gone@example.org', isPermanent: true }], tls: { isVerified: true, issuer: 'Lab' } })
    expect(trial.capabilities.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(['SIZE', '8BITMIME', 'PIPELINING', 'AUTH', 'SMTPUTF8']))
    expect(JSON.stringify(trial)).not.toContain(Buffer.from(`\0${LOGIN.user}\0${LOGIN.password}`).toString('base64'))
  })
  test('a server for small mails gets a small one', async () => {
    await using small = await placeExim({ maxBytes: 9000 })
    await small.start()
    using mail = aChannel(small.port)
    expect(await mail.deliver(aRow(9))).toMatchObject({ kind: 'sent' })
    expect(mail.counts['hps_mails_cut_total']).toBe(1)
    const [only] = await until('the mail', async () => (await small.mails()).length > 0 && small.mails())
    expect(only!.text!.replaceAll('\n', ' ')).toContain('takes small mails only')
  })
})

describe('a hub and exim', () => {
  let place: HubPlace
  let hub: RunningHub
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
  notify: {to: ops, wait: 0s, context: {before: 3, after: 1}}
  runbook: https://wiki.example.org/disk
  owner: storage team
  tests:
  - name: a disk
    steps:
    - '0s n1 kernel.crit: Disk failure on sdb, disabling device.'
    - expect: {firing: {disk: sdb}}
`
  beforeAll(async () => {
    const rules = join(exim.folder, 'rules')
    mkdirSync(rules)
    writeFileSync(join(rules, 'lab.yaml'), RULES)
    place = await placeHub({
      rules: { directories: [rules] }, http: { public_url: 'https://hub.example.org' },
      mail: { host: 'localhost', port: exim.port, tls: 'starttls', ca_file: exim.caFile, user: LOGIN.user, password_file: exim.passwordFile, from: 'HPS hub <hps@hub.example.org>', envelope_from: 'bounces@example.org' },
    })
    mkdirSync(place.data, { recursive: true, mode: 0o700 })
    writeFileSync(join(place.data, 'routes.yaml'), 'format: 1\nreceivers:\n- {name: ops, mail: [ops@example.org]}\nroute: {receiver: ops, wait: 0s, interval: 1s, group_by: [alert]}\n')
    copyFileSync(exim.caFile, join(place.folder, 'ca.pem'))
    hub = await startHub(place)
  }, 60_000)
  afterAll(async () => {
    if (hub?.child.running()) await hub.kill()
    place?.remove()
  })

  const say = (text: string): Promise<void> => sendUdp(hub.syslogPort, [`<2>1 - tch-001 kernel - - - ${text}`])

  test('from a datagram to an inbox, and its end in the same thread', async () => {
    const before = (await exim.mails()).length
    await say('ata2: hard resetting link')
    await say('md/raid1:md0: Disk failure on sdb, <b>disabling</b> device.')
    const fired = (await arrived(before + 1)).at(-1)!
    expect(fired.subject).toBe('[CRITICAL] tch-001: sdb failed')
    expect((fired.to as AddressObject).text).toBe('ops@example.org')
    expect(String(fired.headers.get('return-path') && (fired.headers.get('return-path') as AddressObject).text)).toContain('bounces@example.org')
    expect(fired.text).toMatch(/> \d\d:\d\d:\d\d\.\d{3} kernel crit: md\/raid1:md0: Disk failure on sdb,\s+<b>disabling<\/b> device\./)
    expect(fired.text).toMatch(/ {2}\d\d:\d\d:\d\d\.\d{3} kernel crit: ata2: hard resetting link/)
    expect(fired.text).toMatch(/https:\/\/hub\.example\.org\/#\/alert\/\d+/)
    expect(fired.html).not.toContain('<b>disabling')

    await say('sdb is back')
    const over = (await arrived(before + 2)).at(-1)!
    expect(over.subject).toBe('[RESOLVED] tch-001: sdb failed')
    expect([over.inReplyTo, over.references]).toEqual([fired.messageId, fired.messageId])
    expect(over.text).toContain('Over: it lasted')
  })

  test('while the server is down notices wait, and come when it is back', async () => {
    const before = (await exim.mails()).length
    await exim.stop()
    await say('md/raid1:md0: Disk failure on sdc, disabling device.')
    await until('a try that failed', async () => [...(await hub.metrics())].some(([name, value]) => name.startsWith('hps_notifications_failed_total') && name.includes('unreachable') && value > 0))
    await exim.start()
    const mail = (await arrived(before + 1, 'the mail after the server is back')).at(-1)!
    expect(mail.subject).toBe('[CRITICAL] tch-001: sdc failed')
  })
})
