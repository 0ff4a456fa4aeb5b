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

/** A row of the state table: what is known about one key of one rule. */
export interface StateRow {
  readonly rule: string
  readonly stateVersion: string
  /** Opaque; unique for a rule. */
  readonly key: string
  readonly state: Uint8Array
}
/** The same, or that it is gone. */
export type StateChange = Omit<StateRow, 'state'> & { readonly state: Uint8Array | undefined }

/** What had to go before its time, since the last call of `drops`. */
interface KeyDrops {
  readonly rule: string
  /** Keys, since the last call and in all. */
  readonly dropped: number
  readonly total: number
  /** Nothing had to go before: worth a line in the log. */
  readonly isFirst: boolean
}

/**
 * The memory of all rules: windows, deadlines, sequences, values seen. Pure but for its own state: time comes in with what
 * happens (receive time) and with `advance`; the same calls give the same findings. Keys are bounded by rule and in all; what has
 * to go goes oldest first and is counted.
 *
 * Time never goes back: something that says it happened before the time reached counts as happening now. `take` and `advance` alone move it;
 * the other calls may come with the clock's time while messages of the past are still to be taken.
 *
 * The order of use: `createCorrelator` with the rules, `restore` once, `watchNodes` once and whenever the inventory changed, then
 * for each message or event in order: `advance` to its time until `nextDueMs` is later, `take` for each rule that it fulfils.
 * When findings are written: `changes` in the same transaction.
 *
 * `schedule` rules are not its business: the scheduler makes their findings (`scheduled`), with the key `[]`: about nothing in particular.
 */
export interface Correlator {
  /**
   * A rule's patterns were fulfilled: all of those that this one message or event fulfils, in one call, in any order; what ends
   * something (`resolve`, `reset`, `cancel`, `without`, `expect`) is done before what begins something.
   */
  take(rule: Rule, fulfilled: readonly Fulfilled[], occurrence: Occurrence): readonly NewFinding[]
  /**
   * Time goes on to `nowMs`: deadlines that fell due, oldest first. A time before the last one changes nothing. At most
   * `timersPerAdvance` of them in one call: while `nextDueMs <= nowMs` there are more, and the call is to be made again.
   */
  advance(nowMs: number): readonly NewFinding[]
  /** When the next deadline (or bit of housekeeping) falls due; undefined: none waits. */
  readonly nextDueMs: number | undefined
  /**
   * Nodes came, went or changed: the deadlines of `absent.each` follow. A node that is new gets its whole time; the alert of one
   * that is no longer meant is cleared with the reason `left`. To be called once after `restore`.
   */
  watchNodes(inventory: Inventory, nowMs: number): readonly NewFinding[]
  /**
   * For rules with `absent.each` whose `expect` is any message at all: the cheap form of `take`, without an object for each message.
   * Undefined for all other rules; made anew by `replaceRules`. Advance first, as before `take`; which messages count (`where`,
   * `trust`) is the caller's business.
   */
  hearing(rule: string): Hearing | undefined
  /** Exchanges the set: rules with the same `stateVersion` keep what they know, others begin anew. Says which began anew, and which are gone. */
  replaceRules(rules: readonly Rule[], nowMs: number): { readonly kept: number; readonly reset: readonly string[]; readonly gone: readonly string[] }
  /** What changed since the last call, to be written in one transaction with the cursor. To be read to its end, in the order given. */
  changes(): Iterable<StateChange>
  /** What the last `changes` gave could not be written after all: the next one gives it again. To be called before anything else. */
  unwritten(): void
  /**
   * What was written before. After a pause, deadlines that fell due meanwhile are found late, and those of `absent.each` get their
   * whole time again. Rows of rules that are not in the set, and rows that cannot be read, are given back as gone by `changes`.
   */
  restore(rows: Iterable<StateRow>, pause: { readonly fromMs: number; readonly toMs: number }): void
  /** Nobody could be heard for a while, though the hub was running: its clock was set ahead, or it slept. As after a pause; what is remembered stays. */
  paused(pause: { readonly fromMs: number; readonly toMs: number }): void
  readonly liveKeys: number
  /** The same by rule; of each rule of the set. */
  keysByRule(): ReadonlyMap<string, number>
  /** Rules that lost keys to the bounds since the last call. */
  drops(): readonly KeyDrops[]
  /** What is known about one key (that of a finding), for `why-not` and `explain`: e.g. `2 of 3, the oldest leaves the window at …`. */
  explain(rule: string, key: string, nowMs: number): KeyState | undefined
  /** Keys of one rule, last touched first; of one node where `nodeId` is given. */
  keysOf(rule: string, limit: number, nodeId?: number): readonly { readonly key: string; readonly state: KeyState }[]
}

/** One rule listens for nodes. */
export interface Hearing {
  /** A message about this node came. Numbers and no object, since it is called for every message that is about a node; undefined: nothing was found. */
  heard(nodeId: number, atMs: number, seq: number): readonly NewFinding[] | undefined
}

/** For people and the API. */
export interface KeyState {
  readonly summary: string
  readonly have: number | undefined
  readonly need: number | undefined
  readonly dueMs: number | undefined
}
