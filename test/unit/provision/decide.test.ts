import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { aRoom, facts, type Room } from './room.ts'

const MAC = '52:54:00:12:34:56'
const leased = (options: Parameters<typeof aRoom>[0] = {}): Room => {
  const room = aRoom(options)
  room.writer.lease('10.77.0.50', MAC)
  return room
}
/** A node in a state that events of an operator or rule led to. */
async function aNode(room: Room, profile: string | null, ...events: readonly string[]): Promise<void> {
  const { id } = await room.nodes.set('tch-001', { macs: [MAC], profile }, 'operator')
  for (const event of events) {
    const outcome = room.applyEvent({ nodeId: id, event: event as 'os.ready', evidence: 'A', actor: 'test', reason: '', nowMs: room.now })
    if (outcome.kind === 'refused') throw new Error(`${event}: ${outcome.why}`)
  }
}

describe('a machine that nobody knows', () => {
  test('is held under the name of its MAC and told to come again, with one session however often it asks', async () => {
    using room = leased()
    const first = await room.boot.decide(facts())
    expect(first).toEqual({
      outcome: 'wait', why: 'mac-525400123456 is held until an operator gives it a profile or releases it',
      node: 'mac-525400123456', session: 'abc001', state: 'held', retryAfterSeconds: 10,
    })
    expect(await room.boot.decide(facts())).toEqual(first)
    expect(await room.nodes.history('mac-525400123456')).toMatchObject([{ from: null, to: 'held', event: 'boot.decide', evidence: 'B', actor: 'boot', session: 'abc001' }])
  })

  test('becomes the node that an operator gives its MAC to, and boots', async () => {
    using room = leased({ config: { hold_seconds: 3 } })
    const held = await room.boot.decide(facts())
    expect(held.retryAfterSeconds).toBe(3)
    await room.nodes.set('tch-001', { macs: ['52-54-00-12-34-56'], profile: 'tch' }, 'operator:anna')
    const decision = await room.boot.decide(facts())
    expect(decision).toMatchObject({ outcome: 'boot', node: 'tch-001', session: held.session, state: 'configured' })
    expect(decision.retryAfterSeconds).toBeUndefined()
    expect((await room.nodes.history('tch-001')).map(({ from, to }) => [from, to])).toEqual([['held', 'configured'], [null, 'held']])
  })

  test('is refused when the configuration says so, and nothing is written down', async () => {
    using room = leased({ config: { unknown: 'refuse' } })
    expect(await room.boot.decide(facts())).toMatchObject({ outcome: 'refuse', node: null, session: null, state: null, why: expect.stringContaining('is unknown') as string })
    expect(await room.nodes.list()).toEqual([])
  })

  test('is shown the node whose hardware it has, but is not taken for it', async () => {
    using room = leased({ config: { unknown: 'refuse' } })
    await aNode(room, 'tch')
    await room.boot.decide(facts({ uuid: '11111111-2222-3333-4444-555555555555' }))
    room.writer.lease('10.77.0.60', '52:54:00:99:99:99')
    const decision = await room.boot.decide(facts({ address: '10.77.0.60', mac: '52:54:00:99:99:99', uuid: '11111111-2222-3333-4444-555555555555' }))
    expect(decision).toMatchObject({ outcome: 'refuse', node: null, why: expect.stringContaining('its hardware id is that of tch-001') as string })
  })
})

test.for<[state: string, profile: string | null, events: readonly string[], outcome: string, why: RegExp]>([
  ['configured', 'tch', [], 'boot', /boots profile tch/],
  ['configured', 'sch', [], 'boot', /boots profile sch/],
  ['configured', 'own', [], 'local', /boots its own disk/],
  ['configured', 'bare', [], 'wait', /needs "missing\/vmlinuz"/],
  ['install_wait', 'sch', ['op.install'], 'boot', /boots profile sch/],
  ['failed', 'sch', ['installer.started'], 'wait', /op\.retry/],
  ['verifying', 'sch', ['installer.started', 'install.reported_done'], 'local', /is verifying/],
  ['running', 'sch', ['installer.started', 'install.reported_done', 'os.ready'], 'local', /is running: it boots its own disk/],
  ['running', 'tch', ['os.ready'], 'boot', /boots profile tch/],
  ['failed', 'sch', ['installer.started', 'install.failed'], 'wait', /op\.retry/],
  ['held', 'tch', ['op.hold'], 'wait', /is held/],
  ['rescue', 'tch', ['op.rescue'], 'wait', /profile "rescue", which the configuration does not have/],
  ['unmanaged', 'tch', ['op.unmanage'], 'local', /unmanaged/],
  ['retired', 'tch', ['op.retire'], 'refuse', /retired/],
  ['ready', 'tch', ['op.release'], 'wait', /has no task yet/],
  ['discovered', null, [], 'wait', /has no task yet/],
])('a node that is %s with profile %s after %o is told: %s', async ([state, profile, events, outcome, why]) => {
  using room = leased()
  await aNode(room, profile, ...events)
  const decision = await room.boot.decide(facts())
  expect(decision).toMatchObject({ outcome, node: 'tch-001', state, why: expect.stringMatching(why) as string })
  expect(decision.retryAfterSeconds).toBe(outcome === 'wait' ? 10 : undefined)
  expect(decision.kernelUrl !== undefined).toBe(outcome === 'boot')
})

