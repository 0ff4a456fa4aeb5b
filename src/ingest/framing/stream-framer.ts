import { FAULT } from '../parse/fault-bits.ts'
import { HeldFrame, type HeldBudget } from './held-frame.ts'
import { MAX_COUNT_BYTES, readOctetCount } from './octet-count.ts'

/** Where frames go: at `start` … `end` of `bytes`, valid during the call; `faults` are bits of FAULT. Positions, since an object per frame would be garbage at a million a second. */
export interface FrameSink {
  /** @returns false to refuse the frame for now */
  frame(bytes: Uint8Array, start: number, end: number, faults: number): boolean
  /** Bytes cut off a frame that was too long. */
  cut(bytes: number): void
}

export interface FramerLimits {
  readonly maxFrameBytes: number
  /** Shared by all connections; a frame that would exceed it is cut where it stands. */
  readonly heldBudget: HeldBudget
}

const NUL = 0
const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const LESS = 60

/** Where the framer stands between two bytes of the stream: before a message, in one, or behind the part of one that is kept. */
type State = 'start' | 'line' | 'counted' | 'skip-line' | 'skip-counted'

/**
 * Framing of syslog over a byte stream (RFC 6587), decided for each message: octet counting, else up to a newline (a CR
 * before it is stripped) or NUL. Any split of a stream gives the same frames. Content never ends a connection: after a
 * wrong count the next newline brings the framer back into step, and the line between is marked.
 *
 * `push` takes bytes in and hands out the frames that they complete. Where the sink refuses a frame, the framer keeps it,
 * stops, and offers it first at the next push.
 */
export class StreamFramer {
  readonly #maxBytes: number
  readonly #held: HeldFrame
  #state: State = 'start'
  /** Bytes of the counted frame that have not come yet. */
  #missing = 0
  #wasCounted = false
  /** Faults of the frame in hand. */
  #faults = 0
  /** `held` is a whole frame that the sink has refused. */
  #isOwed = false
  /** Next NUL of the chunk in hand, its length when there is none, -1 when not looked for. */
  #nulAt = -1

  constructor({ maxFrameBytes, heldBudget }: FramerLimits) {
    this.#maxBytes = maxFrameBytes
    this.#held = new HeldFrame(heldBudget)
  }

  /** A whole frame was refused and waits for the next push. */
  get isOwed(): boolean {
    return this.#isOwed
  }

