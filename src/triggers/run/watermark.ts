/** A clock that is ahead of what the messages say by more than this is not believed. */
const MAX_JUMP_MS = 86_400_000
/** One that is behind by more than this was set back: worth a line in the log. */
const MAX_BACK_MS = 60_000

/** What is said when the clock is another than before. */
export const CLOCK_NEWS = {
  held: { level: 'error', message: 'The clock jumped ahead by more than a day: deadlines of rules go by the messages until they agree with it' },
  behind: { level: 'error', message: 'The clock was set back: for rules time stands still until it is as far again' },
  back: { level: 'info', message: 'The clock is believed again: deadlines of rules go by it' },
} as const

/**
 * How far time has come for the rules: the receive time of what was taken and, when nothing waits, the hub's clock. It never
 * goes back.
 */
export interface Watermark {
  readonly nowMs: number
  /** Something of this time was taken. */
  took(ms: number): void
  /** Nothing waits. @returns `held` when the clock jumped so far ahead that only messages are believed, `behind` when it was set back, each told once; `back` when it is believed again */
  tick(clockMs: number): keyof typeof CLOCK_NEWS | undefined
  /** What comes is of a time so far ahead that nobody was heard in between: the clock was set, or the hub slept. Not before the first tick: then it is catching up. */
  isLeap(ms: number): boolean
  readonly isHeld: boolean
}

/** @param startMs where time stood before; 0: nowhere */
export function createWatermark(startMs: number): Watermark {
  let nowMs = startMs
  let isHeld = false
  let isBehind = false
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
      const wasTrusted = !isHeld && !isBehind
      isHeld = !isFirst && clockMs - nowMs > MAX_JUMP_MS
      isFirst = false
      if (!isHeld && clockMs > nowMs) nowMs = clockMs
      isBehind = clockMs < nowMs - (isBehind ? 0 : MAX_BACK_MS)
      if (isHeld) return wasTrusted ? 'held' : undefined
      if (isBehind) return wasTrusted ? 'behind' : undefined
      return wasTrusted ? undefined : 'back'
    },
    isLeap: (ms) => !isFirst && ms - nowMs > MAX_JUMP_MS,
  }
}
