/** Messages that a RELP sender may have under way: librelp sends 128 before it waits, others more. */
export const TAIL = 512

/** The frames stored last of one sender, as hashes. */
export class StoredTail {
  readonly #frames = new Uint32Array(TAIL)
  #count = 0

  push(frame: number): void {
    this.#frames[this.#count++ % TAIL] = frame
  }

  /** Oldest first; with `newer` behind them, which are not stored yet. */
  frames(newer: readonly number[]): Uint32Array {
    const kept = Math.max(0, Math.min(this.#count, TAIL - newer.length))
    const frames = new Uint32Array(kept + newer.length)
    for (let i = 0; i < kept; i++) frames[i] = this.#frames[(this.#count - kept + i) % TAIL]!
    frames.set(newer, kept)
    return frames
  }
}
