import type { FastifyRequest } from 'fastify'
import { AppFault } from '#domain/fault.ts'
import type { Access, Proof } from './access.ts'
import { addressOf, isCrossSite, isOwnOrigin, mayWriteWithCookie, LOGIN_COOKIE } from './caller.ts'
import { createFailureLimit } from './failure-limit.ts'
import type { AuthFailure } from './metrics.ts'
import type { ApiParts, Caller } from './parts.ts'

interface Credentials {
  readonly caller: Caller
  readonly proof: Proof
  readonly stillValid: () => boolean
  /** Credentials were sent and are worth nothing. */
  readonly bad?: 'bad-token' | 'stale-cookie' | undefined
}

export interface Auth {
  /** Finds out who calls and whether `access` lets them; sets `caller`, `proof` and `stillValid` on the request, or throws. */
  admit(request: FastifyRequest, access: Access): Promise<void>
  /** Counts a failure against the address, and throws the fault. */
  refuse(address: string, reason: AuthFailure): never
}

/** Callers of the API: a token in `Authorization: Bearer` or in the login cookie; without one, a node by its address. */
export function createAuth({ tokens, boot, metrics, clock, log, knowsHost }: Pick<ApiParts, 'tokens' | 'boot' | 'metrics' | 'clock' | 'log'> & { readonly knowsHost: (request: FastifyRequest) => boolean }): Auth {
  const limit = createFailureLimit(clock)

  function credentialsOf(request: FastifyRequest): Credentials {
    const address = addressOf(request)
    const anonymous = { caller: { role: 'anonymous', name: address, address }, proof: 'none', stillValid: () => true } as const
    const header = request.headers.authorization
    const cookie = header === undefined ? LOGIN_COOKIE.read(request.headers.cookie) : undefined
    if (header === undefined && cookie === undefined) return anonymous
    const secret = cookie ?? /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? ''
    const found = tokens.authenticate(secret, address)
    if (found === undefined) return { ...anonymous, bad: cookie === undefined ? 'bad-token' : 'stale-cookie' }
    return {
      caller: { role: found.role, name: found.label, address, tokenId: found.tokenId },
      proof: cookie === undefined ? 'bearer' : 'cookie',
      stillValid: () => tokens.authenticate(secret, address) !== undefined,
    }
  }

  /** Every failure is counted; those beyond the limit are neither looked into nor logged. A valid token is never locked out by another's failures. */
  function refuse(address: string, reason: AuthFailure): never {
    const retryMs = limit.failed(address)
    metrics.add('hps_auth_failures_total', { reason: retryMs === undefined ? reason : 'rate-limited' })
    if (retryMs !== undefined) throw new AppFault('too-many', 'Too many failed attempts from this address', { detail: { retry_after_seconds: Math.ceil(retryMs / 1000) } })
    log.warn({ address, reason }, 'caller turned away')
    throw FAULT_OF[reason]()
  }

  /** Lets in by address whom no token lets in: the boot network, then nodes that are leased or registered. */
  async function byAddress(credentials: Credentials, access: Access): Promise<Caller | undefined> {
    const { address } = credentials.caller
    if (access.bootNetwork === true && boot.mayAsk(address)) return credentials.caller
    if (!access.callers.includes('node')) return undefined
    const node = await tokens.nodeAt(address)
    return node === undefined ? undefined : { role: 'node', name: node.name, address, nodeId: node.nodeId }
  }

  async function admit(request: FastifyRequest, access: Access): Promise<void> {
    const credentials = credentialsOf(request)
    const { caller, proof, bad } = credentials
    Object.assign(request, { caller, proof, stillValid: credentials.stillValid })
    if (access.callers.includes('anonymous')) return
    if (bad === 'bad-token') refuse(caller.address, bad)
    if (access.callers.includes(caller.role)) {
      if (proof === 'cookie' && !mayWriteWithCookie(request)) refuse(caller.address, 'cross-site')
      return
    }
    const admitted = await byAddress(credentials, access)
    if (admitted === undefined) refuse(caller.address, caller.role === 'anonymous' ? (bad ?? (access.bootNetwork === true ? 'wrong-role' : 'no-credentials')) : 'wrong-role')
    // A page on another site must not make a person's browser speak for the node it runs on. Browsers send Sec-Fetch-Site to https only,
    // Origin with a write, and neither when the other site's name leads here. A cookie needs no such look: it is bound to the name.
    if (isCrossSite(request) || !isOwnOrigin(request)) refuse(caller.address, 'cross-site')
    if (!knowsHost(request)) refuse(caller.address, 'unknown-host')
    Object.assign(request, { caller: admitted, proof: admitted.role === 'node' ? 'address' : proof })
  }

  return { admit, refuse }
}

const FAULT_OF: Readonly<Record<AuthFailure, () => AppFault>> = {
  'no-credentials': () => new AppFault('unauthorized', 'Send a token as "Authorization: Bearer …" (the command line reads data/operator.token), or open the operator link'),
  'bad-token': () => new AppFault('unauthorized', 'The token is not one of ours, has expired or was revoked'),
  'stale-cookie': () => new AppFault('unauthorized', 'The login has ended; open the operator link again'),
  'wrong-role': () => new AppFault('forbidden', 'This caller may not do that'),
  'cross-site': () => new AppFault('forbidden', 'Requests from other web sites are refused'),
  'unknown-host': () => new AppFault('forbidden', 'The hub does not know the name it was called by: set http.public_url, or use its address'),
  'rate-limited': () => new AppFault('too-many', 'Too many failed attempts from this address'),
}
