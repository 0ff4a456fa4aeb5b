/** A clock that is ahead of what the messages say by more than this is not believed. */
const MAX_JUMP_MS = 86_400_000

/**
 * How far time has come for the rules: the receive time of what was taken and, when nothing waits, the hub's clock. It never
 * goes back.
 */
export interface Watermark {
  readonly nowMs: number
  /** Something of this time was taken. */
  took(ms: number): void
  /** Nothing waits. @returns `held` when the clock jumped so far ahead that only messages are believed, told once; `back` when it is believed again */
  tick(clockMs: number): 'held' | 'back' | undefined
  readonly isHeld: boolean
}

/** @param startMs where time stood before; 0: nowhere */
export function createWatermark(startMs: number): Watermark {
  let nowMs = startMs
  let isHeld = false
  // before the first tick the hub was not running: the clock may be any time ahead
  let isFirst = true
  return {
    get nowMs() {
      return nowMs
    },
    get isHeld() {
      return isHeld
    },
    took(ms) {
      if (ms > nowMs) nowMs = ms
    },
    tick(clockMs) {
      const wasHeld = isHeld
      isHeld = !isFirst && clockMs - nowMs > MAX_JUMP_MS
      isFirst = false
      if (!isHeld && clockMs > nowMs) nowMs = clockMs
      if (isHeld === wasHeld) return undefined
      return isHeld ? 'held' : 'back'
    },
  }
}
