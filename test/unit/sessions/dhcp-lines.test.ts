import { describe, expect, test } from 'vitest'
import { parseDhcpLine } from '#sessions/dhcp-line.ts'
import { createHub, START_MS, type Hub } from './kit.ts'

const DHCP = '10.0.0.1'
const MAC = '52:54:00:12:34:56'
const KEA = (id: string, words: string) => `INFO  [kea-dhcp4.leases.0x7f21c0] DHCP4_${id} [hwtype=1 ${MAC}], cid=[01:${MAC}], tid=0x4ba5e1b2: ${words}`

test.for([
  // dnsmasq 2.90
  ['7 DHCPNAK(br0) 10.5.0.9 52:54:00:12:34:56 wrong network', { xid: '7', kind: 'nak', mac: MAC, address: '10.5.0.9', name: undefined }],
  ['DHCPNAK(br0) 10.5.0.9 52:54:00:12:34:56 lease not found', { kind: 'nak', mac: MAC }],
  ['7 DHCPDISCOVER(br0) 52:54:00:12:34:56 no address available', { kind: 'discover', mac: MAC, address: undefined, name: undefined }],
  ['7 DHCPACK(br0) 10.5.0.9 52:54:00:12:34:56 node01', { kind: 'ack', address: '10.5.0.9', name: 'node01' }],
  ['7 PXE(br0) 10.5.0.9 52:54:00:12:34:56 proxy', { kind: 'other', mac: MAC, address: '10.5.0.9', isNetworkBoot: true }],
  ['7 PXE(br0) 52:54:00:12:34:56 proxy-ignored', { kind: 'other', mac: MAC, isNetworkBoot: false }],
  ['7 BOOTP(br0) 10.5.0.9 52:54:00:12:34:56 ', { kind: 'ack', mac: MAC, address: '10.5.0.9', isNetworkBoot: true }],
  ['7 BOOTP(br0) 52:54:00:12:34:56 no address configured', { kind: 'other', mac: MAC, isNetworkBoot: true }],
  ['7 vendor class: PXEClient:Arch:00000:UNDI:002001', { xid: '7', kind: 'other', isNetworkBoot: true }],
  ['7 user class: iPXE', { isNetworkBoot: true }],
  ['7 user class: iPXE-like', { isNetworkBoot: false }],
  ['7 tags: known, ipxe, ipxe175, bios, br0', { isNetworkBoot: true }],
  ['7 tags: known, bios, br0', { isNetworkBoot: false }],
  ['7 client provides name: node01', { xid: '7', kind: 'other', mac: undefined, name: undefined }],
  ['7 sent size: 17 option: 97 client-machine-id  00:11:11:11:11:22:22:33:33:44:44:55:55:55:55:55:55', { xid: '7', kind: 'other', mac: undefined }],
  ['7 requested options: 1:netmask, 3:router', { kind: 'other' }],
  ['7 next server: 10.77.0.1', { kind: 'other', address: undefined }],
  ['7 available DHCP range: 10.77.0.100 -- 10.77.0.150', { kind: 'other', address: undefined }],
  ['not giving name node01 to the DHCP lease of 10.5.0.9 because the name exists in /etc/hosts with address 10.5.0.1', { kind: 'other', address: '10.5.0.9', mac: undefined }],
  ['abandoning lease to 52:54:00:12:34:56 of 10.5.0.9', { mac: MAC, isOwnMac: false }],
  ['RTR-SOLICIT(br0) 52:54:00:12:34:56', { mac: MAC, isOwnMac: false }],
  ['7 client MAC address: 52:54:00:12:34:56', { xid: '7', mac: MAC, isOwnMac: true }],
  ['no address range available for DHCP request via br0', { kind: 'other', mac: undefined, address: undefined }],
  // dnsmasq, DHCPv6
  ['9 DHCPSOLICIT(br0) 00:03:00:01:52:54:00:12:34:56 ', { xid: '9', kind: 'discover', mac: MAC, isOwnMac: true }],
  ['9 DHCPSOLICIT(br0) 00:01:00:01:2c:aa:bb:cc:52:54:00:12:34:56 ', { kind: 'discover', mac: MAC, isOwnMac: false }],
  ['9 DHCPSOLICIT(br0) 00:04:11:11:11:11:22:22:33:33:44:44:55:55:55:55:55:55 ', { kind: 'discover', mac: undefined }],
  ['9 DHCPADVERTISE(br0) fd77::50 00:03:00:01:52:54:00:12:34:56 node01', { kind: 'offer', address: 'fd77::50', name: undefined }],
  ['9 DHCPREPLY(br0) fd77::50 00:03:00:01:52:54:00:12:34:56 node01', { kind: 'ack', address: 'fd77::50', mac: MAC, name: 'node01' }],
  ['9 DHCPREPLY(br0) 00:03:00:01:52:54:00:12:34:56 ', { kind: 'other', mac: MAC }],
  ['9 DHCPINFORMATION-REQUEST(br0) 00:03:00:01:52:54:00:12:34:56 ', { kind: 'inform', mac: MAC }],
  // ISC dhcpd 4.4
  ['DHCPDISCOVER from 52:54:00:12:34:56 (node01) via eth0', { kind: 'discover', mac: MAC, name: undefined }],
  ['DHCPDISCOVER from 52:54:00:12:34:56 via 10.0.9.254: network 10.0.9.0/24: no free leases', { kind: 'discover', mac: MAC }],
  ['DHCPOFFER on 10.5.0.9 to 52:54:00:12:34:56 (node01) via eth0', { kind: 'offer', mac: MAC, address: '10.5.0.9' }],
  ['DHCPREQUEST for 10.5.0.9 (10.0.0.1) from 52:54:00:12:34:56 via eth0', { kind: 'request', mac: MAC, address: '10.5.0.9' }],
  ['DHCPACK on 10.5.0.9 to 52:54:00:12:34:56 (node01) via eth0', { kind: 'ack', mac: MAC, address: '10.5.0.9', name: 'node01' }],
  ['DHCPACK to 10.5.0.9 (52:54:00:12:34:56) via eth0', { kind: 'ack', mac: MAC, address: '10.5.0.9' }],
  ['DHCPNAK on 10.5.0.9 to 52:54:00:12:34:56 via eth0', { kind: 'nak', mac: MAC }],
  ['DHCPRELEASE of 10.5.0.9 from 52:54:00:12:34:56 (node01) via eth0 (found)', { kind: 'release', mac: MAC, address: '10.5.0.9' }],
  ['BOOTREQUEST from 52:54:00:12:34:56 via eth0', { kind: 'other', mac: MAC, isNetworkBoot: true }],
  ['BOOTREPLY for 10.5.0.9 to node01 (52:54:00:12:34:56) via eth0', { kind: 'ack', mac: MAC, address: '10.5.0.9', isNetworkBoot: true }],
  // Kea 2.4
  [KEA('LEASE_ALLOC', 'lease 10.5.0.9 has been allocated for 4000 seconds'), { xid: '0x4ba5e1b2', kind: 'ack', mac: MAC, address: '10.5.0.9' }],
  [KEA('LEASE_OFFER', 'lease 10.5.0.9 will be offered'), { kind: 'offer', mac: MAC, address: undefined }],
  [KEA('PACKET_RECEIVED', 'DHCPDISCOVER (type 1) received from 0.0.0.0 to 255.255.255.255 on interface eth0'), { kind: 'discover', mac: MAC }],
  [KEA('CLASSES_ASSIGNED', 'client packet has been assigned to the following classes: ALL, VENDOR_CLASS_PXEClient:Arch:00000:UNDI:002001, UNKNOWN'), { kind: 'other', mac: MAC, isNetworkBoot: true }],
  [KEA('RELEASE', 'address 10.5.0.9 was released properly.'), { kind: 'release', address: '10.5.0.9' }],
  ['INFO  [kea-dhcp6.leases.0x7f21c0] DHCP6_LEASE_ALLOC duid=[00:03:00:01:52:54:00:12:34:56], [no hwaddr info], tid=0xa1b2c3: lease for address 2001:db8::5 and iaid=1 has been allocated for 4000 seconds', { kind: 'ack', mac: MAC, address: '2001:db8::5' }],
  ['INFO  [kea-dhcp4.dhcp4.0x7f21c0] DHCP4_STARTED Kea DHCPv4 server version 2.4.1 started', { kind: 'other', mac: undefined }],
  // busybox udhcpd
  ['sending ACK to 10.5.0.9', { kind: 'other', address: '10.5.0.9', mac: undefined }],
  ['DHCPDISCOVER', { kind: 'other', mac: undefined }],
  ['', { xid: '', kind: 'other' }],
] as const)('%s', ([line, meant]) => expect(parseDhcpLine(line)).toMatchObject(meant))

