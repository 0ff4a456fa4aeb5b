import { REPLAY_REASON } from '#store/index.ts'
import { compareMark } from './kernel-evidence.ts'
import { adoptKernel, impliedBootMs, REPLAY_PAUSE_MS, type KernelRow } from './kernel-row.ts'
import { makeCurrent, mayBoot, type Parts } from './lifecycle.ts'
import { compareBoots, SAME_BOOT_MS } from './message-time.ts'
import { noteListener, type NodeState, type SessionState, type Suspect } from './state.ts'

/** Without contrary evidence for this long, a suspect is a new boot. */
const DECIDE_AFTER_MS = 3000
/** Messages that were here before: this many make it a replay, if they are a fifth of those that should have been; UDP may have lost the rest. */
const KNOWN_ENOUGH = 3
/** Messages that should have been here before and were not: this many make it a boot, if hardly any of the others was here. */
const UNKNOWN_ENOUGH = 8
/** Two boots of a machine share next to no message to the microsecond, so a few known ones weigh as much as many unknown. */
const isMostlyKnown = ({ known, unknown }: Suspect): boolean => known > 0 && known * 4 >= unknown
const isHardlyKnown = ({ known, unknown }: Suspect): boolean => known * 8 <= unknown
/** Nothing that tells, while a replay was going on: the batches of a queue on disk come in another order. */
const isRestOfReplay = ({ replay }: NodeState, { known, unknown, session }: Suspect): boolean =>
  known + unknown === 0 && replay !== undefined && session.openedMs <= replay.untilMs

/**
 * Kernels that may be a new boot or the old boot's messages told again (a kernel-log reader that was restarted hands over
 * the whole ring with fresh stamps). Rows carry a session id of their own from the first suspicious one; what it is worth is
 * decided as soon as the messages tell. A replay becomes an alias of the running session, a boot becomes the new session.
 */
export interface Suspects {
  open(row: KernelRow, against: SessionState): SessionState
  /** The session of this row while its node is under suspicion; decides when it can. Undefined: no suspicion. */
  feed(row: KernelRow): SessionState | undefined
  /** The row continues a replay that was recognised. */
  goesOn(row: KernelRow): boolean
  /** Decides now, by what is known: something else shows that the node boots, or nothing more is to come. */
  settle(node: NodeState, atMs: number): void
  /** Decides those whose time is up. */
  tick(nowMs: number): void
  /** Takes up a suspect that the hub was stopped with. */
  restore(session: SessionState, nowMs: number): void
}

export function createSuspects(parts: Parts): Suspects {
  const { book, counters, directory, emit } = parts
  const watched = new Set<NodeState>()

  const confirm = (node: NodeState, { session }: Suspect): void => {
    node.suspect = undefined
    watched.delete(node)
    book.confirm(session)
    makeCurrent(parts, session, session.openedMs)
  }
  const dismiss = (node: NodeState, suspect: Suspect, atMs: number): void => {
    const { session, against, kernelRows } = suspect
    node.suspect = undefined
    watched.delete(node)
    against.messages += session.messages
    against.numbered += session.numbered
    against.acknowledged += session.acknowledged
    against.streamed += session.streamed
    for (const listener of session.datagramListeners) noteListener(against, listener)
    if (session.lastSeq > against.lastSeq) Object.assign(against, { lastSeq: session.lastSeq, lastMessageMs: session.lastMessageMs })
    if (against.kernel === undefined) {
      against.kernel = session.kernel
      if (!against.isAnnounced) against.bootTimeMs = session.kernel?.bootMs
    } else {
      against.replayed += kernelRows
      counters.add('replay:rows', kernelRows)
      counters.add('replay:suspects')
      node.replay = { lastUs: session.kernel?.lastUs ?? 0, untilMs: atMs + REPLAY_PAUSE_MS }
      emit((_, lastSeq) => ({ kind: 'replay', seq: session.firstSeq > 0 ? session.firstSeq : lastSeq, nodeId: node.id, sessionId: against.id, rows: kernelRows }))
    }
    book.touch(against)
    directory.changed()
    book.alias(session, against, { reason: REPLAY_REASON, atMs })
  }
  const settle = (node: NodeState, atMs: number): void => {
    const { suspect } = node
    if (suspect === undefined) return
    if (isMostlyKnown(suspect) || isRestOfReplay(node, suspect)) dismiss(node, suspect, atMs)
    else confirm(node, suspect)
  }
  const weigh = (suspect: Suspect, row: KernelRow): 'boot' | 'replay' | 'open' => {
    const { kernel, openedMs } = suspect.against
    const bootMs = impliedBootMs(row)
    if (kernel === undefined) return bootMs <= openedMs + SAME_BOOT_MS ? 'replay' : 'open'
    const mark = compareMark(kernel, row.clockUs, row.mark)
    if (mark === 'known') suspect.known++
    else if (mark === 'unknown') suspect.unknown++
    if (compareBoots(bootMs, kernel.bootMs, row.time) <= 0) return 'replay'
    if (suspect.known >= KNOWN_ENOUGH && isMostlyKnown(suspect)) return 'replay'
    return suspect.unknown >= UNKNOWN_ENOUGH && isHardlyKnown(suspect) ? 'boot' : 'open'
  }
  const take = (node: NodeState, suspect: Suspect, row: KernelRow): SessionState => {
    suspect.kernelRows++
    adoptKernel(parts, suspect.session, row)
    const verdict = weigh(suspect, row)
    if (verdict === 'boot') confirm(node, suspect)
    else if (verdict === 'replay') dismiss(node, suspect, row.receivedMs)
    return suspect.session
  }
  return {
    open(row, against) {
      if (!mayBoot(parts, row.node, row.receivedMs)) return against
      const session = book.open({ node: row.node, origin: 'kernel', phase: 'suspect', atMs: row.receivedMs })
      counters.add('suspects')
      const suspect: Suspect = { session, against, deadlineMs: row.receivedMs + DECIDE_AFTER_MS, known: 0, unknown: 0, kernelRows: 0 }
      row.node.suspect = suspect
      directory.changed()
      watched.add(row.node)
      return take(row.node, suspect, row)
    },
    feed(row) {
      const { suspect } = row.node
      if (suspect === undefined) return undefined
      if (row.receivedMs <= suspect.deadlineMs) return take(row.node, suspect, row)
      settle(row.node, row.receivedMs)
      return undefined
    },
    goesOn({ node, isBanner, clockUs, receivedMs }) {
      const { replay } = node
      if (replay === undefined || isBanner || receivedMs > replay.untilMs || clockUs < replay.lastUs) return false
      node.replay = { lastUs: clockUs, untilMs: receivedMs + REPLAY_PAUSE_MS }
      return true
    },
    settle,
    tick(nowMs) {
      for (const node of watched) if (nowMs >= node.suspect!.deadlineMs) settle(node, nowMs)
    },
    restore(session, nowMs) {
      const { node } = session
      const against = node.current
      if (against === undefined || against === session || node.suspect !== undefined) return
      const suspect: Suspect = { session, against, deadlineMs: nowMs + DECIDE_AFTER_MS, known: 0, unknown: 0, kernelRows: session.messages }
      for (const mark of session.kernel?.marks ?? []) {
        if (against.kernel?.marks.has(mark)) suspect.known++
        else suspect.unknown++
      }
      node.suspect = suspect
      directory.changed()
      watched.add(node)
    },
  }
}
