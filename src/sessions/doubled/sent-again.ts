/** Without a stamp, this many rows in the right order are no coincidence. */
const ENOUGH_ROWS = 16
/** Rows between those that come again: of another connection of the same sender. */
const MAX_BETWEEN = 512

interface Opening {
  /** The frames stored last of this sender, oldest first, as hashes. */
  readonly stored: Uint32Array
  /** The first frames of the new connection, as far as they are there. */
  readonly head: Uint32Array
  /** They have the sender's time: the same bytes mean the same message. */
  readonly isStamped: boolean
  readonly untilMs: number
}

/**
 * What a RELP sender sends at the beginning of a connection: the messages that it had no answer for, oldest first, in the order in which it sent them before.
 * So the head of the connection is what the stored ones end with; where several connections of one sender mix, the order remains.
 */
export class SentAgain {
  /** Nothing comes again later than this. */
  readonly untilMs: number
  readonly #stored: Uint32Array
  #next: number
  #between = 0

  private constructor({ stored, untilMs }: Pick<Opening, 'stored' | 'untilMs'>, next: number) {
    this.#stored = stored
    this.untilMs = untilMs
    this.#next = next
  }

  /** @returns undefined: nothing comes again, as far as can be told */
  static at(opening: Opening): SentAgain | undefined {
    const { stored, head, isStamped } = opening
    let next = -1
    for (let at = stored.indexOf(head[0]!); at >= 0; at = stored.indexOf(head[0]!, at + 1)) {
      const left = Math.min(head.length, stored.length - at)
      let same = 1
      while (same < left && stored[at + same] === head[same]) same++
      const isEnough = isStamped || at + same === stored.length || same >= ENOUGH_ROWS
      if (same === left && isEnough) return new SentAgain(opening, at)
      if (next < 0 && isStamped) next = at
    }
    return next < 0 ? undefined : new SentAgain(opening, next)
  }

  /** Nothing more can come again. */
  get isOver(): boolean {
    return this.#next >= this.#stored.length || this.#between > MAX_BETWEEN
  }

  /** Whether the next frame of the sender is one that came before. */
  takes(frame: number, isStamped: boolean): boolean {
    const at = isStamped ? this.#stored.indexOf(frame, this.#next) : this.#stored[this.#next] === frame ? this.#next : -1
    if (at < 0) {
      this.#between++
      return false
    }
    this.#next = at + 1
    return true
  }

  copy(): SentAgain {
    const copy = new SentAgain({ stored: this.#stored, untilMs: this.untilMs }, this.#next)
    copy.#between = this.#between
    return copy
  }
}
