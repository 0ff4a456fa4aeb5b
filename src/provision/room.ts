import type { Clock } from '#base/time.ts'
import type { ProvisionRecords, RegistryRecords } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { Applier } from './apply.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { BootConfig } from './config.ts'
import type { AskWriter } from './writer.ts'

/** What the parts of this room share. */
export interface Room {
  readonly config: BootConfig
  readonly records: ProvisionRecords
  readonly registry: RegistryRecords
  readonly applier: Applier
  readonly commits: CommitQueue
  readonly ask: AskWriter
  readonly clock: Clock
  readonly log: Logger
}
