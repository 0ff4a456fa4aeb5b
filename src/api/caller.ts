import type { FastifyRequest } from 'fastify'
import { canonicalIp } from '#base/ip.ts'

/** The other end of the socket. Headers like X-Forwarded-For are anyone's claim and are not read. */
export function addressOf(request: FastifyRequest): string {
  const { remoteAddress } = request.socket
  return remoteAddress === undefined ? 'unknown' : (canonicalIp(remoteAddress) ?? remoteAddress)
}

/** How this caller reached the hub: what is configured, else the Host header when it is a plain one, else the socket's own address. */
export function hubUrlOf(request: FastifyRequest, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '')
  const { host } = request.headers
  if (host !== undefined && /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host)) return `http://${host}`
  const { localAddress, localPort } = request.socket
  const ip = canonicalIp(localAddress ?? '') ?? '127.0.0.1'
  return `http://${ip.includes(':') ? `[${ip}]` : ip}:${localPort ?? 80}`
}

/** A browser says that another site's page made this request (Fetch Metadata). Programs send no such header. */
export function isCrossSite(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/** Our pages set it on every write. Another site's page cannot without a preflight, which the hub never answers. */
const WRITE_HEADER = 'x-hps-request'

/** A cookie goes with whatever a browser sends, so a write by cookie needs proof that our own page wrote it. */
export function mayWriteWithCookie(request: FastifyRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true
  return request.headers[WRITE_HEADER] !== undefined && !isCrossSite(request) && isOwnOrigin(request)
}

/** Whether the page that makes this request, if it is one, is ours. */
export function isOwnOrigin({ headers: { origin, host } }: FastifyRequest): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

/** The login cookie: unreadable for scripts, never sent along from other sites. */
export const LOGIN_COOKIE = {
  read(header: string | undefined): string | undefined {
    return /(?:^|; *)hps_login=([A-Za-z0-9_-]{1,128})(?:;|$)/.exec(header ?? '')?.[1]
  },
  /** @param options `maxAgeSeconds` 0 removes it; `secure` where the hub is reached by https */
  write(secret: string, { maxAgeSeconds, secure }: { readonly maxAgeSeconds: number; readonly secure: boolean }): string {
    return `hps_login=${secret}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
  },
} as const
