import { TRANSITION_REFUSALS } from './lifecycle.ts'

/** Every reason that a boot decision can have, with its outcome: the log field and the metric label. */
export const DECISION_REASONS = {
  profile: 'boot',
  'own-disk': 'local',
  unmanaged: 'local',
  unknown: 'wait',
  held: 'wait',
  failed: 'wait',
  'not-configured': 'wait',
  'in-work': 'wait',
  'no-profile': 'wait',
  'asset-missing': 'wait',
  'args-missing': 'wait',
  'no-lease': 'wait',
  busy: 'wait',
  'no-mac': 'refuse',
  'bad-mac': 'refuse',
  'lease-contradicts': 'refuse',
  'unknown-refused': 'refuse',
  retired: 'refuse',
} as const satisfies Readonly<Record<string, 'boot' | 'local' | 'wait' | 'refuse'>>
export type DecisionReason = keyof typeof DECISION_REASONS

/** A reason with its sentence for people. */
export interface Because {
  readonly reason: DecisionReason
  readonly why: string
}

export const APPLY_REFUSALS = [...TRANSITION_REFUSALS, 'no-such-node', 'conflict'] as const
/** Why an event did not move a node. */
export type ApplyRefusal = (typeof APPLY_REFUSALS)[number]
