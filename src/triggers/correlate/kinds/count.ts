import type { EvidenceClass } from '#domain/lifecycle.ts'
import { EVIDENCE_CLASSES } from '#domain/lifecycle.ts'
import type { KeyState } from '../correlator.ts'
import { weakerOf } from '../subject.ts'
import { WORD } from '../memory/bytes.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** Room that a key begins with, in entries; it doubles. */
const FIRST_ENTRIES = 3

/** Entries that are remembered for a key: what decides, and some more, so that `count` says how many there are beyond. */
export const entriesFor = (atLeast: number): number => Math.max(atLeast, Math.min(256, Math.max(16, 2 * atLeast)))

/**
 * `count`: at least so many in a sliding window. Each match at which the window holds that many raises (again), so that an alert's
 * quiet time counts from the last of them; one match after the window ran low raises nothing. What the window no longer holds is
 * forgotten; `reset` and what resolves the alert empty it.
 *
 * State: a ring of times. First word: position of the oldest and (24 bits) how many, with the weakest evidence in it (8 bits).
 */
export class CountKind implements Kind {
  readonly #tools: Tools<WhenOf<'count'>>
  readonly #most: number

  constructor(tools: Tools<WhenOf<'count'>>) {
    this.#tools = tools
    this.#most = entriesFor(tools.when.atLeast)
  }

  take({ role, given }: Part): void {
    const { keys, when, report, keyless } = this.#tools
    if (role === 'reset') {
      for (const slot of keys.agreeing(given)) keys.remove(slot)
      return
    }
    const slot = keys.begin(given, WORD * (1 + Math.min(FIRST_ENTRIES, when.atLeast)))
    if (slot < 0) return keyless()
    const { subject, captures } = given
    const count = this.#add(slot, subject.atMs, subject.evidence)
    keys.changed(slot)
    if (keys.isNew) keys.store.timers.set(slot, subject.atMs + when.withinMs)
    if (count >= when.atLeast) {
      const evidence = evidenceIn(keys.store.u32Of(slot)[keys.store.wordOf(slot) * 2 + 1]!)
      report.raise(keys.keyOf(slot), { reason: 'counted', subject: { ...subject, evidence }, captures, extra: { count: String(count) } })
    }
  }

  due(slot: number, nowMs: number): void {
    const { keys, when } = this.#tools
    const endMs = this.#newest(slot) + when.withinMs
    if (endMs <= nowMs) keys.remove(slot)
    else keys.store.timers.set(slot, endMs)
  }

  restored(slot: number): void {
    const { keys, when } = this.#tools
    const bytes = keys.store.stateBytesOf(slot)
    const { head, length } = this.#header(slot)
    if (bytes % WORD !== 0 || length < 1 || length > bytes / WORD - 1 || head >= bytes / WORD - 1) throw new RangeError('no window')
    keys.store.timers.set(slot, this.#newest(slot) + when.withinMs)
  }

  ended(slot: number): void {
    this.#tools.keys.remove(slot)
  }

  explain(slot: number, nowMs: number): KeyState {
    const { keys, when } = this.#tools
    const { head, length, capacity } = this.#header(slot)
    const times = keys.store.f64Of(slot)
    const at = keys.store.wordOf(slot) + 1
    const young = Array.from({ length }, (_, i) => times[at + ((head + i) % capacity)]!).filter((timeMs) => nowMs - timeMs < when.withinMs)
    const leavesMs = young.length === 0 ? undefined : young[0]! + when.withinMs
    const when2 = leavesMs === undefined ? '' : `, the oldest leaves the window at ${new Date(leavesMs).toISOString()}`
    return { summary: `${young.length} of ${when.atLeast}${when2}`, have: young.length, need: when.atLeast, dueMs: leavesMs }
  }

  #header(slot: number): { readonly head: number; readonly length: number; readonly capacity: number } {
    const { store } = this.#tools.keys
    const u32 = store.u32Of(slot)
    const at = store.wordOf(slot) * 2
    return { head: u32[at]!, length: u32[at + 1]! & 0xff_ffff, capacity: store.stateBytesOf(slot) / WORD - 1 }
  }

  /** Time of the newest entry. */
  #newest(slot: number): number {
    const { head, length, capacity } = this.#header(slot)
    return this.#tools.keys.store.f64Of(slot)[this.#tools.keys.store.wordOf(slot) + 1 + ((head + length - 1) % capacity)]!
  }

  /** @returns how many the window holds now */
  #add(slot: number, atMs: number, evidence: EvidenceClass): number {
    const { store } = this.#tools.keys
    const { withinMs } = this.#tools.when
    let at = store.wordOf(slot)
    let f64 = store.f64Of(slot)
    let head = store.u32Of(slot)[at * 2]!
    const packed = store.u32Of(slot)[at * 2 + 1]!
    let length = packed & 0xff_ffff
    let capacity = store.stateBytesOf(slot) / WORD - 1
    while (length > 0 && atMs - f64[at + 1 + head]! >= withinMs) {
      head = head + 1 === capacity ? 0 : head + 1
      length--
    }
    const weakest = length === 0 ? evidence : weakerOf(evidence, evidenceIn(packed))
    if (length === capacity) {
      if (capacity < this.#most) {
        capacity = this.#widen(slot, head)
        at = store.wordOf(slot)
        f64 = store.f64Of(slot)
        head = 0
      } else {
        head = head + 1 === capacity ? 0 : head + 1
        length--
      }
    }
    f64[at + 1 + ((head + length) % capacity)] = atMs
    length++
    const u32 = store.u32Of(slot)
    u32[at * 2] = head
    u32[at * 2 + 1] = length | (EVIDENCE_CLASSES.indexOf(weakest) << 24)
    return length
  }

  /** Doubles a ring that is full, its oldest entry first. */
  #widen(slot: number, head: number): number {
    const { store } = this.#tools.keys
    const before = store.stateBytesOf(slot) / WORD - 1
    const from = store.wordOf(slot) + 1
    const times = Array.from({ length: before }, (_, i) => store.f64Of(slot)[from + ((head + i) % before)]!)
    const capacity = Math.min(this.#most, before * 2)
    store.resize(slot, WORD * (1 + capacity))
    store.f64Of(slot).set(times, store.wordOf(slot) + 1)
    return capacity
  }
}

const evidenceIn = (packed: number): EvidenceClass => EVIDENCE_CLASSES[packed >>> 24]!
