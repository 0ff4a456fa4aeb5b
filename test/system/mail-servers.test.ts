import type { ParsedMail } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/child.ts'
import { aChannel, aRow, type ChannelSettings } from '../support/mail/channel.ts'
import type { MailPeer } from '../support/mail/peer.ts'
import { startOpenSmtpd } from '../support/mail/opensmtpd.ts'
import { startPostfix } from '../support/mail/postfix.ts'
import { ofAlerts, RAID } from '../support/mail/samples.ts'

/** The mail channel and two more real servers: Debian's postfix and OpenSMTPD, each with refusals in its own words. */
const arrived = async (peer: MailPeer, count: number): Promise<readonly ParsedMail[]> => until(`${count} mails`, async () => {
  const mails = await peer.mails()
  return mails.length >= count && mails
}).catch((cause: unknown) => { throw new Error(peer.log(), { cause }) })
const titled = (title: string) => ofAlerts([{ ...RAID, title, threadTitle: title }])

describe('postfix', () => {
  let peer: MailPeer
  beforeAll(async () => void (peer = await startPostfix()), 60_000)
  afterAll(() => peer?.[Symbol.asyncDispose]())
  const channel = (to: readonly string[], config: ChannelSettings['config'] = { host: 'localhost', tls: 'starttls', ca_file: peer.caFile }) => aChannel(peer.port, { config, to })

  test('takes a mail by STARTTLS, as it was made', async () => {
    const before = (await peer.mails()).length
    using mail = channel(['ops@example.org'])
    expect(await mail.deliver(aRow(1))).toMatchObject({ kind: 'sent', reply: expect.stringMatching(/^250 2\.0\.0 Ok: queued as/) })
    const got = (await arrived(peer, before + 1)).at(-1)!
    expect(got.subject).toBe('[CRITICAL] RAID md0 on tch-001: sdb failed')
    expect(String(got.headers.get('received'))).toMatch(/ESMTPS/)
    expect([got.text!.includes('Disk failure on sdb'), typeof got.html]).toEqual([true, 'string'])
  })
  test('one of three is not known, one is put off: the others are told, and the one that waits gets the same mail once', async () => {
    const before = (await peer.mails()).length
    using mail = channel(['ops@example.org', 'grey@example.org', 'gone@example.org'])
    expect(await mail.deliver(aRow(2))).toMatchObject({ kind: 'failed', reason: 'refused-later', isPermanent: false, error: expect.stringContaining('450 4.2.0 <grey@example.org>: Recipient address rejected: greylisted, come again') })
    await arrived(peer, before + 1)
    peer.know()
    // postfix reads its map anew for a new process only
    expect(await until('the one that was put off', async () => {
      const outcome = await mail.deliver(aRow(2))
      return outcome.kind === 'sent' && outcome
    })).toMatchObject({ kind: 'sent', reply: expect.stringMatching(/gone@example\.org: 550 5\.1\.1 .*User unknown/) })
    const [first, second] = (await arrived(peer, before + 2)).slice(before)
    expect(second!.messageId).toBe(first!.messageId)
  })
  test('421 to a connection that was idle is no failure: the next mail goes over a new one', async () => {
    const before = (await peer.mails()).length
    using mail = channel(['ops@example.org'])
    expect(await mail.deliver(aRow(3, titled('before')))).toMatchObject({ kind: 'sent' })
    const dropped = (): number => peer.log().split(': disconnect from').length
    const since = dropped()
    await until('postfix to end the idle connection', () => dropped() > since)
    expect(await mail.deliver(aRow(4, titled('after')))).toMatchObject({ kind: 'sent' })
    expect((await arrived(peer, before + 2)).slice(before).map(({ subject }) => subject)).toEqual(['[CRITICAL] before', '[CRITICAL] after'])
  })
  test('a mail that its rules refuse is given up, with what it said', async () => {
    using mail = channel(['ops@example.org'])
    expect(await mail.deliver(aRow(5, titled('refuse this')))).toMatchObject({ kind: 'failed', reason: 'refused', isPermanent: true, error: expect.stringContaining('5.7.1 not in this house') })
  })
  test.for([['three alerts with long texts', 3, 1500], ['forty alerts of forty rules', 40, 400]] as const)('it takes small mails only, and says so before: it gets a small one about %s', async ([, count, characters]) => {
    const before = (await peer.mails()).length
    using mail = channel(['ops@example.org'])
    const alerts = Array.from({ length: count }, (_, at) => ({ ...RAID, id: at + 1, rule: `storage.rule-${at}`, title: `${'t'.repeat(120)} ${at}`, text: 'x'.repeat(characters), before: 50, after: 50 }))
    expect(await mail.deliver(aRow(50 + count, ofAlerts(alerts)))).toMatchObject({ kind: 'sent' })
    expect(mail.counts['hps_mails_cut_total'] ?? 0).toBeGreaterThan(0)
    const got = (await arrived(peer, before + 1)).at(-1)!
    expect(got.text!.replaceAll('\n', ' ')).toContain('takes small mails only')
  })
  test('an address in UTF-8 is taken, since it offers SMTPUTF8', async () => {
    using mail = channel(['jörg@example.org'])
    expect(await mail.deliver(aRow(7))).toMatchObject({ kind: 'sent' })
  })
  test('a login that it does not offer sends nothing', async () => {
    using mail = channel(['ops@example.org'], { host: 'localhost', tls: 'starttls', ca_file: peer.caFile, user: 'hub', password_file: peer.caFile })
    expect(await mail.deliver(aRow(8))).toMatchObject({ kind: 'failed', reason: 'login', isPermanent: false })
  })
  test('twenty at once go over two connections', async () => {
    const before = (await peer.mails()).length
    const connections = (): number => peer.log().split(': connect from').length
    const since = connections()
    using mail = channel(['ops@example.org'])
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => mail.deliver(aRow(20 + at))))
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['sent']))
    await arrived(peer, before + 20)
    expect(connections() - since).toBeLessThanOrEqual(2)
  })
})

