import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { FRAMING } from '#domain/framing.ts'
import { sessionHash } from '#domain/session.ts'
import { FAULT } from '#ingest/parse/fault-bits.ts'
import { parseAnnouncement } from '../../../src/sessions/announcement.ts'
import { parseTriggerCommand } from '../../../src/sessions/trigger-command.ts'
import { createHub, START_MS, type Hub } from './kit.ts'

const NODE = '10.0.0.5'
const BOOT = START_MS / 1000 - 40
const say = (hub: Hub, app: string, text: string, from = NODE) => hub.send(from, [`<14>${new Date(hub.nowMs).toISOString().replace(/^.*T/, 'Nov 22 ').slice(0, 15)} tch-001 ${app}: ${text}`])[0]!

test.for([
  ['start host=tch-001 boot_time=1795356000', { kind: 'start', host: 'tch-001', bootTimeMs: 1_795_356_000_000, sessionKind: 'unknown' }],
  ['start boot_time=1795356000.75 host=TCH-001 kind=install mac=52-54-00-12-34-56 boot_id=0A1B2C3D-0000-4000-8000-000000000001 new=key', { kind: 'start', host: 'tch-001', bootTimeMs: 1_795_356_000_000, mac: '52:54:00:12:34:56', sessionKind: 'install', bootId: '0a1b2c3d-0000-4000-8000-000000000001' }],
  ['end reason=reboot', { kind: 'end', reason: 'reboot' }],
  ['end reason=superseded', { kind: 'malformed', reason: 'announcement-field' }],
  ['start host=bad/name boot_time=1795356000', { kind: 'malformed', reason: 'announcement-host' }],
  ['start host=localhost boot_time=1795356000', { kind: 'malformed', reason: 'announcement-host' }],
  ['start host=tch-001 boot_time=yesterday', { kind: 'malformed', reason: 'announcement-time' }],
  ['start host=tch-001 boot_time=1795356000 kind=party', { kind: 'malformed', reason: 'announcement-field' }],
  ['start host=tch-001 boot_time=1795356000 mac=nonsense', { kind: 'malformed', reason: 'announcement-field' }],
  ['begin host=tch-001', { kind: 'malformed', reason: 'announcement-verb' }],
  ['', { kind: 'malformed', reason: 'announcement-verb' }],
] as const)('announcement: %s', ([text, expected]) => {
  expect(parseAnnouncement(text)).toMatchObject(expected)
})

test.for([
  ['notify to=ops severity=warning subject="disk is full"', { kind: 'notify', to: 'ops', severity: 'warning', subject: 'disk is full', body: '' }],
  [String.raw`notify subject="a \"quoted\" \\ word" body="line one\nline two\ttab" severity=error to=on-call@example.org`, { to: 'on-call@example.org', severity: 'err', subject: 'a "quoted" \\ word', body: 'line one\nline two\ttab' }],
  ['notify to=ops severity=3 subject=short', { severity: 'err', subject: 'short' }],
  ['page to=ops', { kind: 'malformed', reason: 'trigger-verb' }],
  ['notify', { kind: 'malformed', reason: 'trigger-field' }],
  ['notify to=ops severity=warning subject="open', { kind: 'malformed', reason: 'trigger-field' }],
  ['notify to=ops to=boss severity=warning subject=x', { kind: 'malformed', reason: 'trigger-field' }],
  ['notify to=ops severity=loud subject=x', { kind: 'malformed', reason: 'trigger-severity' }],
  ['notify to=ops severity=info subject="  "', { kind: 'malformed', reason: 'trigger-field' }],
  ['notify to=a,b severity=info subject=x', { kind: 'malformed', reason: 'trigger-field' }],
  [`notify to=ops severity=info subject="${'x'.repeat(301)}"`, { kind: 'malformed', reason: 'trigger-length' }],
] as const)('trigger command: %s', ([text, expected]) => {
  expect(parseTriggerCommand(text)).toMatchObject(expected)
})

