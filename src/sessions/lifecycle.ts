import type { SessionKind, SessionOrigin } from '#domain/session.ts'
import { sessionEnded, sessionStarted, stageSeen } from './hub-events.ts'
import type { BootBudget } from './boot-budget.ts'
import type { WriterCounters } from './counters.ts'
import type { Directory } from './directory.ts'
import { isProvisional } from './host-name.ts'
import type { Journal } from './journal.ts'
import type { StreamEvent } from './protocol.ts'
import { isBeforeKernel, type SessionBook } from './session-book.ts'
import { noteListener, type NodeState, type SessionState } from './state.ts'

/** An event on its way: its seq is known once the batch is on disk. `firstSeq` is that of row 0, `lastSeq` of the last row committed. */
export type EventMaker = (firstSeq: number, lastSeq: number) => StreamEvent

/** What all parts of the writer share. */
export interface Parts {
  readonly journal: Journal
  readonly directory: Directory
  readonly book: SessionBook
  readonly counters: WriterCounters
  readonly budget: BootBudget
  readonly emit: (make: EventMaker) => void
}

/** Firmware, PXE, iPXE and the decision follow each other within this; later ones are another boot. */
const SAME_NETWORK_BOOT_MS = 10 * 60_000
/** The tail of a shutdown; a message later than this after an announced end belongs to a new session. */
const SHUTDOWN_TAIL_MS = 5 * 60_000

/** `beganMs`: when the first sign of the boot was received, if before `atMs`. */
interface BootRequest { readonly origin: SessionOrigin; readonly atMs: number; readonly beganMs?: number; readonly kind?: SessionKind; readonly bootTimeMs?: number | undefined }

/** Opens a session and makes it the node's; the one before ends. A node that claims too many boots stays in the session it has. */
export function openBoot(parts: Parts, node: NodeState, request: BootRequest): SessionState {
  if (node.current !== undefined && !mayBoot(parts, node, request.atMs)) return node.current
  return makeCurrent(parts, parts.book.open({ node, ...request, atMs: request.beganMs ?? request.atMs }), request.atMs)
}

/** Whether the node may open a session beside the one it has; a refusal is counted. */
export function mayBoot({ budget, counters }: Parts, node: NodeState, atMs: number): boolean {
  if (budget.take(node, atMs)) return true
  counters.add('refused:sessions')
  return false
}

/** The node's messages belong to this session from now on. */
export function makeCurrent(parts: Parts, session: SessionState, atMs: number): SessionState {
  const { node, origin, id: sessionId } = session
  if (node.current !== undefined) endSession(parts, node.current, { reason: 'superseded', atMs })
  node.current = session
  parts.directory.changed()
  node.replay = undefined
  node.late = undefined
  parts.journal.add({ kind: 'node', node })
  parts.journal.add({ kind: 'event', event: sessionStarted(session, atMs) })
  // what a suspect showed is believed now
  for (const sighting of session.sightings) parts.journal.add({ kind: 'event', event: stageSeen(session, sighting) })
  parts.counters.add(`opened:${origin}`)
  parts.emit((_, lastSeq) => ({ kind: 'session-opened', seq: session.firstSeq > 0 ? session.firstSeq : lastSeq, nodeId: node.id, sessionId, origin, atMs: session.openedMs }))
  return session
}

export function endSession(parts: Parts, session: SessionState, { reason, atMs }: { readonly reason: 'reboot' | 'shutdown' | 'superseded'; readonly atMs: number }): void {
  if (session.phase !== 'open') return
  parts.book.end(session, reason, atMs)
  parts.journal.add({ kind: 'event', event: sessionEnded(session, { reason, atMs }) })
  parts.directory.changed()
  parts.counters.add('ended')
  parts.emit((_, lastSeq) => ({ kind: 'session-ended', seq: lastSeq, nodeId: session.node.id, sessionId: session.id, reason, atMs }))
}

/** Two sessions were one boot: everything of the first counts as the second's from now on. */
export function foldSession(parts: Parts, from: SessionState, { into, reason, atMs }: { readonly into: SessionState; readonly reason: string; readonly atMs: number }): void {
  endSession(parts, from, { reason: 'superseded', atMs })
  Object.assign(into, {
    messages: into.messages + from.messages, replayed: into.replayed + from.replayed,
    numbered: into.numbered + from.numbered, acknowledged: into.acknowledged + from.acknowledged, streamed: into.streamed + from.streamed,
    firstSeq: Math.min(into.firstSeq || from.firstSeq, from.firstSeq || into.firstSeq), lastSeq: Math.max(into.lastSeq, from.lastSeq), lastMessageMs: Math.max(into.lastMessageMs, from.lastMessageMs),
  })
  for (const listener of from.datagramListeners) noteListener(into, listener)
  parts.book.alias(from, into, { reason, atMs })
}

/** The session a message of this node belongs to when it brings no evidence of a boot. */
export function sessionFor(parts: Parts, node: NodeState, atMs: number): SessionState {
  if (node.suspect !== undefined) return node.suspect.session
  const { current } = node
  const isOver = current?.phase === 'ended' && atMs - (current.endedMs ?? atMs) > SHUTDOWN_TAIL_MS
  return current === undefined || isOver ? openBoot(parts, node, { origin: 'first-message', atMs }) : current
}

/** The node is in its firmware or boot loader now: the session of this boot, or a new one when the machine had got further. */
export function networkBoot(parts: Parts, node: NodeState, request: BootRequest): SessionState {
  const { current } = node
  if (current === undefined || !isSameNetworkBoot(current, request.atMs)) return openBoot(parts, node, request)
  current.bootActivityMs = Math.max(current.bootActivityMs, request.atMs)
  return current
}

export const isSameNetworkBoot = (session: SessionState, atMs: number): boolean =>
  session.phase === 'open' && isBeforeKernel(session) && atMs - session.bootActivityMs <= SAME_NETWORK_BOOT_MS

/** A hash can be made once the boot time is known and the node has a name of its own. */
export function nameSession({ book }: Parts, session: SessionState): void {
  const bootMs = session.isAnnounced ? undefined : (session.kernel?.bootMs ?? (session.origin === 'decision' ? session.openedMs : undefined))
  if (bootMs !== undefined && !isProvisional(session.node.name)) book.addHash(session, session.node.name, bootMs)
}
