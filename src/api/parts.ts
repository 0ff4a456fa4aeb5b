import type { CompletenessReason, CompletenessVerdict } from '#domain/completeness.ts'
import type { FaultCode } from '#domain/fault.ts'
import type { BootPart, NodesPart } from '#provision/index.ts'
import type { Health, Logger, Metrics } from '#telemetry/index.ts'
import type { AckRequest, AckView } from './ack-part.ts'
import type { AlertsPart } from './alert-part.ts'
import type { AlertSilencesPart } from './alert-silence-part.ts'
import type { LossesPart } from './loss-part.ts'
import type { MessageView } from './message-view.ts'
import type { OutboxPart } from './outbox-part.ts'
import type { DoctorPart } from './queue-part.ts'
import type { RulesPart } from './rule-part.ts'
import type { SilencesPart } from './silence-part.ts'
import type { SinkView } from './sink-part.ts'
import type { SourcesPart } from './source-part.ts'
import type { StorePart } from './store-part.ts'
import type { StudyPart } from './study-part.ts'
import type { WhyPart } from './why-part.ts'

export type { Caller, CallerRole } from './caller-part.ts'
export type { MessageView } from './message-view.ts'
export type { BootDecision, BootFacts, BootPart, NodeChange, NodeHistoryView, NodeView } from '#provision/index.ts'

/**
 * What the API is given by `app`: functions, no decisions of its own. Refusals come as thrown `AppFault`s with a code of
 * the catalogue; the API turns them into the caller's medium (negotiation).
 */
export interface ApiParts {
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly doctor: DoctorPart
  readonly clock: () => number
  /** `hostName`: what this machine calls itself. */
  readonly about: { readonly version: string; readonly startedMs: number; readonly hostName?: string }
  readonly logs: LogsPart
  readonly nodes: NodesPart
  readonly sessions: SessionsPart
  readonly sources: SourcesPart
  readonly losses: LossesPart
  readonly silences: SilencesPart
  readonly sinks: () => Promise<readonly SinkView[]>
  readonly tokens: TokensPart
  readonly boot: BootPart
  readonly alerts: AlertsPart
  readonly alertSilences: AlertSilencesPart
  readonly rules: RulesPart
  readonly why: WhyPart
  readonly study: StudyPart
  readonly outbox: OutboxPart
  readonly store: StorePart
}

// ---- logs ----
/** Stored messages looked at, of those there are. */
export interface ProgressView { readonly done: number; readonly total: number }
/** What every question to the log may be given: aborted, it answers with what it has; `onProgress` hears now and then how far it is. */
export interface Asking {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: ProgressView) => void) | undefined
}
export interface SearchRequest extends Asking {
  readonly query: string
  readonly limit: number
  readonly order: 'newest' | 'oldest'
  readonly cursor?: string | undefined
}
export interface SearchAnswer {
  readonly messages: readonly MessageView[]
  readonly cursor: string | null
  readonly complete: boolean
  /** Why it is not complete: `deadline`, `cancelled`, `damaged`. */
  readonly reason: string | null
  readonly scanned: number
  /** The query as understood, in canonical form. */
  readonly query: string
  /** When nothing was found: a wider query that may find something. */
  readonly broader: string | null
}
export interface CountRequest extends Asking {
  readonly query: string
  /** Up to two of: a field (`node`, `app`, `template`, …), `time`, `sd.NAME`, `.NAME`. */
  readonly by: readonly string[]
  /** A duration, or `auto`: about sixty over the range of the query. */
  readonly step?: string | undefined
  readonly limit?: number | undefined
}
export interface CountView {
  readonly total: number
  readonly by: readonly string[]
  readonly groups: readonly CountGroupView[]
  readonly distinct: number
  /** Too many different groups: the later ones are only in `others`. */
  readonly bounded: boolean
  readonly others: number
  readonly complete: boolean
  readonly reason: string | null
  readonly scanned: number
  readonly query: string
  /** Where `by` has `time`: the length of a step, and the range of the query. */
  readonly step_ms: number | null
  readonly from: string | null
  readonly until: string | null
}
export interface CountGroupView {
  /** In the order of `by`; null: the messages that have none. Times are RFC 3339, the start of the step. */
  readonly keys: readonly (string | null)[]
  readonly count: number
  /** By template: what its messages have in common, with `*` for what differs, and the newest of them. */
  readonly pattern?: string
  readonly example?: MessageView
}
/** `skipped`: the reader was too slow; what lies in between can be fetched by search. */
export type TailItem = { readonly kind: 'message'; readonly message: MessageView } | { readonly kind: 'skipped'; readonly fromSeq: number; readonly toSeq: number; readonly count: number }
/** One message of an export; `view` is only made where the form needs it. */
export interface ExportedMessage { readonly raw: Uint8Array; view(): MessageView }
/** Why an export is not whole; null: it is. */
export interface ExportEnd { readonly reason: string | null }
export interface LogsPart {
  search(request: SearchRequest): Promise<SearchAnswer>
  count(request: CountRequest): Promise<CountView>
  /** All that matches, a page at a time as they are taken. A query that cannot be read rejects at once. */
  export(request: { readonly query: string; readonly order: 'newest' | 'oldest'; readonly signal: AbortSignal }): Promise<AsyncGenerator<readonly ExportedMessage[], ExportEnd>>
  message(seq: number): Promise<MessageView>
  raw(seq: number): Promise<Uint8Array>
  context(seq: number, before: number, after: number): Promise<readonly MessageView[]>
  /** From after `afterSeq` (undefined: from now) for ever. Returns the end. `deliver` returning false: this item was not taken. `onFault`: the tail ended by itself; the reader is sent away to come again. */
  tail(request: { readonly query: string; readonly afterSeq?: number | undefined; deliver(item: TailItem): boolean; readonly onFault?: ((fault: unknown) => void) | undefined }): Promise<() => void>
  /** Resolves after the sync. `journal`: whole entries, as the cutter of ingest gives them. */
  ingest(request: { readonly address: string; readonly form: 'lines' | 'ndjson' | 'journal'; readonly bytes: Uint8Array }): Promise<{ readonly messages: number; readonly cut: number }>
  ack(request: AckRequest): Promise<AckView>
}