describe('announcements', () => {
  test('start opens a session with the hash of host and boot time, and the same start again is the same session', () => {
    const hub = createHub()
    const first = say(hub, 'hps-session', `start host=tch-001 boot_time=${BOOT} kind=boot`)
    expect(hub.session(first.session)).toMatchObject({ origin: 'announcement', kind: 'boot', bootTimeMs: BOOT * 1000, hashes: [sessionHash('tch-001', BOOT)] })
    hub.wait(3_600_000)
    expect(say(hub, 'hps-session', `start host=tch-001 boot_time=${BOOT}`).session).toBe(first.session)
    expect(hub.sessions()).toHaveLength(1)
  })

  test('another boot time is another boot; the same boot id is the same one', () => {
    const hub = createHub()
    const id = 'boot_id=0a1b2c3d-0000-4000-8000-000000000001'
    const first = say(hub, 'hps-session', `start host=tch-001 boot_time=${BOOT} ${id}`)
    expect(say(hub, 'hps-session', `start host=tch-001 boot_time=${BOOT + 2} ${id}`).session).toBe(first.session)
    hub.wait(600_000)
    const second = say(hub, 'hps-session', `start host=tch-001 boot_time=${BOOT + 600}`)
    expect(second.session).not.toBe(first.session)
    expect(hub.session(first.session)).toMatchObject({ state: 'ended', end: 'superseded' })
  })

  test('a session opened by the kernel gets the announced hash beside the inferred one, whatever the node\'s clock says', () => {
    const hub = createHub()
    const kernel = say(hub, 'kernel', '[    0.000000] Linux version 6.1.0')
    say(hub, 'kernel', '[    3.100417] ready')
    hub.wait(8000)
    const inferred = sessionHash('tch-001', Math.round((START_MS - 3100.417) / 1000))
    expect(hub.session(kernel.session).hashes).toEqual([inferred])
    const announced = say(hub, 'hps-session', 'start host=tch-001 boot_time=1795000000')
    expect(announced.session).toBe(kernel.session)
    expect(hub.session(kernel.session).hashes).toEqual([sessionHash('tch-001', 1_795_000_000), inferred])
    expect(hub.records.byHash(inferred).map((session) => session.id)).toEqual([kernel.session])
  })

  test('a kernel log that comes after the announcement belongs to it', () => {
    const hub = createHub()
    const announced = say(hub, 'hps-session', `start host=tch-001 boot_time=${BOOT}`)
    hub.wait(2000)
    expect(say(hub, 'kernel', '[    0.000000] Linux version 6.1.0').session).toBe(announced.session)
    expect(hub.sessions()).toHaveLength(1)
  })

  test('end closes the session; its last words still belong to it, a message much later does not', () => {
    const hub = createHub()
    const first = say(hub, 'hps-session', `start host=tch-001 boot_time=${BOOT}`)
    say(hub, 'hps-session', 'end reason=shutdown')
    hub.wait(20_000)
    expect(say(hub, 'app', 'bye').session).toBe(first.session)
    expect(hub.session(first.session)).toMatchObject({ state: 'ended', end: 'shutdown' })
    hub.wait(600_000)
    expect(say(hub, 'app', 'hello again').session).not.toBe(first.session)
    expect(hub.events.find((event) => event.kind === 'session-ended')).toMatchObject({ reason: 'shutdown', sessionId: first.session })
  })

  test('one hash of two nodes is answered with the choice', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'a', addresses: ['10.0.0.1'] })
    for (const from of ['10.0.0.61', '10.0.0.62']) hub.send(from, [`<14>Nov 22 14:00:00 n${from.at(-1)} hps-session: start host=same boot_time=${BOOT}`])
    expect(hub.records.byHash(sessionHash('same', BOOT))).toHaveLength(2)
  })
})

