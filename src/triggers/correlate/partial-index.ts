import { maskedText, type KeyPlan, type Mask } from './key-plan.ts'

/** So many different sets of given parts are indexed for a rule; for more, all its keys are looked through. */
const MAX_INDEXES = 4

/**
 * Finds the keys that agree with some parts: what ends or continues something need not know all of a key. An index is made when
 * a set of parts is first asked for, since few rules need one; it costs about 150 bytes a key.
 */
export class PartialIndex {
  readonly #plan: KeyPlan
  readonly #from: number
  readonly #byMask = new Map<Mask, Map<string, Set<number>>>()

  /** `from`: bytes before the parts of a key. */
  constructor(plan: KeyPlan, from: number) {
    this.#plan = plan
    this.#from = from
  }

  /** `all`: every slot of the rule and its key, asked for where no index is there yet. */
  agreeing(mask: Mask, text: string, all: () => Iterable<readonly [number, Uint8Array]>): readonly number[] {
    let index = this.#byMask.get(mask)
    if (index === undefined) {
      index = new Map<string, Set<number>>()
      for (const [slot, key] of all()) this.#enter(index, slot, this.#textOf(key, mask))
      if (this.#byMask.size < MAX_INDEXES) this.#byMask.set(mask, index)
    }
    return [...(index.get(text) ?? [])]
  }

  add(slot: number, key: Uint8Array): void {
    for (const [mask, index] of this.#byMask) this.#enter(index, slot, this.#textOf(key, mask))
  }

  remove(slot: number, key: Uint8Array): void {
    for (const [mask, index] of this.#byMask) {
      const text = this.#textOf(key, mask)
      const slots = index.get(text)
      slots?.delete(slot)
      if (slots?.size === 0) index.delete(text)
    }
  }

  #textOf(key: Uint8Array, mask: Mask): string {
    return maskedText(this.#plan, key, { mask, from: this.#from })
  }

  #enter(index: Map<string, Set<number>>, slot: number, text: string): void {
    index.getOrInsertComputed(text, () => new Set<number>()).add(slot)
  }
}
