import { describe, expect, test } from 'vitest'
import { FRAMING } from '#domain/framing.ts'
import type { Loss, LossReason } from '#domain/loss.ts'
import { PARSE_FAULTS, type ParseFault } from '#domain/message.ts'
import type { Transport } from '#domain/source.ts'
import { createLossRecords } from '#store/index.ts'
import { createHub, START_MS, type Hub, type SentFrame, type ToldLoss } from '../kit.ts'

const bit = (fault: ParseFault): number => 1 << PARSE_FAULTS.indexOf(fault)
const ledger = (hub: Hub): Loss[] => createLossRecords(hub.db).list({ sinceMs: 0, limit: 1000 })
const sumOf = (hub: Hub, reason: LossReason): number => ledger(hub).reduce((sum, loss) => sum + (loss.reason === reason ? loss.count : 0), 0)
const told = (given: Partial<ToldLoss> = {}): ToldLoss => ({ listener: 'udp', reason: 'no-free-batch', count: 5, firstMs: START_MS - 900, lastMs: START_MS, ...given })
const line = (text = 'hello'): string => `<13>1 - tch-001 app - - - ${text}`
const numbered = (n: number): string => `<13>1 - tch-001 app - - [meta sequenceId="${n}"] message ${n}`
const shed = (templateLo: number, count: number) => ({ templateLo, templateHi: 9, severity: 7, count, firstMs: START_MS - 10, lastMs: START_MS, sample: Buffer.from(`<15>loud ${templateLo}`) })

describe('what ingest tells', () => {
  test('is in hub.db with the batch it came with, before any flush', () => {
    const hub = createHub()
    hub.send('10.0.0.7', [line()])
    hub.sendAll([], [told({ sender: '10.0.0.7' }), told({ sender: '10.0.0.7', count: 2 })])
    const [session] = hub.sessions('tch-001')
    expect(ledger(hub)).toEqual([{ hourMs: START_MS, sourceId: 1, listener: 'udp', sessionId: session!.id, reason: 'no-free-batch', count: 7, firstMs: START_MS - 900, lastMs: START_MS }])
    expect(hub.counter('losses:no-free-batch')).toBe(7)
  })

  test('without a sender it belongs to the listener alone', () => {
    const hub = createHub()
    hub.sendAll([{ sender: '10.0.0.7', frame: line() }], [told({ reason: 'kernel-buffer', listener: 'consoles', count: 12 })])
    expect(ledger(hub)).toMatchObject([{ sourceId: 0, sessionId: 0, listener: 'consoles', reason: 'kernel-buffer', count: 12 }])
  })

  test.for([['10.9.0.1', 'a relay'], ['10.0.0.1', 'a DHCP server'], ['127.0.0.1', 'the host of the hub']])('what %s, %s, lost is about no session', ([sender]) => {
    const hub = createHub()
    hub.send(sender!, [line()])
    hub.sendAll([], [told({ sender: sender! })])
    expect(ledger(hub)).toMatchObject([{ sourceId: 1, sessionId: 0, count: 5 }])
  })

  test('a sender of which nothing but losses is known becomes known', () => {
    const hub = createHub()
    hub.sendAll([], [told({ sender: '10.0.0.9' })])
    expect(hub.sources.byId(ledger(hub)[0]!.sourceId)).toMatchObject({ address: '10.0.0.9', messages: 0 })
  })

  test('templates that were shed are kept with the newest sample', () => {
    const hub = createHub()
    hub.sendAll([], [told({ sender: '10.0.0.7', reason: 'shed', count: 5, templates: [shed(1, 3), shed(2, 2)] })])
    hub.sendAll([], [told({ sender: '10.0.0.7', reason: 'shed', count: 4, templates: [{ ...shed(1, 4), sample: Buffer.from('<15>newest') }] })])
    const found = createLossRecords(hub.db).shed()
    expect(found.map(({ templateLo, count, sample }) => [templateLo, count, Buffer.from(sample).toString()])).toEqual([[1, 7, '<15>newest'], [2, 2, '<15>loud 2']])
    expect(sumOf(hub, 'shed')).toBe(9)
  })

  test('what hub.db refuses is written later, once', () => {
    const hub = createHub()
    hub.send('10.0.0.7', [line()])
    hub.db.pragma('query_only = 1')
    hub.sendAll([], [told({ sender: '10.0.0.7', count: 3 })])
    hub.sendAll([], [told({ sender: '10.0.0.8', count: 4 })])
    hub.wait(7000)
    hub.db.pragma('query_only = 0')
    expect(ledger(hub)).toEqual([])
    hub.send('10.0.0.7', [line()])
    hub.wait(12_000)
    expect(ledger(hub).map(({ sourceId, count }) => [hub.sources.addressOf(sourceId), count])).toEqual([['10.0.0.7', 3], ['10.0.0.8', 4]])
  })
})

