import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SMTPServerOptions } from 'smtp-server'
import { afterAll, describe, expect, test } from 'vitest'
import { anAuthority } from '../../support/certificates.ts'
import { aChannel, aRow, type ChannelSettings } from '../../support/mail/channel.ts'
import { answerAsUsual, startScripted, startSmtpServer, type Refusals } from '../../support/mail/smtp-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hps-mail-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const HOUR_MS = 3_600_000
const authority = anAuthority()
const known = join(folder, 'ca.pem')
writeFileSync(known, authority.certificate)
const other = join(folder, 'other.pem')
writeFileSync(other, anAuthority('Somebody else').certificate)
const password = join(folder, 'password')
writeFileSync(password, 'open sesame\n')

const CERTIFICATES = {
  good: authority.issue({ name: 'localhost' }),
  expired: authority.issue({ name: 'localhost', fromMs: Date.now() - 48 * HOUR_MS, expiresMs: Date.now() - HOUR_MS }),
  'for another name': authority.issue({ name: 'mail.elsewhere.example', dns: ['mail.elsewhere.example'] }),
} as const
type Certificate = keyof typeof CERTIFICATES
type Mode = 'starttls' | 'implicit' | 'starttls-if-offered' | 'none'

const aServer = (certificate: Certificate | undefined, { isImplicit = false, ...options }: SMTPServerOptions & { readonly isImplicit?: boolean } = {}, refusals: Refusals = {}) =>
  startSmtpServer(refusals, { secure: isImplicit, ...(certificate === undefined ? {} : { cert: CERTIFICATES[certificate].certificate, key: CERTIFICATES[certificate].key }), ...options })
// The name is that of the certificates; its address is all that they carry beside it.
const hello = (socket: Socket): void => void socket.write('220 test\r\n')
const settings = (tls: Mode, config: ChannelSettings['config'] = {}): ChannelSettings => ({ config: { host: 'localhost', tls, ...config } })

describe('certificates', () => {
  test.for<readonly [Mode, Certificate, 'ca' | 'other' | 'none', 'sent' | 'tls']>([
    ['starttls', 'good', 'ca', 'sent'],
    ['implicit', 'good', 'ca', 'sent'],
    ['starttls-if-offered', 'good', 'ca', 'sent'],
    ['starttls', 'good', 'none', 'tls'],
    ['implicit', 'good', 'none', 'tls'],
    ['starttls-if-offered', 'good', 'none', 'sent'],
    ['starttls', 'good', 'other', 'tls'],
    ['implicit', 'good', 'other', 'tls'],
    ['starttls-if-offered', 'good', 'other', 'tls'],
    ['starttls', 'expired', 'ca', 'tls'],
    ['implicit', 'expired', 'ca', 'tls'],
    ['starttls-if-offered', 'expired', 'none', 'sent'],
    ['starttls', 'for another name', 'ca', 'tls'],
    ['implicit', 'for another name', 'ca', 'tls'],
    ['starttls-if-offered', 'for another name', 'none', 'sent'],
    ['none', 'expired', 'none', 'sent'],
  ])('%s, a certificate that is %s, authorities: %s ▶ %s', async ([tls, certificate, authorities, outcome]) => {
    const isImplicit = tls === 'implicit'
    await using server = await aServer(certificate, { isImplicit })
    using mail = aChannel(server.port, settings(tls, authorities === 'none' ? {} : { ca_file: authorities === 'ca' ? known : other }))
    const delivery = await mail.deliver(aRow())
    expect(delivery).toMatchObject(outcome === 'sent' ? { kind: 'sent' } : { kind: 'failed', reason: 'tls', isPermanent: false })
    expect(server.mails.map(({ isSecure }) => isSecure)).toEqual(outcome === 'sent' ? [tls !== 'none'] : [])
  })
  test('starttls that is demanded and not offered sends nothing', async () => {
    await using server = await aServer(undefined)
    using mail = aChannel(server.port, settings('starttls'))
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'failed', isPermanent: false })
    expect(server.mails).toEqual([])
  })
  test.for<readonly [Mode, ChannelSettings['config'], 'sent' | 'failed']>([
    ['starttls-if-offered', {}, 'sent'], ['starttls', {}, 'failed'], ['starttls-if-offered', { user: 'hub', password_file: password }, 'failed'],
  ])('%s that is offered and then refused, %o ▶ %s', async ([tls, config, kind]) => {
    await using server = await startScripted(hello, (line, socket) => {
      if (line.startsWith('EHLO')) socket.write('250-test\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n')
      else if (line === 'STARTTLS') socket.write('454 not now\r\n')
      else answerAsUsual(line, socket)
    })
    using mail = aChannel(server.port, settings(tls, config))
    expect((await mail.deliver(aRow())).kind).toBe(kind)
    expect(server.lines.some((line) => line.startsWith('AUTH'))).toBe(false)
  })
})

