import type { PatternRole } from '../../rules/patterns.ts'
import type { Rule, When } from '../../rules/rule.ts'
import type { CorrelatorBounds } from '../bounds.ts'
import type { KeyState } from '../correlator.ts'
import type { Given } from '../key-plan.ts'
import type { ByteWriter } from '../memory/bytes.ts'
import type { Reporter } from '../reporter.ts'
import type { RuleKeys } from '../rule-keys.ts'
import type { Inventory } from '../../inventory.ts'

/** A pattern of the rule that one message or event fulfilled. */
export interface Part {
  readonly role: PatternRole['role']
  /** Of a sequence, from 0. */
  readonly step: number
  readonly given: Given
}

/** How one kind of condition remembers. Its times are those of the subjects it is given: they never go back. */
export interface Kind {
  take(part: Part): void
  /** The timer of a slot fell due. */
  due(slot: number, nowMs: number): void
  /** A slot came back from the disk, after a pause that ended at `nowMs`: its timer is to be set. Throws a `RangeError` where the state cannot be one. */
  restored(slot: number, nowMs: number): void
  explain(slot: number, nowMs: number): KeyState
  /** What ends the alert was seen: the condition begins anew. */
  ended?(slot: number): void
  /** The bounds took a slot away, which is still there. */
  dropping?(slot: number, nowMs: number): void
  /** Nodes may be others than before; of `absent.each`. */
  watchNodes?(nowMs: number): void
  /** The rule begins to look, or looks again: its rows came back before. */
  start?(nowMs: number): void
  /** The hub was not running, or could not hear. Comes after `restored`. */
  resumed?(pause: { readonly fromMs: number; readonly toMs: number }): void
}

/** What every kind works with. */
export interface Tools<W extends When = When> {
  readonly rule: Rule
  readonly when: W
  readonly keys: RuleKeys
  readonly report: Reporter
  /** To write states with; used again and again. */
  readonly writer: ByteWriter
  readonly bounds: CorrelatorBounds
  readonly inventory: () => Inventory
  /** The time that the correlator has reached. */
  readonly reachedMs: () => number
  /** Deadlines of this time passed while the hub was not running. */
  readonly isLate: (dueMs: number) => boolean
  /** An occurrence that belongs to no key. */
  readonly keyless: () => void
}
export type WhenOf<K extends When['kind']> = Extract<When, { readonly kind: K }>