describe('OpenSMTPD', () => {
  let peer: MailPeer
  beforeAll(async () => void (peer = await startOpenSmtpd()), 60_000)
  afterAll(() => peer?.[Symbol.asyncDispose]())

  test('takes a mail', async () => {
    const before = (await peer.mails()).length
    using mail = aChannel(peer.port)
    expect(await mail.deliver(aRow(1))).toMatchObject({ kind: 'sent', reply: expect.stringMatching(/^250 2\.0\.0 \w+ Message accepted/) })
    expect((await arrived(peer, before + 1)).at(-1)!.subject).toBe('[CRITICAL] RAID md0 on tch-001: sdb failed')
  })
  test.for(['starttls', 'starttls-if-offered'] as const)('it offers encryption and fails in the middle of it: with %s nothing is lost, nothing goes in the clear, and it is said what failed', async (tls) => {
    const before = (await peer.mails()).length
    using mail = aChannel(peer.port, { config: { host: 'localhost', tls, ca_file: peer.caFile } })
    expect(await mail.deliver(aRow(2))).toMatchObject({ kind: 'failed', reason: 'tls', isPermanent: false, error: expect.stringContaining('alert') })
    expect(await peer.mails()).toHaveLength(before)
  })
  test('one of three is not known, one is put off: the other has it', async () => {
    const before = (await peer.mails()).length
    using mail = aChannel(peer.port, { to: ['ops@example.org', 'grey@example.org', 'gone@example.org'] })
    expect(await mail.deliver(aRow(4))).toMatchObject({ kind: 'failed', reason: 'refused-later', error: 'grey@example.org: 451 4.7.1 greylisted, come again (taken for: ops@example.org)' })
    await arrived(peer, before + 1)
  })
  test('a mail that is larger than it takes arrives without what is around', async () => {
    const before = (await peer.mails()).length
    using mail = aChannel(peer.port)
    expect(await mail.deliver(aRow(5, ofAlerts([1, 2, 3].map((id) => ({ ...RAID, id, rule: `storage.rule-${id}`, text: 'x'.repeat(1500), before: 50, after: 50 })))))).toMatchObject({ kind: 'sent' })
    expect((await arrived(peer, before + 1)).at(-1)!.text!.replaceAll('\n', ' ')).toContain('takes small mails only')
  })
})
