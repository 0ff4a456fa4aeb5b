import type { WorkerCounter, WorkerCounters } from '#telemetry/index.ts'

/** What the memory of the rules counts; the rules thread joins it to its own. */
export const CORRELATE_COUNTERS = {
  keys: { metric: 'hps_rules_keys', kind: 'gauge', help: 'Keys that rules know something about: windows, deadlines, sequences, values.' },
  keyBytes: { metric: 'hps_rules_key_bytes', kind: 'gauge', help: 'Memory of what rules know about their keys.' },
  timers: { metric: 'hps_rules_timers', kind: 'gauge', help: 'Deadlines that wait, housekeeping included.' },
  droppedOfRule: { metric: 'hps_rules_keys_dropped_total', kind: 'counter', help: 'Keys that were forgotten before their time: one rule had too many, all rules together had, or what they hold took too much room.', labels: { bound: 'rule' } },
  droppedOfAll: { metric: 'hps_rules_keys_dropped_total', kind: 'counter', help: 'Keys that were forgotten before their time: one rule had too many, all rules together had, or what they hold took too much room.', labels: { bound: 'all' } },
  droppedForRoom: { metric: 'hps_rules_keys_dropped_total', kind: 'counter', help: 'Keys that were forgotten before their time: one rule had too many, all rules together had, or what they hold took too much room.', labels: { bound: 'bytes' } },
  keyless: { metric: 'hps_rules_keyless_total', kind: 'counter', help: 'Messages and events that fulfilled a rule but lack a field of its key, e.g. a label that the node does not have.' },
  unreadable: { metric: 'hps_rules_states_unreadable_total', kind: 'counter', help: 'Rows of remembered state that could not be read at the start and were left out.' },
} as const satisfies Readonly<Record<string, WorkerCounter>>
export type CorrelateCounter = keyof typeof CORRELATE_COUNTERS
export type CorrelateCounters = Pick<WorkerCounters<CorrelateCounter>, 'add' | 'set'>
