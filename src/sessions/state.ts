import type { SessionEnd, SessionKind, SessionOrigin, SessionState as SessionPhase } from '#domain/session.ts'
import type { Delivery, SourceRole, Transport } from '#domain/source.ts'
import type { StageSighting } from '#domain/stages.ts'
import type { NodeAddress } from '#store/index.ts'
import type { ClockState } from './clock-offset.ts'
import type { KernelEvidence } from './kernel-evidence.ts'
import type { FormState } from './form-state.ts'
import type { SenderZone } from './sender-zone.ts'

/**
 * What the log writer keeps in memory of hub.db, changed in place on its thread only. Fields beginning with `batch` belong
 * to the batch in hand: they are added to the counters once it is on disk, and forgotten when the disk refused it.
 */
export interface SourceState {
  readonly id: number
  readonly address: string
  readonly transport: Transport
  readonly delivery: Delivery
  readonly listener: string
  /** The name in the certificate that it showed last; `` for none. */
  certificate: string
  roles: readonly SourceRole[]
  readonly firstSeenMs: number
  lastSeenMs: number
  messages: number
  faulty: number
  conflicts: number
  /** Messages per second over the last minutes, at `lastSeenMs`. */
  rate: number
  readonly clockState: ClockState
  /** What its own stamps without a zone mean; a relay has more, one for each host name. */
  readonly zone: SenderZone
  readonly forms: FormState[]
  batchRows: number
  batchFaulty: number
  batchConflicts: number
}

export interface NodeState {
  readonly id: number
  name: string
  registered: boolean
  readonly createdMs: number
  /** The node that this one proved to be; it is nobody any more. */
  mergedInto: NodeState | undefined
  lastSeenMs: number | undefined
  /** Its name and its aliases, lower case. */
  readonly names: Set<string>
  readonly macs: Set<string>
  readonly addresses: Map<string, NodeAddress>
  /** The session that its messages belong to now; it may have ended. */
  current: SessionState | undefined
  /** A kernel has shown itself that may be a new boot or the old one told again. */
  suspect: Suspect | undefined
  /** A replay that is still going on. */
  replay: { lastUs: number; untilMs: number } | undefined
  /** The session of an earlier boot whose messages come late. */
  late: { readonly bootMs: number; readonly session: SessionState } | undefined
  /** Its latest sessions that have a boot time, newest first, as of a version of the journal. */
  boots: { readonly version: number; readonly known: readonly KnownBoot[] } | undefined
  readonly clockState: ClockState
}

export interface KnownBoot { readonly sessionId: number; readonly bootMs: number }

export interface SessionState {
  readonly id: number
  node: NodeState
  kind: SessionKind
  readonly origin: SessionOrigin
  phase: SessionPhase
  end: SessionEnd | undefined
  readonly openedMs: number
  endedMs: number | undefined
  bootTimeMs: number | undefined
  bootId: string | undefined
  /** The furthest one seen. */
  stage: string | undefined
  /** The first time each stage was seen; at most one a stage of the catalogue. */
  readonly sightings: StageSighting[]
  firstSeq: number
  lastSeq: number
  lastMessageMs: number
  messages: number
  replayed: number
  /** Of the messages: with a number of a sequence. */
  numbered: number
  /** Of the messages without a number: by a transport that acknowledges, and by one that keeps the order and does not. */
  acknowledged: number
  streamed: number
  /** The listeners that its datagrams came by; at most `MAX_LISTENERS`. */
  readonly datagramListeners: string[]
  /** Newest first. */
  readonly hashes: string[]
  /** The node itself has told its boot time. */
  isAnnounced: boolean
  kernel: KernelEvidence | undefined
  /** Last DHCP exchange, decision or iPXE line of this boot. */
  bootActivityMs: number
  /** Nothing about an unlabelled userland message needs a look: the fast path. */
  isPlain: boolean
  /** A suspect that proved to be a replay counts as this one. */
  joinedTo: SessionState | undefined
  isDirty: boolean
  batchRows: number
  batchReplayed: number
  batchAcknowledged: number
  batchStreamed: number
  batchFirstRow: number
  batchLastRow: number
}

/** Listeners that are kept of one session. */
const MAX_LISTENERS = 16

/** A datagram of the session came by this listener. */
export function noteListener({ datagramListeners }: SessionState, listener: string): void {
  if (!datagramListeners.includes(listener) && datagramListeners.length < MAX_LISTENERS) datagramListeners.push(listener)
}

/** The node's rows carry `session.id` until it is known what they are. */
export interface Suspect {
  readonly session: SessionState
  readonly against: SessionState
  readonly deadlineMs: number
  /** Rows whose kernel mark the session before has, and rows it should have but has not. */
  known: number
  unknown: number
  /** Its kernel messages; others that came meanwhile are no replay in any case. */
  kernelRows: number
}

/** No message is a replay, and none is a reason to look, once all this is settled. */
export function refreshPlain(session: SessionState, hasUserland: boolean): void {
  session.isPlain = hasUserland && session.phase === 'open'
}
