import type { EvidenceClass, LifecycleEvent } from '#domain/lifecycle.ts'
import type { HubDatabase } from '#store/index.ts'
import type { Logger } from '#telemetry/index.ts'
import type { Finding } from './finding.ts'

/** Evidence that a message gave, for whoever keeps the lifecycle and the sessions. */
export interface ReportedEvent {
  readonly nodeId: number
  readonly sessionId: number
  readonly event: LifecycleEvent | undefined
  readonly stage: string | undefined
  readonly evidence: EvidenceClass
  /** `id@version` */
  readonly rule: string
  readonly seq: number
  readonly receivedMs: number
  /** The rule's title, rendered: why, for the history. */
  readonly title: string
}
export type ReportOutcome = 'applied' | 'ignored'

export interface ReportOptions {
  readonly db: HubDatabase
  /** Called inside the transaction; what it writes through the same connection is part of it. */
  readonly applyEvent: (event: ReportedEvent) => ReportOutcome
  readonly log: Logger
}

/** Reports what a finding is evidence of, in a savepoint: a report that fails takes back its own writes only. */
export function createReport({ db, applyEvent, log }: ReportOptions): (finding: Finding, title: () => string) => ReportOutcome | 'failed' {
  return (finding, title) => {
    const { nodeId, sessionId, evidence, seq, atMs, rule, version, emit } = finding
    if (emit === undefined || nodeId === 0) return 'ignored'
    try {
      return db.transaction(() => applyEvent({ nodeId, sessionId, ...emit, evidence, rule: `${rule}@${version}`, seq, receivedMs: atMs, title: title() }))()
    } catch (error) {
      log.error({ rule, seq, node_id: nodeId, error: String(error) }, 'the evidence of a rule could not be applied')
      return 'failed'
    }
  }
}
