import { backoffMs } from '#base/backoff.ts'

/** The first pause after a failure, and the longest. */
export const BASE_MS = 5000
export const MAX_PAUSE_MS = 4 * 3_600_000
/** What the other side asks for is honoured up to this. */
export const MAX_ASKED_MS = 24 * 3_600_000
/** A notice that could not be delivered for this long is given up. */
export const GIVE_UP_AFTER_MS = 3 * 24 * 3_600_000

export type NextTry = { readonly kind: 'retry'; readonly nextMs: number } | { readonly kind: 'dead'; readonly reason: 'permanent' | 'expired' }

export interface FailedTry {
  readonly attempts: number
  readonly createdMs: number
  /** By default three days after it was made. */
  readonly giveUpMs?: number | undefined
  readonly isPermanent: boolean
  /** The other side asked to be left alone for so long (Retry-After, RFC 9110 section 10.2.3). */
  readonly retryAfterMs?: number | undefined
}

/** What becomes of a notice after a failed try, pure. @param random a number in [0, 1) */
export function nextTry(failed: FailedTry, nowMs: number, random: number): NextTry {
  if (failed.isPermanent) return { kind: 'dead', reason: 'permanent' }
  const pauseMs = backoffMs(Math.min(failed.attempts, 30), random, { baseMs: BASE_MS, maxMs: MAX_PAUSE_MS })
  const nextMs = nowMs + Math.max(pauseMs, Math.min(failed.retryAfterMs ?? 0, MAX_ASKED_MS))
  const giveUpMs = failed.giveUpMs ?? failed.createdMs + GIVE_UP_AFTER_MS
  return nextMs > giveUpMs ? { kind: 'dead', reason: 'expired' } : { kind: 'retry', nextMs }
}
