import type { HubEvent } from '#domain/hub-event.ts'
import { FIRED_KEPT_MS } from '../bounds.ts'
import type { KeyState } from '../correlator.ts'
import type { Given } from '../key-plan.ts'
import { hash53 } from '../memory/hash.ts'
import { SPACES } from '../rule-keys.ts'
import type { Captures, Subject } from '../subject.ts'
import { distinctOf } from './count-distinct.ts'
import { WORD } from '../memory/bytes.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** Alerts that are remembered for a key; of more, those that began first are forgotten. */
export const MAX_ALERTS = 4096

/** Words of the state: how many, whether it is raised, how many different values; then of each alert its identity, when it began, its value. */
const RAISED = 1
const VALUES = 2
const HEADER = 3
const BEGAN = 1
const VALUE = 2
const ENTRY = 3

/**
 * `alerts`: alerts of other rules that are firing (acknowledged ones too): so many, or about so many different values, that began less than
 * `within` ago. Once raised it goes on while that many are firing, whenever they began: further ones raise again, and when fewer are
 * left it is cleared (`receded`). Alerts of the rule itself are left out; a rule whose alerts make another's alerts, which make its own, ends there,
 * since only an alert that begins to fire counts.
 *
 * An alert is told by `fields.rule` and `fields.key` of its event; without a `key`, by its node and all its fields but the severity.
 */
export class AlertsKind implements Kind {
  readonly #tools: Tools<WhenOf<'alerts'>>

  constructor(tools: Tools<WhenOf<'alerts'>>) {
    this.#tools = tools
  }

