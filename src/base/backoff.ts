/**
 * Exponential back-off with full jitter in the upper half, pure.
 * @param attempt 1 for the delay after the first failure
 * @param random a number in [0, 1)
 */
export function backoffMs(attempt: number, random: number, { baseMs, maxMs }: { readonly baseMs: number; readonly maxMs: number }): number {
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** (attempt - 1))
  return Math.round(ceilingMs / 2 + (ceilingMs / 2) * random)
}
