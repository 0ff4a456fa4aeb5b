/** The door for thread entries: rules without the mail, which only main needs and which costs megabytes a thread. */
export { RULES_COUNTERS } from './counters.ts'
export type { RulesCredit, RulesFeed } from './protocol.ts'
export { loadRules, readRules, type RuleSet } from './rules/load.ts'
export { readRuleFiles } from './rules/read-files.ts'
export type { RuleSource } from './rules/rule-files.ts'
export type { Rule } from './rules/rule.ts'
export { runRules } from './run-rules.ts'
export { watchRuleFiles } from './watch.ts'
