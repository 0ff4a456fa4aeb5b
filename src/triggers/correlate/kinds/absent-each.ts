import { factOf, fitsNode, type NodeFacts } from '../../inventory.ts'
import type { Hearing, KeyState, NewFinding } from '../correlator.ts'
import { keyIds } from '../key-plan.ts'
import type { Subject } from '../subject.ts'
import { WORD } from '../memory/bytes.ts'
import type { Kind, Part, Tools, WhenOf } from './kind.ts'

/** Words of the state: time and seq of what was heard last (0: nothing yet), whether the deadline has passed. */
const SEQ = 1
const FIRED = 2
const STATE_BYTES = 3 * WORD

/**
 * `absent` with `each`: nodes of the inventory that are not heard, also those that never were. The key is made of facts (`node`, or a
 * label such as `rack`: then nothing of any node of it came). A node that is new, and every node after a start, gets the whole time;
 * one that is not meant any more clears its alert (`left`). That something came only moves a number: the deadline looks when it falls
 * due, and what was heard is not written to the disk, since the whole time is given again after a start.
 */
export class AbsentEachKind implements Kind, Hearing {
  readonly #tools: Tools<WhenOf<'absent'>>
  readonly #found: NewFinding[]
  #slotOfNode = new Map<number, number>()
  /** Keys as they were the last time: most nodes are as before. */
  #keyOfNode = new Map<number, string>()

  constructor(tools: Tools<WhenOf<'absent'>>, found: NewFinding[]) {
    this.#tools = tools
    this.#found = found
  }

