import { describe, expect, test } from 'vitest'
import type { AppFault } from '#domain/fault.ts'
import type { NodeChange } from '#provision/index.ts'
import { aRoom, facts } from './room.ts'

const MAC = '52:54:00:12:34:56'
const faultOf = async (promise: Promise<unknown>): Promise<Pick<AppFault, 'code' | 'message'>> =>
  promise.then(
    () => ({ code: 'internal', message: 'it was not refused' }),
    (fault: AppFault) => ({ code: fault.code, message: fault.message }),
  )

describe('setting a node', () => {
  test('makes it, with canonical MACs and addresses, and without a profile it has no task', async () => {
    using room = aRoom()
    const node = await room.nodes.set('tch-001', { macs: ['5254.0012.3456', '52-54-00-12-34-56'], addresses: ['::ffff:10.0.0.5'], aliases: ['Web.Example.Org.'], labels: { rack: 'r1' }, expected_state: 'running' }, 'operator:anna')
    expect(node).toEqual({
      id: 1, name: 'tch-001', registered: true, macs: [MAC], addresses: [{ address: '10.0.0.5', kind: 'registered' }], aliases: ['web.example.org'], labels: { rack: 'r1' },
      profile: null, expected_state: 'running', state: 'discovered', state_since: '2026-11-22T12:00:00.000Z', last_seen: null, session: null, clock: null,
    })
    expect(await room.nodes.node('web.example.org')).toEqual(node)
    expect(await room.nodes.list()).toEqual([node])
  })

  test('with a profile configures one that waits, and leaves the state of one at work', async () => {
    using room = aRoom()
    const { id } = await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')
    room.applyEvent({ nodeId: id, event: 'os.ready', evidence: 'A', actor: 'test', reason: '', nowMs: 1 })
    expect(await room.nodes.set('tch-001', { profile: 'own' }, 'operator')).toMatchObject({ state: 'running', profile: 'own' })
    expect(await room.nodes.set('tch-001', { event: 'op.hold' }, 'operator')).toMatchObject({ state: 'held', profile: 'own' })
    expect(await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')).toMatchObject({ state: 'configured', profile: 'tch' })
  })

  test('changes labels one by one; null removes', async () => {
    using room = aRoom()
    await room.nodes.set('tch-001', { labels: { rack: 'r1', row: '7', os: 'alpine 3.20' } }, 'operator')
    expect((await room.nodes.set('tch-001', { labels: { rack: 'r2', row: null } }, 'operator')).labels).toEqual({ os: 'alpine 3.20', rack: 'r2' })
  })

  test('counts nodes by state when somebody scrapes', async () => {
    using room = aRoom()
    const { id } = await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')
    await room.nodes.set('tch-002', { profile: 'tch' }, 'operator')
    room.applyEvent({ nodeId: id, event: 'os.ready', evidence: 'A', actor: 'test', reason: '', nowMs: 1 })
    room.db.prepare("INSERT INTO nodes (name, registered, created_ms) VALUES ('seen', 0, 0)").run()
    const text = await room.metrics.expose()
    for (const [state, count] of Object.entries({ running: 1, configured: 1, none: 1, installing: 0 })) expect(text).toContain(`hps_nodes{state="${state}"} ${count}\n`)
  })

  test('renames', async () => {
    using room = aRoom()
    const { id } = await room.nodes.set('tch-001', { macs: [MAC] }, 'operator')
    expect(await room.nodes.set('tch-001', { rename: 'tch-002' }, 'operator')).toMatchObject({ id, name: 'tch-002', macs: [MAC] })
  })

  test('a machine that was held keeps its id and session under its new name', async () => {
    using room = aRoom()
    room.writer.lease('10.77.0.50', MAC)
    const held = await room.boot.decide(facts())
    const node = await room.nodes.set('tch-001', { macs: [MAC], profile: 'tch' }, 'operator')
    expect(node).toMatchObject({ id: 1, name: 'tch-001', session: held.session, state: 'configured' })
    expect(await room.nodes.list()).toHaveLength(1)
  })

  test.for<[what: string, name: string, change: NodeChange, message: RegExp]>([
    ['a name with a dot', 'a.b', {}, /not a host name label/],
    ['a name with capitals', 'TCH', {}, /not a host name label/],
    ['a name of 64 letters', 'x'.repeat(64), {}, /not a host name label/],
    ['a MAC that is none', 'n', { macs: ['12:34'] }, /"12:34" is not a MAC address/],
    ['an address that is none', 'n', { addresses: ['10.0.0.256'] }, /"10.0.0.256" is not an IP address/],
    ['an alias that is none', 'n', { aliases: ['a b'] }, /"a b" is not a host name/],
    ['a label without a key', 'n', { labels: { '': 'x' } }, /label "" is not a key/],
    ['a label value with a line break', 'n', { labels: { a: 'x\ny' } }, /control characters/],
    ['a profile that there is not', 'n', { profile: 'nix' }, /profile "nix" is not known; there is tch, sch, own, bare/],
    ['a state that there is not', 'n', { expected_state: 'INSTALLED' }, /expected state "INSTALLED" is not known/],
    ['an event of a machine', 'n', { event: 'os.ready' }, /event "os.ready" is not known; there is op\.configure/],
    ['a misspelt field', 'n', { profil: 'tch' } as NodeChange, /unknown field "profil" \(did you mean "profile"\?\)/],
  ])('%s is refused with the reason', async ([, name, change, message]) => {
    using room = aRoom()
    expect(await faultOf(room.nodes.set(name, change, 'operator'))).toEqual({ code: 'bad-request', message: expect.stringMatching(message) as string })
    expect(await room.nodes.list()).toEqual([])
  })

  test('all faults of a change are told at once', async () => {
    using room = aRoom()
    const { message } = await faultOf(room.nodes.set('A', { macs: ['x'], profile: 'y' }, 'operator'))
    expect(message.split('; ')).toHaveLength(4) // the profile's fault lists the known ones after a semicolon
  })

  test('an event that the state does not allow changes nothing at all', async () => {
    using room = aRoom()
    await room.nodes.set('tch-001', { profile: 'tch' }, 'operator')
    expect(await faultOf(room.nodes.set('tch-001', { event: 'op.retry', macs: [MAC], labels: { a: 'b' } }, 'operator'))).toMatchObject({ code: 'not-allowed-now' })
    expect(await room.nodes.node('tch-001')).toMatchObject({ macs: [], labels: {}, state: 'configured' })
  })

  test('the MAC of another registered node is a conflict', async () => {
    using room = aRoom()
    await room.nodes.set('tch-001', { macs: [MAC] }, 'operator')
    expect(await faultOf(room.nodes.set('tch-002', { macs: [MAC] }, 'operator'))).toMatchObject({ code: 'conflict' })
  })

  test('a node that there is not is not found', async () => {
    using room = aRoom()
    expect(await faultOf(room.nodes.node('nobody'))).toMatchObject({ code: 'not-found' })
    expect(await faultOf(room.nodes.history('nobody'))).toMatchObject({ code: 'not-found' })
  })
})

describe('importing a list', () => {
  const LIST = [
    { name: 'tch-001', macs: [MAC], profile: 'tch', labels: { rack: 'r1' } },
    { name: 'tch-002', macs: ['52:54:00:12:34:57'], addresses: ['10.0.0.7'] },
    { name: 'tch-003', event: 'op.unmanage' },
  ]

  test('makes what is new, changes what differs, and does nothing the second time', async () => {
    using room = aRoom()
    expect(await room.nodes.import(LIST, 'operator')).toEqual({ created: 3, changed: 0 })
    const asked = room.writer.asked.length
    const again = LIST.map((node) => ({ ...node, event: undefined }))
    expect(await room.nodes.import(again, 'operator')).toEqual({ created: 0, changed: 0 })
    expect(room.writer.asked.slice(asked)).toEqual([])
    expect(await room.nodes.import([{ name: 'tch-001', labels: { rack: 'r2' } }, ...again.slice(1)], 'operator')).toEqual({ created: 0, changed: 1 })
    expect((await room.nodes.list()).map(({ name, state }) => [name, state])).toEqual([['tch-001', 'configured'], ['tch-002', 'discovered'], ['tch-003', 'unmanaged']])
  })

  test('is refused whole when one entry is wrong, with all that is wrong', async () => {
    using room = aRoom()
    const { code, message } = await faultOf(room.nodes.import([...LIST, { name: 'tch-004', macs: [MAC] }, { name: 'Bad', profile: 'nix' }], 'operator'))
    expect(code).toBe('bad-request')
    expect(message).toContain(`tch-004: ${MAC} is in the list already, for tch-001`)
    expect(message).toContain('Bad: name "Bad" is not a host name label')
    expect(message).toContain('profile "nix" is not known')
    expect(await room.nodes.list()).toEqual([])
  })

  test('takes a site of 1,000 nodes', async () => {
    using room = aRoom()
    const site = Array.from({ length: 1000 }, (_, n) => ({ name: `tch-${String(n).padStart(3, '0')}`, macs: [`52:54:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`], profile: 'tch' }))
    site[0]!.macs = [MAC]
    expect(await room.nodes.import(site, 'operator')).toEqual({ created: 1000, changed: 0 })
    expect(await faultOf(room.nodes.import(Array.from({ length: 10_001 }, () => ({ name: 'a' })), 'operator'))).toMatchObject({ code: 'too-large' })
  })
})
