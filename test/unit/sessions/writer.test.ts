import { describe, expect, test } from 'vitest'
import { createBatch, packBatch } from '#domain/batch.ts'
import { createHub, createAppender, START_MS, type Hub } from './kit.ts'

const line = (host: string, text = 'hello') => `<13>Nov 22 14:00:00 ${host} app[1]: ${text}`
const reply = (hub: Hub, command: Parameters<Hub['command']>[0]) => hub.command(command)

describe('commits', () => {
  test('what a message refers to is in hub.db before the message is appended', () => {
    const hub = createHub()
    const append = hub.appender.append.bind(hub.appender)
    const seen: unknown[] = []
    hub.appender.append = (batch) => {
      seen.push([hub.nodes.byId(batch.node[0]!)?.name, hub.records.byId(batch.session[0]!)?.origin, hub.sources.addressOf(batch.source[0]!)])
      append(batch)
    }
    hub.send('10.0.0.5', [line('web1')])
    expect(seen).toEqual([['web1', 'first-message', '10.0.0.5']])
  })

  test('receipts come after the sync, also with an empty batch', () => {
    const hub = createHub()
    const receipts = [{ id: 7, messages: 0, cut: 0 }]
    hub.writer.accept({ kind: 'batch', header: packBatch(createBatch(8, 64)), sources: [], epoch: 1, receipts, losses: [] })
    expect(hub.published.at(-1)).toMatchObject({ kind: 'committed', rows: 0, receipts })
  })

  test('when the disk refuses, the caller hears it, nothing is counted, no ack is told, and the next batch goes on', () => {
    const hub = createHub()
    hub.send('10.0.0.5', [line('web1')])
    hub.appender.failWith = 'no space left on device'
    hub.send('10.0.0.5', [line('web1'), '<13>Nov 22 14:00:00 web1 hps-ack: key-01234', '<13>Nov 22 14:00:00 web1 hps-ack: no key', line('web2')])
    expect(hub.published.at(-1)).toMatchObject({ kind: 'commit-failed', rows: 4, reason: 'no space left on device' })
    hub.appender.failWith = undefined
    const row = hub.send('10.0.0.5', [line('web2')])[0]!
    expect(row).toMatchObject({ seq: 2, node: 'web2' })
    expect(hub.sessions('web1')[0]).toMatchObject({ messages: 1 })
    expect(hub.session(row.session)).toMatchObject({ messages: 1, firstSeq: 2, lastSeq: 2 })
    expect(hub.events.map((event) => event.kind)).toEqual(['session-opened', 'session-opened'])
    expect([hub.counter('commit-failures'), hub.counter('failed-rows'), hub.counter('rows')]).toEqual([1, 4, 2])
  })

  test('when hub.db refuses, nothing is appended until it takes writes again', () => {
    const hub = createHub()
    hub.db.pragma('query_only = 1')
    hub.send('10.0.0.5', [line('web1')])
    hub.send('10.0.0.5', [line('web2')])
    expect(hub.appender.batches).toHaveLength(0)
    expect(hub.published.map((event) => event.kind)).toEqual(['commit-failed', 'commit-failed'])
    expect(hub.command({ kind: 'register', name: 'x' })).toMatchObject({ ok: false, code: 'store-failed' })
    hub.writer.tick()
    hub.db.pragma('query_only = 0')
    expect(hub.send('10.0.0.5', [line('web2')])[0]!.node).toBe('web2')
    expect(hub.nodes.byName('web1')).toBeDefined()
  })

  test('counters survive a kill: what was committed after the last flush is counted again', () => {
    const hub = createHub()
    hub.send('10.0.0.5', [line('web1')])
    hub.wait(6000)
    hub.send('10.0.0.5', [line('web1'), line('web1')])
    const later = hub.restart('killed')
    expect(later.sessions('web1')[0]).toMatchObject({ messages: 3, lastSeq: 3 })
    expect(later.sources.list()[0]).toMatchObject({ messages: 3 })
    expect(later.send('10.0.0.5', [line('web1')])[0]).toMatchObject({ seq: 4, session: later.sessions('web1')[0]!.id })
  })

  test('ids are not given twice, though a session was never committed', () => {
    const hub = createHub({ appender: createAppender(100) })
    const a = hub.send('10.0.0.5', [line('web1')])[0]!
    const later = hub.restart('clean')
    const b = later.send('10.0.0.6', [line('web2')])[0]!
    expect(b.tagged).toBeGreaterThan(a.tagged)
    expect(b.nodeId).toBeGreaterThan(a.nodeId)
  })
})

