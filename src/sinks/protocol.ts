/** Why a sink stopped; it tries again by itself. */
export const SINK_FAULTS = ['full', 'read-only', 'missing', 'refused', 'store', 'failed', 'name', 'unreachable', 'timeout', 'closed', 'tls', 'protocol'] as const
export type SinkFault = (typeof SINK_FAULTS)[number]

/** `waiting`: the store is not open yet; `running`: it writes, or has written everything; `stopped`: it cannot, and tries again. */
export type SinkState = 'waiting' | 'running' | 'stopped'

/** Seqs from `fromSeq` to `toSeq`, both included. */
export interface SeqRange { readonly fromSeq: number; readonly toSeq: number }

/** What a sink says of itself; counts are since the hub started. */
export interface SinkStatus {
  readonly name: string
  readonly state: SinkState
  /** Everything up to here is written and synced, or is not for it; undefined before it knows. */
  readonly seq: number | undefined
  /** Seqs between its position and the newest committed message. */
  readonly backlog: number
  readonly written: number
  readonly bytes: number
  readonly rotations: number
  /** Seqs that were passed over, since no message with them is stored any more. */
  readonly lost: number
  /** The last of them, newest last. */
  readonly lostRanges: readonly SeqRange[]
  readonly errors: Readonly<Record<SinkFault, number>>
  readonly lastError: { readonly fault: SinkFault; readonly reason: string; readonly atMs: number } | undefined
  /** Of a sink of kind `forward`. */
  readonly upstream?: UpstreamStatus | undefined
}

export interface UpstreamStatus {
  /** undefined: there is no connection. */
  readonly connectedMs: number | undefined
  readonly connections: number
  /** Messages handed to connections, those that were sent again among them. */
  readonly sent: number
  readonly resent: number
  /** Sent, and not known to have arrived. */
  readonly inFlight: number
  /** Messages left out since they came from this hub, or through too many. */
  readonly looped: number
  /** When the oldest message that waits was received; undefined: none waits. */
  readonly oldestMs: number | undefined
}

/** To the thread of the sinks. `reopen`: files were moved (SIGHUP). */
export type SinksCommand = { readonly kind: 'reopen' } | { readonly kind: 'stop' }
export type SinksEvent =
  | { readonly kind: 'status'; readonly sinks: readonly SinkStatus[] }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }
  | { readonly kind: 'stopped' }

/** One cursor over the stream. Nothing here throws: what fails is in the status. */
export interface Sink {
  /** A slice of work. @returns whether there is more */
  step(): boolean
  reopen(): void
  /** Calls `work` when something outside of the stream lets it go on. */
  follow?(work: () => void): void
  /** The hub stops: ends what it has begun. */
  finish?(): void
  /** Something that it has begun may still end by itself. */
  readonly isBusy?: boolean
  status(): SinkStatus
  close(): void
}