test('a machine that boots again before its installer was done has failed, and is not installed again by itself', async () => {
  using room = leased()
  await aNode(room, 'sch', 'installer.started')
  expect(await room.boot.decide(facts())).toMatchObject({ outcome: 'wait', state: 'failed' })
  expect((await room.nodes.history('tch-001'))[0]).toMatchObject({ from: 'installing', to: 'failed', event: 'boot.decide' })
})

test('a boot gets kernel, initrds and arguments of its profile, and the session on the kernel command line', async () => {
  using room = leased()
  await room.nodes.set('tch-001', { macs: [MAC], profile: 'tch', labels: { rack: 'r1; reboot' } }, 'operator')
  expect(await room.boot.decide(facts())).toEqual({
    outcome: 'boot', why: 'tch-001 boots profile tch', node: 'tch-001', session: 'abc001', state: 'configured',
    kernelUrl: 'http://10.77.0.1:8080/boot/v1/asset/alpine/vmlinuz',
    initrdUrls: ['http://10.77.0.1:8080/boot/v1/asset/alpine/initrd.img'],
    args: 'console=ttyS0 hps.hub=http://10.77.0.1:8080 hps.node=tch-001 rack=r1__reboot hps.session=abc001',
  })
  const [opened] = room.writer.asked.filter(({ kind }) => kind === 'open')
  expect(opened).toEqual({ kind: 'open', nodeId: 1, origin: 'decision', sessionKind: 'boot', address: '10.77.0.50', isIpxe: true })
})

test('an installation opens a session of its kind', async () => {
  using room = leased()
  await aNode(room, 'sch')
  await room.boot.decide(facts())
  expect(room.writer.asked.find(({ kind }) => kind === 'open')).toMatchObject({ sessionKind: 'install' })
})

test('a kernel that went missing after the start is told about, not served', async () => {
  using room = leased()
  await aNode(room, 'tch')
  rmSync(join(room.assets, 'alpine/initrd.img'))
  expect(await room.boot.decide(facts())).toMatchObject({ outcome: 'wait', why: expect.stringContaining('"alpine/initrd.img", which is not in the asset folder') as string })
})

test('a label that the arguments ask for and the node lacks is told about, and is no failure', async () => {
  using room = aRoom({ profiles: "tch: { boot: net, kernel: alpine/vmlinuz, args: 'rack={{labels.rack}}' }" })
  room.writer.lease('10.77.0.50', MAC)
  await aNode(room, 'tch')
  expect(await room.boot.decide(facts())).toMatchObject({ outcome: 'wait', why: 'the kernel arguments of profile tch ask for what tch-001 does not have: there is no value `rack`' })
  await room.nodes.set('tch-001', { labels: { rack: 'r1' } }, 'operator')
  expect(await room.boot.decide(facts())).toMatchObject({ outcome: 'boot', args: expect.stringContaining('rack=r1') as string })
})

