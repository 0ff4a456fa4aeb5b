import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../support/child.ts'
import { aHub, type RunningHub } from '../support/hub.ts'
import { received, takenIn } from '../support/peers/inbox.ts'
import { openTcp, sendTcp, sendUdp } from '../support/senders.ts'

/** Senders without a log daemon: shells, Python, firmware by replay, and clients that took the wrong port. */
let hub: RunningHub & AsyncDisposable
beforeAll(async () => {
  hub = await aHub()
})
afterAll(() => hub?.[Symbol.asyncDispose]())

/** Runs a script with the hub's port as $1. */
async function script(shell: 'sh' | 'bash', text: string): Promise<void> {
  const { code, output } = await run(shell, ['-c', text, shell, String(hub.syslogPort)])
  expect({ code, output }).toEqual({ code: 0, output: '' })
}
const BARE = ['no-priority', 'no-timestamp', 'no-host', 'no-app']

test('bash writes to /dev/udp and /dev/tcp: with a header it is read, without one it is kept', async () => {
  await script('bash', `
    echo '<29>1 2026-01-02T03:04:05.678Z tch-5 bashtag 77 - - bashword rfc5424' >/dev/tcp/127.0.0.1/$1
    for k in 1 2 3; do echo "<11>bashtag[$k]: bashword udp $k" >/dev/udp/127.0.0.1/$1; done
    exec 3>/dev/tcp/127.0.0.1/$1
    printf 'bashword plain one\\nbashword plain two\\r\\n' >&3
    printf '2026 was bashword year\\n12 of 20 bashword up\\n192.168.1.42 - - [02/Jan/2026] bashword get\\n' >&3
    exec 3>&-`)
  const messages = await received(hub, 'bashword', 9)
  const read = messages.map(({ text, app, procid, severity, format }) => ({ text, app, procid, severity, format }))
  expect(read).toHaveLength(9)
  expect(read).toContainEqual({ text: 'bashword rfc5424', app: 'bashtag', procid: '77', severity: 'notice', format: 'rfc5424' })
  for (const k of [1, 2, 3]) expect(read).toContainEqual({ text: `bashword udp ${k}`, app: 'bashtag', procid: String(k), severity: 'err', format: 'rfc3164' })
  for (const text of ['bashword plain one', 'bashword plain two', '2026 was bashword year', '12 of 20 bashword up', '192.168.1.42 - - [02/Jan/2026] bashword get']) {
    expect(messages.find((message) => message.text === text)).toMatchObject({ format: 'raw', faults: BARE })
  }
})

test('netcat: what a program prints is one message a line, also where the last line has no end', async () => {
  await script('sh', `seq -f 'ncword %04g of a plain program' 1 500 | busybox nc 127.0.0.1 $1`)
  await script('sh', `printf 'ncword no end' | busybox nc 127.0.0.1 $1`)
  const messages = await received(hub, 'ncword', 501)
  expect(messages.map((message) => message.text)).toEqual([...Array.from({ length: 500 }, (_, k) => `ncword ${String(k + 1).padStart(4, '0')} of a plain program`), 'ncword no end'])
  expect(messages[0]!.faults).toEqual(BARE)
  expect(messages[500]!.faults).toEqual(['no-priority', 'no-timestamp', 'no-host', 'no-app', 'unterminated-frame'])
})

const PYTHON = `
import logging, logging.handlers, socket, sys
port, kind, ident = int(sys.argv[1]), sys.argv[2], sys.argv[3]
S = logging.handlers.SysLogHandler
handler = S(("127.0.0.1", port), facility=S.LOG_LOCAL2, socktype=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
handler.ident = ident
log = logging.getLogger("hps")
log.setLevel(logging.DEBUG)
log.addHandler(handler)
for level in ("debug", "info", "warning", "error", "critical"):
    getattr(log, level)("pyword %s %s: Übertragung [ok]", kind, level)
`
test.for(['udp', 'tcp'])('Python’s SysLogHandler over %s: its zero byte at the end is no part of the text', async (kind) => {
  const { code, output } = await run('/usr/bin/python3', ['-c', PYTHON, String(hub.syslogPort), kind, 'n_install: '])
  expect({ code, output }).toEqual({ code: 0, output: '' })
  const messages = await received(hub, `pyword ${kind}`, 5)
  expect(messages.map(({ text, app, facility, severity, faults }) => ({ text, app, facility, severity, faults }))).toEqual(
    (['debug', 'info', 'warning', 'err', 'crit'] as const).map((severity, k) => ({
      text: `pyword ${kind} ${['debug', 'info', 'warning', 'error', 'critical'][k]!}: Übertragung [ok]`, app: 'n_install', facility: 'local2', severity, faults: ['no-timestamp', 'no-host'],
    })))
})

