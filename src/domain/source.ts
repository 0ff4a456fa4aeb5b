/** Who sent a message. Only the roles below may speak about other nodes; any other claim stays text and is counted. */
export const SOURCE_ROLES = ['node', 'dhcp', 'relay', 'hub'] as const
export type SourceRole = (typeof SOURCE_ROLES)[number]

export const TRANSPORTS = ['udp', 'tcp', 'http', 'internal', 'relp', 'unix'] as const
export type Transport = (typeof TRANSPORTS)[number]

/** What can be known of messages that did not arrive. `acknowledged`: the sender keeps a message until it is on disk here. `stream`: what a broken connection held is lost unseen. `datagram`: any may be lost. */
export type Delivery = 'acknowledged' | 'stream' | 'datagram'
export const DELIVERY = { udp: 'datagram', tcp: 'stream', http: 'acknowledged', internal: 'acknowledged', relp: 'acknowledged', unix: 'stream' } as const satisfies Readonly<Record<Transport, Delivery>>

/** In place of an index of FORMATS: all forms of a sender beyond those that are kept apart. */
export const OTHER_FORMS = 255

/** One way in which a sender writes its messages. */
export interface SourceForm {
  readonly sourceId: number
  /** Index of FORMATS, or `OTHER_FORMS`. */
  readonly format: number
  /** Bits of PARSE_FAULTS. */
  readonly faults: number
  readonly messages: number
  readonly firstMs: number
  readonly lastMs: number
  /** The last message of this form. */
  readonly lastSeq: number
}

/** What the stamps without a zone of a sender (of a relay: of one of its host names) were learned to mean. */
export interface LearnedZone {
  readonly sourceId: number
  /** `` for the sender itself. */
  readonly host: string
  /** East of UTC. */
  readonly offsetMs: number
  readonly sinceMs: number
  readonly confirmedMs: number
}

/** How far a clock is ahead of the hub's, and when that was last seen. */
export interface ClockOffset { readonly offsetMs: number; readonly confirmedMs: number }

export interface Source {
  readonly id: number
  /** Canonical address; `hub` for the hub's own messages, `unix` for what comes by a unix socket. */
  readonly address: string
  readonly transport: Transport
  readonly listener: string
  /** The name in the TLS certificate that it showed last; `` for none. */
  readonly certificate: string
  readonly roles: readonly SourceRole[]
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  readonly messages: number
  readonly faulty: number
  /** Times that a host name in a message contradicted what the address says. */
  readonly conflicts: number
  /** Messages per second over the last minutes, as it was at `lastSeenMs`; it decays from there. */
  readonly rate: number
  /** undefined: not yet known. */
  readonly clock: ClockOffset | undefined
}

/** The rate of a sender is that of about the last minutes: after this long a message counts for 1/e. */
export const RATE_FADES_MS = 5 * 60_000
/** What is left of a rate after a silence. */
export const decayedRate = (rate: number, silentMs: number): number => rate * Math.exp(-Math.max(0, silentMs) / RATE_FADES_MS)
