import { BlockList, isIP } from 'node:net'

/** One canonical text per address: IPv4-mapped IPv6 as IPv4, zone removed, IPv6 in its shortest lower-case form. */
export function canonicalIp(text: string): string | undefined {
  const bare = text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(bare)
  if (family === 4) return bare
  return family === 6 ? new URL(`http://[${bare}]/`).hostname.slice(1, -1) : undefined
}

/** A set of addresses and CIDR prefixes; `add` says whether the text could be read. */
export function createIpSet(): { add(text: string): boolean; has(address: string): boolean; readonly size: number } {
  const list = new BlockList()
  let size = 0
  return {
    add(text) {
      const [address, prefix, ...rest] = text.split('/')
      const ip = canonicalIp(address ?? '')
      const family = ip === undefined ? 0 : isIP(ip)
      const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix)
      if (family === 0 || rest.length > 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) return false
      list.addSubnet(ip!, bits, family === 4 ? 'ipv4' : 'ipv6')
      size++
      return true
    },
    has(address) {
      const family = isIP(address)
      return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
    },
    get size() {
      return size
    },
  }
}