const send = (hub: Hub, app: string, ...lines: string[]) => hub.send(DHCP, lines.map((line) => `<30>Nov 22 14:00:00 ${app}[1]: ${line}`))
const sightings = (hub: Hub, id: number) => hub.records.stagesOf(hub.records.rootOf(id)).map(({ stage, by }) => `${stage} ${by}`)

describe('whom the lines of a boot server are about', () => {
  test('Kea: a network boot by its class, the lease by its allocation, all lines of the exchange', () => {
    const hub = createHub()
    const rows = send(hub, 'kea-dhcp4', KEA('PACKET_RECEIVED', 'DHCPDISCOVER (type 1) received'), KEA('CLASSES_ASSIGNED', 'assigned: VENDOR_CLASS_PXEClient:Arch:00000'), KEA('LEASE_ALLOC', 'lease 10.5.0.9 has been allocated for 4000 seconds'))
    expect(new Set(rows.map((row) => `${row.node} ${row.method}`))).toEqual(new Set(['mac-525400123456 subject']))
    expect(hub.session(rows[2]!.session)).toMatchObject({ origin: 'first-message' })
    expect(sightings(hub, rows[2]!.session)).toEqual(['dhcp.discover dhcp', 'dhcp.ack dhcp'])
    expect(hub.nodes.byAddress('10.5.0.9')).toMatchObject({ kind: 'lease', node: { name: 'mac-525400123456' } })
  })

  test('proxy DHCP opens the session of the machine, whose lease another server gives', () => {
    const hub = createHub()
    const [row] = send(hub, 'dnsmasq-dhcp', `77 PXE(br0) ${MAC} proxy`)
    expect(hub.session(row!.session)).toMatchObject({ origin: 'dhcp' })
    expect(row).toMatchObject({ node: 'mac-525400123456', method: 'subject' })
  })

  test('DHCPv6: the MAC of a DUID-LL makes a machine known, one that a disk carries only finds it', () => {
    const hub = createHub()
    expect(send(hub, 'dnsmasq-dhcp', `9 DHCPSOLICIT(br0) 00:01:00:01:2c:aa:bb:cc:${MAC} `)[0]).toMatchObject({ method: 'source-address' })
    const [made] = send(hub, 'dnsmasq-dhcp', `10 DHCPREPLY(br0) fd77::50 00:03:00:01:${MAC} node01`)
    expect(made).toMatchObject({ method: 'subject' })
    expect(hub.nodes.byAddress('fd77::50')).toMatchObject({ kind: 'lease', node: { name: 'node01' } })
    expect(send(hub, 'dnsmasq-dhcp', `11 DHCPSOLICIT(br0) 00:01:00:01:2c:aa:bb:cc:${MAC} `)[0]).toMatchObject({ nodeId: made!.nodeId, method: 'subject' })
  })

  test('a machine with a DUID of another kind is known by the MAC in the same exchange', () => {
    const hub = createHub()
    const rows = send(hub, 'dnsmasq-dhcp', `12 client MAC address: ${MAC}`, '12 DHCPREPLY(br0) fd77::51 00:04:11:11:11:11:22:22:33:33:44:44:55:55:55:55:55:55 ')
    expect(rows.map((row) => row.node)).toEqual(['mac-525400123456', 'mac-525400123456'])
    expect(hub.nodes.byAddress('fd77::51')).toMatchObject({ node: { name: 'mac-525400123456' } })
  })

  test('a session opens when its exchange began, also when the lines before the MAC came in an earlier batch', () => {
    const hub = createHub()
    expect(send(hub, 'dnsmasq-dhcp', '77 vendor class: PXEClient:Arch:00000:UNDI:002001')[0]!.method).not.toBe('subject')
    hub.nowMs += 700
    const [row] = send(hub, 'dnsmasq-dhcp', `77 DHCPDISCOVER(br0) ${MAC} `)
    expect(hub.session(row!.session)).toMatchObject({ origin: 'dhcp', openedMs: START_MS })
    expect(hub.records.stagesOf(row!.session)[0]).toMatchObject({ stage: 'dhcp.discover', atMs: START_MS + 700, seq: row!.seq })
  })

  test('a line that names only an address is about whoever has it', () => {
    const hub = createHub()
    const [ack] = send(hub, 'dnsmasq-dhcp', `77 DHCPACK(br0) 10.5.0.9 ${MAC} `)
    const about = [...send(hub, 'dnsmasq-dhcp', 'not giving name node01 to the DHCP lease of 10.5.0.9 because the name exists in DHCP with address 10.5.0.8'), ...send(hub, 'udhcpd', 'sending ACK to 10.5.0.9')]
    expect(about.map((row) => [row.session, row.method])).toEqual([[ack!.session, 'subject'], [ack!.session, 'subject']])
    expect(send(hub, 'udhcpd', 'sending ACK to 10.5.0.66')[0]!.method).not.toBe('subject')
  })

  test('what a DHCP client says is its own', () => {
    const hub = createHub()
    hub.command({ kind: 'register', name: 'tch-001', addresses: ['10.5.0.9'] })
    const rows = hub.send('10.5.0.9', ['<30>Nov 22 14:00:00 udhcpc[1]: lease of 10.5.0.66 obtained, lease time 600', '<30>Nov 22 14:00:00 systemd-networkd[1]: eth0: DHCPv4 address 10.5.0.66/24 via 10.5.0.1', `<30>Nov 22 14:00:00 dhclient[1]: DHCPACK of 10.5.0.66 from 10.5.0.1`])
    expect(rows.map((row) => row.node)).toEqual(['tch-001', 'tch-001', 'tch-001'])
    expect(hub.nodes.byAddress('10.5.0.66')).toBeUndefined()
    expect(hub.counter('claims-refused')).toBe(0)
  })
})

