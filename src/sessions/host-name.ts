import { canonicalIp } from '#base/ip.ts'
import { MAX_HOST_NAME } from '#domain/wire.ts'

const HOST_NAME = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/
/** iPXE is told a domain that carries the session: `tch-001.s-a1b2c3`. */
const SESSION_DOMAIN = /\.s-[0-9a-f]{6,64}$/
/** What a machine calls itself before it has a name. */
const NO_NAMES: ReadonlySet<string> = new Set(['localhost', 'localhost.localdomain', 'localhost4', 'localhost6', 'unknown'])

/** The name in lower case without a session domain; `` when the text names nobody. */
export function hostNameOf(text: string): string {
  const name = text.toLowerCase().replace(SESSION_DOMAIN, '').replace(/\.$/, '')
  return isHostName(name) && !NO_NAMES.has(name) ? name : ''
}

/** Lower-case letters, digits, dots, hyphens, underscores; not an address. */
export const isHostName = (name: string): boolean =>
  name.length <= MAX_HOST_NAME && HOST_NAME.test(name) && canonicalIp(name) === undefined

/** `tch-001` of `tch-001.cluster.example`; undefined for a name without dots. */
export function shortName(name: string): string | undefined {
  const dot = name.indexOf('.')
  return dot < 0 ? undefined : name.slice(0, dot)
}

/** The name of a node that only its MAC makes known: `mac-525400123456`. */
export const macName = (mac: string): string => `mac-${mac.replaceAll(':', '')}`

/** The node has no name of its own yet: it is called by its MAC or its address. */
export const isProvisional = (name: string): boolean => /^mac-[0-9a-f]{12}$/.test(name) || canonicalIp(name) !== undefined
