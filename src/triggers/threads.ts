/** The door for thread entries: rules without the mail, which only main needs and which costs megabytes a thread. */
export { RULES_COUNTERS } from './counters.ts'
export type { RulesCredit, RulesFeed } from './protocol.ts'
export { runRules } from './run-rules.ts'
export { watchRuleFiles } from './watch.ts'
