import type { MeterSums } from './meter.ts'

/** Costs are looked at over this long. */
const WINDOW_MS = 10_000
/** A rule that takes more than this of one core … */
const MAX_SHARE = 0.2
/** … and more than this for each message that goes by, is what the rules are behind for: 20,000 messages a second leave 50 µs for all. */
const MAX_MS_A_MESSAGE = 0.01
/** Behind by fewer messages than this is no trouble. */
const BEHIND_MESSAGES = 20_000
/** A rule that was stopped is tried again after this long. */
export const RETRY_AFTER_MS = 300_000

export interface Trip { readonly rule: number; readonly share: number }

/** Finds the rule that the thread is behind for. All figures are sums since the set was loaded. */
export interface Breaker {
  /** To be called every second or so. @returns the rule to be stopped, at most one in a window */
  look(now: { readonly elapsedMs: number; readonly cpuMs: number; readonly messages: number; readonly behind: number }): Trip | undefined
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
      if (wallMs < WINDOW_MS) return undefined
      const busy = sums.busyMs.map((ms, rule) => ms - busyBefore[rule]!)
      const had = { cpuMs: now.cpuMs - before.cpuMs, messages: now.messages - before.messages }
      const wasBehind = Math.min(before.behind, now.behind) >= BEHIND_MESSAGES
      before = now
      busyBefore = sums.busyMs.slice()
      if (!wasBehind) return undefined
      const rule = busy.reduce((most, ms, index) => (ms > busy[most]! ? index : most), 0)
      // while it is behind, the thread never waits: what it did not get of the core, others had
      const ms = (busy[rule] ?? 0) * Math.min(1, had.cpuMs / wallMs)
      const share = ms / wallMs
      return share >= MAX_SHARE && ms / Math.max(1, had.messages) >= MAX_MS_A_MESSAGE ? { rule, share } : undefined
    },
  }
}
