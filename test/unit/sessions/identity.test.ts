import { describe, expect, test } from 'vitest'
import { createHub, START_MS } from './kit.ts'

const line = (host: string, text = 'hello') => `<13>Nov 22 14:00:00 ${host === '' ? '' : `${host} `}app[1]: ${text}`

/** tch-001 is registered at 10.0.0.5, tch-002 at 10.0.0.6 with the alias db; 10.0.0.7 is leased to lab-3. */
function fleet() {
  const hub = createHub()
  hub.command({ kind: 'register', name: 'tch-001', addresses: ['10.0.0.5'] })
  hub.command({ kind: 'register', name: 'tch-002', addresses: ['10.0.0.6'], aliases: ['db'] })
  hub.send('10.0.0.1', ['<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: DHCPACK(br0) 10.0.0.7 52:54:00:00:00:07 lab-3'])
  return hub
}

describe('whom a message is about', () => {
  test.for([
    // sender, frame → node, method, confidence
    ['10.0.0.5', line(''), 'tch-001', 'registered-address', 90],
    ['10.0.0.5', line('tch-001'), 'tch-001', 'registered-address', 100],
    ['10.0.0.5', line('TCH-001'), 'tch-001', 'registered-address', 100],
    ['10.0.0.5', line('tch-001.cluster.example'), 'tch-001', 'registered-address', 100],
    ['10.0.0.5', line('localhost'), 'tch-001', 'registered-address', 90],
    ['10.0.0.5', line('tch-002'), 'tch-001', 'registered-address', 60],
    ['10.0.0.5', line('nobody'), 'tch-001', 'registered-address', 60],
    ['10.0.0.6', line('db'), 'tch-002', 'registered-address', 100],
    ['10.0.0.7', line(''), 'lab-3', 'lease', 80],
    ['10.0.0.7', line('lab-3'), 'lab-3', 'lease', 90],
    ['10.0.0.7', line('tch-001'), 'lab-3', 'lease', 50],
    ['10.0.0.77', line('db'), 'tch-002', 'host-name', 50],
    ['10.0.0.77', line('newcomer'), 'newcomer', 'host-name', 50],
    ['10.0.0.77', line(''), '10.0.0.77', 'source-address', 30],
    ['10.9.0.1', line('tch-001'), 'tch-001', 'relay-host-name', 80],
    ['10.9.0.1', line('behind-relay'), 'behind-relay', 'relay-host-name', 80],
    ['10.9.0.1', line('10.0.0.6'), 'tch-002', 'relay-host-name', 80],
    ['127.0.0.1', line('tch-001'), 'tch-001', 'host-name', 50],
    ['127.0.0.1', line(''), '-', 'none', 0],
  ] as const)('%s %s is %s by %s, %d', ([from, frame, node, method, confidence]) => {
    const hub = fleet()
    expect(hub.send(from, [frame])[0]).toMatchObject({ node, method, confidence })
  })

  test.for([
    // sender, certificate, frame → node, method, confidence
    ['10.0.0.5', 'tch-001', line('tch-001'), 'tch-001', 'certificate', 100],
    ['10.0.0.5', 'tch-001.cluster.example', line(''), 'tch-001', 'certificate', 90],
    ['10.0.0.5', 'tch-001', line('tch-002'), 'tch-001', 'certificate', 60],
    ['10.0.0.5', 'tch-002', line('tch-002'), 'tch-002', 'certificate', 60], // the address of another
    ['10.0.0.77', 'tch-001', line('db'), 'tch-001', 'certificate', 60],
    ['10.0.0.77', 'tch-001', line(''), 'tch-001', 'certificate', 90],
    ['10.0.0.77', 'newcomer', line('newcomer'), 'newcomer', 'certificate', 100],
    ['127.0.0.1', 'tch-001', line(''), 'tch-001', 'certificate', 90],
    ['10.9.0.1', 'relay-1', line('tch-001'), 'tch-001', 'relay-host-name', 80],
    ['10.0.0.5', 'localhost', line('tch-001'), 'tch-001', 'registered-address', 100],
  ] as const)('%s with the certificate of %s: %s is %s by %s, %d', ([from, certificate, frame, node, method, confidence]) => {
    const hub = fleet()
    expect(hub.send({ from, certificate, transport: 'tcp', listener: 'tls' }, [frame])[0]).toMatchObject({ node, method, confidence })
    hub.command({ kind: 'flush' })
    expect(hub.sources.list().find((source) => source.transport === 'tcp')).toMatchObject({ certificate, conflicts: confidence === 60 ? 1 : 0 })
  })

  test('a node known by its MAC takes the name in its certificate, and is one node', () => {
    const hub = createHub()
    hub.send('127.0.0.1', ['<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: DHCPACK(br0) 10.0.0.8 52:54:00:00:00:08'])
    const before = hub.send('10.0.0.8', [line('')])[0]!
    expect(hub.send({ from: '10.0.0.8', certificate: 'tch-008', transport: 'tcp', listener: 'tls' }, [line('')])[0]).toMatchObject({ nodeId: before.nodeId, node: 'tch-008', method: 'certificate', confidence: 90 })
  })

  test('two clients behind one address are told apart by their certificates', () => {
    const hub = fleet()
    const from = { from: '10.0.0.90', transport: 'tcp', listener: 'tls' } as const
    expect(hub.sendAll(['tch-001', 'tch-002'].map((certificate) => ({ sender: { ...from, certificate }, frame: line('') }))).map(({ node }) => node)).toEqual(['tch-001', 'tch-002'])
  })

  test('a name that contradicts the address is a conflict of the source, counted for every message', () => {
    const hub = fleet()
    hub.send('10.0.0.5', [line('tch-002'), line('tch-001'), line('tch-002'), line('')])
    hub.command({ kind: 'flush' })
    expect(hub.sources.list().find((source) => source.address === '10.0.0.5')).toMatchObject({ messages: 4, conflicts: 2 })
    expect(hub.counter('conflict:name')).toBe(2)
  })

  test('the hub\'s own messages are about nobody, unless a registered node has that name', () => {
    const hub = fleet()
    const own = { from: 'hub', transport: 'internal', listener: 'hub' } as const
    const frame = (host: string) => `<14>1 2026-11-22T14:00:00Z ${host} hps-hub 1 - - started`
    expect(hub.send(own, [frame('elsewhere'), frame('tch-001')])).toMatchObject([{ node: '-', session: 0, method: 'none' }, { node: 'tch-001', method: 'host-name' }])
  })

  test('a node named by its address takes the name that it says later, and keeps its id and session', () => {
    const hub = fleet()
    const before = hub.send('10.0.0.77', [line('')])[0]!
    expect(hub.send('10.0.0.77', [line('late-name')])[0]).toMatchObject({ nodeId: before.nodeId, session: before.session, node: 'late-name' })
    expect(hub.send('10.0.0.77', [line('')])[0]).toMatchObject({ node: 'late-name', method: 'source-address' })
  })

  test('beyond max_seen_nodes a message keeps its source and gets no node', () => {
    const hub = createHub({ sessions: { max_seen_nodes: 2 } })
    const rows = hub.send('10.0.0.77', [line('a'), line('b'), line('c'), line('a')])
    expect(rows.map((row) => row.node)).toEqual(['a', 'b', '-', 'a'])
    expect(rows[2]).toMatchObject({ session: 0, sourceId: rows[0]!.sourceId })
    expect(hub.counter('refused:nodes')).toBe(1)
    expect(hub.command({ kind: 'register', name: 'c' })).toMatchObject({ ok: true })
    expect(hub.send('10.0.0.77', [line('c')])[0]!.node).toBe('c')
  })

  test('beyond max_sources senders share one source', () => {
    const hub = createHub({ sessions: { max_sources: 2 } })
    hub.sendAll(['10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.4'].map((sender) => ({ sender, frame: line('x') })))
    hub.command({ kind: 'flush' })
    expect(hub.sources.list().map((source) => `${source.address} ${source.messages}`).sort()).toEqual(['10.0.1.1 1', '10.0.1.2 1', 'other 2'])
    expect(hub.counter('refused:sources')).toBe(2)
  })

  test('a new epoch means new references', () => {
    const hub = fleet()
    hub.send('10.0.0.5', [line('tch-001')])
    const later = hub.restart('clean')
    expect(later.send('10.0.0.6', [line('db')])[0]).toMatchObject({ node: 'tch-002', method: 'registered-address' })
  })

  test('a registration is in force from the next message on', () => {
    const hub = fleet()
    expect(hub.send('10.0.0.50', [line('')])[0]!.node).toBe('10.0.0.50')
    hub.command({ kind: 'register', name: 'tch-003', addresses: ['10.0.0.50'] })
    expect(hub.send('10.0.0.50', [line('')])[0]).toMatchObject({ node: 'tch-003', method: 'registered-address' })
    hub.command({ kind: 'register', name: 'tch-003', addresses: [] })
    expect(hub.send('10.0.0.50', [line('')])[0]!.method).toBe('source-address')
  })
})

