import { requiredLiterals } from '../match/literal.ts'
import { highCardinality, sometimesMissing } from './cardinality.ts'
import type { RuleFault } from './fault.ts'
import { patternsOf } from './patterns.ts'
import { unknownMuted } from './references.ts'
import type { Match, Rule } from './rule.ts'

/** Rules that neither ask for an application nor have a literal are tried in full on every message: this many at most. */
const MAX_UNGATED = 20

const namesApps = (match: Match): boolean => match.app !== undefined || match.all.some(namesApps) || (match.any.length > 0 && match.any.every(namesApps))
/** `match: {}` means any message, and says so; it costs no matching. */
const isAny = (match: Match): boolean => [match.app, match.host, match.facilities, match.severities, match.regex, match.not].every((part) => part === undefined) && match.contains.length + match.any.length + match.all.length === 0
const isUngated = (rule: Rule): boolean => patternsOf(rule).some(({ on }) => on.kind === 'line' && !isAny(on.match) && !namesApps(on.match) && requiredLiterals(on.match) === undefined)

/** Rules that would be one too many to be tried on every message. */
export function checkUngated(rules: readonly Rule[]): ReadonlyMap<Rule, Omit<RuleFault, 'path'>> {
  const tooMany = rules.filter(isUngated).slice(MAX_UNGATED)
  return new Map(tooMany.map((rule) => [rule, { message: `more than ${MAX_UNGATED} rules have neither an application nor a literal`, hint: 'add `app:` or `contains:`' }]))
}

/** What works but should not stay so; paths begin at the rule. `ids`: of all rules. */
export function warningsOf(rule: Rule, ids: readonly string[], nowMs: number | undefined): readonly RuleFault[] {
  const untilMs = rule.suppress?.untilMs
  return [
    ...(isUngated(rule) ? [{ path: ['when'], message: `rule ${rule.id} has neither an application nor a literal of 4 letters: it is tried on every message`, hint: 'add `app:` or `contains:`' }] : []),
    ...(hasNearMiss(rule) ? [] : [{ path: ['tests'], message: `rule ${rule.id} has no test of what must not set it off`, hint: 'a line that is nearly right, and `expect: {nothing_new: true}`' }]),
    ...highCardinality(rule),
    ...sometimesMissing(rule),
    ...unknownMuted(rule, ids).map((name) => ({ path: rule.suppress === undefined ? ['inhibit', 'rules'] : ['suppress', 'for_rules'], message: `there is no rule \`${name}\` that could be muted` })),
    ...(nowMs !== undefined && untilMs !== undefined && untilMs <= nowMs ? [{ path: ['suppress', 'until'], message: `rule ${rule.id} suppresses nothing any more`, hint: 'take it away, or give it another day' }] : []),
  ]
}

const hasNearMiss = ({ tests, suppress }: Rule): boolean =>
  suppress !== undefined || tests.some(({ steps }) => steps.some((step) => step.kind === 'expect' && (step.expect.nothing_new === true || step.expect.not_firing !== undefined)))
