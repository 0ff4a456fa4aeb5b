import type { Rule } from '../rules/rule.ts'
import { keyFields, keyText, wholeMask, writeGiven, writeKey, writeKeyText, type Given, type KeyPlan } from './key-plan.ts'
import type { ByteWriter } from './memory/bytes.ts'
import type { Journal } from './memory/journal.ts'
import { createOwner, PINNED, STORED, type Owner, type SlotStore } from './memory/slot-store.ts'
import { PartialIndex } from './partial-index.ts'
import type { Captures } from './subject.ts'

/** What a key is for: the state of its condition, the mark that its alert was raised, what concerns the whole rule. */
export const SPACES = { state: 0, open: 1, rule: 2 } as const
export type Space = (typeof SPACES)[keyof typeof SPACES]
/** A key as alerts are told apart by it, and its parts that people see beside node and session. */
export interface Key { readonly text: string; readonly fields: Captures }
/** Bytes of a key before its parts: the space. */
const FROM = 1
/** In texts of rows the space comes first; the key of a state has no mark, and begins with `[`. */
const ROW_MARKS: Readonly<Record<Space, string>> = { 0: '', 1: 'open', 2: 'rule' }

export interface KeysOptions {
  readonly rule: Rule
  readonly plan: KeyPlan
  readonly number: number
  readonly store: SlotStore
  readonly journal: Journal
  readonly writer: ByteWriter
}

/** The keys of one rule in the common store. */
export class RuleKeys {
  readonly owner: Owner
  readonly plan: KeyPlan
  readonly store: SlotStore
  readonly #options: KeysOptions
  readonly #indexes: readonly [PartialIndex, PartialIndex]
  readonly #pinned = new Set<number>()
  readonly #whole: number
  /** Of the last `begin`. */
  isNew = false

  constructor(options: KeysOptions) {
    this.#options = options
    this.plan = options.plan
    this.store = options.store
    this.#whole = wholeMask(options.plan)
    this.owner = createOwner(options.number)
    this.#indexes = [new PartialIndex(options.plan, FROM), new PartialIndex(options.plan, FROM)]
  }

  /** The slot of the key that something begins, made with an empty state where there was none. -1: it lacks a field of the key. */
  begin(given: Given, stateBytes: number): number {
    const writer = this.#start(SPACES.state)
    if (!writeKey(this.plan, given, writer)) return -1
    return this.#open(stateBytes, 0)
  }

  /** The key that something begins, and its parts that are texts; nothing is remembered. undefined: it lacks a field of the key. */
  keyFor(given: Given): Key | undefined {
    const writer = this.#start(SPACES.state)
    if (!writeKey(this.plan, given, writer)) return undefined
    return this.#keyIn(writer.bytes)
  }

  /** The same as `begin` for a key that is known by its text. */
  beginText(text: string, options: { readonly stateBytes: number; readonly isPinned: boolean }): number {
    const writer = this.#start(SPACES.state)
    if (!writeKeyText(this.plan, text, writer)) return -1
    return this.#open(options.stateBytes, options.isPinned ? PINNED : 0)
  }

  /** The mark beside a key: that its alert was raised. */
  beginOpen(text: string, stateBytes: number): number {
    const writer = this.#start(SPACES.open)
    return writeKeyText(this.plan, text, writer) ? this.#open(stateBytes, 0) : -1
  }

  /** What concerns the whole rule. */
  beginRule(stateBytes: number): number {
    this.#start(SPACES.rule)
    return this.#open(stateBytes, PINNED)
  }

  /** Slots of the keys that agree with what is known. */
  agreeing(given: Given, space: 0 | 1 = SPACES.state): readonly number[] {
    const writer = this.#start(space)
    const mask = writeGiven(this.plan, given, writer)
    if (mask === undefined) return []
    if (mask === this.#whole) {
      const slot = this.store.find(this.owner, writer.bytes, writer.length)
      return slot < 0 ? [] : [slot]
    }
    const text = Buffer.from(writer.written.subarray(FROM)).toString('latin1')
    return this.#indexes[space].agreeing(mask, text, () => this.#all(space))
  }

