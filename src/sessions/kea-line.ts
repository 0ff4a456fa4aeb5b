import { canonicalIp } from '#base/ip.ts'
import { MAC, macOfDuid, OTHER, type DhcpLine } from './dhcp-facts.ts'

/**
 * Kea: `INFO  [kea-dhcp4.leases.0x7f21] DHCP4_LEASE_ALLOC [hwtype=1 52:54:00:12:34:56], cid=[01:52:…], tid=0x4ba5e1b2: lease 10.0.0.5
 * has been allocated for 4000 seconds`; DHCPv6 has `duid=[00:03:…], tid=…: lease for address 2001:db8::5 and iaid=1 has been allocated`.
 */
const MESSAGE = /^(?:\S+ +)?(?:\[[^\]]*\] )?DHCP[46]_([A-Z0-9_]+) (.*)$/s
const HARDWARE = new RegExp(String.raw`\[hwtype=1 ${MAC}\]`)
const DUID = /duid=\[([0-9a-f:]+)\]/
const TRANSACTION = /tid=0x([0-9a-f]{1,8})/
const ADDRESS = /\b(?:lease for address|lease|address) ([0-9a-f]*[.:][0-9a-f.:]*[0-9a-f])/
const PACKET = /\bDHCP(DISCOVER|REQUEST|INFORM|DECLINE|RELEASE)\b|\b(SOLICIT)\b/
const NETWORK_BOOT = /VENDOR_CLASS_(?:PXEClient|HTTPClient)/
const KIND_OF: Readonly<Record<string, DhcpLine['kind']>> = {
  LEASE_ALLOC: 'ack', LEASE_RENEW: 'ack', LEASE_ADVERT: 'offer', LEASE_OFFER: 'offer', RELEASE: 'release', DECLINE_LEASE: 'decline',
}

/** @returns undefined: the text is not in Kea's form */
export function parseKeaLine(text: string): DhcpLine | undefined {
  const match = MESSAGE.exec(text)
  if (match === null) return undefined
  const [, id, words] = match
  const packet = id === 'PACKET_RECEIVED' ? PACKET.exec(words!) : null
  const kind = packet === null ? (KIND_OF[id!] ?? 'other') : packet[2] === undefined ? (packet[1]!.toLowerCase() as DhcpLine['kind']) : 'discover'
  const transaction = TRANSACTION.exec(words!)?.[1]
  const hardware = HARDWARE.exec(words!)?.[1]
  return {
    ...OTHER,
    xid: transaction === undefined ? '' : `0x${transaction}`,
    kind,
    ...(hardware === undefined ? macOfDuid(DUID.exec(words!)?.[1] ?? '') : { mac: hardware, isOwnMac: true }),
    address: kind === 'ack' || kind === 'release' ? canonicalIp(ADDRESS.exec(words!)?.[1] ?? '') : undefined,
    isNetworkBoot: NETWORK_BOOT.test(words!),
  }
}