  /** @returns how many bytes of the chunk were taken; fewer than all only after a refusal */
  push(chunk: Uint8Array, sink: FrameSink): number {
    if (this.#isOwed && !this.#settle(sink)) return 0
    this.#nulAt = -1
    let at = 0
    while (at < chunk.length && !this.#isOwed) at = this.#step(chunk, at, sink)
    return at
  }

  /** The stream has ended: hands out what is left, marked as unterminated. @returns false when the sink refused; call it again then. */
  end(sink: FrameSink): boolean {
    if (this.#isOwed && !this.#settle(sink)) return false
    if (this.#held.length > 0) {
      this.#faults |= FAULT.unterminatedFrame
      this.#finishHeld(this.#held.length, sink)
    }
    this.#state = 'start'
    return !this.#isOwed
  }

  /** Gives the memory back; nothing may be pushed afterwards. */
  close(): void {
    this.#held.clear()
  }

  #step(chunk: Uint8Array, at: number, sink: FrameSink): number {
    switch (this.#state) {
      case 'start': return this.#begin(chunk, at)
      case 'line': return this.#line(chunk, at, sink)
      case 'counted': return this.#counted(chunk, at, sink)
      case 'skip-line': return this.#skipLine(chunk, at, sink)
      case 'skip-counted': return this.#skipCounted(chunk, at, sink)
    }
  }

  /** Skips what may stand between messages and decides how the next one ends; the bytes of a possible count are held until it is known. */
  #begin(chunk: Uint8Array, from: number): number {
    let at = from
    const held = this.#held
    if (held.length === 0) {
      while (at < chunk.length && this.#isFiller(chunk[at]!)) at++
      if (at === chunk.length) return at
      const outcome = readOctetCount(chunk, at, chunk.length)
      if (outcome.kind === 'count') return this.#enterCounted(outcome.length, outcome.at)
      if (outcome.kind === 'line') return this.#enterLine(chunk[at]!, at)
    }
    const before = held.length
    const taken = Math.min(chunk.length - at, MAX_COUNT_BYTES - before)
    if (!held.append(chunk, at, at + taken)) return this.#enterLine(chunk[at]!, at)
    const outcome = readOctetCount(held.bytes, 0, held.length)
    if (outcome.kind === 'open') return at + taken
    if (outcome.kind === 'count') {
      held.clear()
      return this.#enterCounted(outcome.length, at + outcome.at - before)
    }
    // What was held before this chunk stays as the beginning of the line; the rest is read from the chunk.
    held.replace(held.bytes, 0, before)
    return this.#enterLine(before > 0 ? held.bytes[0]! : chunk[at]!, at)
  }

  #isFiller(byte: number): boolean {
    return byte === NEWLINE || byte === RETURN || byte === NUL || (byte === SPACE && this.#wasCounted)
  }

  #enterCounted(length: number, at: number): number {
    this.#state = 'counted'
    this.#missing = length
    return at
  }

  #enterLine(first: number, at: number): number {
    this.#state = 'line'
    if (this.#wasCounted && first !== LESS) this.#faults |= FAULT.badFrameCount
    this.#wasCounted = false
    return at
  }

  #line(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const stop = this.#lineEnd(chunk, at)
    const held = this.#held
    if (held.length === 0 && stop < chunk.length) {
      const hasReturn = chunk[stop] === NEWLINE && stop > at && chunk[stop - 1] === RETURN
      // In a line that is cut the CR counts as cut off, as it does where the line came in pieces.
      this.#finish(chunk, at, hasReturn && stop - 1 - at <= this.#maxBytes ? stop - 1 : stop, sink)
      return stop + 1
    }
    // One byte over the limit may still be the CR of a line end; two are too many.
    const taken = Math.min(stop - at, this.#maxBytes + 2 - held.length)
    const isKept = held.append(chunk, at, at + taken)
    if (!isKept || held.length > this.#maxBytes + 1) return this.#cutLine(chunk, isKept ? at + taken : at, sink)
    if (stop === chunk.length) return stop
    const hasReturn = chunk[stop] === NEWLINE && held.bytes[held.length - 1] === RETURN
    this.#finishHeld(hasReturn ? held.length - 1 : held.length, sink)
    return stop + 1
  }

  /** The line is too long for the limit, or for the budget: what is held of it goes out now, the rest from `at` on is skipped. */
  #cutLine(chunk: Uint8Array, at: number, sink: FrameSink): number {
    this.#faults |= FAULT.truncated
    const from = this.#held.length > 0 ? at : Math.min(this.#lineEnd(chunk, at), at + this.#maxBytes)
    if (this.#held.length > 0) this.#finishHeld(this.#held.length, sink)
    else this.#finish(chunk, at, from, sink)
    this.#state = 'skip-line'
    return from
  }

  /** The position of the next newline or NUL, or the chunk's length. */
  #lineEnd(chunk: Uint8Array, at: number): number {
    if (this.#nulAt < at) {
      const nul = chunk.indexOf(NUL, at)
      this.#nulAt = nul < 0 ? chunk.length : nul
    }
    const newline = chunk.indexOf(NEWLINE, at)
    return newline < 0 ? this.#nulAt : Math.min(newline, this.#nulAt)
  }

  #counted(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const held = this.#held
    const end = Math.min(chunk.length, at + this.#missing)
    if (held.length === 0 && end - at === this.#missing) {
      this.#wasCounted = true
      this.#finish(chunk, at, end, sink)
      return end
    }
    const to = Math.min(end, at + this.#maxBytes - held.length)
    const isKept = held.append(chunk, at, to)
    const isDirect = !isKept && held.length === 0
    const next = isKept || isDirect ? to : at
    this.#missing -= next - at
    if (isKept && this.#missing > 0 && held.length < this.#maxBytes) return next
    this.#wasCounted = true
    const isWhole = this.#missing === 0
    if (!isWhole) this.#faults |= FAULT.truncated
    if (isDirect) this.#finish(chunk, at, to, sink)
    else this.#finishHeld(held.length, sink)
    if (!isWhole) this.#state = 'skip-counted'
    return next
  }

  #skipLine(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const stop = this.#lineEnd(chunk, at)
    sink.cut(stop - at)
    if (stop === chunk.length) return stop
    this.#state = 'start'
    return stop + 1
  }

  #skipCounted(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const end = Math.min(chunk.length, at + this.#missing)
    sink.cut(end - at)
    this.#missing -= end - at
    if (this.#missing === 0) this.#state = 'start'
    return end
  }

  /** The first `length` held bytes are the frame. */
  #finishHeld(length: number, sink: FrameSink): void {
    this.#finish(this.#held.bytes, 0, length, sink)
    if (!this.#isOwed) this.#held.clear()
  }

  /** A frame is whole: cut it at the limit and hand it out, or keep it where it is refused. Empty lines are no frames. */
  #finish(bytes: Uint8Array, start: number, end: number, sink: FrameSink): void {
    this.#state = 'start'
    let stop = end
    if (end - start > this.#maxBytes) {
      this.#faults |= FAULT.truncated
      stop = start + this.#maxBytes
      sink.cut(end - stop)
    }
    if (stop === start) {
      this.#faults = 0
    } else if (sink.frame(bytes, start, stop, this.#faults)) {
      this.#faults = 0
    } else {
      this.#held.replace(bytes, start, stop)
      this.#isOwed = true
    }
  }

  #settle(sink: FrameSink): boolean {
    if (!sink.frame(this.#held.bytes, 0, this.#held.length, this.#faults)) return false
    this.#isOwed = false
    this.#faults = 0
    this.#held.clear()
    return true
  }
}
