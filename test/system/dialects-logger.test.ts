import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import { run } from '../support/child.ts'
import { aHub, type RunningHub } from '../support/hub.ts'
import { lagMs, OLD_TIME, received } from '../support/peers/inbox.ts'
import { startRsyslog } from '../support/senders.ts'

/** util-linux `logger` in every mode that it has, as scripts on nodes call it, against a real hub. */
let hub: RunningHub & AsyncDisposable
const folder = mkdtempSync(join(tmpdir(), 'hps-logger-'))
beforeAll(async () => {
  hub = await aHub()
})
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs `logger` against the hub; `input` is what it reads from stdin. */
async function logger(args: readonly string[], input = ''): Promise<void> {
  writeFileSync(join(folder, 'input'), input)
  const script = 'input=$1; shift; exec logger "$@" <"$input"'
  const { code, output } = await run('sh', ['-c', script, 'sh', join(folder, 'input'), '--server', '127.0.0.1', '--port', String(hub.syslogPort), ...args])
  expect({ code, output }).toEqual({ code: 0, output: '' })
}

interface Row {
  readonly name: string
  readonly args: readonly string[]
  /** Lines of stdin, with the word in them; without it the message is an argument. */
  readonly input?: string
  /** One object a message, in order; `text` without the word is the default text. */
  readonly expected: readonly Readonly<Record<string, unknown>>[]
}
const QUALITY = expect.stringMatching(/^\[timeQuality tzKnown="1" isSynced="[01]"/) as string
const NEW = { format: 'rfc5424', faults: [], structured_data: QUALITY, msgid: '' }
const OLD = { format: 'rfc3164', faults: OLD_TIME, structured_data: '' }
const NOTICE = { facility: 'user', severity: 'notice', procid: '' }
const transports = [
  { name: 'UDP', args: ['--udp'] },
  { name: 'TCP with newlines', args: ['--tcp'] },
  { name: 'TCP with octet counting', args: ['--tcp', '--octet-count'] },
] as const

const ROWS: readonly Row[] = [
  ...transports.flatMap(({ name, args }): Row[] => [
    { name: `RFC 5424 over ${name}`, args: [...args, '-t', 'zed'], expected: [{ ...NOTICE, ...NEW, app: 'zed' }] },
    { name: `RFC 3164 over ${name}`, args: [...args, '--rfc3164', '-t', 'zed'], expected: [{ ...NOTICE, ...OLD, app: 'zed' }] },
    { name: `no time over ${name}`, args: [...args, '--rfc5424=notime', '-t', 'zed'], expected: [{ ...NEW, app: 'zed', sent: null, faults: ['no-timestamp'], structured_data: '' }] },
    { name: `no time quality over ${name}`, args: [...args, '--rfc5424=notq', '-t', 'zed'], expected: [{ ...NEW, app: 'zed', structured_data: '' }] },
    { name: `no host over ${name}`, args: [...args, '--rfc5424=nohost', '-t', 'zed'], expected: [{ ...NEW, app: 'zed', host: '', faults: ['no-host'] }] },
    { name: `nothing but a tag over ${name}`, args: [...args, '--rfc5424=notime,notq,nohost', '-t', 'zed'], expected: [{ ...NEW, app: 'zed', host: '', sent: null, faults: ['no-timestamp', 'no-host'], structured_data: '' }] },
    { name: `lines of stdin over ${name}`, args: [...args, '-t', 'zed'], input: 'WORD one\n\nWORD two\n', expected: [{ ...NEW, text: 'WORD one' }, { ...NEW, text: 'WORD two' }] },
    { name: `priorities from stdin over ${name}`, args: [...args, '--prio-prefix', '-p', 'daemon.info', '-t', 'zed'], input: '<11>WORD one\nWORD two\n<191>WORD three\n<192>WORD four\n',
      expected: [
        { ...NEW, facility: 'user', severity: 'err', text: 'WORD one' }, { ...NEW, text: 'WORD two' },
        { ...NEW, facility: 'local7', severity: 'debug', text: 'WORD three' }, { ...NEW, facility: 'daemon', severity: 'info', text: '<192>WORD four' },
      ] },
  ]),
  { name: 'no transport named', args: ['-t', 'zed', '-p', 'local3.warning'], expected: [{ ...NEW, app: 'zed', facility: 'local3', severity: 'warning' }] },
  { name: 'no tag: it takes the user', args: ['--udp', '--rfc3164'], expected: [{ ...OLD, app: 'root' }] },
  { name: 'a process id given, RFC 5424', args: ['--udp', '--id=4711', '-t', 'zed'], expected: [{ ...NEW, app: 'zed', procid: '4711' }] },
  { name: 'a process id given, RFC 3164', args: ['--udp', '--rfc3164', '--id=4711', '-t', 'zed'], expected: [{ ...OLD, app: 'zed', procid: '4711' }] },
  { name: 'its own process id, RFC 5424', args: ['--udp', '-i', '-t', 'zed'], expected: [{ ...NEW, app: 'zed', procid: expect.stringMatching(/^\d+$/) }] },
  { name: 'its own process id, RFC 3164', args: ['--tcp', '--rfc3164', '-i', '-t', 'zed'], expected: [{ ...OLD, app: 'zed', procid: expect.stringMatching(/^\d+$/) }] },
  { name: 'a tag with a process id in it', args: ['--udp', '--rfc3164', '-t', 'zed[77]'], expected: [{ ...OLD, app: 'zed', procid: '77' }] },
  { name: 'a message id', args: ['--udp', '--msgid', 'POOL7', '-t', 'zed'], expected: [{ ...NEW, msgid: 'POOL7' }] },
  { name: 'structured data, two elements, with an escape', args: ['--tcp', '-t', 'zed', '--sd-id', 'a@1', '--sd-param', 'k="v\\]w"', '--sd-param', 'l="2"', '--sd-id', 'b@2', '--sd-param', 'm="3"'],
    expected: [{ ...NEW, structured_data: expect.stringMatching(/\]\[a@1 k="v\\\]w" l="2"\]\[b@2 m="3"\]$/) }] },
  { name: 'structured data alone', args: ['--tcp', '--octet-count', '--rfc5424=notq', '-t', 'zed', '--sd-id', 'a@1', '--sd-param', 'k="\\"q\\""'], expected: [{ ...NEW, structured_data: '[a@1 k="\\"q\\""]' }] },
  { name: 'empty lines skipped', args: ['--tcp', '-e', '-t', 'zed'], input: 'WORD one\n\nWORD two\n', expected: [{ text: 'WORD one' }, { text: 'WORD two' }] },
]

