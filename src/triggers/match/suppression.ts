import type { Rule } from '../rules/rule.ts'

/** Which rules a rule takes messages from: named ones, never itself. */
export type Suppressed = readonly boolean[]
export const NONE: Suppressed = []

const isNamed = (names: readonly string[], id: string): boolean => names.some((name) => (name.endsWith('*') ? id.startsWith(name.slice(0, -1)) : name === id))

/** By position in the set: for each rule with `suppress`, the rules that it names. */
export function suppressedBy(rules: readonly Rule[]): readonly Suppressed[] {
  return rules.map(({ id, suppress }) => (suppress === undefined ? NONE : rules.map((other) => other.id !== id && isNamed(suppress.rules, other.id))))
}

/** Both together. */
export const joined = (some: Suppressed, more: Suppressed): Suppressed => (some.length === 0 ? more : some.map((is, index) => is || more[index] === true))
