import { TURN_AFTER_BATCHES, TURN_BYTES } from './fair-share.ts'

/** When whoever can wait has waited long enough: whoever cannot would else take every batch that comes back, as long as the flood lasts. */
export class Turns {
  #isWaiting = false
  #settledBatches = 0
  #leftBytes = 0

  /** What is reserved is open to whoever can wait. */
  get isOpen(): boolean {
    return this.#leftBytes > 0
  }

  /** Somebody who can wait found no room. */
  refuse(): void {
    this.#isWaiting = true
  }

  /** Somebody who can wait was given so much room. */
  take(bytes: number): void {
    this.#isWaiting = false
    this.#settledBatches = 0
    this.#leftBytes = Math.max(0, this.#leftBytes - bytes)
  }

  /** The writer has settled a batch. */
  settle(): void {
    if (!this.#isWaiting || ++this.#settledBatches < TURN_AFTER_BATCHES) return
    this.#settledBatches = 0
    this.#leftBytes = TURN_BYTES
  }
}
