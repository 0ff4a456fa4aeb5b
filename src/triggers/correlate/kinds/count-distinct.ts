import type { KeyState } from '../correlator.ts'
import { fieldOf } from '../subject.ts'
import { hash53 } from '../memory/hash.ts'
import { entriesFor } from './count.ts'
import type { Given } from '../key-plan.ts'
import { WORD } from '../memory/bytes.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** Words of an entry: hash of the value, time when it was last seen. */
const ENTRY = 2
const FIRST_ENTRIES = 2

/** The value of `distinct`: ids for node and session, as in keys. undefined: there is none. */
export function distinctOf(name: string, given: Given): string | undefined {
  const { subject } = given
  if (name === 'node') return subject.nodeId === 0 ? `source=${subject.sourceId}` : `node=${subject.nodeId}`
  if (name === 'session') return String(subject.sessionId)
  if (name === 'app' || name === 'host') return subject[name]
  return fieldOf(name, given)
}

/**
 * `count` with `distinct`: at least so many different values in a sliding window; a value counts from when it was last seen. What has
 * no value of the field is not counted. Values are remembered by 53 bits of hash (`hash53` states the odds), the newest ones.
 *
 * State: how many (first word), then hash and time of each, the longest unseen first.
 */
export class CountDistinctKind implements Kind {
  readonly #tools: Tools<WhenOf<'count'>>
  readonly #distinct: string
  readonly #most: number

  constructor(tools: Tools<WhenOf<'count'>>, distinct: string) {
    this.#tools = tools
    this.#distinct = distinct
    this.#most = entriesFor(tools.when.atLeast)
  }

  take({ role, given }: Part): void {
    const { keys, when, report, keyless } = this.#tools
    if (role === 'reset') {
      for (const slot of keys.agreeing(given)) keys.remove(slot)
      return
    }
    const value = distinctOf(this.#distinct, given)
    if (value === undefined) return keyless()
    const slot = keys.begin(given, WORD * (1 + FIRST_ENTRIES * ENTRY))
    if (slot < 0) return keyless()
    const { subject, captures } = given
    const count = this.#add(slot, hash53(value), subject.atMs)
    keys.changed(slot)
    if (keys.isNew) keys.store.timers.set(slot, subject.atMs + when.withinMs)
    if (count >= when.atLeast) report.raise(keys.keyOf(slot), { reason: 'counted', subject, captures, extra: { count: String(count), distinct: String(count) } })
  }

  due(slot: number, nowMs: number): void {
    const { keys, when } = this.#tools
    const endMs = this.#newest(slot) + when.withinMs
    if (endMs <= nowMs) keys.remove(slot)
    else keys.store.timers.set(slot, endMs)
  }

  restored(slot: number): void {
    const { keys, when } = this.#tools
    const length = this.#length(slot)
    if (length < 1 || WORD * (1 + length * ENTRY) > keys.store.stateBytesOf(slot)) throw new RangeError('no window')
    keys.store.timers.set(slot, this.#newest(slot) + when.withinMs)
  }

  ended(slot: number): void {
    this.#tools.keys.remove(slot)
  }

  explain(slot: number, nowMs: number): KeyState {
    const { keys, when } = this.#tools
    const at = keys.store.wordOf(slot)
    const times = Array.from({ length: this.#length(slot) }, (_, i) => keys.store.f64Of(slot)[at + 2 + i * ENTRY]!).filter((timeMs) => nowMs - timeMs < when.withinMs)
    const leavesMs = times.length === 0 ? undefined : times[0]! + when.withinMs
    const when2 = leavesMs === undefined ? '' : `, the first leaves the window at ${new Date(leavesMs).toISOString()}`
    return { summary: `${times.length} of ${when.atLeast} different values of ${this.#distinct}${when2}`, have: times.length, need: when.atLeast, dueMs: leavesMs }
  }

  #length(slot: number): number {
    return this.#tools.keys.store.f64Of(slot)[this.#tools.keys.store.wordOf(slot)]!
  }
  #newest(slot: number): number {
    const { store } = this.#tools.keys
    return store.f64Of(slot)[store.wordOf(slot) + this.#length(slot) * ENTRY]!
  }

  /** @returns how many different values the window holds now */
  #add(slot: number, hash: number, atMs: number): number {
    const { store } = this.#tools.keys
    const { withinMs } = this.#tools.when
    let at = store.wordOf(slot)
    let f64 = store.f64Of(slot)
    let length = f64[at]!
    let first = 0
    while (first < length && atMs - f64[at + 2 + first * ENTRY]! >= withinMs) first++
    let found = first
    while (found < length && f64[at + 1 + found * ENTRY] !== hash) found++
    if (found < length) {
      f64.copyWithin(at + 1 + found * ENTRY, at + 1 + (found + 1) * ENTRY, at + 1 + length * ENTRY)
      length--
    } else if (first === 0 && length === this.#most) first = 1
    if (first > 0) {
      f64.copyWithin(at + 1, at + 1 + first * ENTRY, at + 1 + length * ENTRY)
      length -= first
    }
    if (WORD * (1 + (length + 1) * ENTRY) > store.stateBytesOf(slot)) {
      store.resize(slot, WORD * (1 + Math.min(this.#most, length * 2) * ENTRY))
      at = store.wordOf(slot)
      f64 = store.f64Of(slot)
    }
    f64[at + 1 + length * ENTRY] = hash
    f64[at + 2 + length * ENTRY] = atMs
    f64[at] = length + 1
    return length + 1
  }
}