describe('commands', () => {
  test.for([
    [{ name: 'bad name' }, 'bad-request', 'no node name'],
    [{ name: 'x', macs: ['12:34'] }, 'bad-request', 'no MAC address'],
    [{ name: 'x', addresses: ['300.1.1.1'] }, 'bad-request', 'no address'],
    [{ name: 'x', macs: ['52:54:00:00:00:01'] }, 'conflict', 'MAC 52:54:00:00:00:01 belongs to taken'],
    [{ name: 'x', addresses: ['10.0.0.1'] }, 'conflict', 'address 10.0.0.1 belongs to taken'],
    [{ name: 'x', aliases: ['also'] }, 'conflict', 'the name also belongs to taken'],
    [{ name: 'x', rename: 'taken' }, 'conflict', 'the name taken belongs to taken'],
  ] as const)('register %j is refused: %s', ([fields, code, reason]) => {
    const hub = createHub()
    reply(hub, { kind: 'register', name: 'taken', macs: ['52:54:00:00:00:01'], addresses: ['10.0.0.1'], aliases: ['also'] })
    expect(reply(hub, { kind: 'register', ...fields })).toMatchObject({ ok: false, code, reason: expect.stringContaining(reason) as string })
    expect(hub.nodes.list().map((node) => node.name)).toEqual(['taken'])
  })

  test('register changes whole lists, renames, and keeps the old name as an alias', () => {
    const hub = createHub()
    const first = reply(hub, { kind: 'register', name: 'web1', macs: ['52:54:00:00:00:01'], addresses: ['10.0.0.1', '10.0.0.2'] })
    const second = reply(hub, { kind: 'register', name: 'WEB1', rename: 'web-1', addresses: ['10.0.0.2'], macs: ['52:54:00:00:00:02'] })
    expect(second).toMatchObject({ ok: true, nodeId: (first as { nodeId: number }).nodeId })
    expect(hub.nodes.byName('web1')).toMatchObject({ name: 'web-1', aliases: ['web1'], macs: ['52:54:00:00:00:02'], addresses: [{ address: '10.0.0.2', kind: 'registered' }] })
    reply(hub, { kind: 'register', name: 'web-1', aliases: [] })
    expect(hub.nodes.byName('web1')).toBeUndefined()
  })

  test('a node that messages made known is registered under its name and keeps its session', () => {
    const hub = createHub()
    const row = hub.send('10.0.0.5', [line('web1')])[0]!
    expect(reply(hub, { kind: 'register', name: 'web1', addresses: ['10.0.0.5'] })).toMatchObject({ nodeId: row.nodeId })
    expect(hub.send('10.0.0.5', [line('web1')])[0]).toMatchObject({ session: row.session, method: 'registered-address' })
  })

  test('forget removes a node without messages, and makes one with messages a seen one again', () => {
    const hub = createHub()
    const quiet = reply(hub, { kind: 'register', name: 'quiet' }) as { nodeId: number }
    const loud = reply(hub, { kind: 'register', name: 'loud', addresses: ['10.0.0.5'], macs: ['52:54:00:00:00:01'] }) as { nodeId: number }
    hub.send('10.0.0.5', [line('loud')])
    expect(reply(hub, { kind: 'forget', nodeId: quiet.nodeId })).toMatchObject({ ok: true })
    expect(reply(hub, { kind: 'forget', nodeId: loud.nodeId })).toMatchObject({ ok: true })
    expect(reply(hub, { kind: 'forget', nodeId: 999 })).toMatchObject({ ok: false, code: 'not-found' })
    expect(hub.nodes.list()).toMatchObject([{ name: 'loud', registered: false, macs: [], addresses: [] }])
  })

  test('identify: MAC, then address, then name; a MAC that nobody has is nobody', () => {
    const hub = createHub()
    const { nodeId } = reply(hub, { kind: 'register', name: 'web1', macs: ['52:54:00:00:00:01'], addresses: ['10.0.0.1'] }) as { nodeId: number }
    expect(reply(hub, { kind: 'identify', mac: '52-54-00-00-00-01', address: '10.0.0.9' })).toMatchObject({ nodeId, by: 'mac' })
    expect(reply(hub, { kind: 'identify', address: '::ffff:10.0.0.1' })).toMatchObject({ nodeId, by: 'registered-address' })
    expect(reply(hub, { kind: 'identify', name: 'WEB1' })).toMatchObject({ nodeId, by: 'name' })
    expect(reply(hub, { kind: 'identify', mac: '52:54:00:00:00:99', address: '10.0.0.1' })).toMatchObject({ ok: true, by: 'none' })
    expect(reply(hub, { kind: 'identify', mac: 'nonsense' })).toMatchObject({ ok: false, code: 'bad-request' })
  })

  test('open gives a hash that resolves, and a second boot another session', () => {
    const hub = createHub()
    const { nodeId } = reply(hub, { kind: 'register', name: 'web1' }) as { nodeId: number }
    const first = reply(hub, { kind: 'open', nodeId, origin: 'decision', sessionKind: 'install' }) as { sessionId: number; hash: string; joined: boolean }
    expect(first.joined).toBe(false)
    expect(hub.records.byHash(first.hash)).toMatchObject([{ id: first.sessionId, kind: 'install', stage: 'decide' }])
    expect(hub.events).toMatchObject([{ kind: 'session-opened', origin: 'decision' }])
    hub.send('10.0.0.5', [line('web1')])
    hub.wait(60_000)
    expect(reply(hub, { kind: 'open', nodeId, origin: 'decision', sessionKind: 'boot' })).toMatchObject({ joined: false, sessionId: first.sessionId + 1 })
  })

  test('join: the joined session resolves to the other, with its messages; cycles are refused', () => {
    const hub = createHub()
    const a = hub.send('10.0.0.5', ['<14>Nov 22 14:00:00 web1 hps-session: start host=web1 boot_time=1795000000'])[0]!.session
    const b = hub.send('10.0.0.5', ['<14>Nov 22 14:00:00 web1 hps-session: start host=web1 boot_time=1795100000'])[0]!.session
    const hashOfB = hub.session(b).hashes[0]!
    expect(reply(hub, { kind: 'join', sessionId: b, into: a, reason: 'operator' })).toMatchObject({ ok: true, sessionId: a })
    expect(hub.records.byHash(hashOfB).map((session) => session.id)).toEqual([a])
    expect(hub.records.expand([a])).toEqual([a, b])
    expect(hub.records.expand([b])).toEqual([a, b])
    expect(hub.records.joinedTo(a)).toEqual([b])
    expect(hub.session(a).messages).toBe(2)
    expect(reply(hub, { kind: 'join', sessionId: a, into: b, reason: 'x' })).toMatchObject({ ok: false, code: 'conflict' })
    expect(reply(hub, { kind: 'join', sessionId: b, into: a, reason: 'x' })).toMatchObject({ ok: false, code: 'conflict' })
    expect(reply(hub, { kind: 'join', sessionId: 99, into: a, reason: 'x' })).toMatchObject({ ok: false, code: 'not-found' })
    expect(hub.send('10.0.0.5', [line('web1')])[0]!.session).toBe(a)
    expect(hub.nowMs).toBe(START_MS)
  })
})
