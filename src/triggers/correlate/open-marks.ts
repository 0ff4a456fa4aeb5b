import { FIRED_KEPT_MS } from './bounds.ts'
import { WORD } from './memory/bytes.ts'
import type { RuleKeys } from './rule-keys.ts'

/**
 * Which keys of a rule were raised and not cleared: only for rules whose `resolve` may not know all of a key, so that it can be said which alerts
 * it ends. A mark goes with the clear, 30 days after the last raise, or with the bounds; then such a `resolve` finds it no more, and the alert
 * ends by quiet or by a person.
 */
export class OpenMarks {
  readonly #keys: RuleKeys

  constructor(keys: RuleKeys) {
    this.#keys = keys
  }

  raised(key: string, atMs: number): void {
    const slot = this.#keys.beginOpen(key, WORD)
    if (slot < 0) return
    const { store } = this.#keys
    store.f64Of(slot)[store.wordOf(slot)] = atMs
    if (this.#keys.isNew) {
      this.#keys.changed(slot)
      store.timers.set(slot, atMs + FIRED_KEPT_MS)
    }
  }

  cleared(key: string): void {
    const slot = this.#keys.findText(key, 1)
    if (slot >= 0) this.#keys.remove(slot)
  }

  due(slot: number, nowMs: number): void {
    const endMs = this.#raisedMs(slot) + FIRED_KEPT_MS
    if (endMs <= nowMs) this.#keys.remove(slot)
    else this.#keys.store.timers.set(slot, endMs)
  }

  restored(slot: number): void {
    this.#keys.store.timers.set(slot, this.#raisedMs(slot) + FIRED_KEPT_MS)
  }

  #raisedMs(slot: number): number {
    return this.#keys.store.f64Of(slot)[this.#keys.store.wordOf(slot)]!
  }
}
