import type { RuleView } from '#api/index.ts'
import type { RuleSummary } from '#triggers/index.ts'

/** The rules in use, as the API shows them; `matches` counts since the start of the hub. */
export function createRulesPart({ list, matches }: { list(): readonly RuleSummary[]; readonly matches: ReadonlyMap<string, number> }): () => Promise<readonly RuleView[]> {
  return async () => list().map((rule) => ({ ...rule, matches: matches.get(rule.id) ?? 0 }))
}
