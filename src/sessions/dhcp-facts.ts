/** What a line of a DHCP server says, as far as the writer needs it. */
export interface DhcpLine {
  /** Joins the lines of one exchange (dnsmasq with log-dhcp, Kea); `` when the line has none. */
  readonly xid: string
  readonly kind: 'discover' | 'offer' | 'request' | 'ack' | 'nak' | 'decline' | 'release' | 'inform' | 'other'
  readonly mac: string | undefined
  /** The MAC is that of the machine that asks; false: of some machine, so it finds a node and makes none known. */
  readonly isOwnMac: boolean
  readonly address: string | undefined
  /** The host name given with an acknowledged lease. */
  readonly name: string | undefined
  /** Firmware or a boot loader asks. */
  readonly isNetworkBoot: boolean
}

export const OTHER: DhcpLine = { xid: '', kind: 'other', mac: undefined, isOwnMac: true, address: undefined, name: undefined, isNetworkBoot: false }

export const MAC = '((?:[0-9a-f]{2}:){5}[0-9a-f]{2})'
const DUID_LLT = /^00:01:00:01:(?:[0-9a-f]{2}:){4}((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$/
const DUID_LL = /^00:03:00:01:((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$/

/** The MAC in a DUID (RFC 8415, 11.2 and 11.4). One with a time stays with a disk that is copied to another machine, so it makes nobody known. */
export function macOfDuid(duid: string): Pick<DhcpLine, 'mac' | 'isOwnMac'> {
  const own = DUID_LL.exec(duid)?.[1]
  return own === undefined ? { mac: DUID_LLT.exec(duid)?.[1], isOwnMac: false } : { mac: own, isOwnMac: true }
}
