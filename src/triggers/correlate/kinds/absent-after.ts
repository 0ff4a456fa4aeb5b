import { FIRED_KEPT_MS } from '../bounds.ts'
import type { KeyState } from '../correlator.ts'
import type { Given } from '../key-plan.ts'
import { ByteReader } from '../memory/bytes.ts'
import { readWaiting, writeWaiting, type Waiting } from '../waiting.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** What is known about a key: it waits, its deadline has passed, or both (it began again after that). */
interface Wait {
  /** 0: none waits. */
  readonly dueMs: number
  /** When the last deadline passed without what was expected; 0: none did. */
  readonly firedMs: number
  readonly waiting: Waiting | undefined
}

/**
 * `absent` with `after`: what was expected did not come in time. A second beginning while one waits changes nothing: the first one still
 * waits for its end. The deadline is exactly `within` after the beginning, and passes before anything of that instant. What comes after it
 * clears the alert (`arrived`); `cancel` ends the waiting, and clears too where the deadline has passed. That one has passed is kept for
 * 30 days, so that a late arrival is known for one.
 */
export class AbsentAfterKind implements Kind {
  readonly #tools: Tools<WhenOf<'absent'>>

  constructor(tools: Tools<WhenOf<'absent'>>) {
    this.#tools = tools
  }

  take({ role, given }: Part): void {
    if (role === 'after') return this.#begin(given)
    const { keys, report } = this.#tools
    for (const slot of keys.agreeing(given)) {
      this.due(slot, given.subject.atMs)
      if (this.#read(slot).firedMs > 0) report.clear(keys.keyOf(slot), { reason: role === 'expect' ? 'arrived' : 'resolve-matched', ...given })
      keys.remove(slot)
    }
  }

  due(slot: number, nowMs: number): void {
    const { keys, report, isLate } = this.#tools
    if (keys.store.timers.dueOf(slot) > nowMs) return
    const { dueMs, firedMs, waiting } = this.#read(slot)
    if (waiting === undefined) {
      if (firedMs + FIRED_KEPT_MS <= nowMs) keys.remove(slot)
      return
    }
    report.raise(keys.keyOf(slot), { reason: 'absent', subject: { ...waiting.subject, atMs: dueMs }, captures: waiting.captures, isLate: isLate(dueMs) })
    this.#write(slot, { dueMs: 0, firedMs: dueMs, waiting: undefined })
  }

  restored(slot: number): void {
    const { dueMs, firedMs } = this.#read(slot)
    if (dueMs === 0 && firedMs === 0) throw new RangeError('nothing waits')
    this.#setTimer(slot, { dueMs, firedMs })
  }

  explain(slot: number): KeyState {
    const { dueMs, firedMs } = this.#read(slot)
    const passed = firedMs === 0 ? '' : `the deadline passed at ${new Date(firedMs).toISOString()}`
    const waits = dueMs === 0 ? '' : `waits until ${new Date(dueMs).toISOString()}`
    return { summary: [passed, waits].filter((text) => text !== '').join('; '), have: undefined, need: undefined, dueMs: dueMs === 0 ? undefined : dueMs }
  }

  #begin(given: Given): void {
    const { keys, when, keyless } = this.#tools
    const slot = keys.begin(given, 0)
    if (slot < 0) return keyless()
    const isNew = keys.isNew
    if (!isNew) this.due(slot, given.subject.atMs)
    const { dueMs, firedMs } = isNew ? { dueMs: 0, firedMs: 0 } : this.#read(slot)
    if (dueMs === 0) this.#write(slot, { dueMs: given.subject.atMs + when.withinMs, firedMs, waiting: given })
  }

  #write(slot: number, { dueMs, firedMs, waiting }: { readonly dueMs: number; readonly firedMs: number; readonly waiting: Given | undefined }): void {
    const { keys, writer } = this.#tools
    writer.clear().byte(firedMs === 0 ? 0 : 1).f64(dueMs)
    if (firedMs !== 0) writer.f64(firedMs)
    if (waiting !== undefined) writeWaiting(writer, waiting)
    keys.write(slot, writer.written)
    this.#setTimer(slot, { dueMs, firedMs })
  }

  #setTimer(slot: number, { dueMs, firedMs }: { readonly dueMs: number; readonly firedMs: number }): void {
    this.#tools.keys.store.timers.set(slot, dueMs === 0 ? firedMs + FIRED_KEPT_MS : dueMs)
  }

  #read(slot: number): Wait {
    const reader = new ByteReader(this.#tools.keys.store.stateOf(slot))
    const hasFired = reader.byte() === 1
    const dueMs = reader.f64()
    const firedMs = hasFired ? reader.f64() : 0
    return { dueMs, firedMs, waiting: dueMs === 0 ? undefined : readWaiting(reader) }
  }
}
