/** Numbers known one by one, behind the highest. */
export const WINDOW = 1024
const WORDS = WINDOW / 32

/**
 * Where a sequence stands: everything of a tracker that outlives the hub. One shape for all, changed in place. The bit of a position is set while it has not come;
 * bits of positions outside of the window are clear.
 */
export class SequenceState {
  /** -1: nothing was observed. */
  highest = -1
  /** Positions and numbers differ by this: it grows when the numbers wrap. */
  base = 0
  /** The lowest position of this sequence; what was before it is not known. */
  start = 0
  /** What is missing up to here is in the ledger. */
  booked = 0
  /** The highest position at `markMs`. */
  mark = 0
  markMs = 0
  /** Where the sequence was left by the last jump beyond the window or the last beginning, or -1; where the jump led, when it was, and what has not come of what it left out. */
  jumpedFrom = -1
  jumpedTo = 0
  jumpedMs = 0
  jumpLost = 0
  /** Beginnings and resumptions, each soon after the one before; the last of them. */
  restarts = 0
  restartMs = 0
  tangledUntilMs = 0
  /** Whose number was observed last: where its losses are booked. */
  sourceId = 0
  sessionId = 0
  /** When something was booked last: what still comes is taken back there. */
  bookedMs = 0
  missing = 0
  #bits: Uint32Array | undefined

