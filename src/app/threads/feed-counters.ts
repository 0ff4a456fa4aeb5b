import type { WorkerCounter } from '#telemetry/index.ts'

/** What the log writer's thread hands on beside its own work. */
export const FEED_COUNTERS = {
  copies: { metric: 'hps_live_copies', kind: 'gauge', help: 'Copies of committed batches for live tails that main has not taken yet.' },
  withheld: { metric: 'hps_live_copies_withheld_total', kind: 'counter', help: 'Committed batches that were not copied for live tails, since main had not taken those before: the tails read them from the store.' },
  lent: { metric: 'hps_rules_batches_lent', kind: 'gauge', help: 'Batches that the rules hold: they do not go back to be filled yet.' },
} as const satisfies Readonly<Record<string, WorkerCounter>>
