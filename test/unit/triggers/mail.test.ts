import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { simpleParser } from 'mailparser'
import { describe, expect, test } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { createMailChannel, createRunbooks, NO_ROUTES } from '#triggers/index.ts'
import type { NoticeAlert } from '#triggers/notice.ts'
import { builtMail, made } from '../../support/mail/made.ts'
import { AT_MS, COMMAND, LAST_LINES, MANY, message, ofAlerts, RAID, RAID_LINES, RESOLVED, SAMPLES, SILENCE } from '../../support/mail/samples.ts'

const one = (change: Partial<NoticeAlert> = {}, lines = RAID_LINES) => made(ofAlerts([{ ...RAID, ...change }]), { lines })

describe('the golden mails', () => {
  test.for(SAMPLES.flatMap(({ name }) => [`${name}.txt`, `${name}.html`]))('%s looks as it did', async (file) => {
    const sample = SAMPLES.find(({ name }) => file.startsWith(`${name}.`))!
    const mail = await made(sample.notice, { lines: sample.lines })
    const folder = new URL('../../fixtures/mail/', import.meta.url)
    const is = file.endsWith('.txt') ? `Subject: ${mail.subject}\n\n${mail.text}` : mail.html
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(folder, { recursive: true })
      writeFileSync(new URL(file, folder), is)
    }
    expect(is).toBe(readFileSync(new URL(file, folder), 'utf8'))
  })
  test.for(SAMPLES)('every line of the text of $name is shorter than 78 columns, but for addresses', async ({ notice, lines }) => {
    const { text } = await made(notice, { lines })
    expect(text.split('\n').filter((line) => line.length >= 78 && !line.includes('https://'))).toEqual([])
  })
  test.for(SAMPLES)('$name asks nobody for anything: no image, script, form, or style from elsewhere', async ({ notice, lines }) => {
    const { html } = await made(notice, { lines })
    expect(html).not.toMatch(/<(?:img|script|form|iframe|link|object|video|audio|base)\b|url\(|@import|\son\w+=/i)
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => new URL(address!.replaceAll('&#61;', '=')).protocol).filter((protocol) => protocol !== 'https:')).toEqual([])
  })
})

describe('subjects', () => {
  test.for<readonly [string, Partial<NoticeAlert>, string]>([
    ['what fires', {}, '[CRITICAL] RAID md0 on tch-001: sdb failed'],
    ['what still fires', { telling: 'still', count: 12 }, '[STILL CRITICAL] RAID md0 on tch-001: sdb failed'],
    ['what is over', { telling: 'resolved' }, '[RESOLVED] RAID md0 on tch-001: sdb failed'],
    ['what came and went', { telling: 'fired-and-resolved' }, '[FIRED AND RESOLVED] RAID md0 on tch-001: sdb failed'],
    ['what was escalated', { telling: 'escalated' }, '[ESCALATED CRITICAL] RAID md0 on tch-001: sdb failed'],
    ['what somebody looks after', { telling: 'acknowledged' }, '[ACKNOWLEDGED] RAID md0 on tch-001: sdb failed'],
    ['what nobody looks after any more', { telling: 'unacknowledged' }, '[NOBODY ON IT CRITICAL] RAID md0 on tch-001: sdb failed'],
    ['a title that changed: the first one stays', { telling: 'still', title: 'RAID md0 on tch-001: sdc failed' }, '[STILL CRITICAL] RAID md0 on tch-001: sdb failed'],
    ['brackets of its own', { threadTitle: 'md0 [UU_] degraded' }, '[CRITICAL] md0 (UU_) degraded'],
  ])('%s', async ([, change, subject]) => expect((await one(change)).subject).toBe(subject))

  test('outside of brackets nothing of one alert changes, whatever becomes of it', async () => {
    const tellings = ['firing', 'still', 'escalated', 'acknowledged', 'unacknowledged', 'resolved', 'fired-and-resolved'] as const
    const subjects = await Promise.all(tellings.map(async (telling, at) => (await one({ telling, count: at * 7 + 1, lastMs: AT_MS + at })).subject.replace(/\[[^\]]*\] /, '')))
    expect(new Set(subjects).size).toBe(1)
  })
  test('several of one rule, and of more', async () => {
    expect((await made(ofAlerts(MANY.slice(1, 4)))).subject).toBe('[3 ERROR] net.link-down')
    expect((await made(ofAlerts(MANY.slice(0, 4)))).subject).toBe('[1 CRITICAL, 3 ERROR] storage.raid-degraded and 1 more rule')
    const storm = await made(ofAlerts(MANY.slice(1, 4), { more: 9997 }))
    expect([storm.subject, storm.text.split('\n')[0], storm.html.includes('10000 alerts of 1 rule or more')]).toEqual(['[3 ERROR, 9997 MORE] net.link-down', '3 ERROR · 9997 MORE: 10000 alerts of 1 rule or more', true])
    expect((await made(ofAlerts([RESOLVED, { ...RESOLVED, id: 2 }]))).subject).toBe('[2 RESOLVED] storage.raid-degraded')
  })
  test('a long one is cut between characters', async () => {
    const { subject } = await one({ threadTitle: '😀'.repeat(300) })
    expect([subject.length <= 200, subject.isWellFormed(), subject.endsWith('…')]).toEqual([true, true, true])
  })
})

