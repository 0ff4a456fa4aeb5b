import { FRAMING } from '#domain/framing.ts'
import { FAULT } from '../parse/fault-bits.ts'
import { HeldFrame, type HeldBudget } from './held-frame.ts'
import { MAX_COUNT_BYTES } from './octet-count.ts'

/** Where frames go: at `start` … `end` of `bytes`, valid during the call; `faults` are bits of FAULT, `framing` is an index of FRAMINGS. Positions, since an object per frame would be garbage at a million a second. */
export interface FrameSink {
  /** @returns false to refuse the frame for now */
  frame(bytes: Uint8Array, start: number, end: number, faults: number, framing: number): boolean
  /** Bytes cut off a frame that was too long. */
  cut(bytes: number): void
}

export interface FramerLimits {
  /** At least 16 are kept. */
  readonly maxFrameBytes: number
  /** Shared by all connections; a frame that would exceed it is cut where it stands. */
  readonly heldBudget: HeldBudget
}

/** What may have to be held before it is known how a frame ends. */
const MIN_FRAME_BYTES = MAX_COUNT_BYTES

/** Hands whole frames to the sink, cut at the limit; a refused one is kept, before what is held of the next. Empty frames are none. */
export class FrameOutlet {
  readonly maxBytes: number
  /** The beginning of the frame in hand; with a refused frame before it. */
  readonly held: HeldFrame
  /** Faults of the frame in hand. */
  faults = 0
  /** How the frame in hand ends: index of FRAMINGS. */
  framing: number = FRAMING.newline
  /** Length of the refused frame, which is held; 0 for none. */
  owedBytes = 0

  constructor({ maxFrameBytes, heldBudget }: FramerLimits) {
    this.maxBytes = Math.max(MIN_FRAME_BYTES, maxFrameBytes)
    this.held = new HeldFrame(heldBudget)
  }

  /** A frame of the chunk; nothing is held. */
  give(bytes: Uint8Array, start: number, end: number, sink: FrameSink): void {
    const stop = Math.min(end, start + this.maxBytes)
    if (stop < end) {
      this.faults |= FAULT.truncated
      sink.cut(end - stop)
    }
    if (stop === start || sink.frame(bytes, start, stop, this.faults, this.framing)) {
      this.#forget()
    } else {
      this.held.replace(bytes, start, stop)
      this.owedBytes = stop - start
    }
  }

  /** The first `length` held bytes are the frame; what is held behind them stays. */
  giveHeld(length: number, sink: FrameSink): void {
    const kept = Math.min(length, this.maxBytes)
    if (kept < length) {
      this.faults |= FAULT.truncated
      sink.cut(length - kept)
      this.held.remove(kept, length)
    }
    this.owedBytes = kept
    if (kept > 0) this.settle(sink)
    else this.#forget()
  }

  /** Offers the refused frame. @returns false when it is refused again */
  settle(sink: FrameSink): boolean {
    if (!sink.frame(this.held.bytes, 0, this.owedBytes, this.faults, this.framing)) return false
    this.held.remove(0, this.owedBytes)
    this.owedBytes = 0
    this.#forget()
    return true
  }

  /** The next frame is another one. */
  #forget(): void {
    this.faults = 0
    this.framing = FRAMING.newline
  }

  /** The first `length` held bytes are cut off. */
  drop(length: number, sink: FrameSink): void {
    if (length <= 0) return
    sink.cut(length)
    this.held.remove(0, length)
  }
}
