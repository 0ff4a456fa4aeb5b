import { stageOrder } from '#domain/stages.ts'
import { addMark, newKernelEvidence } from './kernel-evidence.ts'
import type { Parts } from './lifecycle.ts'
import type { MessageTime } from './message-time.ts'
import { hasSeen, sightedMs } from './stage-sightings.ts'
import type { NodeState, SessionState } from './state.ts'

/** One kernel message, as far as it is evidence. */
export interface KernelRow {
  readonly node: NodeState
  readonly receivedMs: number
  readonly time: MessageTime
  /** Microseconds since the kernel started; 0 for a banner without a clock. */
  readonly clockUs: number
  readonly isBanner: boolean
  readonly mark: number
  /** Its number, once it is stored. */
  readonly seq: number
}

/** A replay has ended when it pauses this long. */
export const REPLAY_PAUSE_MS = 10_000

/** The implied start of the kernel that says this. */
export const impliedBootMs = (row: Pick<KernelRow, 'time' | 'clockUs'>): number => row.time.ms - row.clockUs / 1000

/** This kernel is the session's: its clock, its marks and the boot time they imply. */
export function adoptKernel(parts: Parts, session: SessionState, row: KernelRow): SessionState {
  const { book } = parts
  const bootMs = impliedBootMs(row)
  const kernel = (session.kernel ??= newKernelEvidence(bootMs))
  if (bootMs < kernel.bootMs && !row.time.isOld) kernel.bootMs = bootMs
  if (row.clockUs > kernel.lastUs) kernel.lastUs = row.clockUs
  if (row.isBanner) kernel.hasBanner = true
  addMark(kernel, row.clockUs, row.mark)
  if (!session.isAnnounced) session.bootTimeMs = kernel.bootMs
  // A running system's kernel speaks too: only its banner, or a message before anything else of that boot, shows when it came up.
  if (!hasSeen(session, 'kernel.up') && (row.isBanner || stageOrder(session.stage ?? '') < stageOrder('kernel.up'))) book.advance(session, { stage: 'kernel.up', atMs: sightedMs(session, row), seq: row.seq, by: 'kernel' })
  if (!session.isDirty) book.touch(session)
  return session
}
