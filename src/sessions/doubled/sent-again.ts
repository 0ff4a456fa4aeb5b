/** Without a stamp, this many rows in the right order are no coincidence. */
const ENOUGH_ROWS = 16
/** New messages in a row, of whichever connection of the sender: after that nothing comes again. */
const MAX_NEW = 512

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
 * What a RELP sender sends at the beginning of a connection: the messages that it had no answer for, in the order in which it sent them before. So the head of the
 * connection is what the stored ones end with. Where several connections of one sender mix, only stamped messages can be told, each by itself.
 */
export class SentAgain {
  /** Nothing comes again later than this. */
  readonly untilMs: number
  /** 0 where one came again. */
  readonly #stored: Uint32Array
  #next: number
  #new = 0

  private constructor({ stored, untilMs }: Pick<Opening, 'stored' | 'untilMs'>, next: number) {
    this.#stored = stored
    this.untilMs = untilMs
    this.#next = next
  }

  /** @returns undefined: nothing comes again, as far as can be told */
  static at(opening: Opening): SentAgain | undefined {
    const { stored, head, isStamped } = opening
    for (let at = stored.indexOf(head[0]!); at >= 0; at = stored.indexOf(head[0]!, at + 1)) {
      if (isStamped) return new SentAgain(opening, at)
      const left = Math.min(head.length, stored.length - at)
      let same = 1
      while (same < left && stored[at + same] === head[same]) same++
      if (same === left && (at + same === stored.length || same >= ENOUGH_ROWS)) return new SentAgain(opening, at)
    }
    return undefined
  }

  /** Nothing more can come again. */
  get isOver(): boolean {
    return this.#new > MAX_NEW
  }

  /** Whether the next frame of the sender is one that came before. */
  takes(frame: number, isStamped: boolean): boolean {
    const at = this.#stored[this.#next] === frame ? this.#next : isStamped ? this.#stored.indexOf(frame) : -1
    if (at < 0) {
      this.#new++
      return false
    }
    this.#stored[at] = 0
    this.#next = at + 1
    this.#new = 0
    return true
  }

  copy(): SentAgain {
    const copy = new SentAgain({ stored: this.#stored.slice(), untilMs: this.untilMs }, this.#next)
    copy.#new = this.#new
    return copy
  }
}
