import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoggedView, NotLoggedView } from '../../src/api/ack-part.ts'
import { anAuthority, writeCertificate } from '../support/certificates.ts'
import { freePort, run } from '../support/child.ts'
import { placeHub, startHub, type HubPlace, type RunningHub } from '../support/hub.ts'
import { startRelpSender } from '../support/relp-sender.ts'
import { logger, sendTcp } from '../support/senders.ts'

/** "Did my log arrive?" as senders ask it: real ones, by each way, and through a kill of the hub. */
const sh = promisify(execFile)
let keep: string
let place: HubPlace
let hub: RunningHub
let ports: { readonly relp: number; readonly tls: number }
let socket: string
let client: ReturnType<typeof writeCertificate>

beforeAll(async () => {
  keep = mkdtempSync(join(tmpdir(), 'hps-ack-'))
  const authority = anAuthority()
  const authorityFile = join(keep, 'authority.pem')
  writeFileSync(authorityFile, authority.certificate)
  client = writeCertificate(keep, 'client', authority.issue({ name: 'web1.example.org' }))
  socket = join(keep, 'log.sock')
  ports = { relp: await freePort(), tls: await freePort() }
  const plain = await freePort()
  const tls = { ...writeCertificate(keep, 'hub', authority.issue({ name: 'hub.test' })), clients: 'optional', client_ca_file: authorityFile }
  place = await placeHub({
    syslog: {
      listeners: [
        ...(['udp', 'tcp'] as const).map((transport) => ({ name: transport, transport, address: '127.0.0.1', port: plain })),
        { name: 'relp', transport: 'relp', address: '127.0.0.1', port: ports.relp },
        { name: 'secure', transport: 'tcp', address: '127.0.0.1', port: ports.tls, tls },
        { name: 'local', transport: 'unix', path: socket },
      ],
    },
  })
  place = { ...place, syslogPort: plain }
  hub = await startHub(place)
})
afterAll(async () => {
  if (hub.child.running()) await hub.stop()
  place.remove()
  rmSync(keep, { recursive: true })
})

const ask = (key: string, wait = 10) => hub.json<LoggedView | NotLoggedView>(`/api/v1/logs/ack?key=${key}&wait=${wait}`)
const net = (...options: readonly string[]) => (key: string) => logger(['--server', '127.0.0.1', '--port', String(place.syslogPort), ...options, '-t', 'hps-ack', key])
const posted = (type: string, body: (key: string) => string) => async (key: string) => void (await hub.get('/api/v1/logs', { method: 'POST', headers: { 'content-type': type }, body: body(key) }))
async function byRelp(key: string): Promise<void> {
  await using sender = await startRelpSender({ port: ports.relp })
  await logger(['--socket', sender.socket, '-t', 'hps-ack', key])
  await ask(key)
}
const byTls = async (key: string) =>
  void (await sh('sh', ['-c', `printf '<14>1 - web1 hps-ack - - - ${key}\n' | openssl s_client -quiet -no_ign_eof -connect 127.0.0.1:${ports.tls} -cert ${client.certificate_file} -key ${client.key_file}`]))

