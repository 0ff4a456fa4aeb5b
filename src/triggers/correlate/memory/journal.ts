import type { StateChange } from '../correlator.ts'
import { DIRTY, STORED, type SlotStore } from './slot-store.ts'

/** What has to be written: slots that changed, and rows whose key is gone. */
export class Journal {
  readonly #store: SlotStore
  #dirty: number[] = []
  #gone: StateChange[] = []
  #lastDirty: number[] = []
  #lastGone: StateChange[] = []

  constructor(store: SlotStore) {
    this.#store = store
  }

  changed(slot: number): void {
    const { flags } = this.#store
    if ((flags[slot]! & DIRTY) !== 0) return
    flags[slot] = flags[slot]! | DIRTY
    this.#dirty.push(slot)
  }

  /** A row that is to be removed: one that was given out, or was found on the disk and means nothing now. */
  gone(row: Omit<StateChange, 'state'>): void {
    this.#gone.push({ ...row, state: undefined })
  }

  /** Removals first: a key may be gone and there again. */
  *changes(rowOf: (slot: number) => StateChange): Iterable<StateChange> {
    this.#lastGone = this.#gone
    this.#gone = []
    const dirty = this.#dirty
    this.#dirty = []
    this.#lastDirty = []
    const { flags } = this.#store
    let reached = 0
    try {
      yield* this.#lastGone
      while (reached < dirty.length) {
        const slot = dirty[reached++]!
        if ((flags[slot]! & DIRTY) === 0) continue // removed meanwhile
        flags[slot] = (flags[slot]! & ~DIRTY) | STORED
        this.#lastDirty.push(slot)
        yield rowOf(slot)
      }
    } finally {
      // Whoever reads may fail halfway: what was not reached is still to be written.
      for (; reached < dirty.length; reached++) this.#dirty.push(dirty[reached]!)
    }
  }

  unwritten(): void {
    this.#gone = [...this.#lastGone, ...this.#gone]
    for (const slot of this.#lastDirty) this.changed(slot)
    this.#lastGone = []
    this.#lastDirty = []
  }
}
