import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../support/child.ts'
import { aHub, type RunningHub } from '../support/hub.ts'
import { lagMs, OLD_TIME, received, takenIn } from '../support/peers/inbox.ts'
import { FAR_ZONE, rsyslogd, syslogNg, unpackSyslogNg } from '../support/peers/log-daemons.ts'

/** rsyslog and syslog-ng, as Debian has them, forwarding in every form that they have a name for. */
let hub: RunningHub & AsyncDisposable
beforeAll(async () => {
  await unpackSyslogNg()
  hub = await aHub()
})
afterAll(() => hub?.[Symbol.asyncDispose]())

const COUNT = 300
const linesOf = (word: string): string[] => Array.from({ length: COUNT }, (_, k) => `${word} step ${k}: "sda1" [ok] ümlaut`)

interface Row {
  readonly name: string
  /** What it is told, with PORT for the hub's port. */
  readonly how: string
  readonly format: string
  readonly faults: readonly string[]
  readonly zone?: string
}
const NEWLINES = 'tcp_framing="traditional"'
const COUNTED = 'tcp_framing="octet-counted"'
const RSYSLOG_ROWS: readonly Row[] = [
  { name: 'its default over UDP', how: 'protocol="udp"', format: 'rfc3164', faults: OLD_TIME },
  { name: 'its default over TCP', how: `protocol="tcp" ${NEWLINES}`, format: 'rfc3164', faults: OLD_TIME },
  { name: 'the traditional form, counted', how: `protocol="tcp" ${COUNTED} template="RSYSLOG_TraditionalForwardFormat"`, format: 'rfc3164', faults: OLD_TIME },
  { name: 'the forward form over UDP', how: 'protocol="udp" template="RSYSLOG_ForwardFormat"', format: 'rfc3164', faults: [], zone: FAR_ZONE },
  { name: 'the forward form with newlines', how: `protocol="tcp" ${NEWLINES} template="RSYSLOG_ForwardFormat"`, format: 'rfc3164', faults: [], zone: FAR_ZONE },
  { name: 'the forward form, counted', how: `protocol="tcp" ${COUNTED} template="RSYSLOG_ForwardFormat"`, format: 'rfc3164', faults: [], zone: FAR_ZONE },
  { name: 'RFC 5424 over UDP', how: 'protocol="udp" template="RSYSLOG_SyslogProtocol23Format"', format: 'rfc5424', faults: [], zone: FAR_ZONE },
  { name: 'RFC 5424 with newlines', how: `protocol="tcp" ${NEWLINES} template="RSYSLOG_SyslogProtocol23Format"`, format: 'rfc5424', faults: [], zone: FAR_ZONE },
  { name: 'RFC 5424, counted', how: `protocol="tcp" ${COUNTED} template="RSYSLOG_SyslogProtocol23Format"`, format: 'rfc5424', faults: [], zone: FAR_ZONE },
  { name: 'a NUL as delimiter', how: 'protocol="tcp" TCP_FrameDelimiter="0" template="RSYSLOG_SyslogProtocol23Format"', format: 'rfc5424', faults: [] },
]
const TO = '"127.0.0.1" port(PORT)'
/** Without a template, network() writes BSD stamps without fractions whatever ts-format says. */
const DATED = 'template("<$PRI>$STAMP $HOST $MSGHDR$MSG\\n")'
const SYSLOG_NG_ROWS: readonly Row[] = [
  { name: 'network(), UDP', how: `network(${TO} transport("udp"))`, format: 'rfc3164', faults: OLD_TIME },
  { name: 'network(), TCP', how: `network(${TO} transport("tcp"))`, format: 'rfc3164', faults: OLD_TIME },
  { name: 'network(), ISO stamps', how: `network(${TO} transport("tcp") ${DATED} ts-format(iso))`, format: 'rfc3164', faults: [], zone: FAR_ZONE },
  { name: 'network(), ISO stamps with microseconds, UDP', how: `network(${TO} transport("udp") ${DATED} ts-format(iso) frac-digits(6))`, format: 'rfc3164', faults: [], zone: FAR_ZONE },
  { name: 'network(), full stamps', how: `network(${TO} transport("tcp") ${DATED} ts-format(full))`, format: 'rfc3164', faults: ['no-zone'] },
  { name: 'network(), BSD stamps with milliseconds', how: `network(${TO} transport("tcp") ${DATED} ts-format(rfc3164) frac-digits(3))`, format: 'rfc3164', faults: OLD_TIME },
  { name: 'network(), syslog-protocol over TCP', how: `network(${TO} transport("tcp") flags(syslog-protocol))`, format: 'rfc5424', faults: [], zone: FAR_ZONE },
  { name: 'network(), syslog-protocol over UDP', how: `network(${TO} transport("udp") flags(syslog-protocol))`, format: 'rfc5424', faults: [], zone: FAR_ZONE },
  { name: 'syslog(), TCP: octet counting', how: `syslog(${TO} transport("tcp"))`, format: 'rfc5424', faults: [], zone: FAR_ZONE },
  { name: 'syslog(), UDP', how: `syslog(${TO} transport("udp"))`, format: 'rfc5424', faults: [], zone: FAR_ZONE },
  { name: 'a template of one’s own, with ISODATE', how: `network(${TO} transport("tcp") template("<$PRI>$ISODATE $HOST $MSGHDR$MSG\\n"))`, format: 'rfc3164', faults: [], zone: FAR_ZONE },
]

