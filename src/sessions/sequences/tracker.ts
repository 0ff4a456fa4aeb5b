import { SEQUENCE_KINDS, type SequenceKind } from '#domain/sequence.ts'
import { KIND } from './row-number.ts'
import { SequenceState, WINDOW } from './sequence-state.ts'

/** A number that has not come is missing after this: until then it may be late. */
const GRACE_MS = 5000
/** A jump further ahead is another sequence, not a loss: anybody can send a datagram with any number. */
const MAX_JUMP = 1_000_000
/** RFC 5424 section 7.3.1: behind it comes 1. */
const MAX_SEQUENCE_ID = 2_147_483_647
/** A number not above this, and this far back, is the beginning of a sequence. */
const SMALL_NUMBER = 8
const SMALL_DISTANCE = 16
/** Frames remembered, to tell a message that came twice from another one with its number. */
const FRAMES = 128
/** This many beginnings within a minute: several sequences at once, of which nothing can be told for a while. */
const TANGLED_AFTER = 4
const MINUTE_MS = 60_000
const TANGLED_FOR_MS = 10 * MINUTE_MS
/** A sequence that goes on so long after another seemed to have replaced it was there all the time. */
const DAY_MS = 24 * 60 * MINUTE_MS
/** The same message and number so often in a row is no sequence: each message of that sender has the number. */
const CONSTANT_AFTER = 3

/** What a number was: `late` has been missing, `doubled` is the same frame again, `unsure` was there, but not within memory, `tangled` says nothing. */
type Verdict = 'next' | 'late' | 'doubled' | 'unsure' | 'restart' | 'tangled'

interface Observed { readonly value: number; readonly frame: number; readonly atMs: number }

/**
 * One sequence of one sender: which numbers have not come. Numbers are *positions* here: what wraps goes on counting. The last `WINDOW` of them are known one by one,
 * so that what comes late was not lost; a number is lost when it leaves the window, or after `GRACE_MS`, and is taken back when it still comes within the window.
 */
export class SequenceTracker {
  readonly sourceId: number
  /** `` or the host name; `#` and the id of the session where the sequence is a session's. */
  readonly host: string
  readonly kind: number
  state = new SequenceState()
  /** As it was before the batch in hand, while that is not on disk. */
  #saved: SequenceState | undefined
  isSaved = false
  #frames: Uint32Array | undefined
  /** The highest number came so often again, with nothing in between. */
  #repeats = 0
  /** Numbers lost since they were taken last; negative: came after all. */
  lost = 0
  /** When a number was observed last. */
  lastMs = 0
  /** Messages of the batch in hand, of the session in `state`. */
  rows = 0

  constructor({ sourceId, host, kind }: { readonly sourceId: number; readonly host: string; readonly kind: number }) {
    this.sourceId = sourceId
    this.host = host
    this.kind = kind
  }

  get kindName(): SequenceKind {
    return SEQUENCE_KINDS[this.kind]!
  }

  /** From here on `restore` brings the state back. */
  save(): void {
    this.#saved ??= new SequenceState()
    this.#saved.copyFrom(this.state)
    this.isSaved = true
  }

  /** What was observed since `save` is on disk. */
  keep(): void {
    this.isSaved = false
  }