test.for(ROWS.map((row, index) => ({ ...row, index })))('$name', async ({ args, input, expected, index }) => {
  const word = `lgr${index}x`
  const sentMs = Date.now()
  await (input === undefined ? logger([...args, `${word} wrote "sda" [ok] ümlaut`]) : logger(args, input.replaceAll('WORD', word)))
  const messages = await received(hub, word, expected.length)
  expect(messages).toHaveLength(expected.length)
  for (const [k, message] of messages.entries()) {
    const { text = 'WORD wrote "sda" [ok] ümlaut', ...fields } = expected[k]!
    expect(message).toMatchObject({ ...fields, text: String(text).replace('WORD', word) })
    if (message.sent !== null) expect(Math.abs(Date.parse(message.sent) - sentMs)).toBeLessThan(5000)
    if (fields['host'] === undefined) expect(message.host).not.toBe('')
  }
})

test('each priority that logger has a name for arrives as it was named; kern is not for users', async () => {
  const facilities = FACILITIES.filter((name) => /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local\d)$/.test(name))
  expect(facilities).toHaveLength(20)
  const names = facilities.flatMap((facility) => SEVERITIES.map((severity) => `${facility}.${severity}`))
  const { code, output } = await run('sh', ['-c', `for p in ${names.join(' ')}; do logger -n 127.0.0.1 -P ${hub.syslogPort} -d -t pri -p $p prioname $p || exit 1; done`])
  expect({ code, output }).toEqual({ code: 0, output: '' })
  const messages = await received(hub, 'prioname', names.length)
  expect(messages.map((message) => `${message.text}: ${message.facility}.${message.severity}`)).toEqual(names.map((name) => `prioname ${name}: ${name.replace('kern', 'user')}`))
})

test('each number that a priority may have arrives as it was sent', async () => {
  const numbers = Array.from({ length: 192 - 8 }, (_, i) => i + 8)
  await logger(['--tcp', '--octet-count', '--prio-prefix', '-t', 'pri'], numbers.map((pri) => `<${pri}>prionumber ${pri}\n`).join(''))
  const messages = await received(hub, 'prionumber', numbers.length)
  expect(messages.map((message) => [message.text, FACILITIES.indexOf(message.facility) * 8 + SEVERITIES.indexOf(message.severity)])).toEqual(numbers.map((pri) => [`prionumber ${pri}`, pri]))
})