describe('login', () => {
  const login = { user: 'hub', password_file: password }
  const asked: string[] = []
  const auth = (user: string, given: string, method: string) => {
    asked.push(`${method} ${user}`)
    return user === 'hub' && given === 'open sesame' ? undefined : { code: 535, text: '5.7.8 who are you' }
  }

  test.for(['PLAIN', 'LOGIN', 'CRAM-MD5'])('by %s', async (method) => {
    asked.length = 0
    await using server = await startSmtpServer({}, {
      secure: true, cert: CERTIFICATES.good.certificate, key: CERTIFICATES.good.key, authMethods: [method], authOptional: false,
      onAuth: ({ method: used, username, password: given, validatePassword }, _session, done) => {
        asked.push(used)
        const isRight = used === 'CRAM-MD5' ? validatePassword('open sesame') : given === 'open sesame'
        if (isRight) done(null, { user: username ?? '' })
        else done(new Error('no'))
      },
    })
    using mail = aChannel(server.port, settings('implicit', { ca_file: known, ...login }))
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'sent' })
    expect([asked, server.mails[0]!.user]).toEqual([[method], 'hub'])
  })
  test('a wrong password is a setting to be mended, not a mail that is lost', async () => {
    await using server = await aServer('good', {}, { auth })
    using mail = aChannel(server.port, settings('starttls', { ca_file: known, ...login, user: 'hob' }))
    const delivery = await mail.deliver(aRow())
    expect(delivery).toMatchObject({ kind: 'failed', reason: 'login', isPermanent: false })
    expect(JSON.stringify(delivery)).not.toContain('sesame')
  })
  test('a server that asks for no login gets no mail from a hub that has one', async () => {
    await using server = await aServer('good', { disabledCommands: ['AUTH'] })
    using mail = aChannel(server.port, settings('starttls', { ca_file: known, ...login }))
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'failed', isPermanent: false })
    expect(server.mails).toEqual([])
  })
  test.for<readonly [string, Certificate | undefined, object]>([
    ['offers no encryption', undefined, {}],
    ['has a certificate that nobody knows', 'good', {}],
  ])('the password is not given to a server that %s, even where encryption is only wished for', async ([, certificate, config]) => {
    asked.length = 0
    await using server = await aServer(certificate, {}, { auth })
    using mail = aChannel(server.port, settings('starttls-if-offered', { ...login, ...config }))
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'failed', isPermanent: false })
    expect([asked, server.mails]).toEqual([[], []])
  })
  test('it is given in the clear only where `none` says so', async () => {
    await using server = await aServer(undefined, {}, { auth })
    using mail = aChannel(server.port, settings('none', login))
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'sent' })
  })
})

