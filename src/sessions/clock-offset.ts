import type { ClockOffset } from '#domain/source.ts'

/**
 * How far a sender's clock is from the hub's, learned from how late its messages come. Nothing makes a message come
 * early, and the network, queues and stamps cut to whole seconds only make it later: of the messages of a few minutes the one
 * that came soonest says it best (the clock filter of RFC 5905 section 10 takes the least delay for the same reason). Old lines
 * that a queue hands over are above that least and teach nothing; where only such lines come, none of them stays near another long enough.
 */
export class ClockState {
  /** How far the clock is ahead of the hub's; NaN: not yet known. Times are never small integers: one shape for all. */
  offsetMs = Number.NaN
  confirmedMs = Number.NaN
  /** Of the window in hand: since when, the least lateness, how many samples came within `NEAR_MS` of it and how many did not, and since when. */
  windowMs = Number.NaN
  leastMs = Infinity
  nearSinceMs = Number.NaN
  near = 0
  far = 0
}

/** Stamps of whole seconds differ by up to one, and a log daemon may wait for a second or two. */
const NEAR_MS = 3000
const WINDOW_MS = 5 * 60_000
/** A sender so quiet that its window never has enough samples. */
const LONGEST_WINDOW_MS = 86_400_000
const SAMPLES = 4
/** One burst is one sample, however long it is. */
const SPREAD_MS = 10_000

/** What is known of it, as it is written down. */
export const knownOffset = ({ offsetMs, confirmedMs }: ClockState): ClockOffset | undefined => (Number.isNaN(offsetMs) ? undefined : { offsetMs, confirmedMs })

export function restoredClock(known: ClockOffset | undefined): ClockState {
  const clock = new ClockState()
  if (known === undefined) return clock
  clock.offsetMs = known.offsetMs
  clock.confirmedMs = known.confirmedMs
  return clock
}

/** Takes one message: received `lateMs` after what its believable stamp, in its own zone, says. */
export function learnClock(clock: ClockState, lateMs: number, receivedMs: number): void {
  const ageMs = receivedMs - clock.windowMs
  if ((ageMs > WINDOW_MS && clock.near + clock.far >= SAMPLES) || !(ageMs >= 0 && ageMs <= LONGEST_WINDOW_MS)) {
    clock.windowMs = receivedMs
    clock.leastMs = Infinity
    clock.near = 0
    clock.far = 0
  }
  if (lateMs > clock.leastMs + NEAR_MS) {
    clock.far++
    return
  }
  if (lateMs < clock.leastMs - NEAR_MS) {
    clock.far += clock.near
    clock.near = 0
    clock.nearSinceMs = receivedMs
  }
  clock.near++
  if (lateMs < clock.leastMs) clock.leastMs = lateMs
  if (clock.near < SAMPLES || receivedMs - clock.nearSinceMs < SPREAD_MS) return
  clock.offsetMs = Math.round(-clock.leastMs)
  clock.confirmedMs = receivedMs
}
