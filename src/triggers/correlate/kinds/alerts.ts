import type { HubEvent } from '#domain/hub-event.ts'
import { FIRED_KEPT_MS } from '../bounds.ts'
import type { KeyState } from '../correlator.ts'
import type { Given } from '../key-plan.ts'
import { ByteReader } from '../memory/bytes.ts'
import { hash53 } from '../memory/hash.ts'
import type { Captures, Subject } from '../subject.ts'
import { distinctOf } from './count-distinct.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** Alerts that are remembered for a key; of more, those that began first are forgotten. */
export const MAX_ALERTS = 4096

interface Firing { readonly id: number; readonly beganMs: number; readonly value: number }
interface Gathered { readonly isRaised: boolean; readonly firing: readonly Firing[] }

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
    const endMs = this.#newestMs(this.#read(slot)) + FIRED_KEPT_MS
    if (endMs <= nowMs) this.#tools.keys.remove(slot)
    else this.#tools.keys.store.timers.set(slot, endMs)
  }

  restored(slot: number): void {
    this.#tools.keys.store.timers.set(slot, this.#newestMs(this.#read(slot)) + FIRED_KEPT_MS)
  }

  explain(slot: number, nowMs: number): KeyState {
    const { when } = this.#tools
    const { isRaised, firing } = this.#read(slot)
    const counted = this.#count(isRaised ? firing : this.#young(firing, nowMs))
    const of = when.distinct === undefined ? 'alerts' : `different values of ${when.distinct}`
    return { summary: `${counted} of ${when.atLeast} ${of}${isRaised ? ', raised' : ''}; ${firing.length} firing`, have: counted, need: when.atLeast, dueMs: undefined }
  }

  #fire(given: Given, event: HubEvent): void {
    const { keys, when, report, keyless } = this.#tools
    const value = when.distinct === undefined ? '' : distinctOf(when.distinct, given)
    const slot = value === undefined ? -1 : keys.begin(given, 0)
    if (slot < 0) return keyless()
    const { isRaised, firing } = keys.isNew ? { isRaised: false, firing: [] } : this.#read(slot)
    const id = identityOf(event)
    if (firing.some((one) => one.id === id)) return
    const all = [...firing, { id, beganMs: given.subject.atMs, value: hash53(value!) }].slice(-MAX_ALERTS)
    const counted = this.#count(isRaised ? all : this.#young(all, given.subject.atMs))
    const holds = counted >= when.atLeast
    this.#write(slot, { isRaised: isRaised || holds, firing: all })
    if (keys.isNew) keys.store.timers.set(slot, given.subject.atMs + FIRED_KEPT_MS)
    if (holds) report.raise(keys.keyOf(slot), { reason: 'gathered', subject: this.#about(given.subject), captures: {}, extra: this.#figures(counted) })
  }

  #resolve(given: Given, event: HubEvent): void {
    const { keys, when, report } = this.#tools
    const id = identityOf(event)
    for (const slot of keys.agreeing(given)) {
      const { isRaised, firing } = this.#read(slot)
      const left = firing.filter((one) => one.id !== id)
      if (left.length === firing.length) continue
      const counted = this.#count(left)
      const isOver = isRaised && counted < when.atLeast
      if (isOver) report.clear(keys.keyOf(slot), { reason: 'receded', subject: this.#about(given.subject), captures: {}, extra: this.#figures(counted) })
      if (left.length === 0) keys.remove(slot)
      else this.#write(slot, { isRaised: isRaised && !isOver, firing: left })
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

  #young(firing: readonly Firing[], nowMs: number): readonly Firing[] {
    return firing.filter(({ beganMs }) => nowMs - beganMs < this.#tools.when.withinMs)
  }
  #count(firing: readonly Firing[]): number {
    return this.#tools.when.distinct === undefined ? firing.length : new Set(firing.map(({ value }) => value)).size
  }
  #newestMs({ firing }: Gathered): number {
    return firing.at(-1)?.beganMs ?? 0
  }

  #write(slot: number, { isRaised, firing }: Gathered): void {
    const { keys, writer } = this.#tools
    writer.clear().byte(isRaised ? 1 : 0)
    for (const { id, beganMs, value } of firing) writer.f64(id).f64(beganMs).f64(value)
    keys.write(slot, writer.written)
  }
  #read(slot: number): Gathered {
    const reader = new ByteReader(this.#tools.keys.store.stateOf(slot))
    const isRaised = reader.byte() === 1
    const firing: Firing[] = []
    while (!reader.isAtEnd) firing.push({ id: reader.f64(), beganMs: reader.f64(), value: reader.f64() })
    return { isRaised, firing }
  }
}

function identityOf({ nodeId, fields }: HubEvent): number {
  const { severity: _severity, key, ...others } = fields
  return hash53(key === undefined ? `${nodeId}\0${JSON.stringify(others)}` : `${fields['rule']}\0${key}`)
}