describe('threads', () => {
  test('the first mail answers none, later ones answer it, with an id that is the same for the same notice', async () => {
    const first = await one()
    expect(first).not.toHaveProperty('inReplyTo')
    expect((await one()).messageId).toBe(first.messageId)
    expect(await one({ telling: 'resolved', thread: '<a@b>' })).toMatchObject({ inReplyTo: '<a@b>', references: ['<a@b>'] })
  })
  test('one about several answers all of their threads, each once, and no more than twenty', async () => {
    const alerts = Array.from({ length: 30 }, (_, id) => ({ ...RAID, id, thread: id < 2 ? '' : `<t${id >> 1}@b>` }))
    const { inReplyTo, references } = await made(ofAlerts(alerts))
    expect(inReplyTo).toBe('<t1@b>')
    expect(references).toEqual(Array.from({ length: 14 }, (_, at) => `<t${at + 1}@b>`))
    const many = await made(ofAlerts(Array.from({ length: 60 }, (_, id) => ({ ...RAID, id, thread: `<t${id}@b>` }))))
    expect(many.references).toHaveLength(20)
  })
  test('a thread that is no message id is left out', async () => expect(await one({ thread: 'x\r\nBcc: a@b' })).not.toHaveProperty('references'))
})

test('the headers stop answers of machines, sort the mail, and say how urgent it is', async () => {
  const { headers } = await simpleParser(await builtMail(ofAlerts([RAID]), { lines: RAID_LINES }))
  expect(Object.fromEntries(['auto-submitted', 'x-auto-response-suppress', 'x-hps-kind', 'x-hps-rule', 'x-hps-severity', 'x-hps-node', 'x-hps-alert', 'x-hps-state', 'priority'].map((name) => [name, headers.get(name)]))).toEqual({
    'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All', 'x-hps-kind': 'alerts', 'x-hps-rule': 'storage.raid-degraded', 'x-hps-severity': 'critical', 'x-hps-node': 'tch-001', 'x-hps-alert': '412', 'x-hps-state': 'firing', priority: 'high',
  })
  expect(headers.get('list')).toMatchObject({ id: { id: 'alerts.hub.example.org' } })
  expect([headers.get('precedence'), headers.has('list-unsubscribe')]).toEqual([undefined, false])
  expect(headers.get('date')).toEqual(new Date(Math.floor(AT_MS / 1000) * 1000))
  for (const telling of ['resolved', 'still', 'acknowledged'] as const) expect((await one({ telling })).headers).not.toHaveProperty('Importance')
})

