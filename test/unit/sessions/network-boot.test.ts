import { describe, expect, test } from 'vitest'
import { createHub, fixture, START_MS } from './kit.ts'

const DHCP = '10.0.0.1'
const MAC = '52:54:00:aa:bb:01'
/** dnsmasq with log-dhcp while one machine boots: undionly by TFTP, iPXE, a second iPXE; 10.99.1.51 is given to tch-001. */
const DNSMASQ = fixture('dnsmasq-boot.txt')
const aboutBoot = DNSMASQ.filter((line) => /\]: \d{6,} |sent .*to 10\.99/.test(line))

describe('a network boot seen through the DHCP server\'s log', () => {
  test('DHCP, TFTP, iPXE, decision, kernel and operating system are one session of the node, in order', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'tch-001', macs: [MAC] })
    const node = hub.nodes.byName('tch-001')!
    const dhcp = hub.send(DHCP, aboutBoot)
    const session = dhcp[0]!.session
    expect(new Set(dhcp.map((row) => `${row.node} ${row.session} ${row.method}`))).toEqual(new Set([`tch-001 ${session} subject`]))
    expect(hub.session(session)).toMatchObject({ origin: 'dhcp', stage: 'nbp.sent' })
    hub.wait(4000)
    hub.send('10.99.1.51', ['<6>tch-001 ipxe: net0: 10.99.1.51/255.255.255.0 gw 10.99.1.1'])
    expect(hub.session(session).stage).toBe('ipxe.start')
    const decided = hub.command({ kind: 'open', nodeId: node.id, origin: 'decision', sessionKind: 'install' })
    expect(decided).toMatchObject({ ok: true, sessionId: session, joined: true, hash: expect.stringMatching(/^[0-9a-f]{6}$/) })
    expect(hub.session(session)).toMatchObject({ stage: 'decide', kind: 'install' })
    hub.wait(5000)
    const kernel = hub.send('10.99.1.51', ['<5>Nov 22 14:00:09 kernel: [    0.000000] Linux version 6.1.0-56', '<6>Nov 22 14:00:09 kernel: [    1.200417] Run /init as init process'])
    expect(hub.session(session).stage).toBe('kernel.up')
    const os = hub.send('10.99.1.51', ['<13>Nov 22 14:00:10 tch-001 anaconda[1]: starting'])
    const osDhcp = hub.send(DHCP, fixture('dnsmasq-os-client.txt').map((line) => line.replaceAll('52:54:00:12:34:56', MAC).replaceAll('10.77.0.50', '10.99.1.51').replace('node01', 'tch-001')))
    for (const row of [...kernel, ...os, ...osDhcp]) expect(row).toMatchObject({ node: 'tch-001', session })
    expect(os[0]).toMatchObject({ method: 'lease', confidence: 90 })
    expect(hub.sessions('tch-001')).toHaveLength(1)
    expect(hub.sessions('tch-001')[0]).toMatchObject({ stage: 'kernel.up', messages: dhcp.length + 1 + 2 + 1 + osDhcp.length })
  })

  test('the lines about options that come before the MAC belong to the session too', () => {
    const hub = createHub()
    const rows = hub.send(DHCP, aboutBoot.slice(0, 4))
    expect(rows[0]!.text).toContain('available DHCP range')
    expect(rows[0]).toMatchObject({ node: 'mac-525400aabb01', session: rows[3]!.session, method: 'subject' })
  })

  test('each line by itself: the exchange is followed by its number', () => {
    const hub = createHub()
    const rows = aboutBoot.slice(0, 50).map((frame) => hub.send(DHCP, [frame])[0]!)
    expect(rows.slice(0, 3).every((row) => row.method !== 'subject')).toBe(true)
    expect(rows.slice(3).every((row) => row.method === 'subject' && row.nodeId === rows[3]!.nodeId)).toBe(true)
  })

  test('an unknown MAC makes a node known, the acknowledged name becomes its own, and its id stays', () => {
    const hub = createHub()
    const first = hub.send(DHCP, aboutBoot.slice(0, 6))[0]!
    expect(first.node).toBe('mac-525400aabb01')
    hub.send(DHCP, aboutBoot)
    expect(hub.nodes.byId(first.nodeId)).toMatchObject({ name: 'tch-001', registered: false, macs: [MAC], addresses: [{ address: '10.99.1.51', kind: 'lease', mac: MAC }] })
    expect(hub.nodes.byName('mac-525400aabb01')).toBeUndefined()
  })

  test('registering the MAC takes the node over with its session', () => {
    const hub = createHub()
    const first = hub.send(DHCP, aboutBoot.slice(0, 6))[0]!
    expect(hub.command({ kind: 'register', name: 'web-1', macs: [MAC.toUpperCase().replaceAll(':', '-')] })).toMatchObject({ ok: true, nodeId: first.nodeId })
    expect(hub.nodes.byName('web-1')).toMatchObject({ id: first.nodeId, registered: true, currentSession: first.session })
  })

  test('a lease passes to the machine that got it last', () => {
    const hub = createHub()
    const ack = (mac: string, name: string) => hub.send(DHCP, [`<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: 77 DHCPACK(br0) 10.5.0.9 ${mac} ${name}`])[0]!
    const a = ack('52:54:00:00:00:0a', 'alpha')
    const b = ack('52:54:00:00:00:0b', 'beta')
    expect(hub.send('10.5.0.9', ['<13>Nov 22 14:00:00 app: no host name'])[0]).toMatchObject({ nodeId: b.nodeId, method: 'lease' })
    expect(hub.nodes.byId(a.nodeId)!.addresses).toEqual([])
    hub.send(DHCP, ['<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: DHCPRELEASE(br0) 10.5.0.9 52:54:00:00:00:0b beta'])
    expect(hub.nodes.byAddress('10.5.0.9')).toBeUndefined()
  })

  test('a network boot after the system was up is a new session; within minutes of the firmware it is the same', () => {
    const hub = createHub()
    const first = hub.send(DHCP, aboutBoot)[0]!.session
    hub.wait(120_000)
    expect(hub.send(DHCP, aboutBoot)[0]!.session).toBe(first)
    hub.send('10.99.1.51', ['<13>Nov 22 14:03:00 tch-001 app[1]: up'])
    hub.wait(120_000)
    const second = hub.send(DHCP, aboutBoot)[0]!.session
    expect(second).not.toBe(first)
    expect(hub.session(first)).toMatchObject({ state: 'ended', end: 'superseded' })
    hub.wait(11 * 60_000)
    expect(hub.send(DHCP, aboutBoot)[0]!.session).not.toBe(second)
  })

  test('a node that is held and asks again keeps its session for as long as it asks', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'tch-001', macs: [MAC] })
    const session = hub.send(DHCP, aboutBoot)[0]!.session
    for (let asked = 0; asked < 12; asked++) {
      hub.wait(5 * 60_000)
      expect(hub.command({ kind: 'open', nodeId: hub.nodes.byName('tch-001')!.id, origin: 'decision', sessionKind: 'unknown' })).toMatchObject({ sessionId: session, joined: true })
    }
    hub.wait(60_000)
    expect(hub.send('10.99.1.51', ['<5>Nov 22 15:01:09 kernel: [    0.000000] Linux version 6.1.0-56'])[0]!.session).toBe(session)
  })

  test('iPXE that speaks again after the system was up opens a session, also without a DHCP log', () => {
    const hub = createHub()
    const ipxe = fixture('ipxe-boot.txt')
    const first = hub.send('10.77.0.50', ipxe)
    expect(new Set(first.map((row) => row.session)).size).toBe(1)
    expect(hub.session(first[0]!.session)).toMatchObject({ origin: 'dhcp', stage: 'initrd.fetch' })
    hub.send('10.77.0.50', ['<13>Nov 22 14:00:00 node01 app[1]: up'])
    hub.wait(60_000)
    expect(hub.send('10.77.0.50', ipxe)[0]!.session).not.toBe(first[0]!.session)
  })

  test('a sender without the role dhcp is not believed: its lines are text, and counted', () => {
    const hub = createHub()
    const rows = hub.send('10.0.0.66', aboutBoot.map((line) => line.replace(' dnsmasq', ' rogue dnsmasq')))
    expect(new Set(rows.map((row) => row.node))).toEqual(new Set(['rogue']))
    expect(hub.nodes.byMac(MAC)).toBeUndefined()
    expect(hub.counter('claims-refused')).toBe(rows.length)
  })

  test('a registered address stays who it was registered to, and the lease is remembered with its MAC', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'owner', addresses: ['10.99.1.51'] })
    hub.send(DHCP, aboutBoot)
    expect(hub.nodes.byAddress('10.99.1.51')).toMatchObject({ kind: 'registered', node: { name: 'owner' } })
    expect(hub.command({ kind: 'identify', address: '10.99.1.51' })).toMatchObject({ by: 'registered-address', leaseMac: MAC })
  })

  test('ISC dhcpd is understood', () => {
    const hub = createHub()
    const rows = hub.send(DHCP, [
      '<30>Nov 22 14:00:00 dhcpd[1]: DHCPDISCOVER from 52:54:00:00:00:0c via eth0',
      '<30>Nov 22 14:00:00 dhcpd[1]: DHCPREQUEST for 10.5.0.7 (10.5.0.1) from 52:54:00:00:00:0c (gamma) via eth0',
      '<30>Nov 22 14:00:00 dhcpd[1]: DHCPACK on 10.5.0.7 to 52:54:00:00:00:0c (gamma) via eth0',
    ])
    expect(new Set(rows.map((row) => row.nodeId)).size).toBe(1)
    expect(hub.nodes.byAddress('10.5.0.7')).toMatchObject({ kind: 'lease', node: { name: 'gamma' } })
  })

  test('exchanges are forgotten: the number means somebody else hours later', () => {
    const hub = createHub()
    const line = (mac: string) => `<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: 4711 DHCPREQUEST(br0) 10.5.0.9 ${mac} `
    hub.send(DHCP, [line('52:54:00:00:00:0a')])
    expect(hub.send(DHCP, ['<30>Nov 22 14:00:00 dnsmasq-dhcp[1]: 4711 tags: known'])[0]!.node).toBe('mac-52540000000a')
    hub.wait(3_600_000)
    expect(hub.send(DHCP, ['<30>Nov 22 15:00:00 dnsmasq-dhcp[1]: 4711 tags: known'])[0]!.node).not.toBe('mac-52540000000a')
    expect(hub.nowMs).toBe(START_MS + 3_600_000)
  })
})
