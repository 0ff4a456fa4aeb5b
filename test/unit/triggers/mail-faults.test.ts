import { describe, expect, test } from 'vitest'
import type { Socket } from 'node:net'
import { freePort } from '../../support/child.ts'
import { aChannel, aRow, type ChannelSettings } from '../../support/mail/channel.ts'
import { answerAsUsual, startScripted, startSmtpServer, type Refusals } from '../../support/mail/smtp-server.ts'

/** Real conversations over loopback with servers that fail in every way that servers do. */
const refuse = (code: number, text = 'because') => ({ code, text })

describe('what a server refuses', () => {
  test.for<readonly [string, Refusals, Readonly<Record<string, unknown>>]>([
    ['421 in place of a greeting', { connect: () => refuse(421) }, { reason: 'refused-later', isPermanent: false }],
    ['554 in place of a greeting: the next one may be another machine', { connect: () => refuse(554) }, { reason: 'refused', isPermanent: false }],
    ['the sender for now', { mail: () => refuse(450) }, { reason: 'refused-later', isPermanent: false }],
    ['the sender for good', { mail: () => refuse(550) }, { reason: 'refused', isPermanent: true }],
    ['a hub that has not logged in', { mail: () => refuse(530) }, { reason: 'login', isPermanent: false }],
    ['a conversation out of step', { mail: () => refuse(503) }, { reason: 'refused', isPermanent: false }],
    ['421 to the sender', { mail: () => refuse(421) }, { reason: 'refused-later', isPermanent: false }],
    ['the only recipient for now (greylisting)', { rcpt: () => refuse(451) }, { reason: 'refused-later', isPermanent: false }],
    ['the only recipient for good', { rcpt: () => refuse(550) }, { reason: 'refused', isPermanent: true }],
    ['the only recipient because its mailbox is full', { rcpt: () => refuse(552) }, { reason: 'refused-later', isPermanent: false }],
    ['the mail for now, when it has come', { data: () => refuse(452) }, { reason: 'refused-later', isPermanent: false }],
    ['the mail for good, when it has come', { data: () => refuse(554) }, { reason: 'refused', isPermanent: true }],
    ['421 when the mail has come', { data: () => refuse(421) }, { reason: 'refused-later', isPermanent: false }],
  ])('%s', async ([, refusals, expected]) => {
    await using server = await startSmtpServer(refusals)
    using mail = aChannel(server.port)
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'failed', ...expected })
    expect(server.mails).toEqual([])
  })
})