describe('what it says', () => {
  test('of one that goes on: for how long, how often, how often it came back', async () => {
    const { text } = await one({ telling: 'still', firstMs: AT_MS - 15_000_000, count: 318, flaps: 2 })
    expect(text.replaceAll('\n', ' ')).toContain('Still going on, for 4 h 10 min, since 2026-11-21 23:02:44 UTC. Seen 318 times, last at 2026-11-22 03:12:43 UTC. It went and came back twice.')
  })
  test('of one that is over: how long it lasted, why, and not what to do', async () => {
    const { text } = await made(ofAlerts([RESOLVED]))
    expect(text).toContain('Over: it lasted 2 h 3 min')
    expect(text).toContain('Over      a message or event that ends it matched')
    expect(text).not.toContain('What to do')
  })
  test.for<readonly [string, Partial<NoticeAlert>, string]>([
    ['who looks after it', { telling: 'acknowledged', reason: 'acknowledged', by: 'anna', note: 'on my way' }, 'Somebody looks after it: acknowledged by anna: on my way.'],
    ['that it is late', { isLate: true }, 'It is told late: the hub was not running when it happened.'],
    ['to whom it was escalated', { telling: 'escalated', reason: 'more-severe', note: 'lead' }, 'Escalated: it goes on for 4 s, since 2026-11-22 03:12:40 UTC: lead.'],
    ['who closed it', { telling: 'resolved', reason: 'closed', by: 'anna', note: 'was a test' }, 'a person closed it (anna: was a test)'],
  ])('%s', async ([, change, said]) => expect((await one(change)).text.replaceAll('\n', ' ')).toContain(said))

  test('the messages that matched are marked, in the text and in the page, by more than colour', async () => {
    const { text, html } = await one()
    expect(text.split('\n').filter((line) => line.startsWith('> '))).toHaveLength(2)
    expect(html.match(/▶/g)).toHaveLength(2)
  })
  test('where the messages change day or boot, a line says so', async () => {
    const lines = [message(1, { text: 'before', agoMs: 86_400_000, sessionId: 4 }), message(2, { text: 'after' })]
    const { text, html } = await one({}, lines)
    expect(text).toContain('-- 2026-11-22, another boot --')
    expect(html).toContain('>2026-11-22, another boot<')
  })
  test('of a silent node the last words, with those that tell of an end marked, from further back too', async () => {
    const noise = Array.from({ length: 60 }, (_, at) => message(5000 + at, { text: `systemd tick ${at}`, agoMs: 60_000 - at }))
    const { text } = await made(ofAlerts([SILENCE]), { lines: [...LAST_LINES, ...noise] })
    expect(text).toContain('The last words of tch-001 (2026-11-22, UTC)')
    expect(text).toContain('> 03:02:10.220 kernel emerg: Kernel panic - not syncing')
    expect(text.match(/systemd tick/g)).toHaveLength(20)
  })
  test('of a node that never spoke, that it never did', async () => expect((await made(ofAlerts([{ ...SILENCE, firstSeq: 0, lastSeq: 0 }]))).text).toContain('(It never said anything.)'))
  test('without its messages, why, and the one that matched', async () => {
    const { text } = await made(ofAlerts([RAID]), { change: { context: () => Promise.reject(new Error('reader is busy')) } })
    expect(text).toContain('(The messages around it could not be read: reader is busy)')
    expect(text).toContain('Message   md/raid1:md0: Disk failure on sdb')
  })
  test('of a storm: the worst of each rule in full, the rest in a table that says how many it leaves out', async () => {
    const { text } = await made(ofAlerts(MANY))
    expect([...text.matchAll(/^-{70,}\n(.*)$/gm)].map(([, title]) => title)).toEqual(['CRITICAL: RAID md0 on tch-001: sdb failed', 'ERROR: tch-010: link of eno1 is down', 'ERROR: tch-011: link of eno1 is down'])
    expect(text).toContain('and 13 more of this rule')
    expect(text).toContain('22 more alerts are in the table only.')
  })
  test('of a command: its lines, and those it could not send but as \\n', async () => {
    const { text, subject } = await made({ kind: 'command', command: COMMAND, receiver: 'ops', severity: 'warning', title: '', atMs: AT_MS }, { lines: RAID_LINES })
    expect(subject).toBe('[WARNING] disk nearly full')
    expect(text).toContain('The cache of the installer has 512 MiB left.\nIt was cleaned an hour ago.\n')
  })
  test.for<readonly [string, string, string]>([
    ['a line alone', 'Reseat the cable.', '\nWhat to do\n  Reseat the cable.\n'],
    ['an address alone', 'https://wiki.example.org/x', '\nWhat to do\n  https://wiki.example.org/x\n'],
    ['both', 'Reseat the cable: https://wiki.example.org/x.', '\nWhat to do\n  Reseat the cable\n  https://wiki.example.org/x\n'],
  ])('a runbook that is %s', async ([, runbook, shown]) => expect((await one({ runbook })).text).toContain(shown))
  test('a runbook of the program is told itself', async () => {
    const { text, html } = await one()
    expect(text).toContain('\nWhat to do\n  Means: A disk fell out of a Linux software RAID.')
    expect(text.replace(/\n +/g, ' ')).toContain('Do: Replace the disk, partition it like its twin, mdadm /dev/md0 --add /dev/sdb2. The alert ends when the kernel says recovery done. See disk-failing. docs/runbooks/storage.md#raid-disk-failed')
    expect(html).toContain('<b>Look:</b> cat /proc/mdstat')
  })
  test.for<readonly [string, readonly object[]]>([
    ['docs/runbooks/storage.md#raid-disk-failed', [{ label: 'Means' }, { label: 'Look' }, { label: 'Do' }]],
    ['docs/runbooks/storage.md#no-such-heading', []], ['docs/runbooks/none.md#x', []], ['docs/../package.json#x', []], ['docs/runbooks/storage.md', []], ['https://wiki.example.org/docs/runbooks/storage.md#x', []],
  ])('of %s', ([reference, parts]) => expect(createRunbooks(fileURLToPath(new URL('../../../', import.meta.url)))(reference)).toMatchObject(parts))
  test('a runbook becomes a link only where it is a web address', async () => {
    expect((await one({ runbook: 'javascript:alert(1)' })).html).not.toContain('href="javascript')
    expect((await one({ runbook: 'see file:///etc/passwd' })).html).not.toContain('href="file')
  })
  test('without the address of the hub there are no links', async () => {
    const { html, text } = await made(ofAlerts([{ ...RAID, runbook: '' }]), { lines: RAID_LINES, change: { publicUrl: undefined } })
    expect([html.includes('<a '), text.includes('http')]).toEqual([false, false])
  })
})

