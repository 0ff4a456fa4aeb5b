import type { Caller } from './caller-part.ts'

/** "Did my log arrive?", as `app` answers it. */
export interface AckRequest {
  readonly key: string
  readonly waitMs: number
  readonly caller: Caller
  readonly signal?: AbortSignal | undefined
}
export type AckView = LoggedView | NotLoggedView

/** It is on disk. */
export interface LoggedView {
  readonly logged: true
  readonly key: string
  readonly seq: number
  readonly received: string // RFC 3339
  /** Milliseconds from the receipt until it was on disk; null: not known any more. */
  readonly stored_ms: number | null
  readonly transport: string
  readonly tls: boolean
  readonly listener: string
  readonly framing: string // domain/framing FRAMINGS
  readonly dialect: string // domain/message FORMATS
  readonly deviations: readonly string[] // PARSE_FAULTS
  readonly node: string | null
  readonly session: string | null
  readonly source: string
  /** The verified name in the sender's certificate. */
  readonly certificate: string | null
  readonly method: string
  readonly confidence: number
  /** The sender's stamp, and how far it is ahead of the receipt: its clock, and the way. */
  readonly sent: string | null
  readonly ahead_ms: number | null
  readonly cut: boolean
  readonly doubled: boolean
  /** Messages with this key that the caller may know of, at most eight. */
  readonly arrivals: number
}

/** Nothing that the caller may know of. What else is said is about the caller's own address, and the same whoever else sent this key. */
export interface NotLoggedView {
  readonly logged: false
  readonly key: string
  /** As asked. */
  readonly waited_ms: number
  /** False: not all that is stored could be looked at. */
  readonly complete: boolean
  /** The caller's address, and what came from it in the last ten minutes, newest first. */
  readonly address: string
  readonly heard: readonly HeardView[]
  /** The last message of `hps-ack` from there whose text is no key. */
  readonly malformed: HeardView | null
  readonly check: readonly { readonly name: string; readonly means: string }[]
}
export interface HeardView { readonly transport: string; readonly listener: string; readonly at: string }

/** What whoever sent a key that did not arrive can look at. */
export const ACK_CHECKS = {
  'bad-key': 'A message of hps-ack came from your address whose text is no key: 8 to 64 of A-Z a-z 0-9 . _ - and nothing else.',
  'no-wait': 'You did not wait: a message is answered for once it is on disk. Add wait=10.',
  tag: 'Other messages came from your address: is the APP-NAME (the tag) hps-ack, and the text the key you asked for?',
  path: 'Nothing came from your address in the last ten minutes: look at the host and the port it is sent to, and at firewalls between.',
  relay: 'What goes through a relay comes from the address of the relay, and counts as yours only where the hub knows your node: is it registered, or leased?',
  datagrams: 'UDP loses datagrams without a word: send it again, or by TCP.',
  again: 'Not all that is stored could be looked at: ask again.',
} as const
export type AckCheck = keyof typeof ACK_CHECKS