describe('labels', () => {
  /** tch-001 has told its boot time; its label is the hash of that. */
  function labelled() {
    const hub = fleet()
    hub.send('10.0.0.5', [`<14>Nov 22 14:00:00 tch-001 hps-session: start host=tch-001 boot_time=${START_MS / 1000 - 60}`])
    const session = hub.sessions('tch-001')[0]!
    return { hub, session, label: session.hashes[0]! }
  }
  const withLabel = (label: string, host: string) => `<13>Nov 22 14:00:00 ${host === '' ? '' : `${host} `}app[1]: [s=${label} f=n_install] hello`

  test.for([
    ['10.0.0.5', '', 'tch-001', 'token'],
    ['10.0.0.99', '', 'tch-001', 'token'],
    ['10.0.0.99', 'tch-001', 'tch-001', 'token'],
    ['10.9.0.1', 'tch-001', 'tch-001', 'token'],
    ['10.0.0.6', '', 'tch-002', 'registered-address'],
    ['10.0.0.99', 'db', 'tch-002', 'host-name'],
  ] as const)('from %s with the name "%s" the label of tch-001 makes it %s by %s', ([from, host, node, method]) => {
    const { hub, label } = labelled()
    expect(hub.send(from, [withLabel(label, host)])[0]).toMatchObject({ node, method })
  })

  test('a late message with the label of an earlier boot goes to that session', () => {
    const { hub, session, label } = labelled()
    hub.wait(3_600_000)
    hub.send('10.0.0.5', [`<14>Nov 22 15:00:00 tch-001 hps-session: start host=tch-001 boot_time=${START_MS / 1000 + 3500}`])
    expect(hub.sessions('tch-001')).toHaveLength(2)
    expect(hub.send('10.0.0.5', [withLabel(label, ''), line('')]).map((row) => row.session)).toEqual([session.id, hub.sessions('tch-001')[0]!.id])
  })

  test('a label that nobody has is a text, and counted', () => {
    const { hub, session } = labelled()
    expect(hub.send('10.0.0.5', [withLabel('ffffff', '')])[0]).toMatchObject({ session: session.id, method: 'registered-address' })
    expect(hub.counter('label:unknown')).toBe(1)
  })

  test('structured data carries a label too', () => {
    const { hub, session, label } = labelled()
    expect(hub.send('10.0.0.99', [`<13>1 2026-11-22T14:00:00Z - app - - [hps@32473 session="${label}"] hello`])[0]).toMatchObject({ session: session.id, method: 'token' })
  })
})
