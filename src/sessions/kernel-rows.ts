import type { Batch } from '#domain/batch.ts'
import { stageOrder } from '#domain/stages.ts'
import { compareMark, type KernelEvidence } from './kernel-evidence.ts'
import { adoptKernel, impliedBootMs, REPLAY_PAUSE_MS, type KernelRow } from './kernel-row.ts'
import { openBoot, sessionFor, type Parts } from './lifecycle.ts'
import { compareBoots, SAME_BOOT_MS, type MessageTime } from './message-time.ts'
import type { Speaker } from './sources.ts'
import { sightingOf } from './stage-sightings.ts'
import type { KnownBoot, NodeState, SessionState } from './state.ts'
import type { Suspects } from './suspects.ts'

/** A kernel of its own boot shows itself this long after DHCP, decision or announcement at the latest. */
const KERNEL_FOLLOWS_MS = 15 * 60_000
/** Log daemons speak before they hand over the kernel's messages. */
const KERNEL_AFTER_FIRST_MESSAGE_MS = 2 * 60_000
/** Several processors write to one log: smaller steps back are no restart. */
const BACKWARDS_US = 1_000_000
/** Sessions looked through for the one that late messages belong to. */
const EARLIER_SESSIONS = 16

/** The session that a kernel message belongs to; opens one, or a suspect, on evidence of an unannounced boot. */
export function placeKernelRow(parts: Parts, suspects: Suspects, row: KernelRow): SessionState {
  const { node } = row
  const held = suspects.feed(row)
  if (held !== undefined) return held
  const { current } = node
  if (current === undefined) return adoptKernel(parts, openBoot(parts, node, { origin: row.isBanner ? 'kernel' : 'first-message', atMs: row.receivedMs }), row)
  if (current.kernel === undefined) return placeFirst(parts, suspects, { row, current })
  const isForward = !row.isBanner && isForwardClock(current.kernel, row.clockUs)
  if (isForward && !isEarlierBoot(current.kernel, impliedBootMs(row), row.time)) return adoptKernel(parts, current, row)
  return placeAgain(parts, suspects, { row, current, kernel: current.kernel })
}

/** The clock of this kernel runs on. */
export const isForwardClock = ({ lastUs }: KernelEvidence, clockUs: number): boolean => clockUs >= lastUs - BACKWARDS_US
/** An old message that implies an earlier boot than this kernel's. */
export const isEarlierBoot = (kernel: KernelEvidence, bootMs: number, time: MessageTime): boolean => time.isOld && compareBoots(bootMs, kernel.bootMs, time) < 0

/** The clock ran backwards, or a banner: the same boot once more, an earlier one, or a new one. */
function placeAgain(parts: Parts, suspects: Suspects, { row, current, kernel }: { readonly row: KernelRow; readonly current: SessionState; readonly kernel: NonNullable<SessionState['kernel']> }): SessionState {
  // A message that was lost the first time is new, and no sign that the replay has ended.
  if (suspects.goesOn(row)) return compareMark(kernel, row.clockUs, row.mark) === 'unknown' ? adoptKernel(parts, current, row) : replayed(parts, current)
  const order = compareBoots(impliedBootMs(row), kernel.bootMs, row.time)
  if (order === 0) {
    const isKnown = row.isBanner ? kernel.hasBanner : compareMark(kernel, row.clockUs, row.mark) === 'known'
    adoptKernel(parts, current, row)
    // Queues on disk hand over their batches in another order: only a message that was here before begins a replay.
    if (!isKnown) return current
    row.node.replay = { lastUs: row.clockUs, untilMs: row.receivedMs + REPLAY_PAUSE_MS }
    return replayed(parts, current)
  }
  if (order > 0) return suspects.open(row, current)
  // A fresh message cannot imply an earlier boot than the one that is running: the estimate was too late.
  if (!row.time.isOld) return adoptKernel(parts, current, row)
  return replayed(parts, earlierSession(parts, row) ?? current)
}

/** The current session has shown no kernel yet. */
function placeFirst(parts: Parts, suspects: Suspects, { row, current }: { readonly row: KernelRow; readonly current: SessionState }): SessionState {
  const bootMs = impliedBootMs(row)
  const isOlder = bootMs < current.openedMs - KERNEL_FOLLOWS_MS
  if (row.time.isOld) {
    const earlier = earlierSession(parts, row)
    if (earlier !== undefined) return replayed(parts, earlier)
  }
  const isNetworkBoot = current.origin === 'dhcp' || current.origin === 'decision'
  // A kernel that has been running since before the network boot is not the one that it started.
  if (isNetworkBoot && isOlder) return current
  if (!row.isBanner || bootMs <= current.openedMs + SAME_BOOT_MS) return adoptKernel(parts, current, row)
  if (current.phase === 'ended') return adoptKernel(parts, openBoot(parts, row.node, { origin: 'kernel', atMs: row.receivedMs }), row)
  const isRecent = isNetworkBoot || current.isAnnounced
    ? row.receivedMs - current.bootActivityMs <= KERNEL_FOLLOWS_MS
    : row.receivedMs - current.openedMs <= KERNEL_AFTER_FIRST_MESSAGE_MS
  return isRecent ? adoptKernel(parts, current, row) : suspects.open(row, current)
}

function replayed({ counters, book }: Parts, session: SessionState): SessionState {
  session.batchReplayed++
  counters.add('replay:rows')
  book.touch(session)
  return session
}

/** The session of an earlier boot that this late message tells of. */
function earlierSession(parts: Parts, row: KernelRow): SessionState | undefined {
  const { node, time } = row
  const bootMs = impliedBootMs(row)
  if (node.late !== undefined && compareBoots(bootMs, node.late.bootMs, time) === 0) return node.late.session
  for (const known of bootsOf(parts, node)) {
    if (known.sessionId === node.current?.id || compareBoots(bootMs, known.bootMs, time) !== 0) continue
    const session = parts.book.byId(known.sessionId, parts.directory.byId)
    if (session === undefined) continue
    node.late = { bootMs: known.bootMs, session }
    return session
  }
  return undefined
}

/** A queue of old kernel messages asks for these with every row; the boot time of a session that is not current changes with the journal only. */
function bootsOf({ journal, book, directory }: Parts, node: NodeState): readonly KnownBoot[] {
  if (node.boots?.version === journal.version) return node.boots.known
  const known = journal.records.sessions.recentOf(node.id, EARLIER_SESSIONS).flatMap(({ id }) => {
    const session = book.byId(id, directory.byId)
    const bootMs = session?.kernel?.bootMs ?? session?.bootTimeMs
    return bootMs === undefined ? [] : [{ sessionId: id, bootMs }]
  })
  node.boots = { version: journal.version, known }
  return known
}

/** A message of the kernel that says nothing about when it started. */
export function placePlainKernelRow(parts: Parts, { node, ...request }: PlainKernelRow): SessionState {
  const session = sessionFor(parts, node, request.batch.receivedMs[request.row]!)
  if (session.phase === 'open' && stageOrder(session.stage ?? '') < stageOrder('kernel.up')) parts.book.advance(session, sightingOf(session, { ...request, stage: 'kernel.up', by: 'kernel' }))
  return session
}

interface PlainKernelRow { readonly batch: Batch; readonly row: number; readonly speaker: Speaker; readonly node: NodeState }
