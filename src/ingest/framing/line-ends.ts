const NUL = 0
const NEWLINE = 10

/** Finds line ends in a chunk; each byte is looked at once for each kind, whichever kind the sender uses. */
export class LineEnds {
  /** Next NUL and newline of the chunk in hand, its length when there is none, -1 when not looked for. */
  #nulAt = -1
  #newlineAt = -1

  /** To be called for each chunk before it is searched. */
  reset(): void {
    this.#nulAt = -1
    this.#newlineAt = -1
  }

  /** The position of the next newline or NUL, or the chunk's length; `at` only grows. */
  next(chunk: Uint8Array, at: number): number {
    if (this.#nulAt < at) this.#nulAt = positionOf(chunk, NUL, at)
    if (this.#newlineAt < at) this.#newlineAt = positionOf(chunk, NEWLINE, at)
    return Math.min(this.#newlineAt, this.#nulAt)
  }
}

function positionOf(chunk: Uint8Array, byte: number, at: number): number {
  const found = chunk.indexOf(byte, at)
  return found < 0 ? chunk.length : found
}