test('context is asked for around the message, of the node alone, and never for more than a phone shows', async () => {
  const asked: unknown[] = []
  const context = (...args: unknown[]) => (asked.push(args), Promise.resolve([]))
  await made(ofAlerts([{ ...RAID, before: 5000, after: 2 }]), { change: { context } })
  expect(asked).toEqual([[4712, { before: 30, after: 2, nodeId: 1 }]])
})

test('a mail for a server that takes small ones only has no context and says so', async () => {
  const { text } = await made(ofAlerts(MANY), { size: 1 })
  expect(text.replaceAll('\n', ' ')).toContain('The messages around it are left out: the mail server takes small mails only.')
  expect(text.match(/-{70,}/g)).toHaveLength(1)
})

test('the password is read at start, and a file that is not there stops it', () => {
  const config = { host: 'localhost', port: 25, tls: 'starttls' as const, from: 'a@b.c', user: 'u', password_file: '/nonexistent/password' }
  const common = { routes: () => NO_ROUTES, renderer: createRenderer(), context: () => Promise.resolve([]), publicUrl: undefined, facts: () => undefined, runbook: () => [], clock: () => AT_MS, hubName: 'hub', metrics: { add: () => undefined } }
  expect(() => createMailChannel({ ...common, config })).toThrow('ENOENT')
  expect(() => createMailChannel({ ...common, config: { host: 'localhost', port: 25, tls: 'starttls', from: 'a@b.c', ca_file: '/nonexistent/ca' } })).toThrow('ENOENT')
})
