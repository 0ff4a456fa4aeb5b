import { LIFECYCLE_STATES } from '#domain/lifecycle.ts'
import type { ProvisionRecords } from '#store/index.ts'
import type { MetricDeclaration, Metrics } from '#telemetry/index.ts'
import { APPLY_REFUSALS, DECISION_REASONS, type ApplyRefusal, type DecisionReason } from './reasons.ts'

const TRANSITION_RESULTS = ['moved', 'unchanged', ...APPLY_REFUSALS] as const
const NODE_STATES = [...LIFECYCLE_STATES, 'none'] as const
const CONTRADICTIONS = ['lease', 'hardware'] as const

export const PROVISION_METRICS: readonly MetricDeclaration[] = [
  {
    kind: 'counter',
    name: 'hps_boot_decisions_total',
    help: 'Boot decisions by reason; asks of one machine that arrive together share one decision.',
    labels: { reason: Object.keys(DECISION_REASONS) },
  },
  { kind: 'counter', name: 'hps_boot_contradictions_total', help: 'Boot requests that contradict the lease of their address, or the hardware ids seen before.', labels: { with: CONTRADICTIONS } },
  { kind: 'counter', name: 'hps_lifecycle_events_total', help: 'Lifecycle events by result: moved, unchanged, or why refused.', labels: { result: TRANSITION_RESULTS } },
  { kind: 'gauge', name: 'hps_boot_decisions_under_way', help: 'Boot decisions being made now.' },
  { kind: 'gauge', name: 'hps_boot_writes_waiting', help: 'Writes of boot decisions and changes of nodes that wait for the next transaction.' },
  { kind: 'gauge', name: 'hps_nodes', help: 'Nodes by lifecycle state; none: seen, but not in the lifecycle.', labels: { state: NODE_STATES } },
]

/** One function for each thing that is counted. */
export interface CountProvision {
  decision(reason: DecisionReason): void
  contradiction(kind: (typeof CONTRADICTIONS)[number]): void
  transition(result: 'moved' | 'unchanged' | ApplyRefusal): void
  underWay(decisions: number): void
}

export function createProvisionCounts(metrics: Pick<Metrics, 'add' | 'set'>): CountProvision {
  return {
    decision: (reason) => metrics.add('hps_boot_decisions_total', { reason }),
    contradiction: (kind) => metrics.add('hps_boot_contradictions_total', { with: kind }),
    transition: (result) => metrics.add('hps_lifecycle_events_total', { result }),
    underWay: (decisions) => metrics.set('hps_boot_decisions_under_way', decisions),
  }
}

/** Nodes are counted when somebody scrapes. */
export function countNodes(metrics: Pick<Metrics, 'set' | 'onCollect'>, records: Pick<ProvisionRecords, 'countByState'>): void {
  metrics.onCollect(() => {
    const counts = new Map(records.countByState().map(({ state, count }) => [state, count]))
    for (const state of NODE_STATES) metrics.set('hps_nodes', counts.get(state) ?? 0, { state })
  })
}
