import { canonicalIp } from '#base/ip.ts'
import { macOfDuid, MAC, OTHER, type DhcpLine } from './dhcp-facts.ts'
import { hostNameOf } from './host-name.ts'
import { parseKeaLine } from './kea-line.ts'

const IPV4 = String.raw`(\d{1,3}(?:\.\d{1,3}){3})`
const IPV6 = '([0-9a-f]*:[0-9a-f:.]*)'
const XID = /^(\d{1,10}) (?=\S)/
/** dnsmasq: `DHCPACK(br0) 10.77.0.50 52:54:00:12:34:56 node01`, `PXE(br0) 52:54:00:12:34:56 proxy`, `BOOTP(br0) 10.77.0.50 52:54:00:12:34:56`. */
const DNSMASQ = new RegExp(String.raw`^(?:DHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM)|(PXE|BOOTP))\([^)]*\) (?:${IPV4} )?${MAC}(?: (.*))?$`)
/** dnsmasq: `DHCPREPLY(br0) fd77::50 00:03:00:01:52:54:00:12:34:56 node01`; the DUID comes as bytes (RFC 8415, 11). */
const DNSMASQ6 = new RegExp(String.raw`^DHCP(SOLICIT|ADVERTISE|REQUEST|CONFIRM|RENEW|REBIND|REPLY|RELEASE|DECLINE|INFORMATION-REQUEST)\([^)]*\) (?:${IPV6} )?((?:[0-9a-f]{2}:){6,}[0-9a-f]{2})(?: (.*))?$`)
/** ISC dhcpd: `DHCPREQUEST for 10.0.0.5 (10.0.0.1) from 52:54:00:12:34:56 (node01) via eth0`. */
const DHCPD = new RegExp(String.raw`^DHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM|EXPIRE) (?:(?:for|on|of|from|to) ${IPV4}(?: \([\d.]*\))? ?)?(?:from |to )?\(?${MAC}\)?(?: \(([^)]*)\))?`)
/** ISC dhcpd: `BOOTREQUEST from 52:54:00:12:34:56 via eth0`, `BOOTREPLY for 10.0.0.5 to node01 (52:54:00:12:34:56) via eth0`. */
const BOOTP = new RegExp(String.raw`^BOOT(?:REQUEST|REPLY) (?:(?:for|on) ${IPV4} to )?(?:from )?(?:\S+ \()?${MAC}`)
/** Firmware and boot loaders say so in option 60 or 77; dnsmasq's manual gives a client with option 175 the tag `ipxe`. */
const NETWORK_BOOT = /^(?:vendor class: (?:PXEClient|HTTPClient)(?::|$)|user class: (?:iPXE|gPXE)$|tags: (?:.*, )?i?pxe(?:,|$))/
/** Lines that name somebody in the middle of their words. */
const ABOUT_ADDRESS = new RegExp(String.raw`^(?:not giving name \S+ to the DHCP lease of|sending (?:OFFER|ACK|NAK) (?:of|to)|DHCPINFORM from|DHCPACK to) (?:${IPV4}|${IPV6})(?: |$)`)
const ABOUT_MAC = new RegExp(String.raw`^(?:(?:RTR-SOLICIT\([^)]*\)|client MAC address:) ${MAC}$|abandoning lease to ${MAC} )`)

/** Total: a line that is none of the known forms is `other`. */
export function parseDhcpLine(text: string): DhcpLine {
  const kea = parseKeaLine(text)
  if (kea !== undefined) return kea
  const xid = XID.exec(text)?.[1] ?? ''
  const line = (xid === '' ? text : text.slice(xid.length + 1)).trimEnd()
  if (NETWORK_BOOT.test(line)) return { ...OTHER, xid, isNetworkBoot: true }
  return { ...(dnsmasqLine(line) ?? dnsmasq6Line(line) ?? dhcpdLine(line) ?? aboutLine(line)), xid }
}

function dnsmasqLine(line: string): DhcpLine | undefined {
  const match = DNSMASQ.exec(line)
  if (match === null) return undefined
  const [, message, bootp, address, mac, rest = ''] = match
  const known = { ...OTHER, mac, address: canonicalIp(address ?? '') }
  // A server that is told not to answer such a client says so behind the MAC.
  if (bootp === 'PXE') return { ...known, isNetworkBoot: !rest.endsWith('ignored') }
  if (bootp === 'BOOTP') return { ...known, kind: address === undefined || rest !== '' ? 'other' : 'ack', isNetworkBoot: true }
  const kind = message!.toLowerCase() as DhcpLine['kind']
  return { ...known, kind, name: kind === 'ack' ? nameIn(rest) : undefined }
}

/** What DHCPv6 calls its messages (RFC 8415, 7.3); a reply is one to any of them. */
const KIND_OF_6: Readonly<Record<string, DhcpLine['kind']>> = { SOLICIT: 'discover', ADVERTISE: 'offer', REQUEST: 'request', RENEW: 'request', REBIND: 'request', CONFIRM: 'request', RELEASE: 'release', DECLINE: 'decline', 'INFORMATION-REQUEST': 'inform' }

function dnsmasq6Line(line: string): DhcpLine | undefined {
  const match = DNSMASQ6.exec(line)
  if (match === null) return undefined
  const [, message, ip, duid, rest = ''] = match
  const address = canonicalIp(ip ?? '')
  const kind = message !== 'REPLY' ? KIND_OF_6[message!]! : address === undefined ? 'other' : 'ack'
  return { ...OTHER, kind, address, ...macOfDuid(duid!), name: kind === 'ack' ? nameIn(rest) : undefined }
}

function dhcpdLine(line: string): DhcpLine | undefined {
  const bootp = BOOTP.exec(line)
  if (bootp !== null) return { ...OTHER, kind: bootp[1] === undefined ? 'other' : 'ack', mac: bootp[2], address: canonicalIp(bootp[1] ?? ''), isNetworkBoot: true }
  const match = DHCPD.exec(line)
  if (match === null) return undefined
  const [, message, address, mac, name = ''] = match
  const kind = message === 'EXPIRE' ? 'other' : (message!.toLowerCase() as DhcpLine['kind'])
  return { ...OTHER, kind, mac, address: canonicalIp(address ?? ''), name: kind === 'ack' ? nameIn(name) : undefined }
}

function aboutLine(line: string): DhcpLine {
  const [, mac, abandoned] = ABOUT_MAC.exec(line) ?? []
  if (mac !== undefined || abandoned !== undefined) return { ...OTHER, mac: mac ?? abandoned, isOwnMac: line.startsWith('client ') }
  const [, v4, v6] = ABOUT_ADDRESS.exec(line) ?? []
  return { ...OTHER, address: canonicalIp(v4 ?? v6 ?? '') }
}

const nameIn = (text: string): string | undefined => hostNameOf(text.trim()) || undefined
