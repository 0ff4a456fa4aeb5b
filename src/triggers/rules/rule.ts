import type { EvidenceClass, LifecycleEvent } from '#domain/lifecycle.ts'
import type { Expression } from '../match/expression.ts'
import type { RuleSeverity, RuleStatus } from '../protocol.ts'

/** A set of texts to compare with, ASCII letters without case; a trailing `*` in the file makes `prefix`. */
export interface TextSet {
  readonly equal: readonly string[]
  readonly prefix: readonly string[]
}

/** `when.match` read and compiled: all fields that are there must hold. */
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
  readonly not: Match | undefined
  readonly any: readonly Match[]
  readonly all: readonly Match[]
}

export interface Rule {
  readonly id: string
  /** Hash of what the rule means; tests, tags and remarks are not part of it. */
  readonly version: string
  readonly file: string
  readonly title: string
  readonly severity: RuleSeverity
  readonly status: RuleStatus
  readonly match: Match
  /** `node`, `session`, `app`, `host` or named groups, in the order of the file. */
  readonly by: readonly string[]
  /** `lease`: only messages whose node is proven by a token, a registered or a leased address (evidence B). */
  readonly trust: 'any' | 'lease'
  readonly emit: { readonly event: LifecycleEvent | undefined; readonly stage: string | undefined; readonly evidence: EvidenceClass } | undefined
  readonly notify: { readonly to: string; readonly everyMs: number; readonly before: number; readonly after: number } | undefined
  readonly runbook: string | undefined
  readonly owner: string | undefined
  readonly tests: readonly RuleTest[]
}

export interface RuleTest {
  readonly name: string
  /** How sure the node of the lines is: `B` as if its address were leased, `C` as if only a host name said so. */
  readonly evidence: 'B' | 'C'
  readonly steps: readonly Step[]
}

/** Keys and list positions from the top of the rule file: where a test that fails stands. */
export type Path = readonly (string | number)[]
export type Step = { readonly path: Path } & (
  | { readonly kind: 'line'; readonly atMs: number; readonly node: string; readonly session: string; readonly app: string; readonly facility: number | undefined; readonly severity: number; readonly text: string }
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'expect'; readonly expect: Expectation }
)
export type Fields = Readonly<Record<string, string>>
export interface Expectation {
  readonly firing?: Fields
  readonly not_firing?: Fields
  readonly resolved?: Fields
  readonly emits?: Fields
  readonly count?: number
  readonly nothing_new?: true
}