describe('acks, commands, tokens', () => {
  test('an ack tells main the key, the seq and who said it', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'tch-001', addresses: [NODE] })
    const row = say(hub, 'hps-ack', 'key-0123.4567')
    expect(hub.events.filter((event) => event.kind === 'ack')).toEqual([{
      kind: 'ack', seq: row.seq, key: 'key-0123.4567', address: NODE, transport: 'udp', listener: 'udp', certificate: '', nodeId: row.nodeId, sessionId: row.session, receivedMs: START_MS, storedMs: START_MS,
      sentMs: START_MS, framing: 'unknown', format: 'rfc3164', faults: ['no-year', 'no-zone'], method: 'registered-address', confidence: 100,
    }])
    say(hub, 'hps-ack', 'short')
    expect(hub.counter('malformed:ack-key')).toBe(1)
    expect(hub.events.at(-1)).toMatchObject({ kind: 'ack-malformed', address: NODE, transport: 'udp', receivedMs: START_MS })
  })

  test('an ack says by which framing and with which certificate it came, and what was found out about it before the sync', () => {
    const hub = createHub()
    const append = hub.appender.append
    hub.appender.append = (batch) => {
      batch.faults[0] = batch.faults[0]! | FAULT.doubled
      append(batch)
    }
    hub.send({ from: NODE, transport: 'tcp', listener: 'tls', certificate: 'web1.example.org', framing: FRAMING.octetCount }, ['<14>1 2026-11-22T13:59:58.5Z tch-001 hps-ack - - - key-0123.4567'])
    expect(hub.events.find((event) => event.kind === 'ack')).toMatchObject({ framing: 'octet-count', certificate: 'web1.example.org', faults: ['doubled'], sentMs: START_MS - 1500 })
  })

  test('one sender is told of 64 keys a second; the others are counted, and do not keep another\'s from being told', () => {
    const hub = createHub()
    const frame = (n: number) => `<14>Nov 22 14:00:00 tch-001 hps-ack: key-number-${n}`
    hub.send(NODE, Array.from({ length: 100 }, (_, n) => frame(n)))
    hub.send('10.0.0.99', [frame(1)])
    const kinds = Object.groupBy(hub.events.filter((event) => event.kind === 'ack' || event.kind === 'acks-untold'), ({ kind }) => kind)
    expect([kinds.ack?.length, kinds['acks-untold']?.length, hub.counter('acks-untold')]).toEqual([65, 1, 36])
    hub.nowMs += 1000
    hub.send(NODE, [frame(200)])
    expect(hub.events.at(-1)).toMatchObject({ kind: 'ack', key: 'key-number-200' })
  })

  test('a trigger command behind a label is read, and a malformed one is counted', () => {
    const hub = createHub()
    const row = say(hub, 'hps-trigger', '[s=abcdef] notify to=ops severity=crit subject="Größe"')
    expect(hub.events.find((event) => event.kind === 'trigger')).toMatchObject({ seq: row.seq, to: 'ops', severity: 'crit', subject: 'Größe' })
    say(hub, 'hps-trigger', 'notify nobody')
    expect(hub.counter('malformed:trigger-field')).toBe(1)
  })

  test('a token in a message is told by its hash; what only looks like one is not', () => {
    const hub = createHub()
    const token = `hps_op_${'aB3-_'.repeat(8)}xyz`
    const rows = hub.send(NODE, ['<14>Nov 22 14:00:00 tch-001 app: hps_log hps_op_short', `<14>Nov 22 14:00:00 tch-001 sh: curl -H "Bearer ${token}" x`, `<14>Nov 22 14:00:00 tch-001 app: hps_xx_${'a'.repeat(43)}`])
    const seen = hub.events.filter((event) => event.kind === 'token-seen')
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ seq: rows[1]!.seq, sourceId: rows[1]!.sourceId })
    expect(Buffer.from((seen[0] as { hash: Uint8Array }).hash).toString('hex')).toBe(createHash('sha256').update(token).digest('hex'))
  })
})
