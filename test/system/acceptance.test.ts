import { afterAll, beforeAll, expect, test } from 'vitest'
import { aHub, untilFound, type RunningHub } from '../support/hub.ts'
import { logger, sendTcp, sendUdp, startRsyslog } from '../support/senders.ts'

/** Real senders, as they are installed on nodes, against the hub as it is started by its users. */
let hub: RunningHub & AsyncDisposable
beforeAll(async () => {
  hub = await aHub()
})
afterAll(() => hub?.[Symbol.asyncDispose]())

const raw = async (seq: number): Promise<string> => (await hub.get(`/api/v1/logs/${seq}/raw`)).text()

/** What RFC 3164's time does not say, and the hub notes. */
const OLD_TIME = ['no-year', 'no-zone']

// Every row is one run of util-linux `logger`; `format` is what the hub must take it for.
const LOGGER_ROWS = [
  { name: 'RFC 5424 over UDP', args: ['--udp', '--rfc5424'], format: 'rfc5424' },
  { name: 'RFC 5424 over TCP with newlines', args: ['--tcp', '--rfc5424'], format: 'rfc5424' },
  { name: 'RFC 5424 over TCP with octet counting', args: ['--tcp', '--rfc5424', '--octet-count'], format: 'rfc5424' },
  { name: 'RFC 3164 over UDP', args: ['--udp', '--rfc3164'], format: 'rfc3164' },
  { name: 'RFC 3164 over TCP with newlines', args: ['--tcp', '--rfc3164'], format: 'rfc3164' },
  { name: 'RFC 3164 over TCP with octet counting', args: ['--tcp', '--rfc3164', '--octet-count'], format: 'rfc3164' },
] as const

test.for(LOGGER_ROWS)('logger, $name: fields are read and the message is found by its words', async ({ args, format }, { task }) => {
  const word = `lgr${task.id.replace(/\W/g, '')}`
  await logger([...args, '--server', '127.0.0.1', '--port', String(hub.syslogPort), '-t', 'n_install', '-p', 'local3.warning', '--id=4711', `partition table ${word} written: "sda" [ok] ümlaut`])
  const [message, ...more] = await untilFound(hub, word)
  expect(more).toEqual([])
  expect(message).toMatchObject({
    format,
    facility: 'local3',
    severity: 'warning',
    app: 'n_install',
    procid: '4711',
    text: `partition table ${word} written: "sda" [ok] ümlaut`,
    faults: format === 'rfc3164' ? OLD_TIME : [],
  })
  expect(message!.host).not.toBe('')
  expect(Math.abs(Date.parse(message!.sent!) - Date.parse(message!.received))).toBeLessThan(30_000)
  expect(await raw(message!.seq)).toContain(`partition table ${word} written: "sda" [ok] ümlaut`)
})

test('logger: structured data and message id of RFC 5424 are kept apart from the text', async () => {
  await logger(['--udp', '--rfc5424', '--server', '127.0.0.1', '--port', String(hub.syslogPort), '-t', 'zed', '--msgid', 'POOL7',
    '--sd-id', 'zfs@32473', '--sd-param', 'pool="tank"', '--sd-param', 'state="DEGRADED"', 'structured sdword'])
  const [message] = await untilFound(hub, 'sdword')
  expect(message).toMatchObject({ app: 'zed', msgid: 'POOL7', text: 'structured sdword' })
  expect(message!.structured_data).toContain('[zfs@32473 pool="tank" state="DEGRADED"]')
})

const RSYSLOG_ROWS: readonly { readonly name: string; readonly action: string; readonly format: string; readonly faults: readonly string[] }[] = [
  { name: 'UDP, its default format', action: 'protocol="udp"', format: 'rfc3164', faults: OLD_TIME },
  { name: 'UDP, RFC 5424', action: 'protocol="udp" template="RSYSLOG_SyslogProtocol23Format"', format: 'rfc5424', faults: [] },
  { name: 'TCP with newlines, its default format', action: 'protocol="tcp" tcp_framing="traditional"', format: 'rfc3164', faults: OLD_TIME },
  { name: 'TCP with octet counting, RFC 5424', action: 'protocol="tcp" tcp_framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"', format: 'rfc5424', faults: [] },
  { name: 'TCP with newlines, its forward format with a precise time', action: 'protocol="tcp" template="RSYSLOG_ForwardFormat"', format: 'rfc3164', faults: [] },
]

