/** Who sent a message. Only the roles below may speak about other nodes; any other claim stays text and is counted. */
export const SOURCE_ROLES = ['node', 'dhcp', 'relay', 'hub'] as const
export type SourceRole = (typeof SOURCE_ROLES)[number]

export const TRANSPORTS = ['udp', 'tcp', 'http', 'internal'] as const
export type Transport = (typeof TRANSPORTS)[number]

export interface Source {
  readonly id: number
  /** Canonical address; `hub` for the hub's own messages. */
  readonly address: string
  readonly transport: Transport
  readonly listener: string
  readonly roles: readonly SourceRole[]
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  readonly messages: number
  readonly faulty: number
  /** Times that a host name in a message contradicted what the address says. */
  readonly conflicts: number
}
