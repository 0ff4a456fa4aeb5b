import type { HubEventKind } from '#domain/hub-event.ts'
import type { EvidenceClass, LifecycleEvent } from '#domain/lifecycle.ts'
import type { NodeFilter } from '../inventory.ts'
import type { Expression } from '../match/expression.ts'
import type { Policy } from '../policy.ts'

/** A set of texts to compare with, ASCII letters without case; a trailing `*` in the file makes `prefix`. */
export interface TextSet {
  readonly equal: readonly string[]
  readonly prefix: readonly string[]
}

/** A `match` read and compiled: all fields that are there must hold. */
export interface Match {
  readonly app: TextSet | undefined
  readonly host: TextSet | undefined
  /** Bit n: facility code n. */
  readonly facilities: number | undefined
  /** Bit n: severity code n. */
  readonly severities: number | undefined
  /** Lower case; the text contains every one of them, ASCII letters compared without case. */
  readonly contains: readonly string[]
  readonly regex: Expression | undefined
  /** `field: {temp: {gt: 90}}`: named groups of this condition compared as numbers or texts. */
  readonly fields: readonly FieldTest[]
  readonly not: Match | undefined
  readonly any: readonly Match[]
  readonly all: readonly Match[]
}
export const COMPARISONS = ['gt', 'gte', 'lt', 'lte', 'eq', 'ne'] as const
/** A group that took no part, or is no number where one is compared as a number, does not hold. */
export interface FieldTest { readonly name: string; readonly is: (typeof COMPARISONS)[number]; readonly value: string | number }

/** `event: state, to: [failed, retired]`. */
export interface EventMatch {
  readonly event: HubEventKind
  /** undefined: whatever it is. */
  readonly to: readonly string[] | undefined
  readonly from: readonly string[] | undefined
}

/** What may set something off: a message, or something that the hub noticed. `match: {}` is any message at all. */
export type Pattern = { readonly kind: 'line'; readonly match: Match } | { readonly kind: 'event'; readonly event: EventMatch }

export const VERSUS = ['previous_session', 'previous_event', 'ever_seen', 'fleet_profile'] as const

/** `when`: one kind of condition. A window of W takes in what is younger than W (age < W); a deadline falls due exactly at start + within, before anything of that instant. */
export type When =
  | { readonly kind: 'match'; readonly on: Pattern }
  /** At least so many in a sliding window, or so many different values of a field. `reset` forgets what was counted for the key. */
  | { readonly kind: 'count'; readonly on: Pattern; readonly atLeast: number; readonly withinMs: number; readonly distinct: string | undefined; readonly reset: Pattern | undefined }
  /** `after` something (or for `each` node of the inventory) the expected thing did not come in time. */
  | { readonly kind: 'absent'; readonly after: Pattern | undefined; readonly each: NodeFilter | undefined; readonly expect: Pattern; readonly withinMs: number; readonly cancel: Pattern | undefined }
  /** One after the other, within a time from the first; `without` in between begins it anew. */
  | { readonly kind: 'sequence'; readonly steps: readonly { readonly id: string; readonly on: Pattern }[]; readonly withinMs: number; readonly without: Pattern | undefined }
  /** A field has another value than before. */
  | { readonly kind: 'change'; readonly on: Pattern; readonly value: string; readonly versus: (typeof VERSUS)[number] }
  /** More than `factor` times as many in `nowMs` as on average in the `versusMs` before, and at least `min`. */
  | { readonly kind: 'rate'; readonly on: Pattern; readonly nowMs: number; readonly versusMs: number; readonly factor: number; readonly min: number }
  /** Alerts of other rules (ids, a trailing `*` for a beginning) that are firing: at least so many, or about so many different values. */
  | { readonly kind: 'alerts'; readonly rules: readonly string[]; readonly distinct: string | undefined; readonly atLeast: number; readonly withinMs: number }
  /** By the calendar; `cron` as node-cron reads it, in an IANA zone. */
  | { readonly kind: 'schedule'; readonly cron: string; readonly tz: string }
