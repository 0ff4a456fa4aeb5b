import type { FastifyRequest } from 'fastify'
import { canonicalIp } from '#base/ip.ts'

/** Names that the public DNS never gives out (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`), and those that networks of one's own use. */
const LOCAL_DOMAIN = /\.(?:localhost|local|internal|home\.arpa|lan|localdomain|test)$/

/**
 * Whether the request was sent to the hub by a name that is the hub's. A page of another site can point its own name at the hub (DNS
 * rebinding): the browser takes both for one site then, and no header but Host tells. Addresses, names without a dot, local
 * domains, this machine's name and that of `public_url` are known. Loaders and shells may use any name: no page leads them.
 */
export function createKnownHosts({ publicUrl, hostName }: { readonly publicUrl: string | undefined; readonly hostName: string | undefined }): (request: FastifyRequest) => boolean {
  const own = new Set<string>()
  if (publicUrl !== undefined && URL.canParse(publicUrl)) own.add(new URL(publicUrl).hostname)
  if (hostName !== undefined && hostName !== '') own.add(hostName.toLowerCase())
  return (request) => {
    if (!mayBeBrowser(request)) return true
    const name = nameOf(request.headers.host ?? '')
    return canonicalIp(name) !== undefined || (name !== '' && !name.includes('.')) || LOCAL_DOMAIN.test(name) || own.has(name)
  }
}

/** Every browser accepts `deflate` and lets no page take that back; iPXE, GRUB, curl and wget do not say it. */
function mayBeBrowser({ headers }: FastifyRequest): boolean {
  return /\bdeflate\b/i.test(String(headers['accept-encoding'] ?? '')) || headers['sec-fetch-site'] !== undefined || /\bMozilla\b/.test(headers['user-agent'] ?? '')
}

/** Without the port, the brackets of an IPv6 address and the dot of the root; empty for what is no host. */
function nameOf(host: string): string {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?$/.exec(host)
  return (found?.[1] ?? found?.[2] ?? '').toLowerCase().replace(/\.$/, '')
}