/** Lines of iPXE as its two log consoles send them: `<6>[HOST[.DOMAIN] ]ipxe: text`, cut after 127 characters. */
const LONG = Array.from({ length: 14 }, (_, k) => `LONG-${k}-`).join('').padEnd(127, 'x')
const IPXE = [
  '<6>ipxe: ipxeword Configuring (net0 52:54:00:aa:bb:01)...... ok',
  '<6>tch-001.cl1.hps.local ipxe: ipxeword net0: 10.99.1.51/255.255.255.0 gw 10.99.1.1',
  '<6>tch-001.s-a1b2c3 ipxe: ipxeword http://10.99.1.1:8080/boot/missing... Not found (https://ipxe.org/2d0c613b)',
  '<6>tch-001.s-a1b2c3 ipxe:   [Link:up, TX:8 TXE:1 RX:2 RXE:0] ipxeword',
] as const
test('iPXE by replay: host, program and text, over UDP and over TCP', async () => {
  await sendUdp(hub.syslogPort, IPXE)
  await sendTcp(hub.syslogPort, IPXE.map((line) => `${line.replace('ipxeword', 'ipxeword tcp')}\n`))
  const messages = (await received(hub, 'ipxeword', 2 * IPXE.length)).filter((message) => !message.text.includes('ipxeword tcp'))
  expect(messages.map(({ format, app, facility, severity, host, label }) => ({ format, app, facility, severity, host, label }))).toEqual(
    ['', 'tch-001.cl1.hps.local', 'tch-001', 'tch-001'].map((host, k) => ({ format: 'ipxe', app: 'ipxe', facility: 'kern', severity: 'info', host, label: k < 2 ? '' : 'a1b2c3' })))
  expect(messages[3]!.text).toContain('[Link:up, TX:8 TXE:1 RX:2 RXE:0] ipxeword')
})

test('iPXE by replay: what it cuts after 127 characters is one message again', async () => {
  await sendUdp(hub.syslogPort, [`<6>tch-002 ipxe: ${LONG}`, '<6>tch-002 ipxe: ipxetail9'])
  const [message, ...more] = await received(hub, 'host:tch-002')
  expect(more).toEqual([])
  expect(message).toMatchObject({ format: 'ipxe', text: `${LONG}ipxetail9`, faults: expect.arrayContaining(['joined']) })
})

test('a web client on the syslog port: its lines are kept, and the port goes on', async () => {
  const before = await takenIn(hub)
  await expect(fetch(`http://127.0.0.1:${hub.syslogPort}/webword`, { signal: AbortSignal.timeout(1000) })).rejects.toThrow()
  const [line] = await received(hub, '"GET /webword HTTP/1.1"')
  expect(line).toMatchObject({ format: 'raw', text: 'GET /webword HTTP/1.1', faults: BARE })
  expect((await takenIn(hub)) - before).toBeGreaterThan(2)
})

test('a TLS client on the plain port: its first record is one raw message, and the connection is not closed for it', async () => {
  const before = await takenIn(hub)
  const socket = connectTls({ port: hub.syslogPort, host: '127.0.0.1', servername: 'tlsword.example', rejectUnauthorized: false })
  socket.on('error', () => undefined) // it is ended below, in the middle of its handshake
  const [hello, ...more] = await received(hub, '"tlsword.example"')
  expect(more).toEqual([])
  expect(hello).toMatchObject({ format: 'raw' })
  expect((await takenIn(hub)) - before).toBe(1)
  socket.destroy()
})

test('whatever bytes come, the connection stays open and what follows is read', async () => {
  const socket = await openTcp(hub.syslogPort)
  const noise = Buffer.alloc(1 << 20, 0)
  for (let i = 0, state = 7; i < noise.length; i++) noise[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24
  for (const piece of [noise, '\n0 <13>noiseword wrong count\n', '99999999 <13>noiseword huge\n', '3 <13>noiseword small\n', '14 <13>noiseword!', '<13>noiseword last\n']) {
    await new Promise<void>((resolve, reject) => socket.write(piece, (error) => (error ? reject(error) : resolve())))
  }
  const messages = await received(hub, 'noiseword', 5)
  expect(messages.map(({ text, faults }) => [text.slice(text.indexOf('noiseword')), faults.includes('bad-frame-count')])).toEqual([
    ['noiseword wrong count', true], ['noiseword huge', true], ['noiseword small', true], ['noiseword!', false], ['noiseword last', false],
  ])
  expect(socket.destroyed || socket.readableEnded).toBe(false)
  socket.destroy()
})

test('twenty connections, framing mixed on each, in pieces of odd sizes: sent is stored', async () => {
  const frame = (c: number, k: number): string => {
    const body = `<${8 + (k % 184)}>1 2026-01-02T03:04:05Z tch-${c} mixer ${k} - - mixedword ${c}/${k} ${'é'.repeat(k % 97)}`
    return [`${Buffer.byteLength(body)} ${body}`, `${body}\n`, `${body}\r\n`, `${body}\0`, `${Buffer.byteLength(body) + 1} ${body}\n`][(c + k) % 5]!
  }
  const perConnection = 250
  await Promise.all(Array.from({ length: 20 }, async (_, c) => {
    const bytes = Buffer.from(Array.from({ length: perConnection }, (__, k) => frame(c, k)).join(''))
    const socket = connect(hub.syslogPort, '127.0.0.1')
    socket.setNoDelay(true)
    for (let at = 0; at < bytes.length; at += 997 + c) await new Promise<void>((resolve, reject) => socket.write(bytes.subarray(at, at + 997 + c), (error) => (error ? reject(error) : resolve())))
    await new Promise<void>((resolve) => socket.end(() => resolve()))
  }))
  const messages = await received(hub, 'app:mixer', 20 * perConnection)
  expect(messages).toHaveLength(20 * perConnection)
  expect(messages.filter((message) => message.faults.length > 0)).toEqual([])
  expect(new Set(messages.map((message) => message.text.split(' ')[1])).size).toBe(20 * perConnection)
  for (const { host, procid, text } of messages) expect(text).toBe(`mixedword ${host.slice(4)}/${procid} ${'é'.repeat(Number(procid) % 97)}`.trimEnd() + (Number(procid) % 97 === 0 ? ' ' : ''))
})

