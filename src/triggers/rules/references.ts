import { isOwnRule, OWN_RULE_NAMES } from '#domain/own-rules.ts'
import { below, meant, refuse, type Reading } from './fault.ts'
import type { Rule } from './rule.ts'

/** Whether a rule is meant by `storage.raid` or `storage.*`: a trailing `*` makes it a beginning. */
export const fitsRule = (pattern: string, id: string): boolean => (pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : pattern === id)

/** Where a rule names others, and what the names are. */
function namesIn(rule: Rule): readonly { readonly path: readonly string[]; readonly names: readonly string[]; readonly isNeeded: boolean }[] {
  const { when, suppress, policy } = rule
  return [
    ...(when.kind === 'alerts' ? [{ path: ['when', 'alerts'], names: when.rules, isNeeded: true }] : []),
    ...(suppress === undefined ? [] : [{ path: ['suppress', 'for_rules'], names: suppress.rules, isNeeded: false }]),
    ...(policy.inhibit === undefined ? [] : [{ path: ['inhibit', 'rules'], names: policy.inhibit.rules, isNeeded: false }]),
  ]
}

/**
 * Names of other rules are those of rules that are there, or of alerts that the hub raises by itself. A condition about alerts of no rule could never hold and is refused;
 * what only mutes others may name rules of a pack that is not used, and is warned about by `unknownMuted`.
 */
export function checkReferences(rule: Rule, ids: readonly string[], at: Reading): void {
  const known = [...ids, ...OWN_RULE_NAMES]
  if (isOwnRule(rule.id)) refuse(below(at, 'id'), `alerts that the hub raises by itself go by the name \`${rule.id}\``, 'give the rule another one')
  for (const { path, names, isNeeded } of namesIn(rule)) {
    if (!isNeeded) continue
    for (const name of names) if (!known.some((id) => fitsRule(name, id))) refuse(below(at, ...path), `there is no rule \`${name}\``, meant(name, known))
  }
  if (rule.policy.inhibit?.rules.some((name) => name === rule.id)) refuse(below(at, 'inhibit', 'rules'), 'an alert cannot mute itself')
}

/** Names of rules to mute that are not there. */
export const unknownMuted = (rule: Rule, ids: readonly string[]): readonly string[] =>
  namesIn(rule).flatMap(({ names, isNeeded }) => (isNeeded ? [] : names.filter((name) => ![...ids, ...OWN_RULE_NAMES].some((id) => fitsRule(name, id)))))

/** Rules about alerts that come round to themselves: the ids from such a rule back to it; undefined: it does not. */
export function cycleOf(rule: Rule, rules: readonly Rule[]): readonly string[] | undefined {
  const fedBy = (one: Rule): readonly Rule[] => {
    const { when } = one
    return when.kind === 'alerts' ? rules.filter(({ id, when: { kind } }) => kind === 'alerts' && when.rules.some((pattern) => fitsRule(pattern, id))) : []
  }
  const seen = new Set<string>()
  const search = (one: Rule, way: readonly string[]): readonly string[] | undefined => {
    for (const next of fedBy(one)) {
      if (next.id === rule.id) return [...way, next.id]
      if (seen.has(next.id)) continue
      seen.add(next.id)
      const found = search(next, [...way, next.id])
      if (found !== undefined) return found
    }
    return undefined
  }
  return search(rule, [rule.id])
}
