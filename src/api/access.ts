import type { Caller, CallerRole } from './parts.ts'

/** Who may call a route. Every route says it; a route that does not is refused when the hub starts. */
export interface Access {
  /** `anonymous` lets everyone in. */
  readonly callers: readonly CallerRole[]
  /** Also whoever asks from a network that may boot from this hub. */
  readonly bootNetwork?: true
}

export const PUBLIC: Access = { callers: ['anonymous'] }
export const READERS: Access = { callers: ['operator', 'viewer'] }
export const OPERATORS: Access = { callers: ['operator'] }
export const SCRAPERS: Access = { callers: ['operator', 'viewer', 'metrics'] }
/** Nodes, known by their address, and people. */
export const SENDERS: Access = { callers: ['operator', 'node'] }
export const ASKERS: Access = { callers: ['operator', 'viewer', 'node'] }
export const BOOTERS: Access = { callers: ['operator', 'node'], bootNetwork: true }

/** How a caller proved who it is. */
export type Proof = 'bearer' | 'cookie' | 'address' | 'none'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    caller: Caller
    proof: Proof
    /** Whether the credentials still hold, for answers that last. */
    stillValid: () => boolean
  }
}
