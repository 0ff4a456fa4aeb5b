import { mkdtempSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRenderer } from '#render/index.ts'
import { createOutboxRecords, openHubDatabase, type HubDatabase } from '#store/index.ts'
import { createMetrics, silentLogger } from '#telemetry/index.ts'
import { createMailChannel, createOutbox, NO_ROUTES, readRoutes, TRIGGER_METRICS, type FormerNotice as Notice, type Outbox, type OutboxOptions, type Routes } from '#triggers/index.ts'
import { GIVE_UP_AFTER_MS, nextTry } from '#triggers/outbox/schedule.ts'

const ROUTES = routesOf('format: 1\nreceivers: [{name: ops, mail: [ops@example.org, noc@example.org]}]\n')
function routesOf(text: string): Routes {
  const routes = readRoutes('routes.yaml', text)
  if (!routes.ok) throw new Error(JSON.stringify(routes.faults))
  return routes.value
}

const NOTICE: Notice = {
  kind: 'alert', title: 'sda failed on tch-001', severity: 'error', rule: 'disk.failed', version: 'v1', key: 'k', seq: 10, receivedMs: 1_795_354_949_220, nodeId: 1, sessionId: 5,
  node: 'tch-001', session: 'a1b2c3', host: 'h', app: 'kernel', text: 'disk sda failed', fields: { disk: 'sda' }, count: 1, firstMs: 1_795_354_949_220, runbook: undefined, owner: undefined, before: 5, after: 0,
}

let db: HubDatabase
let nowMs: number
let timers: { atMs: number; work: () => void }[]
const closers: (() => unknown)[] = []
beforeEach(() => {
  db = openHubDatabase(join(mkdtempSync(join(tmpdir(), 'hps-outbox-')), 'hub.db'))
  nowMs = 1_795_354_950_000
  timers = []
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close() // connections before their servers
})

interface Received { readonly raw: string; readonly to: readonly string[] }
/** A real SMTP server on loopback. */
async function smtpServer(options: SMTPServerOptions = {}): Promise<{ readonly port: number; readonly mails: Received[]; close(): Promise<void> }> {
  const mails: Received[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push({ raw: Buffer.concat(chunks).toString(), to: session.envelope.rcptTo.map(({ address }) => address) })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => server.close(resolve))
  closers.push(close)
  return { port: (server.server.address() as AddressInfo).port, mails, close }
}

function channel(port: number, { routes = ROUTES, host = '127.0.0.1' }: { readonly routes?: Routes; readonly host?: string | null } = {}) {
  const made = createMailChannel({
    config: { ...(host === null ? {} : { host }), port, tls: 'none', from: 'HPS hub <hps@hub.example.org>' }, routes: () => routes, renderer: createRenderer(), context: () => Promise.resolve([]),
    publicUrl: 'http://hub.example.org:8080', facts: () => undefined, runbook: () => [], clock: () => nowMs, metrics, hubName: 'hub',
  })
  closers.push(() => made.close())
  return made
}

const metrics = createMetrics(TRIGGER_METRICS)
function outbox(deliver: OutboxOptions['deliver'], log = silentLogger): Outbox {
  return createOutbox({
    db, deliver, clock: () => nowMs, random: () => 0.5, log, metrics,
    after(ms, work) {
      const timer = { atMs: nowMs + ms, work }
      timers.push(timer)
      return () => void (timers = timers.filter((one) => one !== timer))
    },
  })
}

function queue(change: { readonly key?: string; readonly receiver?: string; readonly alertId?: number; readonly notice?: Partial<Notice> } = {}): void {
  createOutboxRecords(db).add({ dedupKey: change.key ?? 'key-1', channel: 'mail', receiver: change.receiver ?? 'ops', payload: JSON.stringify({ ...NOTICE, ...change.notice }), createdMs: nowMs, alertId: change.alertId })
}
const rows = () => createOutboxRecords(db).list(10)
/** Lets everything that is under way settle. */
async function settle(box: Outbox): Promise<void> {
  box.wake()
  await box.stop()
}