  take({ given }: Part): void {
    const { event } = given.subject
    if (event?.kind !== 'alert' || !this.#isMeant(event.fields['rule'] ?? '')) return
    if (event.to === 'firing') this.#fire(given, event)
    else if (event.to === 'resolved') this.#resolve(given, event)
  }

  due(slot: number, nowMs: number): void {
    const endMs = this.#newestMs(slot) + FIRED_KEPT_MS
    if (endMs <= nowMs) this.#tools.keys.remove(slot)
    else this.#tools.keys.store.timers.set(slot, endMs)
  }

  restored(slot: number): void {
    const { store } = this.#tools.keys
    const length = store.f64Of(slot)[store.wordOf(slot)]!
    if (length < 1 || store.stateBytesOf(slot) !== bytesFor(length)) throw new RangeError('no alerts')
    store.timers.set(slot, this.#newestMs(slot) + FIRED_KEPT_MS)
  }

  explain(slot: number, nowMs: number): KeyState {
    const { keys, when } = this.#tools
    const [length, raised] = keys.store.f64Of(slot).subarray(keys.store.wordOf(slot))
    const counted = this.#counted(slot, nowMs)
    const of = when.distinct === undefined ? 'alerts' : `different values of ${when.distinct}`
    return { summary: `${counted} of ${when.atLeast} ${of}${raised === 1 ? ', raised' : ''}; ${length} firing`, have: counted, need: when.atLeast, dueMs: undefined }
  }

  #fire(given: Given, event: HubEvent): void {
    const { keys, when, report, keyless } = this.#tools
    const value = when.distinct === undefined ? '' : distinctOf(when.distinct, given)
    const slot = value === undefined ? -1 : keys.begin(given, bytesFor(0))
    if (slot < 0) return keyless()
    const { atMs } = given.subject
    if (keys.isNew) keys.store.timers.set(slot, atMs + FIRED_KEPT_MS)
    if (!this.#add(slot, { id: identityOf(event), beganMs: atMs, value: hash53(value!) })) return
    keys.changed(slot)
    const counted = this.#counted(slot, atMs)
    if (counted < when.atLeast) return
    keys.store.f64Of(slot)[keys.store.wordOf(slot) + RAISED] = 1
    report.raise(keys.keyOf(slot), { reason: 'gathered', subject: this.#about(given.subject), captures: {}, extra: this.#figures(counted) })
  }

  #resolve(given: Given, event: HubEvent): void {
    const { keys, when, report } = this.#tools
    const id = identityOf(event)
    const slots = keys.agreeing(given).filter((slot) => this.#find(slot, 0, id) >= 0)
    // What its key was made of may be another by now, e.g. the rack of its node.
    for (const slot of slots.length > 0 ? slots : this.#holding(id)) {
      this.#drop(slot, id)
      const f64 = keys.store.f64Of(slot)
      const at = keys.store.wordOf(slot)
      const counted = this.#counted(slot, given.subject.atMs)
      if (f64[at + RAISED] === 1 && counted < when.atLeast) {
        f64[at + RAISED] = 0
        report.clear(keys.keyOf(slot), { reason: 'receded', subject: this.#about(given.subject), captures: {}, extra: this.#figures(counted) })
      }
      if (f64[at] === 0) keys.remove(slot)
      else keys.changed(slot)
    }
  }

  #figures(counted: number): Captures {
    return { count: String(counted), ...(this.#tools.when.distinct === undefined ? {} : { distinct: String(counted) }) }
  }

  /** A finding about a rack is not about the node whose alert was the last. */
  #about(subject: Subject): Subject {
    const isAboutNode = this.#tools.keys.plan.parts.some(({ kind }) => kind === 'node')
    return isAboutNode ? subject : { ...subject, nodeId: 0, sessionId: 0 }
  }

  #isMeant(rule: string): boolean {
    return rule !== this.#tools.rule.id && this.#tools.when.rules.some((name) => (name.endsWith('*') ? rule.startsWith(name.slice(0, -1)) : rule === name))
  }

  /** What counts: all that are firing once it is raised, else those that began within the window. */
  #counted(slot: number, nowMs: number): number {
    const { keys, when } = this.#tools
    const f64 = keys.store.f64Of(slot)
    const at = keys.store.wordOf(slot)
    const length = f64[at]!
    let first = 0
    if (f64[at + RAISED] === 0) while (first < length && nowMs - f64[at + HEADER + first * ENTRY + BEGAN]! >= when.withinMs) first++
    if (when.distinct === undefined || length - first < 2) return length - first
    if (first === 0) return f64[at + VALUES]!
    const values = new Set<number>()
    for (let i = first; i < length; i++) values.add(f64[at + HEADER + i * ENTRY + VALUE]!)
    return values.size
  }

  #newestMs(slot: number): number {
    const { store } = this.#tools.keys
    const at = store.wordOf(slot)
    return store.f64Of(slot)[at + HEADER + (store.f64Of(slot)[at]! - 1) * ENTRY + BEGAN]!
  }

  /** False: it is among them. */
  #add(slot: number, { id, beganMs, value }: { readonly id: number; readonly beganMs: number; readonly value: number }): boolean {
    const { store } = this.#tools.keys
    if (this.#find(slot, 0, id) >= 0) return false
    if (store.f64Of(slot)[store.wordOf(slot)] === MAX_ALERTS) this.#removeAt(slot, 0)
    const isNewValue = this.#find(slot, VALUE, value) < 0
    const length = store.f64Of(slot)[store.wordOf(slot)]! + 1
    store.resize(slot, bytesFor(length))
    const f64 = store.f64Of(slot)
    const at = store.wordOf(slot)
    f64[at] = length
    if (isNewValue) f64[at + VALUES] = f64[at + VALUES]! + 1
    f64.set([id, beganMs, value], at + HEADER + (length - 1) * ENTRY)
    return true
  }

  #drop(slot: number, id: number): void {
    const place = this.#find(slot, 0, id)
    if (place >= 0) this.#removeAt(slot, place)
  }

  /** Keys that hold an alert, whichever they are. */
  #holding(id: number): readonly number[] {
    return [...this.#tools.keys.recent(SPACES.state)].filter((slot) => this.#find(slot, 0, id) >= 0)
  }

  #removeAt(slot: number, place: number): void {
    const { store } = this.#tools.keys
    const f64 = store.f64Of(slot)
    const at = store.wordOf(slot)
    const from = at + HEADER + place * ENTRY
    const length = f64[at]! - 1
    const value = f64[from + VALUE]!
    f64.copyWithin(from, from + ENTRY, at + HEADER + (length + 1) * ENTRY)
    f64[at] = length
    store.resize(slot, bytesFor(length))
    if (this.#find(slot, VALUE, value) < 0) store.f64Of(slot)[store.wordOf(slot) + VALUES] = store.f64Of(slot)[store.wordOf(slot) + VALUES]! - 1
  }

  /** The first entry with this number in this word; -1: none. */
  #find(slot: number, word: number, value: number): number {
    const { store } = this.#tools.keys
    const f64 = store.f64Of(slot)
    const at = store.wordOf(slot)
    for (let i = 0; i < f64[at]!; i++) if (f64[at + HEADER + i * ENTRY + word] === value) return i
    return -1
  }
}

const bytesFor = (length: number): number => WORD * (HEADER + length * ENTRY)

function identityOf({ nodeId, fields }: HubEvent): number {
  const { severity: _severity, key, ...others } = fields
  return hash53(key === undefined ? `${nodeId}\0${JSON.stringify(others)}` : `${fields['rule']}\0${key}`)
}
