import type { Pattern, Rule, When } from './rule.ts'

/** What a pattern is for in its rule. */
export type PatternRole =
  | { readonly role: 'on' | 'reset' | 'after' | 'expect' | 'cancel' | 'without' | 'resolve' }
  | { readonly role: 'step'; readonly step: number }
export type RolePattern = PatternRole & { readonly on: Pattern }

const SESSION_END: Pattern = { kind: 'event', event: { event: 'session', to: ['end'], from: undefined } }

/** Every pattern of a rule, in an order that stays: engine and correlator speak of them by position. */
export function patternsOf(rule: Pick<Rule, 'when' | 'by' | 'resolveOn'>): readonly RolePattern[] {
  const own = [...patternsOfWhen(rule.when), ...ofSession(rule)]
  return rule.resolveOn === undefined ? own : [...own, { role: 'resolve', on: rule.resolveOn }]
}

/** What is waited for in a session cannot come when the session is over: another boot has a time of its own. */
const ofSession = ({ when, by }: Pick<Rule, 'when' | 'by'>): readonly RolePattern[] =>
  when.kind === 'absent' && when.after !== undefined && by.includes('session') ? [{ role: 'cancel', on: SESSION_END }] : []

function patternsOfWhen(when: When): readonly RolePattern[] {
  const named = (role: Exclude<PatternRole['role'], 'step'>, on: Pattern | undefined): readonly RolePattern[] => (on === undefined ? [] : [{ role, on }])
  switch (when.kind) {
    case 'match':
    case 'change':
    case 'rate':
      return named('on', when.on)
    case 'count':
      return [...named('on', when.on), ...named('reset', when.reset)]
    case 'absent':
      return [...named('after', when.after), ...named('expect', when.expect), ...named('cancel', when.cancel)]
    case 'sequence':
      return [...when.steps.map(({ on }, step): RolePattern => ({ role: 'step', step, on })), ...named('without', when.without)]
    case 'alerts':
      return named('on', { kind: 'event', event: { event: 'alert', to: undefined, from: undefined } })
    case 'schedule':
      return []
  }
}
