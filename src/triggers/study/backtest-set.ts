import type { Rule } from '../rules/rule.ts'

/** The rules that are tried, and those without which they would not do the same. */
export interface BacktestSet {
  /** All that run, in the order of the set. Tried ones are live, whatever their status is. */
  readonly rules: readonly Rule[]
  readonly tested: ReadonlySet<string>
}

/** Beside the tried rules: those whose alerts they count or are inhibited by, and those that take messages from them; and theirs. */
export function backtestSet(set: readonly Rule[], isTested: (rule: Rule) => boolean): BacktestSet {
  const tested = new Set(set.filter(isTested).map(({ id }) => id))
  const running = new Set(tested)
  const bears = (rule: Rule, id: string): boolean => [...(rule.policy.inhibit?.rules ?? []), ...(rule.suppress?.rules ?? [])].some((name) => isNamed(name, id))
  const counts = (rule: Rule, id: string): boolean => rule.when.kind === 'alerts' && rule.when.rules.some((name) => isNamed(name, id))
  const byId = new Map(set.map((rule) => [rule.id, rule]))
  for (const id of running) {
    const rule = byId.get(id)!
    for (const other of set) if (other.policy.status !== 'off' && other.id !== id && (bears(other, id) || counts(rule, other.id))) running.add(other.id)
  }
  const rules = set.filter(({ id }) => running.has(id)).map((rule) => (tested.has(rule.id) ? live(rule) : rule))
  return { rules, tested }
}

const live = (rule: Rule): Rule => (rule.policy.status === 'live' ? rule : { ...rule, policy: { ...rule.policy, status: 'live' } })
const isNamed = (pattern: string, id: string): boolean => (pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern)
