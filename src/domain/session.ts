import { createHash } from 'node:crypto'

/** A boot session: one boot of one node, from its first DHCP packet to its last message. */
export const SESSION_KINDS = ['boot', 'install', 'rescue', 'audit', 'unknown'] as const
export type SessionKind = (typeof SESSION_KINDS)[number]

/** Why a session was opened. `first-message`: the node has shown no boot yet. */
export const SESSION_ORIGINS = ['announcement', 'decision', 'dhcp', 'kernel', 'first-message'] as const
export type SessionOrigin = (typeof SESSION_ORIGINS)[number]

const SESSION_ENDS = ['reboot', 'shutdown', 'superseded'] as const
export type SessionEnd = (typeof SESSION_ENDS)[number]

/** `suspect`: messages carry its id while it is not yet known whether this is a new boot or a replay; never listed. */
const SESSION_STATES = ['open', 'ended', 'suspect'] as const
export type SessionState = (typeof SESSION_STATES)[number]

export interface Session {
  readonly id: number
  readonly nodeId: number
  readonly kind: SessionKind
  readonly origin: SessionOrigin
  readonly state: SessionState
  readonly end: SessionEnd | undefined
  readonly openedMs: number
  readonly endedMs: number | undefined
  /** When the machine started, as far as is known (announced, or receive time less printk clock). */
  readonly bootTimeMs: number | undefined
  readonly bootId: string | undefined
  /** The furthest stage seen, a word of domain/stages. */
  readonly stage: string | undefined
  readonly firstSeq: number
  readonly lastSeq: number
  readonly lastMessageMs: number
  readonly messages: number
  /** Messages that were recognised as said before (dmesg, imported journal, disk queue …). */
  readonly replayed: number
  /** Of the messages: those with a number of a sequence. */
  readonly numbered: number
  /** Of the messages without a number: those by a transport that acknowledges (RELP, HTTP, the hub's own). */
  readonly acknowledged: number
  /** Of the messages without a number: those by TCP, TLS or a unix socket. */
  readonly streamed: number
  /** The listeners that its datagrams came by. */
  readonly datagramListeners: readonly string[]
  /** All hashes that resolve to this session, newest first; the first is the one to show. */
  readonly hashes: readonly string[]
}

/**
 * The session hash people know from the shell: `echo "$host:$boot_time" | sha256sum | cut -c1-6`.
 * The newline is part of it; `bootTimeSeconds` is whole epoch seconds.
 */
export function sessionHash(hostName: string, bootTimeSeconds: number): string {
  return createHash('sha256').update(`${hostName}:${bootTimeSeconds}\n`).digest('hex').slice(0, 6)
}