test.for(RSYSLOG_ROWS)('rsyslog forwards over $name: two hundred messages arrive once each, in order', async ({ action, format, faults }, { task }) => {
  const word = `rsl${task.id.replace(/\W/g, '')}`
  await using rsyslog = await startRsyslog(`target="127.0.0.1" port="${hub.syslogPort}" ${action}`)
  for (let k = 0; k < 200; k++) await logger(['--socket', rsyslog.socket, '-t', 'dracut', '-p', 'daemon.err', `step ${word} number ${k} of 200`])
  const messages = await untilFound(hub, word, 200)
  const inOrder = [...messages].sort((a, b) => a.seq - b.seq).map((message) => Number(/number (\d+)/.exec(message.text)![1]))
  expect(inOrder).toEqual(Array.from({ length: 200 }, (_, i) => i))
  expect(messages[0]).toMatchObject({ host: 'tch-rsyslog', app: 'dracut', facility: 'daemon', severity: 'err', faults })
  expect(new Set(messages.map((message) => message.format))).toEqual(new Set([format]))
})

// Bytes that no well-behaved sender makes; nothing is dropped because it could not be read.
const RAW_ROWS: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: 'no priority at all', bytes: Buffer.from('rawword1 just a line') },
  { name: 'a priority that is out of range', bytes: Buffer.from('<999>rawword2 too high') },
  { name: 'bytes that are not UTF-8', bytes: Buffer.concat([Buffer.from('<13>rawword3 '), Buffer.from([0xff, 0xfe, 0x80, 0x01])]) },
  { name: 'a zero byte inside', bytes: Buffer.from('<13>rawword4 before\0after') },
  { name: 'a structured data that never ends', bytes: Buffer.from('<13>1 - - - - - [x y="rawword5') },
]
test.for(RAW_ROWS)('a datagram with $name is stored and given back byte by byte', async ({ bytes }) => {
  await sendUdp(hub.syslogPort, [bytes])
  const word = /rawword\d/.exec(Buffer.from(bytes).toString('latin1'))![0]
  const [message] = await untilFound(hub, word)
  const back = new Uint8Array(await (await hub.get(`/api/v1/logs/${message!.seq}/raw`)).arrayBuffer())
  expect(Buffer.from(back).toString('hex')).toBe(Buffer.from(bytes).toString('hex'))
})

const WRONG_CLOCKS = [
  { name: 'of 1970', stamp: '1970-01-01T00:00:12Z', sent: '1970-01-01T00:00:12.000Z' },
  { name: 'of the year 2099', stamp: '2099-12-31T23:59:59+14:00', sent: '2099-12-31T09:59:59.000Z' },
] as const
test.for(WRONG_CLOCKS)('a message with a clock $name is found when it was received, and its stamp is kept', async ({ stamp, sent }) => {
  const word = `clock${stamp.slice(0, 4)}`
  await sendUdp(hub.syslogPort, [`<13>1 ${stamp} tch-clock toyinit - - - ${word} before the clock was set`])
  const [message] = await untilFound(hub, `${word} since:2m`)
  expect(message).toMatchObject({ host: 'tch-clock', sent, faults: [] })
  expect(Math.abs(Date.parse(message!.received) - Date.now())).toBeLessThan(60_000)
  expect(await hub.search(`${word} until:1d`)).toEqual([])
})

test('octet counting and newlines mix on one connection, in pieces of one byte', async () => {
  const counted = '<14>1 2026-01-02T03:04:05Z tch-9 mix 1 - - mixword counted\nwith a newline inside'
  const stream = `<14>Jan  2 03:04:05 tch-9 mix: mixword plain one\n${Buffer.byteLength(counted)} ${counted}<14>Jan  2 03:04:05 tch-9 mix: mixword plain two\n`
  await sendTcp(hub.syslogPort, stream.split(''))
  const messages = [...(await untilFound(hub, 'mixword', 3))].sort((a, b) => a.seq - b.seq)
  expect(messages.map((message) => message.text)).toEqual(['mixword plain one', 'mixword counted\nwith a newline inside', 'mixword plain two'])
})

test('senders on different addresses are different sources', async () => {
  for (const last of [11, 12, 13]) await sendUdp(hub.syslogPort, [`<14>1 - - srcword - - - from ${last}`], `127.0.9.${last}`)
  const messages = await untilFound(hub, 'app:srcword', 3)
  expect(new Set(messages.map((message) => message.source)).size).toBe(3)
})

test('the hub answers for a key that a node logged, and says not yet for one that nobody did', async () => {
  await logger(['--udp', '--rfc5424', '--server', '127.0.0.1', '--port', String(hub.syslogPort), '-t', 'hps-ack', 'accept-0123456789'])
  const logged = await hub.json<{ logged: boolean; seq?: number }>('/api/v1/logs/ack?key=accept-0123456789&wait=10')
  expect(logged).toMatchObject({ logged: true })
  expect(logged.seq).toBeGreaterThan(0)
  expect(await hub.json('/api/v1/logs/ack?key=accept-never-sent&wait=0')).toMatchObject({ logged: false })
})
