/** Who asks, as every part of the API is told. */
const CALLER_ROLES = ['operator', 'viewer', 'metrics', 'node', 'anonymous'] as const
export type CallerRole = (typeof CALLER_ROLES)[number]
export interface Caller {
  readonly role: CallerRole
  /** Who, for history and logs: a token's label, or a node's name. */
  readonly name: string
  readonly address: string
  readonly nodeId?: number | undefined
  readonly tokenId?: number | undefined
}
