import type { MaintenanceReport } from '../../port.ts'
import type { Loss } from './losses.ts'
import type { SpaceDecision } from './space.ts'

/** What the keeper knows after its last round; plain data, so that it can cross threads. */
export interface KeeperState {
  readonly atMs: number
  readonly waitingSegments: number
  /** undefined when the file system does not say. */
  readonly disk: { readonly usedBytes: number; readonly segmentBytes: number; readonly fileBytes: number; readonly freeBytes: number; readonly diskBytes: number; readonly maxBytes: number; readonly minFreeBytes: number } | undefined
  /** Why retention by age removes nothing, when it is held. */
  readonly ageHeld: string | undefined
  readonly space: Omit<SpaceDecision, 'remove'>
  /** Accepted ones too. */
  readonly losses: readonly Loss[]
  /** What could not be done in this round, a sentence each: a full disk, a file that cannot be opened now. */
  readonly troubles: readonly string[]
}

/** Why a file was removed. */
const REMOVAL_REASONS = ['age', 'max-size', 'min-free'] as const
export type RemovalReason = (typeof REMOVAL_REASONS)[number]
export interface Removal { readonly name: string; readonly bytes: number; readonly reason: RemovalReason }

export interface KeeperReport extends MaintenanceReport {
  readonly removals: readonly Removal[]
  readonly state: KeeperState
}
