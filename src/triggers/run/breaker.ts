import type { MeterSums } from './meter.ts'

/** Costs are looked at over this long. */
const WINDOW_MS = 10_000
/** A rule that takes more than this for each message that goes by is what the rules are behind for: at 20,000 messages a second it alone would take a fifth of a core … */
const MAX_MS_A_MESSAGE = 0.01
/** … if it does take some of it: what waits for the disk is none of its doing. */
const MIN_SHARE = 0.05
/** Behind by fewer messages than this is no trouble. */
const BEHIND_MESSAGES = 20_000
/** A rule that was stopped is tried again after this long. */
export const RETRY_AFTER_MS = 300_000

const NONE: readonly Trip[] = []
export interface Trip { readonly rule: number; readonly share: number }

/** Finds the rules that the thread is behind for. All figures are sums since the set was loaded. */
export interface Breaker {
  /** To be called every second or so. @returns the rules to be stopped */
  look(now: { readonly elapsedMs: number; readonly cpuMs: number; readonly messages: number; readonly behind: number }): readonly Trip[]
}

/**
 * @param sums what the rules cost, in time of the clock: where other threads take turns on the core, that is more than the
 * thread really had, and it is scaled to the processor time
 */
export function createBreaker(sums: MeterSums): Breaker {
  let before: { readonly elapsedMs: number; readonly cpuMs: number; readonly messages: number; readonly behind: number } | undefined
  let busyBefore = new Float64Array(sums.busyMs.length)
  return {
    look(now) {
      if (before === undefined) before = now
      const wallMs = now.elapsedMs - before.elapsedMs
      if (wallMs < WINDOW_MS) return NONE
      const busy = sums.busyMs.map((ms, rule) => ms - busyBefore[rule]!)
      const had = { cpuMs: now.cpuMs - before.cpuMs, messages: now.messages - before.messages }
      const wasBehind = Math.min(before.behind, now.behind) >= BEHIND_MESSAGES
      before = now
      busyBefore = sums.busyMs.slice()
      if (!wasBehind) return NONE
      // while it is behind, the thread never waits: what it did not get of the core, others had
      const scale = Math.min(1, had.cpuMs / wallMs)
      return Array.from(busy, (ms, rule): Trip & { readonly ms: number } => ({ rule, ms: ms * scale, share: (ms * scale) / wallMs }))
        .filter(({ ms, share }) => share >= MIN_SHARE && ms / Math.max(1, had.messages) >= MAX_MS_A_MESSAGE)
        .map(({ rule, share }) => ({ rule, share }))
    },
  }
}
