/** Incomplete frames of all connections together. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024

/** Memory that all connections' incomplete frames may use together. */
export interface HeldBudget {
  freeBytes: number
}

const EMPTY = new Uint8Array(0)
const FIRST_BYTES = 512
const NEWLINE = 10
const RETURN = 13

/** The bytes of one frame that has not arrived whole; grows as needed and gives its memory back to the budget when cleared. */
export class HeldFrame {
  readonly #budget: HeldBudget
  #bytes = EMPTY
  #length = 0

  constructor(budget: HeldBudget) {
    this.#budget = budget
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  get length(): number {
    return this.#length
  }

  /** @returns false, and nothing taken, when the budget is used up */
  append(bytes: Uint8Array, from: number, to: number): boolean {
    const needed = this.#length + to - from
    if (needed > this.#bytes.length) {
      const size = Math.max(FIRST_BYTES, needed, Math.min(this.#bytes.length * 2, needed * 2))
      if (size - this.#bytes.length > this.#budget.freeBytes) return false
      this.#grow(size)
    }
    this.#bytes.set(bytes.subarray(from, to), this.#length)
    this.#length = needed
    return true
  }

  /** Keeps exactly these bytes, whatever the budget says: a whole frame that cannot be given on yet. Not of what is held. */
  replace(bytes: Uint8Array, from: number, to: number): void {
    if (to - from > this.#bytes.length) this.#grow(to - from)
    this.#bytes.set(bytes.subarray(from, to))
    this.#length = to - from
  }

  /** Takes the bytes from … to out; memory is given back when none is left. */
  remove(from: number, to: number): void {
    this.#bytes.copyWithin(from, to, this.#length)
    this.#length -= to - from
    if (this.#length === 0) this.clear()
  }

  /** Takes all out but the bytes from … to. @returns how many are left */
  keep(from: number, to: number): number {
    this.remove(Math.max(from, to), this.#length)
    this.remove(0, from)
    return this.#length
  }

  /** Takes a CR off the end that belongs to the line end behind it. @returns whether there was one */
  dropReturn(lineEnd: number): boolean {
    const isThere = lineEnd === NEWLINE && this.#bytes[this.#length - 1] === RETURN
    if (isThere) this.remove(this.#length - 1, this.#length)
    return isThere
  }

  clear(): void {
    this.#budget.freeBytes += this.#bytes.length
    this.#bytes = EMPTY
    this.#length = 0
  }

  #grow(size: number): void {
    this.#budget.freeBytes -= size - this.#bytes.length
    const larger = new Uint8Array(size)
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
