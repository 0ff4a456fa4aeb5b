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
  /** The firmware asks the hub over HTTP what to do; the answer goes back into the life. */
  | { readonly kind: 'ask'; readonly afterMs: number }

/** What the hub said: a script (with the kernel that it names), `wait`, or nothing at all. */
export type Answer = { readonly kind: 'script'; readonly kernelUrl: string | undefined } | { readonly kind: 'wait'; readonly retryAfterMs: number } | { readonly kind: 'lost' }

/** A part of a life. */
export type Steps = Generator<Step, void, Answer | undefined>

export const say = (afterMs: number, line: Line): Step => ({ kind: 'say', afterMs, line })
