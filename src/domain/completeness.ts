import { LOSS_REASONS, LOSSES, type LossReason } from './loss.ts'

/**
 * Whether a session has all that was sent. `complete`: nothing was lost, and each message has a number or was acknowledged. `gaps`: something is known to be missing or cut.
 * `unknown`: nothing is known to be missing, and something may be.
 */
export const COMPLETENESS_VERDICTS = ['complete', 'gaps', 'unknown'] as const
export type CompletenessVerdict = (typeof COMPLETENESS_VERDICTS)[number]

/** Those of the ledger, and why it cannot be told. */
export const COMPLETENESS_REASONS = [...LOSS_REASONS, 'listener-lost', 'datagrams', 'streams', 'no-message', 'folded'] as const
export type CompletenessReason = (typeof COMPLETENESS_REASONS)[number]

export interface Completeness {
  readonly verdict: CompletenessVerdict
  /** Gaps first. A complete session may have notes: messages that came twice. */
  readonly reasons: readonly { readonly reason: CompletenessReason; readonly count: number; readonly text: string }[]
}

/** What is known of a session and of all that was joined to it. */
export interface SessionAccount {
  readonly messages: number
  /** Of the messages: those with a number; of the others: those that were acknowledged, and those by TCP, TLS or a unix socket. */
  readonly numbered: number
  readonly acknowledged: number
  readonly streamed: number
  /** Its entries of the ledger, in any order and more than one a reason. */
  readonly losses: readonly { readonly reason: LossReason; readonly count: number }[]
  /** Messages of nobody knows which session that its listeners lost while it was open. */
  readonly lostMeanwhile: number
  /** The ledger may have forgotten what it lost. */
  readonly isFolded: boolean
}

/** The verdict, with every reason for it. */
export function judgeCompleteness(account: SessionAccount): Completeness {
  const { messages, numbered, acknowledged, lostMeanwhile, isFolded } = account
  const lost = new Map<LossReason, number>()
  for (const { reason, count } of account.losses) lost.set(reason, (lost.get(reason) ?? 0) + count)
  const booked = LOSS_REASONS.filter((reason) => (lost.get(reason) ?? 0) > 0).map((reason) => because(reason, lost.get(reason)!))
  const gaps = booked.filter(({ reason }) => isGap(reason))
  const unproven = Math.max(0, messages - numbered - acknowledged)
  const streams = Math.min(account.streamed, unproven)
  const datagrams = unproven - streams
  const doubts = [
    ...booked.filter(({ reason }) => LOSSES[reason].kind === 'may'),
    ...(datagrams > 0 && lostMeanwhile > 0 ? [because('listener-lost', lostMeanwhile)] : []),
    ...(datagrams > 0 ? [because('datagrams', datagrams)] : []),
    ...(streams > 0 ? [because('streams', streams)] : []),
    ...(messages === 0 ? [because('no-message', 0)] : []),
    ...(isFolded ? [because('folded', 0)] : []),
  ]
  const notes = booked.filter(({ reason }) => LOSSES[reason].kind === 'twice')
  return { verdict: gaps.length > 0 ? 'gaps' : doubts.length > 0 ? 'unknown' : 'complete', reasons: [...gaps, ...doubts, ...notes] }
}

const isGap = (reason: LossReason): boolean => LOSSES[reason].kind === 'lost' || LOSSES[reason].kind === 'cut'

/** As many messages at least are missing or not whole: what the hub itself left out is missing by its number too. */
export function gapSize({ reasons }: Pick<Completeness, 'reasons'>): number {
  const of = (...names: readonly CompletenessReason[]): number => reasons.reduce((sum, { reason, count }) => sum + (names.includes(reason) ? count : 0), 0)
  return Math.max(of('missing'), of('kernel-buffer', 'no-free-batch', 'shed', 'disk-refused')) + of('cut', 'piece-missing')
}

const because = <R extends CompletenessReason>(reason: R, count: number): { readonly reason: R; readonly count: number; readonly text: string } => ({ reason, count, text: TEXTS[reason](messagesOf(count)) })

const messagesOf = (count: number): string => (count === 1 ? '1 message' : `${count} messages`)

/** One sentence a reason, with the number before it. */
const TEXTS: Readonly<Record<CompletenessReason, (messages: string) => string>> = {
  'kernel-buffer': (messages) => `${messages} lost: the kernel's receive buffer was full.`,
  'no-free-batch': (messages) => `${messages} lost: the disk was slower than the senders.`,
  shed: (messages) => `${messages} left out under pressure, since the sender was among the loudest.`,
  'disk-refused': (messages) => `${messages} lost: the disk refused them.`,
  cut: (messages) => `${messages} cut at syslog.max_frame.`,
  'piece-missing': (messages) => `${messages} joined of pieces of which one did not arrive.`,
  missing: (messages) => `${messages} missing by the numbers of the sender.`,
  'passed-over': (messages) => `${messages} passed over by the numbers of the kernel log: above the console log level, or lost.`,
  doubled: (messages) => `${messages} came twice; the later ones are marked.`,
  'listener-lost': (messages) => `Its listeners lost ${messages} while it was open; whether any were its own, nobody knows.`,
  datagrams: (messages) => `${messages} came by UDP without a sequence number: what the network lost leaves no trace.`,
  streams: (messages) => `${messages} came by TCP or a unix socket without a sequence number: what was lost where a connection broke is not known.`,
  'no-message': () => 'No message has come.',
  folded: () => 'The ledger does not reach back so far.',
}

/** A time in which a listener lost messages of which it is not known whose they were. */
interface LossWindow { readonly listener: string; readonly reason: LossReason; readonly count: number; readonly firstMs: number; readonly lastMs: number }

/** What the listeners of a session lost while it was open. */
export function lostMeanwhile(session: { readonly datagramListeners: readonly string[]; readonly openedMs: number; readonly endedMs: number | undefined }, windows: readonly LossWindow[]): number {
  const { datagramListeners, openedMs, endedMs = Infinity } = session
  let count = 0
  for (const window of windows) {
    const isMeanwhile = LOSSES[window.reason].kind === 'lost' && window.lastMs >= openedMs && window.firstMs <= endedMs
    if (isMeanwhile && datagramListeners.includes(window.listener)) count += window.count
  }
  return count
}