  /** The disk refused what was observed since `save`. */
  restore(): void {
    if (!this.isSaved || this.#saved === undefined) return
    this.state.copyFrom(this.#saved)
    this.isSaved = false
    this.#forgetFrames()
    this.lost = 0
  }

  /** Nothing more comes of this sequence: what is missing is lost, and the next number begins another one. */
  giveUp(): void {
    const { state } = this
    if (state.highest >= 0) this.lost += state.bookUpTo(state.highest)
    state.clear()
    state.base = 0
  }

  /** Numbers are missing that may still come. */
  get isWaiting(): boolean {
    return this.state.missing > 0 && this.state.booked < this.state.highest
  }

  /** The first numbers of the sequence, which began with 1, did not come. */
  beginsAt1(first: Observed): void {
    const { state } = this
    if (first.value <= 1 || first.value > WINDOW) return
    state.begin(1, first.atMs)
    state.setMissing(1)
    state.start = 1
  }

  observe(observed: Observed): Verdict {
    const { state } = this
    if (observed.atMs < state.tangledUntilMs) return 'tangled'
    const position = this.#positionOf(observed.value)
    if (this.#isResumed(position, observed.atMs)) return this.#resume(position, observed)
    const verdict = state.highest < 0 ? this.#begin(position, observed) : position > state.highest ? this.#goOn(position, observed) : this.#comeLate(position, observed)
    if (verdict !== 'doubled' && verdict !== 'unsure' && verdict !== 'tangled') this.#remember(position, observed.frame)
    return verdict
  }

  /** What did not come for `GRACE_MS` is lost. */
  tick(nowMs: number): void {
    const { state } = this
    if (nowMs - state.markMs < GRACE_MS) return
    this.lost += state.bookUpTo(state.mark)
    state.mark = state.highest
    state.markMs = nowMs
  }

  #begin(position: number, { atMs }: Observed): Verdict {
    this.state.begin(position, atMs)
    this.#forgetFrames()
    return 'next'
  }

  #goOn(position: number, observed: Observed): Verdict {
    const { state } = this
    const ahead = position - state.highest
    if (ahead > MAX_JUMP) return this.#restart(observed)
    this.#repeats = 0
    if (ahead >= WINDOW) state.noteJump(position, observed.atMs)
    else if (state.jumpedFrom > state.highest && state.jumpedFrom <= position) state.jumpedFrom = -1 // it has come there by itself
    this.lost += state.advance(position)
    return 'next'
  }

  #comeLate(position: number, observed: Observed): Verdict {
    const { state } = this
    const behind = state.highest - position
    if (behind >= WINDOW) return this.#restart(observed)
    if (state.isMissing(position)) {
      state.clearMissing(position)
      if (position < state.jumpedTo && position > state.jumpedFrom) state.jumpLost--
      if (position <= state.booked) this.lost--
      return 'late'
    }
    if (position < state.start) {
      if (position - state.base <= SMALL_NUMBER && behind >= SMALL_DISTANCE) return this.#restart(observed)
      this.lost += state.startEarlier(position)
      return 'late'
    }
    const known = behind < FRAMES ? (this.#frames?.[position % FRAMES] ?? 0) : 0
    if (known === observed.frame) return behind === 0 && ++this.#repeats >= CONSTANT_AFTER - 1 ? this.#tangle(observed.atMs) : 'doubled'
    if (known === 0 && !(position - state.base <= SMALL_NUMBER && behind >= SMALL_DISTANCE)) return 'unsure'
    return this.#restart(observed)
  }

  /** Another sequence begins. */
  #restart({ value, atMs }: Observed): Verdict {
    const { state } = this
    const left = state.highest - state.base
    state.countBreak(atMs, MINUTE_MS)
    this.lost += state.bookUpTo(state.highest)
    if (state.restarts >= TANGLED_AFTER) return this.#tangle(atMs)
    this.#forgetFrames()
    state.begin(value, atMs)
    state.base = 0
    state.leave(left, atMs)
    return 'restart'
  }

  /** Whether the sequence goes on that seemed to have ended at the last jump or beginning: behind the window, or just where it was left. */
  #isResumed(position: number, atMs: number): boolean {
    const { jumpedFrom, jumpedMs, highest } = this.state
    if (jumpedFrom < 0 || position <= jumpedFrom || atMs - jumpedMs >= DAY_MS) return false
    return jumpedFrom < highest ? highest - position >= WINDOW && position - jumpedFrom < WINDOW : position - jumpedFrom <= SMALL_NUMBER && position !== highest + 1
  }

  /** Two sequences mix, or somebody forged a number: nothing was lost by the jump. */
  #resume(position: number, { atMs }: Observed): Verdict {
    const { state } = this
    const { jumpedFrom, highest } = state
    state.countBreak(atMs, DAY_MS)
    this.lost -= state.lostByJump
    if (state.restarts >= TANGLED_AFTER) return this.#tangle(atMs)
    this.#forgetFrames()
    state.begin(jumpedFrom, atMs)
    state.start = jumpedFrom - WINDOW // it was followed before: what comes late is no earlier beginning
    this.lost += state.advance(position)
    state.leave(highest, atMs)
    return 'restart'
  }

  /** Nothing is told for a while, each time twice as long. */
  #tangle(atMs: number): Verdict {
    const { state } = this
    state.clear()
    state.tangledUntilMs = atMs + Math.min(DAY_MS, TANGLED_FOR_MS * 2 ** (state.restarts - TANGLED_AFTER))
    this.#forgetFrames()
    return 'tangled'
  }

  /** The number as a position: it is near the highest one, whichever side of the wrap that is. */
  #positionOf(value: number): number {
    const { state } = this
    if (this.kind !== KIND.rfc5424 || state.highest < 0) return value
    let position = state.base + value
    const ahead = position - state.highest
    if (ahead < -(MAX_SEQUENCE_ID - MAX_JUMP)) position += MAX_SEQUENCE_ID
    else if (ahead > MAX_SEQUENCE_ID - MAX_JUMP && state.base > 0) position -= MAX_SEQUENCE_ID
    if (position > state.highest && position - state.base > MAX_SEQUENCE_ID) state.base += MAX_SEQUENCE_ID
    return position
  }

  /** What is observed next is compared with nothing from before. */
  #forgetFrames(): void {
    this.#frames = undefined
    this.#repeats = 0
  }

  #remember(position: number, frame: number): void {
    this.#frames ??= new Uint32Array(FRAMES)
    this.#frames[position % FRAMES] = frame
  }
}
