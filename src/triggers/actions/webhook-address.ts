import { lookup as resolveName, type LookupAddress } from 'node:dns'
import { canonicalIp, createIpSet } from '#base/ip.ts'

/** What a webhook may speak to beside public addresses. */
export interface AddressRules { readonly allowPrivate: boolean; readonly allowLoopback: boolean }
export type AddressVerdict = 'allowed' | 'link-local' | 'loopback' | 'private'

function setOf(...prefixes: readonly string[]) {
  const set = createIpSet()
  for (const prefix of prefixes) set.add(prefix)
  return set
}
/** Link-local (RFC 3927, RFC 4291 section 2.5.6), "this network", multicast, broadcast, and the addresses of clouds at which machines get their credentials. */
const NEVER = setOf('169.254.0.0/16', 'fe80::/10', '0.0.0.0/8', '::/128', '224.0.0.0/4', '240.0.0.0/4', 'ff00::/8', 'fd00:ec2::254/128', 'fd20:ce::254/128', 'fd00:42::42/128', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32')
const LOOPBACK = setOf('127.0.0.0/8', '::1/128')
/** RFC 1918, RFC 6598, RFC 4193, RFC 3879. */
const PRIVATE = setOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10')
/** An IPv4 address behind NAT64 (RFC 6052 section 2.1) is judged as what it is. */
const NAT64 = /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/** Whether an address may be spoken to. */
export function judgeAddress(text: string, { allowPrivate, allowLoopback }: AddressRules): AddressVerdict {
  const ip = canonicalIp(text) ?? ''
  const behind = NAT64.exec(ip)
  if (behind !== null) {
    const [high, low] = [Number.parseInt(behind[1]!, 16), Number.parseInt(behind[2]!, 16)]
    return judgeAddress(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`, { allowPrivate, allowLoopback })
  }
  if (ip === '' || NEVER.has(ip) || ip.startsWith('::ffff:')) return 'link-local'
  if (LOOPBACK.has(ip)) return allowLoopback ? 'allowed' : 'loopback'
  return PRIVATE.has(ip) && !allowPrivate ? 'private' : 'allowed'
}

/** A name led to nothing but addresses that are not spoken to. */
export class AddressDenied extends Error {
  override readonly name = 'AddressDenied'
}
const WORDS: Readonly<Record<Exclude<AddressVerdict, 'allowed'>, string>> = {
  'link-local': 'a link-local, multicast or metadata address, which is never spoken to',
  loopback: 'this machine, which is spoken to only with allow_loopback',
  private: 'a private address, which allow_private forbids',
}
const denied = (address: string, verdict: Exclude<AddressVerdict, 'allowed'>): AddressDenied => new AddressDenied(`${address} is ${WORDS[verdict]}`)

/** An address that is written in a URL is not looked up: it is judged here. @throws AddressDenied */
export function checkLiteral(hostname: string, rules: AddressRules): void {
  const ip = canonicalIp(hostname.replace(/^\[|\]$/g, ''))
  const verdict = ip === undefined ? 'allowed' : judgeAddress(ip, rules)
  if (verdict !== 'allowed') throw denied(ip!, verdict)
}

export type Resolve = (hostname: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void
const resolveByHost: Resolve = (hostname, done) => resolveName(hostname, { all: true }, done)

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/** `lookup` for a request: what is connected to is the very address that was judged, whatever the name says a moment later. */
export function checkedLookup(rules: AddressRules, resolve: Resolve = resolveByHost) {
  return (hostname: string, options: { readonly all?: boolean }, done: LookupDone): void => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) return done(error, '')
      const good = addresses.filter(({ address }) => judgeAddress(address, rules) === 'allowed')
      const [first] = good
      if (first === undefined) {
        const [bad] = addresses
        const verdict = bad === undefined ? 'link-local' : judgeAddress(bad.address, rules)
        return done(verdict === 'allowed' || bad === undefined ? new AddressDenied(`${hostname} has no address`) : denied(`${hostname} (${bad.address})`, verdict), '')
      }
      return options.all === true ? done(null, [...good]) : done(null, first.address, first.family)
    })
  }
}
