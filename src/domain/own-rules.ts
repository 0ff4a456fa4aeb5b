import { SILENCE_RULE } from './silence.ts'

/** Alerts that the hub raises by itself, by the names that stand where other alerts have their rule: no rule file has them, and `when: alerts`, `inhibit`, silences and routes may name them. */
export const OWN_RULES = {
  [SILENCE_RULE]: 'a node, a sender, or all of them are silent',
  'rules-behind': 'the rules are far behind the messages',
  'rules-ended': 'the rules ended by a fault and were started again',
  'rules-refused': 'rule files were refused, and no rules are in use',
} as const
export type OwnRule = keyof typeof OWN_RULES
export const OWN_RULE_NAMES: readonly string[] = Object.keys(OWN_RULES)
export const isOwnRule = (rule: string): rule is OwnRule => Object.hasOwn(OWN_RULES, rule)