describe('connections that break', () => {
  const hello = (socket: Socket): void => void socket.write('220 test\r\n')
  const unreachable = { kind: 'failed', reason: 'unreachable', isPermanent: false }
  const timeout = { kind: 'failed', reason: 'timeout', isPermanent: false }
  const on = (pattern: RegExp, act: (socket: Socket) => void) => (line: string, socket: Socket): void => (pattern.test(line) ? act(socket) : answerAsUsual(line, socket))
  const short = { greetingMs: 200, answerMs: 200, mailMs: 3000 }

  test('nobody listens', async () => {
    using mail = aChannel(await freePort())
    expect(await mail.deliver(aRow())).toMatchObject(unreachable)
  })
  test('there is no such name', async () => {
    using mail = aChannel(25, { config: { host: 'smtp.invalid' } })
    expect(await mail.deliver(aRow())).toMatchObject(unreachable)
  })
  test.for<readonly [string, (socket: Socket) => void, (line: string, socket: Socket) => void, object, ChannelSettings['config']?]>([
    ['closed before a greeting', (socket) => void socket.end(), answerAsUsual, unreachable],
    ['reset before a greeting', (socket) => void socket.resetAndDestroy(), answerAsUsual, unreachable],
    ['no greeting', () => undefined, answerAsUsual, timeout],
    ['a greeting of another protocol', (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), answerAsUsual, unreachable],
    ['no answer to EHLO', hello, on(/^EHLO/, () => undefined), timeout],
    ['no answer to MAIL', hello, on(/^MAIL/, () => undefined), timeout],
    ['no answer to RCPT', hello, on(/^RCPT/, () => undefined), timeout],
    ['no answer to DATA', hello, on(/^DATA/, () => undefined), timeout],
    ['no answer to STARTTLS', hello, (line, socket) => (line.startsWith('EHLO') ? void socket.write('250-test\r\n250 STARTTLS\r\n') : undefined), timeout, { tls: 'starttls' }],
    ['a handshake without an end', hello, (line, socket) => (line.startsWith('EHLO') ? void socket.write('250-test\r\n250 STARTTLS\r\n') : line === 'STARTTLS' ? void socket.write('220 go on\r\n') : undefined), timeout, { tls: 'starttls' }],
    ['421 and closed at RCPT', hello, on(/^RCPT/, (socket) => void socket.end('421 4.3.2 going down\r\n')), { kind: 'failed', reason: 'refused-later', isPermanent: false }],
    ['reset at the end of the mail, which may have been taken', hello, on(/^\.$/, (socket) => void socket.resetAndDestroy()), unreachable],
    ['closed at MAIL', hello, on(/^MAIL/, (socket) => void socket.destroy()), unreachable],
    ['half closed at MAIL: the server will say nothing more', hello, on(/^MAIL/, (socket) => void socket.end()), unreachable],
    ['reset in the middle of the mail', hello, on(/^Subject:/, (socket) => void socket.resetAndDestroy()), unreachable],
    ['half closed in the middle of the mail', hello, on(/^Subject:/, (socket) => void socket.end()), unreachable],
    ['no answer to the mail', hello, on(/^\.$/, () => undefined), timeout],
    ['a byte now and then for ever', hello, on(/^\.$/, (socket) => {
      const timer = setInterval(() => socket.write('2'), 50)
      socket.on('close', () => clearInterval(timer))
    }), timeout],
    ['an answer without an end', hello, on(/^EHLO/, (socket) => void socket.write(`250-${'x'.repeat(2 << 20)}`)), unreachable],
  ])('%s', async ([, greet, answer, expected, config = {}]) => {
    await using server = await startScripted(greet, answer)
    using mail = aChannel(server.port, { config, timing: { ...short, mailMs: 1500 } })
    expect(await mail.deliver(aRow())).toMatchObject(expected)
  })
  test('a server that greets late and answers late takes the mail all the same', async () => {
    await using server = await startSmtpServer({}, { greetAfterMs: 300, answerAfterMs: 300 })
    using mail = aChannel(server.port)
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'sent' })
  })
  test('after each of these the next mail goes through', async () => {
    let isBroken = true
    await using server = await startScripted(hello, (line, socket) => (line === '.' && isBroken ? void socket.resetAndDestroy() : answerAsUsual(line, socket)))
    using mail = aChannel(server.port)
    expect(await mail.deliver(aRow())).toMatchObject(unreachable)
    isBroken = false
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'sent' })
  })
  test('a server that ended an idle connection is asked again at once', async () => {
    await using server = await startSmtpServer()
    using mail = aChannel(server.port)
    await mail.deliver(aRow(1))
    server.drop()
    expect(await mail.deliver(aRow(2))).toMatchObject({ kind: 'sent' })
    expect(server.mails).toHaveLength(2)
  })
  test('many mails go over two connections that stay open', async () => {
    await using server = await startSmtpServer()
    using mail = aChannel(server.port)
    const all = await Promise.all(Array.from({ length: 30 }, (_, at) => mail.deliver(aRow(at))))
    expect(all.filter(({ kind }) => kind !== 'sent')).toEqual([])
    expect([server.mails.length, server.connections() <= 2]).toEqual([30, true])
  })
  test('closing gives up what is under way', async () => {
    await using server = await startScripted(hello, on(/^\.$/, () => undefined))
    using mail = aChannel(server.port)
    const under = mail.deliver(aRow())
    while (!server.lines.includes('.')) await new Promise((resolve) => setTimeout(resolve, 5))
    mail.close()
    expect(await under).toMatchObject({ kind: 'failed', isPermanent: false })
  })
})

