import type { EvidenceClass, LifecycleEvent } from '#domain/lifecycle.ts'

/**
 * What the rules thread found: the condition of a rule holds for a key (`raise`), or what ends its alert was seen
 * (`clear`). Findings have rising numbers and are on the disk before main hears of them; main has given effect to all up
 * to the number that it keeps in `hub.db`, so none has its effect twice or never.
 */
export interface Finding {
  readonly id: number
  readonly kind: 'raise' | 'clear'
  readonly rule: string
  readonly version: string
  /** What an alert is told apart by: ids, so that a node that is renamed keeps its alerts. */
  readonly key: string
  /** The fields of the key and the named groups for people: `node`, `rack`, `array`, and what the kind of condition adds: `count`, `distinct`, `previous`. */
  readonly fields: Readonly<Record<string, string>>
  /** The message that completed it, or the last one before a deadline; 0: none. */
  readonly seq: number
  /** Receive time of that message, or the deadline. */
  readonly atMs: number
  /** Findings of the same rule and key folded into this one, itself included, and the last of them. */
  readonly count: number
  readonly lastSeq: number
  readonly lastMs: number
  readonly nodeId: number
  readonly sessionId: number
  readonly sourceId: number
  readonly host: string
  readonly app: string
  /** Of the message, cut; '' where there is none. */
  readonly text: string
  readonly evidence: EvidenceClass
  readonly emit: { readonly event: LifecycleEvent | undefined; readonly stage: string | undefined } | undefined
  /** Its deadline passed while the hub was not running. */
  readonly isLate: boolean
  readonly reason: FindingReason
}

/** Why, in the words that people read in the history of an alert. */
export const FINDING_REASONS = {
  matched: 'a message or event matched',
  counted: 'so many came within the window',
  absent: 'what was expected did not come in time',
  completed: 'the sequence was completed',
  changed: 'the value is another one than before',
  spiked: 'many more came than usual',
  gathered: 'so many alerts are firing',
  scheduled: 'its time came',
  'resolve-matched': 'a message or event that ends it matched',
  arrived: 'what was expected came after all',
  receded: 'fewer than that are left',
  left: 'the node is no longer one that the rule is about',
  tripped: 'the rule took too much time and was stopped',
} as const
export type FindingReason = keyof typeof FINDING_REASONS
