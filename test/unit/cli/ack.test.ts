import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ACK_KEY } from '#domain/wire.ts'
import { aLoggedAck, startFakeHub, type FakeHub } from './fake-hub.ts'
import { runLine } from './run-line.ts'

let hub: FakeHub
beforeAll(async () => void (hub = await startFakeHub()))
afterAll(() => hub[Symbol.asyncDispose]())
beforeEach(() => {
  hub.asked.length = 0
  hub.ack = aLoggedAck()
})
const missed = {
  logged: false, key: 'key-00000001', waited_ms: 2500, complete: true, address: '10.0.0.11', heard: [{ transport: 'udp', listener: 'udp', at: '2026-11-22T15:00:00.000Z' }],
  malformed: { transport: 'tcp', listener: 'plain', at: '2026-11-22T14:59:00.000Z' }, check: [{ name: 'tag', means: 'Is the tag hps-ack?' }],
} as const

test('a key that arrived is told with the way it came', async () => {
  expect(await runLine('ack key-00000001', { hub })).toEqual({ code: 0, talk: '', out: [
    'logged as number 17',
    'received:    2026-11-22T15:00:00.000Z, on disk 3 ms later',
    'by:          tcp (secure) with TLS, framed as octet-count',
    'read as:     rfc5424: RFC 5424',
    'source:      10.0.0.11',
    'certificate: tch-001.example.org',
    'node:        tch-001, by lease, 90 % sure',
    'session:     a1b2c3',
    'sent:        2026-11-22T14:59:58.500Z, -1.5 s from the receipt',
    '',
  ].join('\n') })
  expect(hub.asked[0]).toMatchObject({ path: '/logs/ack', parameters: { key: 'key-00000001', wait: '10', format: 'json' } })
})

test('what it lacked is told with what would mend it; what is not known is left out', async () => {
  hub.ack = aLoggedAck({ stored_ms: null, tls: false, framing: 'unknown', dialect: 'rfc9999', node: null, session: null, certificate: null, sent: null, ahead_ms: null, deviations: ['no-zone', 'made-up'], arrivals: 2 })
  expect((await runLine('ack key-00000001', { hub })).out).toBe([
    'logged as number 17', 'received: 2026-11-22T15:00:00.000Z', 'by:       tcp (secure)', 'read as:  rfc9999', 'source:   10.0.0.11', 'node:     none is known for it', 'sent:     it has no stamp',
    'arrivals: 2 with this key; this is the last',
    '  - no-zone: The stamp has no zone; the one configured or learned for the sender is taken. Use RFC 5424 or ISO stamps with an offset, or set sources[].zone.',
    '  - made-up', '',
  ].join('\n'))
})

test('a key that did not is an exit code of 1, with what came from here and what to look at', async () => {
  hub.ack = missed
  expect(await runLine('ack key-00000001 -w 2.5', { hub })).toEqual({ code: 1, talk: '', out: [
    'not logged within 2.5 s',
    'key:       key-00000001',
    'from here: 10.0.0.11: udp at 2026-11-22T15:00:00.000Z',
    'no key:    a message of hps-ack by tcp (plain) at 2026-11-22T14:59:00.000Z',
    '  - Is the tag hps-ack?', '',
  ].join('\n') })
  expect(hub.asked[0]!.parameters).toMatchObject({ wait: '2.5' })
})

test('as JSON it is one value', async () => {
  hub.ack = missed
  const { out, code } = await runLine('ack key-00000001 -o json', { hub })
  expect([JSON.parse(out), code]).toEqual([missed, 1])
})

test('nothing that a sender chose can move the cursor', async () => {
  hub.ack = aLoggedAck({ node: 'a\u001b[2Jb\n', certificate: '\u009bx', session: '\u202e', deviations: ['\u001b[1m'] })
  const { out } = await runLine('ack key-00000001', { hub })
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  expect(out).toContain('a\\x1b[2Jb\\x0a, by lease')
})

test('without a key it makes one and says how to send it', async () => {
  const { talk } = await runLine('ack', { hub })
  const { key } = hub.asked[0]!.parameters
  expect(key).toMatch(ACK_KEY)
  expect(talk).toBe(`-- send it from the machine within 10 s, by the way you want to try: logger -t hps-ack ${key}\n`)
})

test.for(['ack short', 'ack key-00000001 -w 31', 'ack key-00000001 -w x', 'ack key-with-$igns', 'ack key-00000001 another-key'])('%s is refused before anybody is asked', async (line) => {
  expect((await runLine(line, { hub })).code).toBe(2)
  expect(hub.asked).toEqual([])
})