export type WhenKind = When['kind']
export const WHEN_KINDS = ['match', 'count', 'absent', 'sequence', 'change', 'rate', 'alerts', 'schedule'] as const satisfies readonly WhenKind[]

/** A gate before matching: about which nodes, and in which stages of their session. */
export interface Where { readonly node: NodeFilter; readonly stage: readonly string[] | undefined }

/** What ends an alert beside quiet, the end of its session, and people. */
export type ResolveOn = Pattern | undefined

export interface Rule {
  readonly id: string
  /** Hash of what the rule means; tests, tags and remarks are not part of it. */
  readonly version: string
  /** Hash of `when`, `by`, `where` and `trust` alone: while it stays, windows, timers and alerts of the rule go on. */
  readonly stateVersion: string
  readonly file: string
  /** Where it begins in the file, from 1. */
  readonly line: number
  readonly pack: string
  /** What files of `rules/local/` say otherwise than the file above, in the order of files: `status`, `when.count.at_least`, `$slow_install`. */
  readonly overridden: readonly Overridden[]
  readonly when: When
  /** `node`, `session`, `app`, `host`, named groups, facts and labels of the node, in the order of the file. */
  readonly by: readonly string[]
  readonly where: Where | undefined
  /** `lease`: only messages whose node is proven (evidence B); `tls`: only those of a verified certificate. */
  readonly trust: 'any' | 'lease' | 'tls'
  readonly resolveOn: ResolveOn
  readonly emit: { readonly event: LifecycleEvent | undefined; readonly stage: string | undefined; readonly evidence: EvidenceClass } | undefined
  /** Messages that match are left out of what these rules (ids, a trailing `*`) see; counted. */
  readonly suppress: { readonly rules: readonly string[]; readonly untilMs: number | undefined; readonly reason: string } | undefined
  /** What alerts of this rule do and whom they tell: main's part. */
  readonly policy: Policy
  readonly tags: readonly string[]
  /** What has to be there for the rule to make sense, e.g. `zfs`: for people and packs. */
  readonly requires: readonly string[]
  readonly falseAlarms: string | undefined
  readonly tests: readonly RuleTest[]
}

/** One value of a rule that comes from another file. */
export interface Overridden { readonly what: string; readonly file: string; readonly line: number; readonly column: number }

export interface RuleTest {
  readonly name: string
  /** How sure the node of the lines is: `B` as if its address were leased, `C` as if only a host name said so. */
  readonly evidence: 'B' | 'C'
  /** Facts of nodes by name, at the start; nodes that lines speak of beside them are known without facts. */
  readonly inventory: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly steps: readonly Step[]
}

/** Keys and list positions from the top of the rule file: where a test that fails stands. */
export type Path = readonly (string | number)[]
export type Step = { readonly path: Path } & (
  | { readonly kind: 'line'; readonly atMs: number; readonly node: string; readonly session: string; readonly app: string; readonly facility: number | undefined; readonly severity: number; readonly text: string }
  /** `'0s n1/aaa @state installing from=configured'`, `'5m n1/bbb @session start'`, `'0s n1 @alert firing rule=node.silent rack=r1'`; node '' (written `-`): about none. */
  | { readonly kind: 'event'; readonly atMs: number; readonly node: string; readonly session: string; readonly event: HubEventKind; readonly to: string; readonly from: string; readonly fields: Fields }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'expect'; readonly expect: Expectation }
)
export type Fields = Readonly<Record<string, string>>
export interface Expectation {
  readonly firing?: Fields
  readonly not_firing?: Fields
  readonly pending?: Fields
  readonly resolved?: Fields
  readonly inhibited?: Fields
  readonly emits?: Fields
  readonly count?: number
  readonly nothing_new?: true
}