describe('who asks', () => {
  test.for(['52-54-00-12-34-56', '5254.0012.3456', '525400123456', '52:54:00:12:34:56', ' 52:54:00:12:34:56 ', '52-54-00-12-34-56'.toUpperCase()])('%s is the node', async (mac) => {
    using room = leased()
    await aNode(room, 'tch')
    expect(await room.boot.decide(facts({ mac }))).toMatchObject({ outcome: 'boot', node: 'tch-001' })
  })

  test('without a MAC the lease of its address says who it is', async () => {
    using room = leased()
    await aNode(room, 'tch')
    expect(await room.boot.decide(facts({ mac: undefined }))).toMatchObject({ outcome: 'boot', node: 'tch-001' })
  })

  test.for<[name: string, over: object, outcome: string, why: RegExp]>([
    ['a MAC that is none', { mac: 'zz:zz' }, 'refuse', /not a MAC address/],
    ['no MAC from an address without a lease', { mac: undefined, address: '10.77.0.99' }, 'refuse', /no MAC was given/],
    ['an address that our DHCP was not seen to lease', { address: '10.77.0.99' }, 'wait', /has not been seen to lease/],
    ['an address that was leased to another machine', { mac: '52:54:00:aa:aa:aa' }, 'refuse', /belongs to another machine/],
    ['an address that is registered for another node', { address: '10.77.0.80' }, 'refuse', /belongs to another machine/],
  ])('%s is not answered', async ([, over, outcome, why]) => {
    using room = leased()
    await aNode(room, 'tch')
    await room.nodes.set('other', { addresses: ['10.77.0.80'] }, 'operator')
    const before = await room.nodes.list()
    expect(await room.boot.decide(facts(over))).toMatchObject({ outcome, node: null, session: null, why: expect.stringMatching(why) as string })
    expect(await room.nodes.list()).toEqual(before)
  })

  test('an address that is registered for the node needs no lease', async () => {
    using room = aRoom()
    await room.nodes.set('tch-001', { macs: [MAC], addresses: ['10.77.0.50'], profile: 'tch' }, 'operator')
    expect(await room.boot.decide(facts({ address: '::ffff:10.77.0.50' }))).toMatchObject({ outcome: 'boot' })
  })

  test('a node that was registered by its address alone is whoever boots there', async () => {
    using room = aRoom()
    await room.nodes.set('tch-001', { addresses: ['10.77.0.50'], profile: 'tch' }, 'operator')
    expect(await room.boot.decide(facts())).toMatchObject({ outcome: 'boot', node: 'tch-001' })
  })

  test('with `observe` a contradiction is answered, counted, and moves no state', async () => {
    using room = leased({ config: { lease: 'observe' } })
    room.writer.lease('10.77.0.99', '52:54:00:aa:aa:aa')
    await aNode(room, 'sch', 'installer.started')
    expect(await room.boot.decide(facts({ address: '10.77.0.99' }))).toMatchObject({ outcome: 'wait', state: 'installing' })
    expect(await room.metrics.expose()).toContain('hps_boot_contradictions_total{with="lease"} 1')
    const unknown = await room.boot.decide(facts({ address: '10.77.0.99', mac: '52:54:00:bb:bb:bb' }))
    expect(unknown).toMatchObject({ outcome: 'wait', node: null, why: expect.stringContaining('leased to another machine') as string })
  })

  test('with `observe` a machine of a foreign DHCP is held like any other', async () => {
    using room = aRoom({ config: { lease: 'observe' } })
    expect(await room.boot.decide(facts())).toMatchObject({ outcome: 'wait', state: 'held', node: 'mac-525400123456' })
  })

  test('hardware ids are kept as seen first; other ones are counted, placeholders are not kept', async () => {
    using room = leased()
    await aNode(room, 'tch')
    const seen = () => room.db.prepare('SELECT uuid, serial FROM provision').get()
    await room.boot.decide(facts({ uuid: '03000200-0400-0500-0006-000700080009', serial: 'To be filled by O.E.M.' }))
    expect(seen()).toEqual({ uuid: null, serial: null })
    await room.boot.decide(facts({ uuid: '11111111-2222-3333-4444-555555555555', serial: 'SN-1' }))
    await room.boot.decide(facts({ uuid: '99999999-2222-3333-4444-555555555555', serial: 'SN-1' }))
    expect(seen()).toEqual({ uuid: '11111111-2222-3333-4444-555555555555', serial: 'SN-1' })
    expect(await room.metrics.expose()).toContain('hps_boot_contradictions_total{with="hardware"} 1')
  })
})

describe('a site that powers on at once', () => {
  const machine = (n: number) => facts({ address: `10.77.${1 + (n >> 8)}.${n & 255}`, mac: `52:54:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}` })

  test('2,000 unknown machines in one instant are all held, each with its own name', async () => {
    using room = aRoom()
    const all = Array.from({ length: 2000 }, (_, n) => machine(n))
    for (const { address, mac } of all) room.writer.lease(address, mac!)
    const decisions = await Promise.all(all.map((one) => room.boot.decide(one)))
    expect(new Set(decisions.map(({ outcome, state }) => `${outcome} ${state}`))).toEqual(new Set(['wait held']))
    expect(new Set(decisions.map(({ node }) => node)).size).toBe(2000)
    expect(room.db.prepare("SELECT count(*) AS held FROM provision_history WHERE to_state = 'held'").get()).toEqual({ held: 2000 })
  })

  test('one machine that asks 2,000 times at once costs one decision', async () => {
    using room = leased()
    const decisions = await Promise.all(Array.from({ length: 2000 }, () => room.boot.decide(facts())))
    expect(new Set(decisions)).toEqual(new Set([decisions[0]]))
    expect(room.writer.asked.map(({ kind }) => kind)).toEqual(['identify', 'register', 'open'])
  })

  test('beyond the bound the next machine is told to come again, and once there is room it is answered', async () => {
    const gate = Promise.withResolvers<void>()
    using room = aRoom({ gate: gate.promise })
    const waiting = Array.from({ length: 4000 }, (_, n) => room.boot.decide(machine(n)))
    expect(await room.boot.decide(machine(4000))).toMatchObject({ outcome: 'wait', why: 'too many machines are asking at once', retryAfterSeconds: 10 })
    gate.resolve()
    await Promise.all(waiting)
    expect(await room.boot.decide(machine(4000))).toMatchObject({ why: expect.stringContaining('has not been seen to lease') as string })
  })
})
