import { describe, expect, test } from 'vitest'
import { createHub, type Hub, type SentRow } from './kit.ts'

const DHCP = '10.0.0.1'
const MAC = '52:54:00:00:00:0a'
const ADDRESS = '10.5.0.9'
const NAME = 'tch-001'
const BOOT_TIME = 1_795_356_000

type Step = (hub: Hub) => SentRow
const line = (from: string, frame: string): Step => (hub) => hub.send(from, [frame])[0]!
const STEPS = {
  discover: line(DHCP, `<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: 77 PXE(br0) ${MAC} proxy`),
  lease: line(DHCP, `<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: 77 DHCPACK(br0) ${ADDRESS} ${MAC} `),
  ackWithName: line(DHCP, `<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: 77 DHCPACK(br0) ${ADDRESS} ${MAC} ${NAME}`),
  /** From its own address, which nobody may have leased yet. */
  ipxe: line(ADDRESS, `<6>${NAME} ipxe: net0: ${ADDRESS}/24`),
  program: line(ADDRESS, `<13>Nov 22 14:00:00 ${NAME} sshd[1]: up`),
  relayed: line('10.9.0.1', `<13>Nov 22 14:00:00 ${NAME} sshd[1]: up`),
  announce: line(ADDRESS, `<14>1 - ${NAME} hps-session - - - start host=${NAME} boot_time=${BOOT_TIME} mac=${MAC}`),
  announceNameless: line('10.5.0.77', `<14>1 - - hps-session - - - start host=${NAME} boot_time=${BOOT_TIME} mac=${MAC}`),
  hps: line(DHCP, `<134>Nov 22 14:00:00 hps: [vm] [INFO] [f] (ipxe) Network configuration complete for ${MAC.replaceAll(':', '')}: ${NAME} (10.99.1.2)`),
} satisfies Record<string, Step>

describe('a machine that is known by its MAC, and whose name appears, is one node with one session', () => {
  test.for<readonly [readonly (keyof typeof STEPS)[]]>([
    [['discover', 'ackWithName', 'ipxe', 'program', 'announce']],
    [['discover', 'lease', 'ipxe', 'program']],
    [['discover', 'ipxe', 'ackWithName', 'program']],
    [['ipxe', 'discover', 'ackWithName', 'program']],
    [['discover', 'relayed', 'lease', 'program']],
    [['discover', 'lease', 'relayed', 'program']],
    [['discover', 'relayed', 'ackWithName']],
    [['discover', 'announce', 'ackWithName', 'program']],
    [['discover', 'announceNameless', 'ackWithName', 'program']],
    [['announce', 'discover', 'ackWithName', 'program']],
    [['discover', 'hps', 'ackWithName', 'ipxe', 'program']],
    [['discover', 'ipxe', 'hps', 'program']],
    [['hps', 'discover', 'lease', 'ipxe', 'program']],
    [['ipxe', 'hps', 'discover', 'ackWithName', 'program']],
  ])('%j', ([order]) => {
    const hub = createHub()
    const rows = order.map((step) => {
      hub.wait(1000)
      return STEPS[step](hub)
    })
    const node = hub.nodes.byName(NAME)!
    expect(node).toMatchObject({ name: NAME, macs: [MAC], registered: false })
    expect(hub.nodes.list().filter(({ name }) => !name.startsWith('10.'))).toHaveLength(1)
    expect(rows.map((row) => hub.nodes.nameOf(row.nodeId))).toEqual(order.map(() => NAME))
    expect(hub.nodes.byName('mac-52540000000a')).toBeUndefined()
    const ids = hub.nodes.idsNamed(NAME)
    for (const row of rows) expect(ids).toContain(row.nodeId)
    expect(new Set(rows.map((row) => hub.records.rootOf(row.tagged))).size, 'one session').toBe(1)
    expect(hub.sessions(NAME)).toMatchObject([{ nodeId: node.id, state: 'open', messages: order.length }])
    expect(node.currentSession).toBe(hub.sessions(NAME)[0]!.id)
    expect(hub.counter('conflict:mac')).toBe(0)
  })
})

describe('two machines stay two', () => {
  const ack = (mac: string, name: string) => line(DHCP, `<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: DHCPACK(br0) 10.5.0.${mac.slice(-1).charCodeAt(0) % 100} ${mac} ${name}`)
  test('a name that a node with another MAC goes by stays there, and is counted', () => {
    const hub = createHub()
    const first = ack('52:54:00:00:00:0b', NAME)(hub)
    const second = ack(MAC, NAME)(hub)
    expect([first.node, second.node]).toEqual([NAME, 'mac-52540000000a'])
    expect(hub.counter('conflict:mac')).toBe(1)
    expect(hub.counter('nodes-merged')).toBe(0)
  })

  test('a name that an operator gave is not taken by a lease', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: NAME })
    expect(ack(MAC, NAME)(hub).node).toBe('mac-52540000000a')
    expect(hub.counter('conflict:mac')).toBe(1)
  })

  test('an announcement from elsewhere does not take over the MAC of a machine that has a lease', () => {
    const hub = createHub()
    STEPS.discover(hub)
    STEPS.lease(hub)
    const rogue = hub.send('10.5.0.66', [`<14>1 - evil hps-session - - - start host=evil boot_time=${BOOT_TIME} mac=${MAC}`])[0]!
    expect(rogue.node).toBe('evil')
    expect(hub.nodes.byMac(MAC)).toMatchObject({ name: 'mac-52540000000a' })
    expect(hub.counter('conflict:mac')).toBe(1)
  })
})

describe('what was before', () => {
  test('a system that ran under its name and boots from the network has two sessions, the first of them over', () => {
    const hub = createHub()
    const ran = STEPS.relayed(hub)
    hub.wait(3_600_000)
    const [booted] = [STEPS.discover(hub)]
    STEPS.ackWithName(hub)
    expect(hub.sessions(NAME).map(({ id, state, end }) => [id, state, end])).toEqual([[booted!.tagged, 'open', undefined], [ran.tagged, 'ended', 'superseded']])
    expect(STEPS.program(hub).session).toBe(booted!.tagged)
  })

  test.for(['clean', 'killed'] as const)('after a %s stop the old id still means the node, and is given to nobody', (how) => {
    const hub = createHub()
    const old = STEPS.relayed(hub)
    hub.wait(3_600_000)
    const gone = STEPS.discover(hub)
    STEPS.ackWithName(hub)
    const next = hub.restart(how)
    expect(next.nodes.nameOf(gone.nodeId)).toBe(NAME)
    expect(next.nodes.idsNamed(NAME)).toEqual([old.nodeId, gone.nodeId])
    expect(next.send('10.5.0.99', ['<13>Nov 22 14:00:00 other app: x'])[0]!.nodeId).toBeGreaterThan(gone.nodeId)
    expect(STEPS.program(next).session).toBe(gone.tagged)
  })
})
