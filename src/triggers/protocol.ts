import type { EvidenceClass, LifecycleEvent } from '#domain/lifecycle.ts'

/** What the rules thread reports for a committed message that a rule matched; main gives it its effects. */
export interface RuleHit {
  readonly rule: string
  /** Hash of the rule's definition: an alert or mail is told apart by it after an edit. */
  readonly version: string
  readonly severity: 'critical' | 'error' | 'warning' | 'info'
  readonly seq: number
  readonly receivedMs: number
  readonly nodeId: number
  readonly sessionId: number
  readonly app: string
  readonly text: string
  /** Named groups of the expression. */
  readonly captures: Readonly<Record<string, string>>
  /** Evidence that the message gives by how its node was found: see domain/lifecycle. */
  readonly evidence: EvidenceClass
  readonly emit?: { readonly event: LifecycleEvent | undefined; readonly stage: string | undefined }
  readonly notify?: { readonly to: string }
}

export type RulesCommand =
  /** Files on disk changed or SIGHUP: load, test, swap or refuse whole. */
  | { readonly kind: 'reload' }
  | { readonly kind: 'stop' }

export type RulesEvent =
  /** Effects of everything up to `cursor`; main applies hits and cursor in one transaction and answers `applied`. */
  | { readonly kind: 'hits'; readonly cursor: number; readonly hits: readonly RuleHit[] }
  | { readonly kind: 'loaded'; readonly rules: number; readonly tests: number }
  /** The old set stays. Each fault is `file:line:column: what (hint)`. */
  | { readonly kind: 'refused'; readonly faults: readonly string[] }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }
  | { readonly kind: 'stopped' }