describe('a test mail tells all that was said', () => {
  test('where it went well: capabilities, encryption, login, answers, and never the password', async () => {
    await using server = await aServer('good')
    using mail = aChannel(server.port, settings('starttls', { ca_file: known, user: 'hub', password_file: password, client_name: 'hub.example.org' }))
    const trial = (await mail.tryOut('ops', 'anna'))!
    expect(trial).toMatchObject({ receiver: 'ops', addresses: ['ops@example.org'], server: `localhost:${server.port}`, outcome: { kind: 'sent' }, accepted: ['ops@example.org'], refused: [], tls: { isVerified: true, fault: '', subject: 'localhost', issuer: 'Test authority' } })
    expect(trial.tls!.protocol).toMatch(/^TLSv1\.[23]$/)
    expect(trial.capabilities).toEqual(expect.arrayContaining(['PIPELINING', '8BITMIME', expect.stringMatching(/^AUTH .*PLAIN/)]))
    const spoken = trial.dialogue.map(({ who, text }) => `${who}: ${text}`)
    expect(spoken.filter((line) => /^client: (?:EHLO|STARTTLS|AUTH|MAIL|RCPT|DATA)/.test(line)).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['client: EHLO', 'client: STARTTLS', 'client: EHLO', 'client: AUTH', 'client: MAIL', 'client: RCPT', 'client: DATA'])
    expect(JSON.stringify(trial)).not.toContain(Buffer.from('\0hub\0open sesame').toString('base64'))
    expect(JSON.stringify(trial)).not.toContain('sesame')
    expect(server.mails[0]!.raw).toContain('Subject: [TEST] mail of the HPS hub hub.example.org to ops')
  })
  test.for<readonly [string, Certificate | undefined, ChannelSettings, object]>([
    ['a certificate that nobody knows', 'good', settings('starttls'), { outcome: { kind: 'failed', reason: 'tls' }, tls: undefined }],
    ['one that is not asked for', 'good', settings('starttls-if-offered'), { outcome: { kind: 'sent' }, tls: { isVerified: false, fault: expect.stringMatching(/./) } }],
    ['no encryption', undefined, settings('none'), { outcome: { kind: 'sent' }, tls: undefined }],
  ])('%s', async ([, certificate, channel, expected]) => {
    await using server = await aServer(certificate)
    using mail = aChannel(server.port, channel)
    expect(await mail.tryOut('ops', 'anna')).toMatchObject(expected)
  })
  test('a refusal is shown with its answer', async () => {
    await using server = await aServer(undefined, {}, { rcpt: (address: string) => (address.startsWith('noc') ? { code: 550, text: 'no such user' } : undefined) })
    using mail = aChannel(server.port, { ...settings('none'), to: ['ops@example.org', 'noc@example.org'] })
    expect(await mail.tryOut('ops', 'anna')).toMatchObject({ outcome: { kind: 'sent' }, accepted: ['ops@example.org'], refused: [{ address: 'noc@example.org', isPermanent: true, reply: '550 no such user' }] })
    expect((await mail.tryOut('ops', 'anna'))!.dialogue).toContainEqual({ who: 'server', text: '550 no such user' })
  })
  test('what a server says is shown without what moves a terminal, and not for ever', async () => {
    await using server = await startScripted(hello, (line, socket) => (line.startsWith('MAIL') ? void socket.write(`550 \u001b[31mred ${'x'.repeat(3000)}\r\n`) : answerAsUsual(line, socket)))
    using mail = aChannel(server.port)
    const trial = (await mail.tryOut('ops', 'anna'))!
    const said = trial.dialogue.find(({ text }) => text.startsWith('550'))!.text
    expect(said).toContain('\\x1b[31mred')
    expect(said.length).toBeLessThanOrEqual(1000)
  })
  test('nobody there, no such receiver, no address', async () => {
    using closed = aChannel(1)
    expect(await closed.tryOut('ops', 'anna')).toMatchObject({ outcome: { kind: 'failed', reason: 'unreachable' }, dialogue: [], capabilities: [] })
    using empty = aChannel(1, { to: [] })
    expect(await empty.tryOut('ops', 'anna')).toBeUndefined()
  })
  test('a server that never answers ends it in time', async () => {
    await using server = await startScripted(hello, (line, socket) => (line === '.' ? undefined : answerAsUsual(line, socket)))
    using mail = aChannel(server.port, { timing: { answerMs: 300 } })
    expect(await mail.tryOut('ops', 'anna')).toMatchObject({ outcome: { kind: 'failed', reason: 'timeout' } })
  })
})
