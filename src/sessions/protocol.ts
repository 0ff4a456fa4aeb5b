import type { Framing } from '#domain/framing.ts'
import type { Format, IdentityMethod, ParseFault } from '#domain/message.ts'
import type { SessionKind, SessionOrigin } from '#domain/session.ts'
import type { Transport } from '#domain/source.ts'
import type { Stage } from '#domain/stages.ts'
import type { Receipt } from '#domain/stream.ts'
import type { SilenceRecord } from '#store/index.ts'

/** What the main thread asks of the log writer, the one owner of order, identity and sessions. Each command has one reply with the same `id`. */
export type WriterCommand = { readonly id: number } & (
  /** Make or change a registered node: `name` is the key; macs, addresses and aliases are the new whole lists (undefined leaves them). */
  | { readonly kind: 'register'; readonly name: string; readonly macs?: readonly string[]; readonly addresses?: readonly string[]; readonly aliases?: readonly string[]; readonly rename?: string }
  | { readonly kind: 'forget'; readonly nodeId: number }
  /** Who is this? MAC first, then leased or registered address, then name. */
  | { readonly kind: 'identify'; readonly mac?: string; readonly address?: string; readonly name?: string }
  /** A boot decision: opens a session, or joins the one that DHCP has just opened for this boot. `isIpxe`: it is iPXE that asks. */
  | { readonly kind: 'open'; readonly nodeId: number; readonly origin: SessionOrigin; readonly sessionKind: SessionKind; readonly address?: string; readonly isIpxe?: boolean }
  /** A rule saw a stage in the message `seq`, which was received at `atMs`. */
  | { readonly kind: 'stage'; readonly sessionId: number; readonly stage: Stage; readonly seq: number; readonly atMs: number }
  | { readonly kind: 'join'; readonly sessionId: number; readonly into: number; readonly reason: string }
  /** Planned work was changed in hub.db. */
  | { readonly kind: 'replan' }
  /** Nobody waits for it any more: its rhythm is learned anew when it speaks again. */
  | { readonly kind: 'unlearn'; readonly subject: 'node' | 'source'; readonly subjectId: number }
  /** Write counters and last-seen times to hub.db now, so that a reader of hub.db sees what was committed. */
  | { readonly kind: 'flush' }
  /** Commit what is queued, write everything down, answer, end. */
  | { readonly kind: 'stop' }
)

export type WriterReply = { readonly kind: 'reply'; readonly id: number } & (
  | { readonly ok: true; readonly nodeId?: number; readonly sessionId?: number; readonly hash?: string; readonly joined?: boolean; readonly by?: IdentifiedBy; readonly leaseMac?: string }
  | { readonly ok: false; readonly code: 'conflict' | 'not-found' | 'too-many' | 'bad-request' | 'store-failed'; readonly reason: string }
)
export type IdentifiedBy = 'mac' | 'registered-address' | 'lease' | 'name' | 'none'

/** How a key of `hps-ack` came. Ids are rows of `hub.db`, 0 none. */
export interface AckArrival {
  readonly seq: number
  readonly key: string
  readonly address: string
  readonly transport: Transport
  readonly listener: string
  /** The verified name in the sender's certificate; `` for none. */
  readonly certificate: string
  readonly nodeId: number
  readonly sessionId: number
  readonly receivedMs: number
  /** The sender's stamp, set right where its zone is known; undefined: there was none. */
  readonly sentMs: number | undefined
  /** When it was on disk; undefined: not known any more. */
  readonly storedMs: number | undefined
  readonly framing: Framing
  readonly format: Format
  readonly faults: readonly ParseFault[]
  readonly method: IdentityMethod
  /** 0–100. */
  readonly confidence: number
}

/** Things that committed messages meant, told to main after the sync, in order. */
export type StreamEvent =
  | { readonly kind: 'session-opened'; readonly seq: number; readonly nodeId: number; readonly sessionId: number; readonly origin: SessionOrigin; readonly atMs: number }
  | { readonly kind: 'session-ended'; readonly seq: number; readonly nodeId: number; readonly sessionId: number; readonly reason: string; readonly atMs: number }
  | { readonly kind: 'replay'; readonly seq: number; readonly nodeId: number; readonly sessionId: number; readonly rows: number }
  /** A key of `hps-ack` arrived and is on disk. */
  | ({ readonly kind: 'ack' } & AckArrival)
  /** A message of `hps-ack` whose text is no key. */
  | { readonly kind: 'ack-malformed'; readonly seq: number; readonly address: string; readonly transport: Transport; readonly listener: string; readonly receivedMs: number }
  /** From this time on, and for up to a second, a sender had more keys than are told. */
  | { readonly kind: 'acks-untold'; readonly seq: number; readonly receivedMs: number }
  /** An `hps-trigger` command, parsed; whether it is obeyed is the triggers' decision. `fault`: what could not be read of it, and the rest is empty. */
  | { readonly kind: 'trigger'; readonly seq: number; readonly nodeId: number; readonly sessionId: number; readonly to: string; readonly severity: string; readonly subject: string; readonly body: string; readonly method: string; readonly fault?: string }
  /** A text that has the form of one of our tokens was received in a message: it is revoked at once. `hash` is its SHA-256. */
  | { readonly kind: 'token-seen'; readonly seq: number; readonly hash: Uint8Array; readonly sourceId: number }
  /** Somebody is silent for longer than is usual for it, or the hub hears nobody. */
  | { readonly kind: 'silent'; readonly seq: number; readonly silence: SilenceRecord }
  /** That is over; `isGivenUp`: it did not speak, nobody waits for it any more. */
  | { readonly kind: 'heard-again'; readonly seq: number; readonly silence: SilenceRecord; readonly atMs: number; readonly isGivenUp: boolean }

export type WriterEvent =
  | WriterReply
  /** After every commit: all up to `lastSeq` is on disk. `receipts` may be answered now. */
  | { readonly kind: 'committed'; readonly lastSeq: number; readonly rows: number; readonly receipts: readonly Receipt[]; readonly events: readonly StreamEvent[] }
  /** The disk refused: receipts are answered with a failure, rows of UDP are counted as lost. The writer goes on trying. */
  | { readonly kind: 'commit-failed'; readonly rows: number; readonly receipts: readonly Receipt[]; readonly reason: string }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }
