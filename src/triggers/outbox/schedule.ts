import { backoffMs } from '#base/backoff.ts'

/** The first pause after a failure, and the longest. */
const BASE_MS = 5000
const MAX_PAUSE_MS = 4 * 3_600_000
/** A notice that could not be delivered for this long is given up. */
export const GIVE_UP_AFTER_MS = 3 * 24 * 3_600_000

export type NextTry = { readonly kind: 'retry'; readonly nextMs: number } | { readonly kind: 'dead'; readonly reason: 'permanent' | 'expired' }

/** What becomes of a notice after a failed try, pure. @param random a number in [0, 1) */
export function nextTry(failed: { readonly attempts: number; readonly createdMs: number; readonly isPermanent: boolean }, nowMs: number, random: number): NextTry {
  if (failed.isPermanent) return { kind: 'dead', reason: 'permanent' }
  const nextMs = nowMs + backoffMs(Math.min(failed.attempts, 30), random, { baseMs: BASE_MS, maxMs: MAX_PAUSE_MS })
  return nextMs - failed.createdMs > GIVE_UP_AFTER_MS ? { kind: 'dead', reason: 'expired' } : { kind: 'retry', nextMs }
}