const peers = [
  ...RSYSLOG_ROWS.map((row) => ({ ...row, daemon: 'rsyslog', host: 'tch-rsyslog', start: rsyslogd })),
  ...SYSLOG_NG_ROWS.map((row) => ({ ...row, daemon: 'syslog-ng', host: 'tch-ng', start: syslogNg })),
]
test.for(peers.map((row, index) => ({ ...row, index })))(`$daemon, $name: ${COUNT} messages arrive once each, in order, with all fields`, async ({ index, how, format, faults, zone, host, start }) => {
  const word = `fwd${index}x`
  await using daemon = await start(how.replace('PORT', String(hub.syslogPort)) + (start === rsyslogd ? ` port="${hub.syslogPort}"` : ''), zone === undefined ? {} : { zone })
  const before = await takenIn(hub)
  await daemon.log(['-t', 'dracut', '--id=4711', '-p', 'local3.err'], linesOf(word))
  const messages = await received(hub, word, COUNT)
  // rsyslog's RFC 5424 template repeats the blank behind the tag.
  expect(messages.map((message) => message.text.replace(/^ /, ''))).toEqual(linesOf(word))
  for (const message of messages) {
    expect(message).toMatchObject({ host, app: 'dracut', procid: '4711', facility: 'local3', severity: 'err', format, faults })
    expect(Math.abs(lagMs(message))).toBeLessThan(10_000)
  }
  expect((await takenIn(hub)) - before).toBeGreaterThanOrEqual(COUNT)
})

test('rsyslog with repeated-message reduction: what is said of a repetition is noted, and the number is kept', async () => {
  await using daemon = await rsyslogd(`port="${hub.syslogPort}" protocol="tcp"`, { first: '$RepeatedMsgReduction on' })
  await daemon.log(['-t', 'dracut', '-p', 'daemon.err'], [...Array<string>(7).fill('repword the same'), 'repword another'])
  const messages = await received(hub, 'repword', 3)
  expect(messages.map((message) => message.text)).toEqual(['repword the same', expect.stringMatching(/message repeated 6 times: \[ ?repword the same\]/), 'repword another'])
  expect(messages[1]).toMatchObject({ app: 'dracut', severity: 'err', faults: expect.arrayContaining(['repeated']) })
})

test('rsyslog that forwards bare texts with octet counting: the counts are no part of the texts', async () => {
  await using daemon = await rsyslogd(`port="${hub.syslogPort}" protocol="tcp" ${COUNTED} template="bare"`)
  await daemon.log(['-t', 'relay'], ['<13>1 - tch-7 relay - - - bareword first', 'bareword no header', '<13>1 - tch-7 relay - - - bareword last'])
  const messages = await received(hub, 'bareword', 3)
  expect(messages.map((message) => message.text)).toEqual(['bareword first', 'bareword no header', 'bareword last'])
})

test('rsyslog, counted: newlines inside a message stay in its text', async () => {
  await using daemon = await rsyslogd(`port="${hub.syslogPort}" protocol="tcp" ${COUNTED} template="RSYSLOG_SyslogProtocol23Format"`, { first: '$EscapeControlCharactersOnReceive off' })
  expect((await run('logger', ['--socket', daemon.socket, '-t', 'trace', 'traceword first\n  at second\n<13>third'])).code).toBe(0)
  const [message] = await received(hub, 'traceword')
  expect(message).toMatchObject({ app: 'trace', text: expect.stringMatching(/^ ?traceword first\n {2}at second\n<13>third$/) })
})

test('nothing was cut, dropped or out of step', async () => {
  const counts = await hub.metrics()
  for (const name of ['cut_messages_total', 'cut_bytes_total', 'dropped_total{reason="no-free-batch"}', 'dropped_total{reason="kernel-buffer"}', 'faults_total{fault="bad-frame-count"}']) {
    expect({ name, count: counts.get(`hps_ingest_${name}`) ?? 0 }).toEqual({ name, count: 0 })
  }
})