  /** The one key that can be meant, whether or not something is known about it; undefined: there may be several, or it is about no node. */
  exactly(given: Given): Key | undefined {
    const writer = this.#start(SPACES.state)
    if (writeGiven(this.plan, given, writer) !== this.#whole) return undefined
    return this.#keyIn(writer.bytes)
  }

  /** The slot of a key by its text; -1: none. */
  findText(text: string, space: Space = SPACES.state): number {
    const writer = this.#start(space)
    return writeKeyText(this.plan, text, writer) ? this.store.find(this.owner, writer.bytes, writer.length) : -1
  }

  /** Keys that something is known about, those of the inventory too. */
  get size(): number {
    return this.owner.count + this.#pinned.size
  }

  changed(slot: number): void {
    this.#options.journal.changed(slot)
  }

  write(slot: number, state: Uint8Array): void {
    this.store.write(slot, state)
    this.changed(slot)
  }

  remove(slot: number): void {
    const key = this.store.keyOf(slot)
    const space = this.spaceOf(slot)
    if (space !== SPACES.rule) this.#indexes[space].remove(slot, key)
    if ((this.store.flags[slot]! & STORED) !== 0) this.#options.journal.gone(this.rowName(slot))
    this.#pinned.delete(slot)
    this.store.remove(this.owner, slot)
  }

  removeAll(): void {
    for (const slot of this.#pinned) this.remove(slot)
    while (this.owner.newest >= 0) this.remove(this.owner.newest)
  }

  spaceOf(slot: number): Space {
    return this.store.keyOf(slot)[0] as Space
  }
  isOfRule(slot: number): boolean {
    return this.spaceOf(slot) === SPACES.rule
  }
  textOf(slot: number): string {
    return keyText(this.plan, this.store.keyOf(slot), FROM)
  }
  /** Bytes of the key without its space; good until the next change. */
  partsOf(slot: number): Uint8Array {
    return this.store.keyOf(slot).subarray(FROM)
  }
  rowName(slot: number): { readonly rule: string; readonly stateVersion: string; readonly key: string } {
    const { id, stateVersion } = this.#options.rule
    const space = this.spaceOf(slot)
    return { rule: id, stateVersion, key: ROW_MARKS[space] + (space === SPACES.rule ? '' : this.textOf(slot)) }
  }

  /** The slot of a row that was written before; undefined: its name is none of this rule. */
  restore(row: { readonly key: string; readonly state: Uint8Array }, isPinned: boolean): number | undefined {
    const space = row.key === ROW_MARKS[2] ? SPACES.rule : row.key.startsWith(ROW_MARKS[1]) ? SPACES.open : SPACES.state
    const writer = this.#start(space)
    if (space !== SPACES.rule && !writeKeyText(this.plan, row.key.slice(ROW_MARKS[space].length), writer)) return undefined
    const slot = this.#open(row.state.length, isPinned || space === SPACES.rule ? PINNED : 0)
    this.store.write(slot, row.state)
    this.store.flags[slot] = this.store.flags[slot]! | STORED
    return slot
  }

  /** Slots of a space, last touched first; keys of the inventory are not among them. */
  *recent(space: Space): Iterable<number> {
    for (let slot = this.owner.newest; slot >= 0; slot = this.store.olderThan(slot)) if (this.spaceOf(slot) === space) yield slot
  }

  /** Slots of states that stay with their rule. */
  pinnedStates(): readonly number[] {
    return [...this.#pinned].filter((slot) => this.spaceOf(slot) === SPACES.state)
  }

  /** The key of a slot for people and main. */
  keyOf(slot: number): Key {
    return this.#keyIn(this.store.keyOf(slot))
  }

  #keyIn(bytes: Uint8Array): Key {
    return { text: keyText(this.plan, bytes, FROM), fields: keyFields(this.plan, bytes, FROM) }
  }

  #start(space: Space): ByteWriter {
    return this.#options.writer.clear().byte(space)
  }

  #open(stateBytes: number, pinned: number): number {
    const { writer } = this.#options
    const found = this.store.find(this.owner, writer.bytes, writer.length)
    this.isNew = found < 0
    if (found >= 0) {
      this.store.touch(this.owner, found)
      return found
    }
    const slot = this.store.add(this.owner, writer.bytes, { length: writer.length, stateBytes, pinned })
    const space = writer.bytes[0] as Space
    if (space !== SPACES.rule) this.#indexes[space].add(slot, this.store.keyOf(slot))
    if (pinned !== 0) this.#pinned.add(slot)
    return slot
  }

  *#all(space: Space): Iterable<readonly [number, Uint8Array]> {
    for (const slot of [...this.#pinned, ...this.recent(space)]) if (this.spaceOf(slot) === space) yield [slot, this.store.keyOf(slot)]
  }
}
