import { Type, type Static } from 'typebox'
import { nullableInteger, nullableString } from './nullable.ts'

/** Rules, as `app` gives them to the API. */

export const RuleAnswer = Type.Object({
  id: Type.String(),
  version: Type.String(),
  file: Type.String(),
  severity: Type.String(),
  title: Type.String(),
  status: Type.String({ description: 'live; shadow: on trial, tells nobody; off' }),
  matches: Type.Integer({ description: 'Since the start of the hub' }),
  kind: nullableString('match, count, absent, sequence, change, rate, alerts, schedule'),
  pack: nullableString(),
  alerts_open: Type.Integer(),
  live_keys: nullableInteger('What it remembers something of now'),
  cpu_ms: Type.Unsafe<number | null>({ type: ['number', 'null'], description: 'Time that it took since the start of the hub' }),
  breaker: nullableString('Why it is not tried for now: it took too much time'),
})
export const RulesAnswer = Type.Object({
  rules: Type.Array(RuleAnswer),
  faults: Type.Array(Type.String(), { description: 'Why the files as they are now were refused, `file:line:column: what`; the rules before them stay in use' }),
  warnings: Type.Array(Type.String()),
})

const Place = Type.Object({ what: Type.String(), file: Type.String(), line: Type.Integer(), column: Type.Integer() })
export const RuleDetailAnswer = Type.Object({
  ...RuleAnswer.properties,
  line: nullableInteger('Where it begins in the file'),
  text: nullableString('As it stands in the file; null: the file cannot be read, or has another version of it now'),
  text_why: nullableString('Why there is no text'),
  overridden: Type.Array(Place, { description: 'What files of `local/` say otherwise' }),
  by: Type.Array(Type.String()),
  tests: Type.Array(Type.Object({ name: Type.String(), steps: Type.Array(Type.String()) })),
  false_alarms: nullableString(),
  requires: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  runbook: nullableString(),
  owner: nullableString(),
})

const Fault = Type.Object({ file: Type.String(), line: Type.Integer(), column: Type.Integer(), message: Type.String(), hint: nullableString() })
export const LintAnswer = Type.Object({
  good: Type.Boolean(),
  rules: Type.Integer({ description: 'In the whole set' }),
  tests: Type.Integer({ description: 'That were run' }),
  faults: Type.Array(Fault),
  warnings: Type.Array(Type.String(), { description: '`file:line:column: what (hint)`' }),
})

export type RuleView = Static<typeof RuleAnswer>
export type RulesView = Static<typeof RulesAnswer>
export type RuleDetail = Static<typeof RuleDetailAnswer>
export type LintFaultView = Static<typeof Fault>
export type LintView = Static<typeof LintAnswer>

export interface LintRequest {
  /** A rule file. */
  readonly text: string
  /** Its name: it stands for the file of this name among the hub's own, else beside them. */
  readonly file: string
  readonly signal?: AbortSignal | undefined
}

export interface RulesPart {
  list(): Promise<RulesView>
  rule(id: string): Promise<RuleDetail>
  /** Without running tests. */
  lint(request: LintRequest): Promise<LintView>
  test(request: LintRequest): Promise<LintView>
}
