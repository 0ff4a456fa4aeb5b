/** How much the rules may remember. */
export interface CorrelatorBounds {
  /** Keys of one rule. */
  readonly keysPerRule: number
  /** Keys of all rules. */
  readonly keys: number
  /** Room for what is known about them, beside about 50 bytes a key. */
  readonly bytes: number
  /** Deadlines that one call of `advance` looks at: a jump of the clock does not hold up messages for long. */
  readonly timersPerAdvance: number
}

export const DEFAULT_BOUNDS: CorrelatorBounds = { keysPerRule: 100_000, keys: 1_000_000, bytes: 256 * 1024 * 1024, timersPerAdvance: 1024 }

/** `at_least` of `count` and `alerts` is refused above: as many times are remembered for a key. */
export const MAX_AT_LEAST = 4096
/** Steps of a sequence. */
export const MAX_STEPS = 16
/** Marks of what fired, by which a late arrival or an end is known for one of it, are kept so long. */
export const FIRED_KEPT_MS = 30 * 86_400_000
/** Captures of what a deadline or a sequence waits with: a longer text is cut, further ones are left out. */
export const MAX_KEPT_CHARACTERS = 4096
/** A text in a key or a value that is compared: a longer one is cut, so that a sender cannot make keys of any length. Named groups are shorter. */
export const MAX_KEY_CHARACTERS = 1024
