/**
 * The loss ledger: sent = stored + counted. `lost`: a message that is nowhere. `cut`: stored, but not whole. `may`: numbers that the sender
 * perhaps never used. `twice`: stored more than once, and marked.
 */
type LossKind = 'lost' | 'cut' | 'may' | 'twice'
export interface LossMeaning {
  readonly kind: LossKind
  /** What happened. */
  readonly means: string
  /** What mends it. */
  readonly mend: string
}

export const LOSS_REASONS = ['kernel-buffer', 'no-free-batch', 'shed', 'disk-refused', 'cut', 'piece-missing', 'missing', 'passed-over', 'doubled'] as const
export type LossReason = (typeof LOSS_REASONS)[number]

/** Every reason; `hps loss` and docs/reference/loss.md show these sentences. */
export const LOSSES = {
  'kernel-buffer': { kind: 'lost', means: 'The kernel dropped datagrams because the receive buffer of the socket was full; of whom, it does not say.', mend: 'Raise net.core.rmem_max and syslog.udp_buffer (deploy/systemd/90-hps-hub.conf), or let senders use TCP or RELP.' },
  'no-free-batch': { kind: 'lost', means: 'A datagram came while no batch was free: the disk was slower than the senders.', mend: 'A faster disk; TCP or RELP, which wait.' },
  shed: { kind: 'lost', means: 'Under pressure, datagrams of the loudest senders were left out so that the others find room; never of severity err or worse before the last batch is full.', mend: 'See what it repeats (hps loss shed), and mend or quieten the sender.' },
  'disk-refused': { kind: 'lost', means: 'The disk refused the batch with these messages. RELP and HTTP senders were told and send again.', mend: 'Make room on the disk; see hps store stats.' },
  cut: { kind: 'cut', means: 'The message was longer than syslog.max_frame; its beginning is stored.', mend: 'Raise syslog.max_frame, or split long messages at the sender.' },
  'piece-missing': { kind: 'cut', means: 'A datagram of a line that came in pieces did not arrive.', mend: 'UDP loses datagrams: look at the network.' },
  missing: { kind: 'lost', means: 'Numbers of a sequence of the sender never came. What the hub itself left out is counted under its own reason too.', mend: 'Look at the network and at the queue of the sender; use RELP.' },
  'passed-over': { kind: 'may', means: 'Numbers of a kernel log were passed over: netconsole leaves out what is above the console log level, so nothing may be missing.', mend: 'Boot with ignore_loglevel to have them all.' },
  doubled: { kind: 'twice', means: 'The message came again after a connection broke before it was acknowledged, or with a number that was there already; both are stored, the later one is marked.', mend: '' },
} as const satisfies Readonly<Record<LossReason, LossMeaning>>

/** What a shed message was an example of. */
export interface ShedTemplate {
  readonly templateLo: number
  readonly templateHi: number
  readonly severity: number
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  /** The first bytes of the newest one, as received. */
  readonly sample: Uint8Array
}

/** One entry of the ledger: so many, of one source (0: unknown), about one session (0: none known), within one hour. */
export interface Loss {
  readonly hourMs: number
  readonly sourceId: number
  readonly listener: string
  readonly sessionId: number
  readonly reason: LossReason
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
}

export const LOSS_HOUR_MS = 3_600_000