test('a file of lines arrives line by line, and an empty one is an empty message', async () => {
  const file = join(folder, 'lines')
  writeFileSync(file, Array.from({ length: 300 }, (_, k) => `fileline ${k}\n${k === 100 ? '\n' : ''}`).join(''))
  await logger(['--tcp', '--octet-count', '-t', 'filetag', '-f', file])
  const messages = await received(hub, 'app:filetag', 301)
  const lines = Array.from({ length: 300 }, (_, k) => `fileline ${k}`).toSpliced(101, 0, '')
  expect(messages.map((message) => message.text)).toEqual(lines)
  expect(messages[101]).toMatchObject({ faults: ['empty'] })
})

test('newlines in a message stay with octet counting and in a datagram; with newlines as framing they cannot', async () => {
  await logger(['--tcp', '--octet-count', '-t', 'zed', 'manylines one\n two\n<13>three'])
  await logger(['--udp', '-t', 'zed', 'manylines four\nfive'])
  const kept = await received(hub, 'manylines', 2)
  expect(kept.map((message) => message.text)).toEqual(['manylines one\n two\n<13>three', 'manylines four\nfive'])
  await logger(['--tcp', '-t', 'zed', 'torn apart\ntorn behind'])
  const torn = await received(hub, 'torn', 2)
  expect(torn.map(({ text, format }) => ({ text, format }))).toEqual([{ text: 'torn apart', format: 'rfc5424' }, { text: 'torn behind', format: 'raw' }])
})

test.for(transports)('a message as long as logger sends it arrives whole over $name; one longer than its limit ends there', async ({ args }, { task }) => {
  const word = `long${task.id.replace(/\W/g, '')}`
  const size = args[0] === '--udp' ? 9000 : 60_000
  const text = `${word} ${'x'.repeat(size - word.length - 1)}`
  await logger([...args, '-t', 'zed', '--size', String(size)], `${text}\n`)
  await logger([...args, '-t', 'zed', '--size', '40', `${word} 0123456789012345678901234567890123456789`])
  const messages = await received(hub, word, 2)
  expect(messages.map((message) => message.text)).toEqual([text, `${word} 0123456789012345678901234567890123456789`.slice(0, 40)])
  expect(messages.map((message) => message.faults)).toEqual([[], []])
})

test('over the limit of the hub a message is cut there, marked and counted, and the next one is whole', async () => {
  const before = await hub.metrics()
  await logger(['--tcp', '--octet-count', '-t', 'zed', '--size', '200000'], `toolong ${'y'.repeat(100_000)}\ntoolong whole\n`)
  const [cut, whole, ...more] = await received(hub, 'toolong', 2)
  expect(more).toEqual([])
  expect(cut).toMatchObject({ faults: ['truncated'], app: 'zed' })
  expect(whole).toMatchObject({ faults: [], text: 'toolong whole' })
  const raw = await (await hub.get(`/api/v1/logs/${cut!.seq}/raw`)).arrayBuffer()
  expect(raw.byteLength).toBe(65_535)
  const after = await hub.metrics()
  const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0)
  expect(grown('hps_ingest_cut_messages_total')).toBe(1)
  expect(grown('hps_ingest_cut_bytes_total')).toBeGreaterThan(100_008 - 65_535)
})

test('logger to a unix socket, with rsyslog between: local form, facility, process id', async () => {
  await using rsyslog = await startRsyslog(`target="127.0.0.1" port="${hub.syslogPort}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format"`)
  const { code } = await run('logger', ['--socket', rsyslog.socket, '--socket-errors=on', '-i', '-p', 'cron.crit', '-t', 'unixtag', 'unixword by socket'])
  expect(code).toBe(0)
  const [message, ...more] = await received(hub, 'unixword')
  expect(more).toEqual([])
  expect(message).toMatchObject({ app: 'unixtag', procid: expect.stringMatching(/^\d+$/), facility: 'cron', severity: 'crit', host: 'tch-rsyslog', faults: [] })
  // rsyslog's RFC 5424 template repeats the blank behind the tag.
  expect(message!.text).toMatch(/^ ?unixword by socket$/)
  expect(Math.abs(lagMs(message!))).toBeLessThan(5000)
})
