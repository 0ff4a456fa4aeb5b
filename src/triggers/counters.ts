import type { WorkerCounter } from '#telemetry/index.ts'

/** Counters of the rules thread in shared memory. */
export const RULES_COUNTERS = {
  messages: { metric: 'hps_rules_messages_total', kind: 'counter', help: 'Messages that went past the rules.' },
  candidates: { metric: 'hps_rules_candidates_total', kind: 'counter', help: 'Pairs of message and rule that passed the gate and were matched in full.' },
  matches: { metric: 'hps_rules_matches_total', kind: 'counter', help: 'Pairs of message and rule that matched.' },
  failures: { metric: 'hps_rules_failures_total', kind: 'counter', help: 'Pairs of message and rule that could not be matched: a fault of the program.' },
  cut: { metric: 'hps_rules_cut_total', kind: 'counter', help: 'Messages that rules saw only the beginning of.' },
  caughtUp: { metric: 'hps_rules_caught_up_messages_total', kind: 'counter', help: 'Messages that the rules read from the store, since they did not get them from memory.' },
  skippedBatches: { metric: 'hps_rules_batches_total', kind: 'counter', help: 'Committed batches that came from memory: taken, or left for the store since the rules were behind.', labels: { outcome: 'left' } },
  takenBatches: { metric: 'hps_rules_batches_total', kind: 'counter', help: 'Committed batches that came from memory: taken, or left for the store since the rules were behind.', labels: { outcome: 'taken' } },
  waitingBatches: { metric: 'hps_rules_batches_waiting', kind: 'gauge', help: 'Committed batches that are lent to the rules and not looked through yet.' },
  posts: { metric: 'hps_rules_posts_waiting', kind: 'gauge', help: 'Parcels of hits that main has not applied yet.' },
  loads: { metric: 'hps_rules_loads_total', kind: 'counter', help: 'Rule sets that were read.', labels: { outcome: 'loaded' } },
  refusals: { metric: 'hps_rules_loads_total', kind: 'counter', help: 'Rule sets that were read.', labels: { outcome: 'refused' } },
  cursor: { metric: 'hps_rules_cursor', kind: 'gauge', help: 'Seq up to which the rules have looked.' },
  behind: { metric: 'hps_rules_behind_messages', kind: 'gauge', help: 'Committed messages that the rules have not looked at yet.' },
} as const satisfies Readonly<Record<string, WorkerCounter>>
export type RulesCounter = keyof typeof RULES_COUNTERS