  copyFrom(other: SequenceState): void {
    this.highest = other.highest
    this.base = other.base
    this.start = other.start
    this.booked = other.booked
    this.mark = other.mark
    this.markMs = other.markMs
    this.jumpedFrom = other.jumpedFrom
    this.jumpedTo = other.jumpedTo
    this.jumpedMs = other.jumpedMs
    this.jumpLost = other.jumpLost
    this.restarts = other.restarts
    this.restartMs = other.restartMs
    this.tangledUntilMs = other.tangledUntilMs
    this.sourceId = other.sourceId
    this.sessionId = other.sessionId
    this.bookedMs = other.bookedMs
    if (other.#bits !== undefined) (this.#bits ??= new Uint32Array(WORDS)).set(other.#bits)
    else this.#bits?.fill(0)
    this.missing = other.missing
  }

  /** A sequence begins here; where the one before is booked is the caller's business. */
  begin(position: number, atMs: number): void {
    this.clear()
    this.highest = position
    this.start = position
    this.booked = position - WINDOW
    this.mark = position
    this.markMs = atMs
  }

  clear(): void {
    this.highest = -1
    this.jumpedFrom = -1
    this.missing = 0
    this.#bits?.fill(0)
  }

  isMissing(position: number): boolean {
    return this.missing > 0 && (this.#bits![wordOf(position)]! & bitOf(position)) !== 0
  }

  setMissing(position: number): void {
    this.#bits ??= new Uint32Array(WORDS)
    this.#bits[wordOf(position)]! |= bitOf(position)
    this.missing++
  }

  clearMissing(position: number): void {
    this.#bits![wordOf(position)]! &= ~bitOf(position)
    this.missing--
  }

  /** A number before the first one has come late: those between them have not come. @returns how many of them count as lost already */
  startEarlier(position: number): number {
    let lost = 0
    for (let between = position + 1; between < this.start; between++) {
      this.setMissing(between)
      if (between <= this.booked) lost++
    }
    this.start = position
    return lost
  }

  /** @param withinMs so soon after the one before, it counts as one more */
  countBreak(atMs: number, withinMs: number): void {
    this.restarts = atMs - this.restartMs < withinMs ? this.restarts + 1 : 1
    this.restartMs = atMs
  }

  /** Another sequence has begun; this one may go on. */
  leave(position: number, atMs: number): void {
    this.jumpedFrom = position
    this.jumpedTo = 0
    this.jumpedMs = atMs
    this.jumpLost = 0
  }

  noteJump(position: number, atMs: number): void {
    this.jumpedFrom = this.highest
    this.jumpedMs = atMs
    this.jumpedTo = position
    this.jumpLost = position - this.highest - 1
  }

  /** How many of those that the last jump left out count as lost by now. */
  get lostByJump(): number {
    let pending = 0
    if (this.missing > 0) for (let at = Math.max(this.booked, this.highest - WINDOW) + 1; at < this.jumpedTo; at++) if (this.isMissing(at)) pending++
    return this.jumpLost - pending
  }

  /** Moves on to a higher position: those between are missing. @returns how many are lost since they leave the window */
  advance(position: number): number {
    let lost = 0
    const from = this.highest
    this.highest = position
    if (position - from < WINDOW) {
      for (let next = from + 1; next <= position; next++) {
        if (this.missing > 0) lost += this.#leave(next - WINDOW)
        if (next < position) this.setMissing(next)
      }
      return lost
    }
    for (let old = from - WINDOW + 1; old <= from && this.missing > 0; old++) lost += this.#leave(old)
    lost += position - WINDOW - from
    this.booked = Math.max(this.booked, position - WINDOW)
    for (let next = position - WINDOW + 1; next < position; next++) this.setMissing(next)
    return lost
  }

  /** @returns how many of the missing up to here, which were not in the ledger, are lost */
  bookUpTo(position: number): number {
    let lost = 0
    if (this.missing > 0) for (let at = Math.max(this.booked + 1, this.highest - WINDOW + 1); at <= position; at++) if (this.isMissing(at)) lost++
    this.booked = Math.max(this.booked, position)
    return lost
  }

  /** One line for hub.db. */
  encode(): string {
    const { highest, base, start, booked, mark, markMs, jumpedFrom, jumpedTo, jumpedMs, jumpLost, restarts, restartMs, tangledUntilMs, sourceId, sessionId, bookedMs } = this
    const bits = this.missing === 0 ? '' : Buffer.from(this.#bits!.buffer).toString('base64')
    return JSON.stringify([highest, base, start, booked, mark, markMs, jumpedFrom, jumpedTo, jumpedMs, jumpLost, restarts, restartMs, tangledUntilMs, sourceId, sessionId, bookedMs, bits])
  }

  /** @returns false: it is no state that `encode` wrote; nothing was changed */
  decode(text: string): boolean {
    const fields = parseArray(text)
    const bits = fields.pop()
    if (typeof bits !== 'string' || fields.length !== NUMBERS || !fields.every((field) => typeof field === 'number')) return false
    const [highest, base, start, booked, mark, markMs, jumpedFrom, jumpedTo, jumpedMs, jumpLost, restarts, restartMs, tangledUntilMs, sourceId, sessionId, bookedMs] = fields as number[]
    Object.assign(this, { highest, base, start, booked, mark, markMs, jumpedFrom, jumpedTo, jumpedMs, jumpLost, restarts, restartMs, tangledUntilMs, sourceId, sessionId, bookedMs, missing: 0 })
    this.#bits = undefined
    const bytes = Buffer.from(bits, 'base64')
    if (bytes.length !== WINDOW / 8) return bits === ''
    this.#bits = new Uint32Array(new Uint8Array(bytes).buffer)
    for (const word of this.#bits) for (let left = word; left !== 0; left &= left - 1) this.missing++
    return true
  }

  /** A position has left the window. */
  #leave(position: number): number {
    if (!this.isMissing(position)) return 0
    this.clearMissing(position)
    return position > this.booked ? 1 : 0
  }
}

const NUMBERS = 16
const inWindow = (position: number): number => ((position % WINDOW) + WINDOW) % WINDOW
const wordOf = (position: number): number => inWindow(position) >>> 5
const bitOf = (position: number): number => 1 << (position & 31)

function parseArray(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? (value as unknown[]) : []
  } catch {
    return [] // written by another hand: the sequence begins anew
  }
}
