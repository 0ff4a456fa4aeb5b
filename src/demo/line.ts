/** Numbers of RFC 5424 section 6.2.1; written out here, since the demo shares nothing with what reads it. */
export const KERN = 0
export const USER = 1
export const DAEMON = 3
export const AUTH = 4
export const CRON = 9
export const LOCAL0 = 16

/** One thing a program says. Severity 0 (emergency) to 7 (debug). */
export interface Line {
  readonly facility: number
  readonly severity: number
  readonly app: string
  readonly pid?: number
  readonly text: string
  /** RFC 5424 structured data, for senders that have it. */
  readonly data?: string
}

/** What happens next in a life, and how long after what came before. */
export type Step =
  | { readonly kind: 'say'; readonly afterMs: number; readonly line: Line }
  /** iPXE has a syslog form of its own. */
  | { readonly kind: 'ipxe'; readonly afterMs: number; readonly text: string }
  /** The boot server says it, about the node. */
  | { readonly kind: 'boot-server'; readonly afterMs: number; readonly line: Line }
  /** The firmware asks the hub over HTTP what to do. */
  | { readonly kind: 'ask'; readonly afterMs: number }

export const say = (afterMs: number, line: Line): Step => ({ kind: 'say', afterMs, line })