  take({ role, given: { subject, captures } }: Part): void {
    const slot = this.#slotOfNode.get(subject.nodeId)
    if (slot === undefined) return
    if (role === 'expect') return this.#hear(slot, subject)
    // `cancel`: the time begins anew, whatever was heard.
    const { keys, report } = this.#tools
    this.due(slot, subject.atMs)
    if (this.#hasFired(slot)) report.clear(keys.keyOf(slot), { reason: 'resolve-matched', subject, captures })
    this.#restart(slot, subject.atMs)
  }

  heard(nodeId: number, receivedMs: number, seq: number): readonly NewFinding[] | undefined {
    const slot = this.#slotOfNode.get(nodeId)
    if (slot === undefined) return undefined
    const atMs = Math.max(receivedMs, this.#tools.reachedMs())
    const { store } = this.#tools.keys
    const at = store.wordOf(slot)
    const f64 = store.f64Of(slot)
    if (f64[at + FIRED] === 0 && atMs < store.timers.dueOf(slot)) {
      if (atMs > f64[at]!) f64[at] = atMs
      f64[at + SEQ] = seq
      return undefined
    }
    const before = this.#found.length
    this.#hear(slot, { ...this.#about(slot, atMs), nodeId, seq })
    return this.#found.splice(before)
  }

  due(slot: number, nowMs: number): void {
    const { keys, when, report, isLate } = this.#tools
    const { timers } = keys.store
    if (timers.dueOf(slot) > nowMs) return
    const dueMs = keys.store.f64Of(slot)[keys.store.wordOf(slot)]! + when.withinMs
    if (dueMs > nowMs) return timers.set(slot, dueMs)
    timers.remove(slot)
    this.#setFired(slot, 1)
    report.raise(keys.keyOf(slot), { reason: 'absent', subject: this.#about(slot, dueMs), captures: {}, isLate: isLate(dueMs) })
  }

  restored(slot: number, nowMs: number): void {
    const { store } = this.#tools.keys
    if (store.stateBytesOf(slot) !== STATE_BYTES) throw new RangeError('no node')
    if (!this.#hasFired(slot)) this.#restart(slot, nowMs)
  }

  resumed({ toMs }: { readonly toMs: number }): void {
    for (const slot of this.#slotOfNode.values()) if (!this.#hasFired(slot)) this.#restart(slot, toMs)
  }

  start(nowMs: number): void {
    this.watchNodes(nowMs)
  }

  watchNodes(nowMs: number): void {
    const { keys, when, inventory, report } = this.#tools
    const gone = new Set(keys.pinnedStates())
    const slotOfNode = new Map<number, number>()
    const keyOfNode = new Map<number, string>()
    for (const facts of inventory().all()) {
      const { nodeId } = facts
      const text = fitsNode(when.each!, facts) ? this.#keyOf(facts) : undefined
      if (text === undefined) continue
      const isAsBefore = this.#keyOfNode.get(nodeId) === text
      const slot = isAsBefore ? this.#slotOfNode.get(nodeId)! : keys.beginText(text, { stateBytes: STATE_BYTES, isPinned: true })
      if (!isAsBefore && keys.isNew) this.#restart(slot, nowMs)
      gone.delete(slot)
      slotOfNode.set(nodeId, slot)
      keyOfNode.set(nodeId, text)
    }
    this.#slotOfNode = slotOfNode
    this.#keyOfNode = keyOfNode
    for (const slot of gone) {
      if (this.#hasFired(slot)) report.clear(keys.keyOf(slot), { reason: 'left', subject: this.#about(slot, nowMs), captures: {} })
      keys.remove(slot)
    }
  }

  explain(slot: number): KeyState {
    const { keys, when } = this.#tools
    const heardMs = keys.store.f64Of(slot)[keys.store.wordOf(slot)]!
    const dueMs = heardMs + when.withinMs
    if (this.#hasFired(slot)) return { summary: `not heard since ${new Date(heardMs).toISOString()}`, have: undefined, need: undefined, dueMs: undefined }
    return { summary: `heard, or its time began, at ${new Date(heardMs).toISOString()}; waits until ${new Date(dueMs).toISOString()}`, have: undefined, need: undefined, dueMs }
  }

  #hear(slot: number, subject: Subject): void {
    const { keys, report } = this.#tools
    this.due(slot, subject.atMs)
    if (this.#hasFired(slot)) {
      report.clear(keys.keyOf(slot), { reason: 'arrived', subject, captures: {} })
      this.#restart(slot, subject.atMs)
    }
    const { store } = keys
    const at = store.wordOf(slot)
    store.f64Of(slot)[at] = Math.max(store.f64Of(slot)[at]!, subject.atMs)
    store.f64Of(slot)[at + SEQ] = subject.seq
  }

  #restart(slot: number, nowMs: number): void {
    const { keys, when } = this.#tools
    keys.store.f64Of(slot)[keys.store.wordOf(slot)] = nowMs
    if (this.#hasFired(slot)) this.#setFired(slot, 0)
    keys.store.timers.set(slot, nowMs + when.withinMs)
  }

  /** Only this is worth a row on the disk. */
  #setFired(slot: number, value: 0 | 1): void {
    const { store } = this.#tools.keys
    store.f64Of(slot)[store.wordOf(slot) + FIRED] = value
    this.#tools.keys.changed(slot)
  }
  #hasFired(slot: number): boolean {
    const { store } = this.#tools.keys
    return store.f64Of(slot)[store.wordOf(slot) + FIRED] === 1
  }

  /** The node of the key; that it was silent is the hub's own observation, which proves nothing about it. */
  #about(slot: number, atMs: number): Subject {
    const { keys, inventory } = this.#tools
    const { nodeId } = keyIds(keys.plan, keys.partsOf(slot), 0)
    const seq = keys.store.f64Of(slot)[keys.store.wordOf(slot) + SEQ]!
    return { atMs, seq, nodeId, sessionId: inventory().facts(nodeId)?.sessionId ?? 0, sourceId: 0, host: '', app: '', text: '', evidence: 'C', event: undefined }
  }

  /** undefined: the node lacks a label of the key. */
  #keyOf(facts: NodeFacts): string | undefined {
    const { parts: plan } = this.#tools.keys.plan
    if (plan.length === 1 && plan[0]!.kind === 'node') return `["node=${facts.nodeId}"]`
    const parts = plan.map(({ name, kind }) => {
      if (kind === 'node') return `node=${facts.nodeId}`
      if (kind === 'session') return `session=${facts.sessionId}`
      const value = factOf(facts, name)
      return value === undefined ? undefined : `${name}=${value}`
    })
    return parts.includes(undefined) ? undefined : JSON.stringify(parts)
  }
}