describe('what the rows say', () => {
  test('cut messages and missing pieces count for their source and session, and rows that are whole do not', () => {
    const hub = createHub()
    const frames: SentFrame[] = [0, bit('truncated'), bit('truncated'), bit('piece-missing'), 0].map((faults) => ({ sender: '10.0.0.7', frame: line(), faults }))
    hub.sendAll([...frames, { sender: { from: '10.0.0.8', transport: 'tcp', listener: 'tls' }, frame: '<13>1 - tch-002 app - - - x', faults: bit('truncated') }])
    const [one, two] = [hub.sessions('tch-001')[0]!.id, hub.sessions('tch-002')[0]!.id]
    expect(ledger(hub).map(({ sourceId, listener, sessionId, reason, count }) => [sourceId, listener, sessionId, reason, count])).toEqual([
      [1, 'udp', one, 'cut', 2], [1, 'udp', one, 'piece-missing', 1], [2, 'tls', two, 'cut', 1],
    ])
  })

  test.for<[way: string, transport: Transport, expected: { readonly acknowledged: number; readonly streamed: number; readonly datagramListeners: readonly string[] }]>([
    ['acknowledged', 'relp', { acknowledged: 2, streamed: 0, datagramListeners: [] }],
    ['acknowledged', 'http', { acknowledged: 2, streamed: 0, datagramListeners: [] }],
    ['streamed', 'tcp', { acknowledged: 0, streamed: 2, datagramListeners: [] }],
    ['streamed', 'unix', { acknowledged: 0, streamed: 2, datagramListeners: [] }],
    ['datagrams', 'udp', { acknowledged: 0, streamed: 0, datagramListeners: ['here'] }],
  ])('%s by %s: those with a number count as numbered alone', ([, transport, expected]) => {
    const hub = createHub()
    const sender = { from: '10.0.0.7', transport, listener: 'here' }
    hub.send(sender, [line(), numbered(1), numbered(2)])
    hub.send(sender, [line()])
    expect(hub.sessions('tch-001')[0]).toMatchObject({ messages: 4, numbered: 2, ...expected })
    expect(hub.restart('killed').sessions('tch-001')[0]).toMatchObject({ messages: 4, numbered: 2, ...expected })
  })

  test('sessions that are joined add up', () => {
    const hub = createHub()
    hub.send({ from: '10.0.0.7', transport: 'relp' }, [line(), line(), numbered(1)])
    hub.send({ from: '10.0.0.8', transport: 'tcp', listener: 'tcp' }, ['<13>1 - tch-002 app - - - x'])
    hub.send({ from: '10.0.0.8', listener: 'udp2' }, ['<13>1 - tch-002 app - - - x'])
    const [from, into] = [hub.sessions('tch-001')[0]!.id, hub.sessions('tch-002')[0]!.id]
    hub.command({ kind: 'join', sessionId: from, into, reason: 'test' })
    expect(hub.session(into)).toMatchObject({ messages: 5, numbered: 1, acknowledged: 2, streamed: 1, datagramListeners: ['udp2'] })
  })
})

describe('what the disk refuses', () => {
  test.for<[transport: Transport, lost: number]>([['udp', 2], ['tcp', 2], ['unix', 2], ['internal', 2], ['relp', 0], ['http', 0]])('%s: %i of 2 messages are lost', ([transport, lost]) => {
    const hub = createHub()
    hub.appender.failWith = 'no space'
    hub.send({ from: '10.0.0.7', transport, listener: 'in' }, [line(), line()])
    hub.appender.failWith = undefined
    hub.send('10.0.0.8', ['<13>1 - tch-002 app - - - x'])
    expect(sumOf(hub, 'disk-refused')).toBe(lost)
    if (lost > 0) expect(ledger(hub)).toMatchObject([{ sourceId: 1, listener: 'in' }])
  })

  test('it counts for the session of the message, and what was cut in it was not stored', () => {
    const hub = createHub()
    hub.send('10.0.0.7', [line()])
    hub.appender.failWith = 'no space'
    hub.sendAll([{ sender: '10.0.0.7', frame: line(), faults: bit('truncated') }])
    hub.appender.failWith = undefined
    hub.wait(6000)
    expect(ledger(hub)).toMatchObject([{ reason: 'disk-refused', sessionId: hub.sessions('tch-001')[0]!.id, count: 1 }])
  })

  test('while hub.db refuses, batches are refused before their rows have ids', () => {
    const hub = createHub()
    hub.send('10.0.0.7', [line()])
    hub.db.pragma('query_only = 1')
    hub.send('10.0.0.8', ['<13>1 - tch-002 app - - - new'])
    hub.sendAll([{ sender: '10.0.0.7', frame: line() }, { sender: { from: '10.0.0.7', transport: 'relp', listener: 'relp', framing: FRAMING.relp }, frame: line() }])
    hub.db.pragma('query_only = 0')
    hub.send('10.0.0.7', [line()])
    hub.wait(6000)
    expect(ledger(hub).map(({ sourceId, reason, count }) => [hub.sources.addressOf(sourceId), reason, count])).toEqual([['10.0.0.7', 'disk-refused', 1], ['10.0.0.8', 'disk-refused', 1]])
  })
})

test('the ledger is tidied: old entries keep their number, not their hour', () => {
  const hub = createHub()
  hub.sendAll([], [told({ sender: '10.0.0.7' })])
  hub.nowMs += 100 * 86_400_000
  hub.wait(3000)
  expect(ledger(hub)).toMatchObject([{ hourMs: 0, sourceId: 1, count: 5 }])
})