test('a notice is mailed to all addresses of the receiver, and the answer of the server is kept', async () => {
  const server = await smtpServer()
  queue()
  await settle(outbox(channel(server.port).deliver))
  expect(rows()).toMatchObject([{ state: 'sent', attempts: 1, reply: '250 OK: message queued' }])
  expect(server.mails.map(({ to }) => to)).toEqual([['ops@example.org', 'noc@example.org']])
  const mail = await simpleParser(server.mails[0]!.raw)
  expect(mail.subject).toBe('[ERROR] sda failed on tch-001')
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated')
  expect(mail.headers.get('x-auto-response-suppress')).toBe('All')
  expect(server.mails[0]!.raw).toMatch(/^List-ID: HPS hub alerts <alerts\.hub\.example\.org>\r$/im)
  expect(mail.text).toContain('http://hub.example.org:8080/#/message/10')
  expect(mail.html).toContain('href="http://hub.example.org:8080/#/message/10"')
})

test('a server that is down is tried again, later each time, and gets the mail when it is back', async () => {
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  const { port } = gone.address() as AddressInfo
  await new Promise((resolve) => gone.close(resolve))
  queue()
  await settle(outbox(channel(port).deliver))
  expect(rows()).toMatchObject([{ state: 'retry', attempts: 1, nextMs: nowMs + 3750 }])
  expect(rows()[0]!.lastError).toContain('ECONNREFUSED')
  await settle(outbox(channel(port).deliver)) // its time has not come
  expect(rows()[0]!.attempts).toBe(1)
  nowMs += 3750
  const server = await smtpServer()
  await settle(outbox(channel(server.port).deliver))
  expect(rows()).toMatchObject([{ state: 'sent', attempts: 2 }])
  expect(server.mails).toHaveLength(1)
})

test.for<readonly [string, number, 'MAIL' | 'RCPT' | 'DATA', string]>([
  ['4xx to the recipient', 451, 'RCPT', 'retry'],
  ['4xx to the message', 452, 'DATA', 'retry'],
  ['5xx to the recipient', 550, 'RCPT', 'dead'],
  ['5xx to the sender', 553, 'MAIL', 'dead'],
  ['5xx to the message', 554, 'DATA', 'dead'],
])('%s (%i at %s) makes it %s', async ([, responseCode, at, state]) => {
  const refuse = (done: (error?: Error | null) => void) => done(Object.assign(new Error('says\tno\u001b[31m'), { responseCode }))
  const server = await smtpServer({
    ...(at === 'MAIL' ? { onMailFrom: (_address, _session, done) => refuse(done) } : {}),
    ...(at === 'RCPT' ? { onRcptTo: (_address, _session, done) => refuse(done) } : {}),
    ...(at === 'DATA' ? { onData: (stream, _session, done) => (stream.resume(), stream.on('end', () => refuse(done)), undefined) } : {}),
  })
  queue()
  await settle(outbox(channel(server.port).deliver))
  expect(rows()).toMatchObject([{ state, attempts: 1 }])
  expect(rows()[0]!.lastError).toContain(String(responseCode))
  expect(rows()[0]!.lastError).toMatch(/^[ -~]*$/)
})

test('when one of two addresses is refused the mail counts as sent, and the answer says who did not get it', async () => {
  const server = await smtpServer({ onRcptTo: ({ address }, _session, done) => done(address.startsWith('noc') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null) })
  queue()
  await settle(outbox(channel(server.port).deliver))
  expect(rows()[0]).toMatchObject({ state: 'sent', reply: '250 OK: message queued (refused: noc@example.org: 550 no such user)' })
})

