import { FRAMING } from '#domain/framing.ts'
import type { FrameOutlet, FrameSink } from './frame-outlet.ts'
import type { HeldFrame } from './held-frame.ts'
import { followCounts, readBareCount, type FoundCount } from './octet-count.ts'

/**
 * Frames that are counted but have no priority, `5 hello5 world`: held until the counts have led from one to the next and exactly to
 * a count with a priority, or to the end of a line behind frames that were counted. Only where no line has come yet.
 */
export class CountChain {
  /** False once a line has come: then such numbers are text. */
  isPossible = true
  /** Where the next count is expected among the held bytes. */
  #at = 0
  #mayEndWithLine = false
  /** Held bytes that are counts and their texts, to be given out one by one. */
  #bytes = 0

  begin({ mayEndWithLine }: { readonly mayEndWithLine: boolean }): void {
    this.#at = 0
    this.#mayEndWithLine = mayEndWithLine
  }

  /** Follows the counts through what is held. @returns the count with a priority that proves them, when it is there */
  follow(held: HeldFrame, maxBytes: number): FoundCount | undefined {
    const chain = followCounts(held.bytes, this.#at, held.length)
    if (chain.kind === 'proven') return chain
    if (chain.kind === 'open' && chain.next <= maxBytes) this.#at = chain.next
    else this.isPossible = false
    return undefined
  }

  /** Whether the counts lead exactly to a line end at `length`; the last may include its bytes. */
  endsAt(length: number, lineEndBytes: number): boolean {
    return this.isPossible && this.#mayEndWithLine && this.#at >= length && this.#at <= length + lineEndBytes
  }

  /** The first `length` held bytes are the chain. */
  enter(length: number): void {
    this.#bytes = length
  }

  get isGivenOut(): boolean {
    return this.#bytes === 0
  }

  /** Gives out the first text, without its count. */
  give(out: FrameOutlet, sink: FrameSink): void {
    const { text, length } = readBareCount(out.held.bytes, 0, this.#bytes)
    const kept = Math.min(length, this.#bytes - text - 1)
    this.#bytes -= text + 1 + kept
    out.held.remove(0, text + 1)
    out.framing = FRAMING.octetCount
    out.giveHeld(kept, sink)
  }
}
