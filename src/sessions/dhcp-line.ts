import { canonicalIp } from '#base/ip.ts'
import { hostNameOf } from './host-name.ts'

/** What a line of a DHCP server says, as far as the writer needs it. */
export interface DhcpLine {
  /** Joins the lines of one exchange (dnsmasq with log-dhcp); decimal, `` when the line has none. */
  readonly xid: string
  readonly kind: 'discover' | 'offer' | 'request' | 'ack' | 'nak' | 'decline' | 'release' | 'inform' | 'network-boot' | 'other'
  readonly mac: string | undefined
  readonly address: string | undefined
  /** The host name given with an acknowledged lease. */
  readonly name: string | undefined
}

const MAC = '((?:[0-9a-f]{2}:){5}[0-9a-f]{2})'
const IPV4 = '(\\d{1,3}(?:\\.\\d{1,3}){3})'
const XID = /^(\d{1,10}) (?=\S)/
/** dnsmasq: `DHCPACK(br0) 10.77.0.50 52:54:00:12:34:56 node01`. */
const DNSMASQ = new RegExp(`^DHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM)\\([^)]*\\) (?:${IPV4} )?${MAC}(?: (.*))?$`)
/** ISC dhcpd: `DHCPREQUEST for 10.0.0.5 (10.0.0.1) from 52:54:00:12:34:56 (node01) via eth0`. */
const DHCPD = new RegExp(`^DHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM) (?:(?:for|on|of|from) ${IPV4}(?: \\([^)]*\\))? )?(?:from |to )?${MAC}(?: \\(([^)]*)\\))?`)
/** Firmware and boot loaders say so in option 60 or 77. */
const NETWORK_BOOT = /^(?:vendor class: (?:PXEClient|HTTPClient):|user class: iPXE$)/

/** Total: a line that is none of the known forms is `other`. */
export function parseDhcpLine(text: string): DhcpLine {
  const xid = XID.exec(text)?.[1] ?? ''
  const line = (xid === '' ? text : text.slice(xid.length + 1)).trimEnd()
  if (NETWORK_BOOT.test(line)) return { xid, kind: 'network-boot', mac: undefined, address: undefined, name: undefined }
  const match = DNSMASQ.exec(line) ?? DHCPD.exec(line)
  if (match === null) return { xid, kind: 'other', mac: undefined, address: undefined, name: undefined }
  const kind = match[1]!.toLowerCase() as DhcpLine['kind']
  const name = kind === 'ack' ? hostNameOf(match[4] ?? '') : ''
  return { xid, kind, mac: match[3], address: match[2] === undefined ? undefined : canonicalIp(match[2]), name: name === '' ? undefined : name }
}

/** `sent /srv/tftp/undionly.kpxe to 10.99.1.51`, `file … not found for 10.99.1.51`, `failed sending … to …`. */
const TFTP = /(?: to| for| from) ([0-9a-fA-F:.]+)$/

export function parseTftpLine(text: string): { readonly isSent: boolean; readonly address: string | undefined } {
  const line = text.trimEnd()
  return { isSent: line.startsWith('sent '), address: canonicalIp(TFTP.exec(line)?.[1] ?? '') }
}