test.for<[way: string, send: (key: string) => Promise<void>, expected: Partial<LoggedView>]>([
  ['logger --udp', net('--udp', '--rfc5424'), { transport: 'udp', listener: 'udp', framing: 'datagram', dialect: 'rfc5424', deviations: [] }],
  ['logger --udp, RFC 3164', net('--udp', '--rfc3164'), { transport: 'udp', framing: 'datagram', dialect: 'rfc3164', deviations: ['no-year', 'no-zone'] }],
  ['logger --tcp', net('--tcp', '--rfc5424'), { transport: 'tcp', listener: 'tcp', framing: 'newline', dialect: 'rfc5424' }],
  ['logger --tcp --octet-count', net('--tcp', '--rfc5424', '--octet-count'), { transport: 'tcp', listener: 'tcp', framing: 'octet-count', dialect: 'rfc5424', tls: false }],
  ['logger --socket', (key) => logger(['--socket', socket, '-t', 'hps-ack', key]), { transport: 'unix', listener: 'local', framing: 'newline', dialect: 'rfc3164', source: 'unix', node: null, session: null }],
  ['rsyslog by RELP', byRelp, { transport: 'relp', listener: 'relp', framing: 'relp', dialect: 'rfc5424' }],
  ['TLS with a certificate', byTls, { transport: 'tcp', listener: 'secure', tls: true, certificate: 'web1.example.org', framing: 'newline', sent: null, ahead_ms: null }],
  ['HTTP, a line', posted('text/plain', (key) => `<14>1 - - hps-ack - - - ${key}`), { transport: 'http', framing: 'http-lines', dialect: 'rfc5424' }],
  ['HTTP, JSON', posted('application/x-ndjson', (key) => JSON.stringify({ app: 'hps-ack', message: key })), { transport: 'http', framing: 'ndjson', dialect: 'ndjson' }],
])('%s is told as what it was', async ([way, send, expected]) => {
  const key = `way-${way.replace(/[^a-zA-Z0-9]+/g, '-')}`.slice(0, 64)
  await send(key)
  const answer = await ask(key)
  expect(answer).toMatchObject({ logged: true, key, source: '127.0.0.1', certificate: null, cut: false, doubled: false, arrivals: 1, ...expected })
  const { stored_ms: storedMs, ahead_ms: aheadMs } = answer as LoggedView
  expect(storedMs).toBeGreaterThanOrEqual(0)
  expect(storedMs).toBeLessThan(10_000)
  if (aheadMs !== null) expect(Math.abs(aheadMs)).toBeLessThan(10_000)
})

test('a shell gets one line', async () => {
  await byTls('key-of-a-certificate')
  const line = await (await hub.get('/boot/v1/log/ack?key=key-of-a-certificate&wait=10', { headers: { accept: 'text/plain' } })).text()
  expect(line).toMatch(/^logged( [a-z_]+=[^ ]+)+\n$/)
  expect(line).toContain(' transport=tcp tls=yes listener=secure ')
  expect(line).toContain(' certificate=web1.example.org ')
})

test('what the hub was told before it was killed is as right after it, at once and with a wait; the key that was never sent stays unknown', async () => {
  const keys = ['before-kill-1', 'before-kill-2']
  await sendTcp(place.syslogPort, [...keys, 'sh rt'].map((key) => `<14>1 2026-11-22T14:00:00Z tch-001 hps-ack - - - ${key}\n`))
  for (const key of keys) expect(await ask(key)).toMatchObject({ logged: true, framing: 'newline' })
  await hub.kill()
  hub = await startHub(place)
  const machine = async (key: string, wait: number) => (await fetch(`${place.url}/boot/v1/log/ack?key=${key}&wait=${wait}`)).text()
  expect(await machine('before-kill-1', 0)).toMatch(/^logged .* transport=tcp tls=no listener=tcp framing=unknown dialect=rfc5424 /)
  expect(await machine('before-kill-2', 10)).toMatch(/^logged .* stored_ms=- /)
  expect(await machine('never-sent-1', 0)).toMatch(/^not-logged key=never-sent-1 waited_ms=0 complete=yes address=127.0.0.1 heard=\S+ malformed=tcp@/)
  expect(await ask('before-kill-1')).toMatchObject({ logged: true, transport: 'tcp', dialect: 'rfc5424', node: expect.any(String) })
})

test('the command says it for a person, with the exit code', async () => {
  await net('--udp', '--rfc5424')('for-a-person-1')
  const hps = (...args: readonly string[]) => run(join(import.meta.dirname, '../../hps'), ['ack', '--data', place.data, ...args])
  expect(await hps('for-a-person-1')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^logged as number \d+\nreceived: .*\nby: +udp, framed as datagram\n/) })
  expect(await hps('never-sent-2', '--wait', '0')).toMatchObject({ code: 1, stdout: expect.stringMatching(/^not logged\nkey: +never-sent-2\n/) })
})

test('who waits while the hub stops is told that it stops, and the hub does not wait for it', async () => {
  const waiting = fetch(`${place.url}/boot/v1/log/ack?key=never-sent-3&wait=30`)
  await untilWaits()
  const { code, tookMs } = await hub.stop()
  expect([code, (await waiting).status]).toEqual([0, 503])
  expect(tookMs).toBeLessThan(10_000)
})

async function untilWaits(): Promise<void> {
  while ((await hub.metrics()).get('hps_http_ack_waiters') !== 1) await new Promise(setImmediate)
}
