import type { RuleSeverity } from './protocol.ts'

/** What a channel makes its message of: the `payload` of an outbox row. Ids and texts only; names and context are looked up when it is sent. */
export interface Notice {
  readonly kind: 'alert' | 'command'
  /** Plain text, one line. */
  readonly title: string
  readonly severity: RuleSeverity
  /** Rule id, or `hps-trigger`. */
  readonly rule: string
  readonly version: string
  readonly key: string
  readonly seq: number
  readonly receivedMs: number
  readonly nodeId: number
  readonly sessionId: number
  readonly node: string
  readonly session: string
  readonly host: string
  readonly app: string
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
  readonly count: number
  readonly firstMs: number
  readonly runbook: string | undefined
  readonly owner: string | undefined
  readonly before: number
  readonly after: number
}

/** One notice is queued once, whatever is replayed: the outbox refuses a second row with the same key. */
export const dedupKey = (parts: { readonly rule: string; readonly version: string; readonly key: string; readonly seq: number; readonly receiver: string }): string =>
  JSON.stringify([parts.rule, parts.version, parts.key, parts.seq, parts.receiver])
