import type { WorkerCounter } from '#telemetry/index.ts'
import { CORRELATE_COUNTERS } from './correlate/counters.ts'

/** Counters of the rules thread in shared memory. */
export const RULES_COUNTERS = {
  messages: { metric: 'hps_rules_messages_total', kind: 'counter', help: 'Messages that went past the rules.' },
  candidates: { metric: 'hps_rules_candidates_total', kind: 'counter', help: 'Pairs of message and rule that passed the gate and were matched in full.' },
  matches: { metric: 'hps_rules_matches_total', kind: 'counter', help: 'Pairs of message and rule that matched.' },
  events: { metric: 'hps_rules_events_total', kind: 'counter', help: 'What the hub noticed beside messages and the rules took: sessions, stages, states, alerts, trigger commands.' },
  suppressed: { metric: 'hps_rules_suppressed_total', kind: 'counter', help: 'Pairs of message and rule that matched and were left out, since another rule suppresses them.' },
  failures: { metric: 'hps_rules_failures_total', kind: 'counter', help: 'Pairs of message and rule that could not be matched: a fault of the program.' },
  cut: { metric: 'hps_rules_cut_total', kind: 'counter', help: 'Messages that rules saw only the beginning of.' },
  caughtUp: { metric: 'hps_rules_caught_up_messages_total', kind: 'counter', help: 'Messages that the rules read from the store, since they did not get them from memory.' },
  skippedBatches: { metric: 'hps_rules_batches_total', kind: 'counter', help: 'Committed batches that came from memory: taken, or left for the store since the rules were behind.', labels: { outcome: 'left' } },
  takenBatches: { metric: 'hps_rules_batches_total', kind: 'counter', help: 'Committed batches that came from memory: taken, or left for the store since the rules were behind.', labels: { outcome: 'taken' } },
  waitingBatches: { metric: 'hps_rules_batches_waiting', kind: 'gauge', help: 'Committed batches that are lent to the rules and not looked through yet.' },
  posts: { metric: 'hps_rules_posts_waiting', kind: 'gauge', help: 'Parcels of findings that main has not applied yet.' },
  findings: { metric: 'hps_rules_findings_total', kind: 'counter', help: 'Findings that were written to rules.db and posted to main, repeats folded.' },
  lateFindings: { metric: 'hps_rules_late_findings_total', kind: 'counter', help: 'Findings whose deadline passed while the hub was not running.' },
  commits: { metric: 'hps_rules_commits_total', kind: 'counter', help: 'Attempts to write rules.db.', labels: { outcome: 'written' } },
  commitFailures: { metric: 'hps_rules_commits_total', kind: 'counter', help: 'Attempts to write rules.db.', labels: { outcome: 'failed' } },
  blocked: { metric: 'hps_rules_blocked', kind: 'gauge', help: '1 while the rules wait, since rules.db cannot be written or read.' },
  lag: { metric: 'hps_rules_watermark_seconds', kind: 'gauge', help: 'How far time has come for the rules, as a Unix time.' },
  held: { metric: 'hps_rules_clock_held', kind: 'gauge', help: '1 while the clock is not believed, since it jumped ahead by more than a day.' },
  stopped: { metric: 'hps_rules_stopped', kind: 'gauge', help: 'Rules that the breaker stopped, since they took too much time.' },
  trips: { metric: 'hps_rules_trips_total', kind: 'counter', help: 'Times that the breaker stopped a rule.' },
  loads: { metric: 'hps_rules_loads_total', kind: 'counter', help: 'Rule sets that were read.', labels: { outcome: 'loaded' } },
  refusals: { metric: 'hps_rules_loads_total', kind: 'counter', help: 'Rule sets that were read.', labels: { outcome: 'refused' } },
  cursor: { metric: 'hps_rules_cursor', kind: 'gauge', help: 'Seq up to which the rules have looked.' },
  behind: { metric: 'hps_rules_behind_messages', kind: 'gauge', help: 'Committed messages that the rules have not looked at yet.' },
  ...CORRELATE_COUNTERS,
} as const satisfies Readonly<Record<string, WorkerCounter>>
export type RulesCounter = keyof typeof RULES_COUNTERS
