import type { FastifyReply } from 'fastify'

/** Nothing but our own files runs or is shown, nobody frames us, no address leaves with a link. */
export const SECURE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export function secureHeaders(reply: FastifyReply): void {
  reply.headers(SECURE_HEADERS)
}
