import type { HubEvent } from '#domain/hub-event.ts'
import type { Finding } from '../finding.ts'
import type { Inventory } from '../inventory.ts'
import type { Line } from '../match/line.ts'
import type { Rule } from '../rules/rule.ts'

/** A finding before it has a number. */
export type NewFinding = Omit<Finding, 'id'>

/** Which part of a rule a message or event fulfilled; the engine says so, in the order of the rule's patterns (`patternsOf`). */
export interface Fulfilled {
  /** Position of the pattern in `patternsOf(rule)`. */
  readonly pattern: number
  readonly captures: Readonly<Record<string, string>>
}

/** What set something off. */
export type Occurrence = { readonly kind: 'line'; readonly line: Line } | { readonly kind: 'event'; readonly event: HubEvent }

/**
 * The memory of all rules: windows, deadlines, sequences, values seen. Pure but for its own state: time comes in with what
 * happens (receive time) and with `advance`; the same calls give the same findings. Keys are bounded by rule and in all; what has
 * to go goes oldest first and is counted.
 */
export interface Correlator {
  /** A rule's patterns were fulfilled. Timers due at or before its time have run already: the caller advances first. */
  take(rule: Rule, fulfilled: readonly Fulfilled[], occurrence: Occurrence): readonly NewFinding[]
  /** Time goes on to `nowMs`: deadlines that fell due, oldest first. A time before the last one changes nothing. */
  advance(nowMs: number): readonly NewFinding[]
  /** When the next deadline falls due; undefined: none waits. */
  readonly nextDueMs: number | undefined
  /** Nodes came, went or changed: the deadlines of `absent.each` follow. A node that is new gets its whole time. */
  watchNodes(inventory: Inventory, nowMs: number): void
  /** Exchanges the set: rules with the same `stateVersion` keep what they know, others begin anew. Says which began anew. */
  replaceRules(rules: readonly Rule[], nowMs: number): { readonly kept: number; readonly reset: readonly string[]; readonly gone: readonly string[] }
  /** What changed since the last call, to be written in one transaction with the cursor; undefined: it is gone. */
  changes(): Iterable<{ readonly rule: string; readonly stateVersion: string; readonly key: string; readonly state: Uint8Array | undefined }>
  /** What was written before. After a pause, deadlines that fell due meanwhile are found late, and those of `absent.each` get their whole time again. */
  restore(rows: Iterable<{ readonly rule: string; readonly stateVersion: string; readonly key: string; readonly state: Uint8Array }>, pause: { readonly fromMs: number; readonly toMs: number }): void
  readonly liveKeys: number
  /** What is known about one key, for `why-not` and `explain`: e.g. `2 of 3, the oldest leaves the window at …`. */
  explain(rule: string, key: string, nowMs: number): KeyState | undefined
  /** Keys of one rule that fit some of the fields, e.g. a node. */
  keysOf(rule: string, limit: number): readonly { readonly key: string; readonly state: KeyState }[]
}

/** For people and the API. */
export interface KeyState {
  readonly summary: string
  readonly have: number | undefined
  readonly need: number | undefined
  readonly dueMs: number | undefined
}
