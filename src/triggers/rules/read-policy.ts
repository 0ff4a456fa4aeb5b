import type { RuleSeverity } from '../protocol.ts'
import { DEFAULT_QUIET_MS, type Policy, type PolicyNotify } from '../policy.ts'
import { below, readTime, refuse, type Reading } from './fault.ts'
import { readPattern } from './read-pattern.ts'
import type { Pattern, WhenKind } from './rule.ts'
import type { PatternFile } from './schema-match.ts'
import { RESOLVE_KEYS, type RuleText } from './schema.ts'

/** Kinds that see for themselves that the condition holds no more: quiet says nothing about them. */
const SELF_CLEARING: readonly WhenKind[] = ['absent', 'alerts']
/** Messages before the first one that a mail shows where nothing is said. */
const BEFORE = 5

export interface ReadResolve { readonly on: Pattern | undefined; readonly resolve: Policy['resolve'] }

/** Where nothing else is said to end it, quiet does; a rule that names an end is over at that end alone. */
export function readResolve(text: RuleText['resolve'], kind: WhenKind | undefined, at: Reading): ReadResolve {
  const usual = kind !== undefined && SELF_CLEARING.includes(kind) ? undefined : DEFAULT_QUIET_MS
  if (text === undefined) return { on: undefined, resolve: { quietMs: usual, atSessionEnd: false, never: false } }
  const { quiet, session_end: atSessionEnd = false, never = false, ...pattern } = text
  const on = Object.keys(pattern).length === 0 ? undefined : readPattern(pattern as PatternFile, { at })
  if (never && (on !== undefined || quiet !== undefined || atSessionEnd)) refuse(at, '`never` stands alone: only a person closes it')
  if (!never && on === undefined && quiet === undefined && !atSessionEnd) refuse(at, '`resolve` says what ends the alert', `${RESOLVE_KEYS.join(', ')}`)
  return { on, resolve: { quietMs: quiet === undefined ? undefined : readTime(quiet, below(at, 'quiet'), { least: '1m' }), atSessionEnd, never } }
}

export function readNotify({ to, wait, every, context }: NonNullable<RuleText['notify']>, at: Reading): PolicyNotify {
  return {
    to,
    waitMs: wait === undefined ? undefined : readTime(wait, below(at, 'wait'), { least: '0s', most: '1d' }),
    everyMs: every === undefined ? undefined : readTime(every, below(at, 'every'), { least: '1m' }),
    before: context?.before ?? BEFORE,
    after: context?.after ?? 0,
  }
}

export const readEscalate = (text: RuleText['escalate'], at: Reading): Policy['escalate'] =>
  (text ?? []).map(({ after, unless = 'acked', to, severity }, index) => ({
    afterMs: readTime(after, below(at, index, 'after')), unlessAcknowledged: unless === 'acked', to, severity: severity as RuleSeverity | undefined,
  }))

/** A day is meant from its beginning, in UTC. */
const UNTIL = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/

export function readSuppress({ for_rules: rules, until, reason }: NonNullable<RuleText['suppress']>, at: Reading): { readonly rules: readonly string[]; readonly untilMs: number | undefined; readonly reason: string } {
  const untilMs = until === undefined ? undefined : Date.parse(until)
  if (until !== undefined && !(UNTIL.test(until) && Number.isFinite(untilMs))) refuse(below(at, 'until'), `\`${until}\` is not a day or a time`, "e.g. 2027-06-01 or '2027-06-01T12:00Z'")
  return { rules, untilMs, reason }
}