describe('several recipients', () => {
  const to = ['ops@example.org', 'noc@example.org', 'gone@example.org']

  test('one that is refused for good is named, and the others have it', async () => {
    await using server = await startSmtpServer({ rcpt: (address) => (address.startsWith('gone') ? refuse(550, 'no such user') : undefined) })
    using mail = aChannel(server.port, { to })
    expect(await mail.deliver(aRow())).toEqual({ kind: 'sent', reply: expect.stringMatching(/^250 .* \(refused: gone@example\.org: 550 no such user\)$/) })
    expect(mail.counts).toEqual({ 'hps_mail_recipients_refused_total for-good': 1 })
  })
  test('one that is put off is tried again, alone, and nobody gets it twice', async () => {
    let isNew = true
    await using server = await startSmtpServer({ rcpt: (address) => (address.startsWith('noc') && isNew ? refuse(451, 'greylisted') : address.startsWith('gone') ? refuse(550, 'no such user') : undefined) })
    using mail = aChannel(server.port, { to })
    expect(await mail.deliver(aRow())).toEqual({ kind: 'failed', reason: 'refused-later', isPermanent: false, error: 'noc@example.org: 451 greylisted (taken for: ops@example.org)' })
    isNew = false
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'sent', reply: expect.stringContaining('refused: gone@example.org') })
    expect(server.mails.map((taken) => taken.to)).toEqual([['ops@example.org'], ['noc@example.org']])
    const [first, second] = server.mails.map(({ raw }) => /^Message-ID: .*$/im.exec(raw)![0])
    expect(first).toBe(second)
    expect(mail.counts).toEqual({ 'hps_mail_recipients_refused_total for-now': 1, 'hps_mail_recipients_refused_total for-good': 1 })
  })
  test('all put off, then some: each is tried until it is settled', async () => {
    let round = 0
    await using server = await startSmtpServer({ rcpt: (address) => (to.indexOf(address) >= round ? refuse(450, 'later') : undefined) })
    using mail = aChannel(server.port, { to })
    const kinds: string[] = []
    for (; round <= to.length; round++) kinds.push((await mail.deliver(aRow())).kind)
    expect(kinds).toEqual(['failed', 'failed', 'failed', 'sent'])
    expect(server.mails.map((taken) => taken.to)).toEqual(to.map((address) => [address]))
  })
  test('all refused for good end it, with every answer', async () => {
    await using server = await startSmtpServer({ rcpt: () => refuse(550, 'no such user') })
    using mail = aChannel(server.port, { to: to.slice(0, 2) })
    expect(await mail.deliver(aRow())).toEqual({ kind: 'failed', reason: 'refused', isPermanent: true, error: 'ops@example.org: 550 no such user; noc@example.org: 550 no such user' })
  })
})

describe('sizes', () => {
  test('a server that says how much it takes gets a mail without context', async () => {
    await using server = await startSmtpServer({}, { size: 9000 })
    using mail = aChannel(server.port)
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'sent' })
    expect(server.mails[0]!.raw.length).toBeLessThan(9000)
    expect(mail.counts).toEqual({ hps_mails_cut_total: 1 })
  })
  test('so does one that says it only when it has read all of it', async () => {
    await using server = await startSmtpServer({}, { size: 9000, hideSize: true })
    using mail = aChannel(server.port)
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'sent' })
    expect(mail.counts).toEqual({ hps_mails_cut_total: 1 })
  })
  test('one that takes nothing ends it', async () => {
    await using server = await startSmtpServer({}, { size: 100 })
    using mail = aChannel(server.port)
    expect(await mail.deliver(aRow())).toMatchObject({ kind: 'failed', reason: 'too-large', isPermanent: true })
  })
})

test('the envelope has the sender that was set, or none', async () => {
  await using server = await startSmtpServer()
  for (const [id, envelope] of [[1, undefined], [2, 'bounces@example.org'], [3, '<>']] as const) {
    using mail = aChannel(server.port, { config: envelope === undefined ? {} : { envelope_from: envelope } })
    await mail.deliver(aRow(id))
  }
  expect(server.mails.map(({ from }) => from)).toEqual(['hps@hub.example.org', 'bounces@example.org', ''])
})
test('EHLO has the name that was set', async () => {
  await using server = await startScripted((socket) => void socket.write('220 test\r\n'), answerAsUsual)
  using mail = aChannel(server.port, { config: { client_name: 'hub.example.org' } })
  await mail.deliver(aRow())
  expect(server.lines[0]).toBe('EHLO hub.example.org')
})
test('a receiver without an address, no receiver, and no server leave the notice waiting', async () => {
  using mail = aChannel(1, { to: [] })
  expect(await mail.deliver(aRow())).toMatchObject({ reason: 'no-receiver', isPermanent: false })
  using nobody = aChannel(1, { options: { config: { port: 25, tls: 'none', from: 'a@b.c' } } })
  expect(await nobody.deliver(aRow())).toMatchObject({ reason: 'not-configured', isPermanent: false })
})