describe('files that a machine fetches', () => {
  const leased = () => {
    const hub = createHub()
    const [ack] = send(hub, 'dnsmasq-dhcp', `77 PXE(br0) 10.5.0.9 ${MAC} proxy`, `77 DHCPACK(br0) 10.5.0.9 ${MAC} tch-001`)
    return { hub, id: ack!.session }
  }
  test.for([
    ['in.tftpd', 'RRQ from 10.5.0.9 filename pxelinux.0', ['nbp.sent tftp']],
    ['in.tftpd', 'RRQ from ::ffff:10.5.0.9 filename images/vmlinuz remapped to /srv/vmlinuz', ['kernel.fetch tftp']],
    ['in.tftpd', 'sending NAK (1, File not found) to 10.5.0.9', []],
    ['atftpd', 'Serving pxelinux.0 to 10.5.0.9:2070', ['nbp.sent tftp']],
    ['tftpd', '10.5.0.9: read request for /boot/loader.efi: success', ['nbp.sent tftp']],
    ['dnsmasq-tftp', 'sent /srv/tftp/undionly.kpxe to 10.5.0.9', ['nbp.sent tftp']],
    ['dnsmasq-tftp', 'sent /srv/tftp/initrd.img to 10.5.0.9', ['initrd.fetch tftp']],
    ['dnsmasq-tftp', 'failed sending /srv/tftp/undionly.kpxe to 10.5.0.9', []],
    ['dnsmasq-tftp', 'file /srv/tftp/pxelinux.0 not found for 10.5.0.9', []],
    ['dnsmasq-tftp', 'error 8 User aborted the transfer received from 10.5.0.9', []],
    ['nginx', '10.5.0.9 - - [22/Nov/2026:14:00:01 +0000] "GET /files/vmlinuz-lts?x=1 HTTP/1.1" 200 8123456 "-" "iPXE/1.21.1+ (8460dc4)"', ['ipxe.start http', 'kernel.fetch http']],
    ['apache2', 'boot.example:80 10.5.0.9 - - [22/Nov/2026:14:00:01 +0000] "GET /files/initrd.img HTTP/1.1" 206 99 "-" "iPXE/1.0.0"', ['ipxe.start http', 'initrd.fetch http']],
    ['httpd', '10.5.0.9 - - [22/Nov/2026:14:00:01 +0000] "GET /snponly.efi HTTP/1.1" 200 99 "-" "UefiHttpBoot/1.0"', ['nbp.sent http']],
    ['nginx', '10.5.0.9 - - [22/Nov/2026:14:00:01 +0000] "GET /files/vmlinuz HTTP/1.1" 404 153 "-" "Wget"', []],
  ] as const)('%s: %s', ([app, line, stages]) => {
    const { hub, id } = leased()
    const [row] = send(hub, app, line)
    expect(row).toMatchObject({ session: id, method: 'subject' })
    expect(sightings(hub, id).slice(1)).toEqual(stages)
  })

  test('iPXE says itself what it has fetched', () => {
    const { hub, id } = leased()
    hub.send('10.5.0.9', ['<6>tch-001 ipxe: http://10.0.0.1:8080/boot/vmlinuz... ok', '<6>tch-001 ipxe: http://10.0.0.1:8080/boot/initrd.img...... ok', '<6>tch-001 ipxe: http://10.0.0.1/missing/vmlinuz... Not found (https://ipxe.org/2d0c613b)'])
    expect(sightings(hub, id).slice(1)).toEqual(['ipxe.start ipxe', 'kernel.fetch ipxe', 'initrd.fetch ipxe'])
  })

  test('a system that runs fetches files too, and is not taken for one that boots; a boot loader is', () => {
    const { hub, id } = leased()
    hub.send('10.5.0.9', ['<13>Nov 22 14:00:10 tch-001 sshd[1]: up'])
    hub.wait(60_000)
    send(hub, 'nginx', '10.5.0.9 - - [22/Nov/2026:14:01:01 +0000] "GET /files/vmlinuz HTTP/1.1" 200 8 "-" "curl/8.5"')
    expect(sightings(hub, id).at(-1)).toBe('os.syslog syslog')
    const [row] = send(hub, 'in.tftpd', 'RRQ from 10.5.0.9 filename pxelinux.0')
    expect(row!.session).not.toBe(id)
    expect(hub.session(row!.session)).toMatchObject({ origin: 'dhcp', stage: 'nbp.sent' })
  })

  test('lines of the boot server that a queue held back open nothing, and show no stage of a later boot', () => {
    const { hub, id } = leased()
    hub.send('10.5.0.9', ['<13>Nov 22 14:00:00 tch-001 sshd[1]: up'])
    hub.wait(3_600_000)
    const before = sightings(hub, id)
    const old = (app: string, line: string) => `<30>1 2026-11-22T13:30:00Z - ${app} - - - ${line}`
    const rows = hub.send(DHCP, [old('dnsmasq-dhcp', '78 vendor class: PXEClient:Arch:00000'), old('dnsmasq-dhcp', `78 DHCPDISCOVER(br0) ${MAC} `), old('dnsmasq-tftp', 'sent /srv/tftp/undionly.kpxe to 10.5.0.9')])
    expect(rows.map((row) => row.session)).toEqual([id, id, id])
    expect(sightings(hub, id)).toEqual(before)
  })

  test('of a web server without the role nothing is believed, and it is only text', () => {
    const { hub, id } = leased()
    const line = '<190>Nov 22 14:00:00 web1 nginx: 10.5.0.9 - - [22/Nov/2026:14:00:01 +0000] "GET /files/vmlinuz HTTP/1.1" 200 8 "-" "iPXE/1.0.0"'
    for (const from of ['10.0.0.66', '10.9.0.3']) expect(hub.send(from, [line])[0]).toMatchObject({ node: 'web1' })
    expect(sightings(hub, id)).toEqual(['dhcp.ack dhcp'])
  })
})