// ---- sessions ----
export interface SessionView {
  readonly id: number
  readonly hash: string // `#<id>` while it has none
  readonly hashes: readonly string[]
  readonly node: string
  readonly kind: string
  readonly origin: string
  readonly state: string // open, quiet, ended
  readonly end: string | null
  readonly opened: string
  readonly ended: string | null
  readonly boot_time: string | null
  readonly stage: string | null
  readonly messages: number
  readonly replayed: number
  readonly first_seq: number
  readonly last_seq: number
  readonly last_message: string | null
  readonly joined: readonly number[]
  /** Whether it has all that was sent, with every reason (domain/completeness). */
  readonly completeness: CompletenessView
  /** Its messages outlive retention: why, by whom, since when. */
  readonly pinned: { readonly note: string; readonly by: string; readonly at: string } | null
}
export interface CompletenessView {
  readonly verdict: CompletenessVerdict
  readonly reasons: readonly { readonly reason: CompletenessReason; readonly count: number; readonly text: string }[]
}
/** With the stages that were seen in it, in the order of their times. */
export interface SessionDetail extends SessionView {
  readonly stages: readonly StageView[]
}
export interface StageView {
  readonly stage: string
  readonly at: string
  /** The message that showed it; null: none did. */
  readonly seq: number | null
  readonly by: string // domain/stages STAGE_WITNESSES
  /** Milliseconds since the boot session began: its opening, or its first stage when a session that was joined to it opened earlier. */
  readonly since_boot_ms: number
}
export interface SessionsPart {
  list(filter: { readonly node?: string | undefined; readonly pinned?: boolean | undefined; readonly limit: number; readonly before?: number | undefined }): Promise<readonly SessionView[]>
  /** By hash or `#id`; ambiguous ones are answered with the choice (AppFault `ambiguous`, detail.choices). */
  session(hashOrId: string): Promise<SessionDetail>
  join(from: string, into: string, actor: string): Promise<SessionView>
  pin(hashOrId: string, note: string, actor: string): Promise<SessionView>
  unpin(hashOrId: string, actor: string): Promise<SessionView>
}

// ---- callers and tokens ----
export interface TokenView {
  readonly id: number
  readonly role: string
  readonly label: string
  readonly created: string
  readonly expires: string | null
  readonly last_used: string | null
  readonly revoked: string | null
  readonly revoked_why: string | null
}
export interface TokensPart {
  /** undefined: not one of ours, expired or revoked. */
  authenticate(secret: string, address: string): { readonly role: 'operator' | 'viewer' | 'metrics'; readonly tokenId: number; readonly label: string } | undefined
  /** A caller without a token is a node when its address is leased or registered. */
  nodeAt(address: string): Promise<{ readonly nodeId: number; readonly name: string } | undefined>
  create(role: 'operator' | 'viewer' | 'metrics', label: string, expiresMs: number | undefined, parentId?: number): { readonly secret: string; readonly token: TokenView }
  list(): readonly TokenView[]
  revoke(id: number, why: string): void
}

/** A refusal on its way to the caller, in any medium. */
export interface FaultView {
  readonly code: FaultCode
  readonly title: string
  readonly detail: string
  readonly request_id: string
}