test('a slow receiver holds up only its own notices; at most two of one and five in all are under way', async () => {
  const waiting: (() => void)[] = []
  const box = outbox(() => new Promise((resolve) => waiting.push(() => resolve({ kind: 'sent', reply: 'ok' }))))
  for (let index = 0; index < 8; index++) queue({ key: `key-${index}`, receiver: index < 4 ? 'ops' : `team-${index}` })
  box.wake()
  box.wake()
  const sending = rows().filter(({ state }) => state === 'sending')
  expect(sending).toHaveLength(5)
  expect(sending.filter(({ receiver }) => receiver === 'ops')).toHaveLength(2)
  waiting.shift()!()
  await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(rows().map(({ state }) => state).toSorted()).toEqual([...Array<string>(2).fill('queued'), ...Array<string>(5).fill('sending'), 'sent'])
  while (waiting.length > 0) {
    for (const finish of waiting.splice(0)) finish()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(new Set(rows().map(({ state }) => state))).toEqual(new Set(['sent']))
})

test('a hub that is killed after the server took the mail and before it was written down sends it again, with the same Message-ID', async () => {
  const server = await smtpServer()
  queue()
  const first = channel(server.port)
  const dying = outbox(async (row) => {
    await first.deliver(row)
    return new Promise(() => undefined) // the process ends here
  })
  dying.wake()
  while (server.mails.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(rows()).toMatchObject([{ state: 'sending' }])
  await settle(outbox(channel(server.port).deliver))
  expect(rows()).toMatchObject([{ state: 'sent', attempts: 2 }])
  const ids = await Promise.all(server.mails.map(async ({ raw }) => (await simpleParser(raw)).messageId))
  expect(ids).toHaveLength(2)
  expect(ids[0]).toBe(ids[1])
  expect(ids[0]).toMatch(/^<[0-9a-f]{40}@hub\.example\.org>$/)
})

test('stopping does not wait for a server that does not answer: the notice is tried again', async () => {
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  const server = await smtpServer({ onData: (stream) => (stream.resume(), stream.on('end', resolve), undefined) })
  queue()
  const mail = channel(server.port)
  const box = outbox(mail.deliver)
  box.wake()
  await reached
  const startedMs = performance.now()
  mail.close()
  await box.stop()
  expect(performance.now() - startedMs).toBeLessThan(2000)
  expect(rows()).toMatchObject([{ state: 'retry', attempts: 1 }])
})

test('without an SMTP server, or without a receiver, notices wait', async () => {
  queue()
  await settle(outbox(channel(25, { host: null }).deliver))
  expect(rows()).toMatchObject([{ state: 'retry', lastError: 'no SMTP server is configured (mail.host)' }])
  nowMs += 60_000
  await settle(outbox(channel(25, { routes: NO_ROUTES }).deliver))
  expect(rows()).toMatchObject([{ state: 'retry', lastError: 'there is no receiver ops and no default one in the routes' }])
})

test('a channel that throws is a failure like another', async () => {
  queue()
  await settle(outbox(() => Promise.reject(new Error('boom'))))
  expect(rows()).toMatchObject([{ state: 'retry', lastError: 'Error: boom' }])
})

test('the outbox wakes by itself when the next try is due', async () => {
  queue()
  let tries = 0
  const box = outbox(() => Promise.resolve(++tries === 1 ? { kind: 'failed' as const, reason: 'unreachable' as const, isPermanent: false, error: 'x' } : { kind: 'sent' as const, reply: 'ok' }))
  box.wake()
  await new Promise((resolve) => setImmediate(resolve))
  expect(timers.map(({ atMs }) => atMs)).toEqual([nowMs + 3750])
  nowMs += 3750
  timers[0]!.work()
  await new Promise((resolve) => setImmediate(resolve))
  expect([tries, rows()[0]!.state]).toEqual([2, 'sent'])
})

test('the pauses grow to four hours, and a notice is given up after three days', () => {
  let atMs = 0
  const pauses: number[] = []
  for (let attempts = 1; ; attempts++) {
    const next = nextTry({ attempts, createdMs: 0, isPermanent: false }, atMs, 0.5)
    if (next.kind === 'dead') {
      expect(next.reason).toBe('expired')
      break
    }
    pauses.push((next.nextMs - atMs) / 1000)
    atMs = next.nextMs
  }
  expect(pauses.slice(0, 4)).toEqual([3.75, 7.5, 15, 30])
  expect(Math.max(...pauses)).toBe(0.75 * 4 * 3600)
  expect(atMs).toBeGreaterThan(GIVE_UP_AFTER_MS - 4 * 3_600_000)
  expect(nextTry({ attempts: 1, createdMs: 0, isPermanent: true }, 0, 0)).toEqual({ kind: 'dead', reason: 'permanent' })
})

test('a failure is told when it begins and when its reason changes, not at each try', async () => {
  const told: string[] = []
  const log = { ...silentLogger, warn: (fields: Readonly<Record<string, unknown>>) => void told.push(`${String(fields['attempts'])} ${String(fields['reason'])}`) }
  const reasons = ['not-configured', 'not-configured', 'not-configured', 'unreachable', 'unreachable'] as const
  let tries = 0
  const box = outbox(() => Promise.resolve({ kind: 'failed', reason: reasons[tries++]!, isPermanent: false, error: 'no' }), log)
  queue()
  for (const [done] of reasons.entries()) {
    box.wake()
    await vi.waitFor(() => expect(rows()).toMatchObject([{ state: 'retry', attempts: done + 1 }]))
    nowMs = rows()[0]!.nextMs
  }
  await box.stop()
  expect(told).toEqual(['1 not-configured', '4 unreachable'])
})
