import { sessionHash } from '#domain/session.ts'
import type { Announcement } from './announcement.ts'
import { goesBy } from './identity.ts'
import { isProvisional } from './host-name.ts'
import { endSession, openBoot, type Parts } from './lifecycle.ts'
import { mayMerge, mergeNodes } from './merge-nodes.ts'
import { SAME_BOOT_MS } from './message-time.ts'
import type { NodeState, SessionState } from './state.ts'
import type { Suspects } from './suspects.ts'

/** A node's own boot time and the hub's idea of it may differ this much: clocks are set late in a boot. */
const SAME_ANNOUNCED_BOOT_MS = 120_000
/** A session that the hub opened by itself this recently is the one that the node now announces, whatever its clock says. */
const ANNOUNCED_SOON_MS = 30 * 60_000
/** Sessions looked through for one that was announced before. */
const EARLIER_SESSIONS = 16

type Start = Extract<Announcement, { kind: 'start' }>

/** The session that `start` is about: the one of the same boot, however it was opened, else a new one. */
export function placeStart(parts: Parts, suspects: Suspects, { node, start, atMs }: { readonly node: NodeState; readonly start: Start; readonly atMs: number }): SessionState {
  const { directory, book } = parts
  if (!node.registered && isProvisional(node.name) && directory.byName(start.host) === undefined) directory.rename(node, start.host)
  const hash = sessionHash(start.host, start.bootTimeMs / 1000)
  const known = knownSession(parts, node, { hash, bootId: start.bootId })
  if (known !== undefined) return known
  if (node.suspect !== undefined) suspects.settle(node, atMs)
  const { current } = node
  const isSame = current !== undefined && isSameBoot(current, start, atMs)
  const session = isSame ? current : openBoot(parts, node, { origin: 'announcement', atMs, bootTimeMs: start.bootTimeMs })
  if (!isSame && session === current) return session // refused: nothing about it is believed
  session.isAnnounced = true
  session.bootTimeMs = start.bootTimeMs
  session.bootId = start.bootId ?? session.bootId
  session.bootActivityMs = Math.max(session.bootActivityMs, atMs)
  if (start.sessionKind !== 'unknown') session.kind = start.sessionKind
  book.addHash(session, start.host, start.bootTimeMs)
  parts.journal.add({ kind: 'session', session })
  return session
}

/** `end` closes the node's session; what it still says belongs to it. */
export function placeEnd(parts: Parts, suspects: Suspects, { node, reason, atMs }: { readonly node: NodeState; readonly reason: 'reboot' | 'shutdown'; readonly atMs: number }): SessionState | undefined {
  suspects.settle(node, atMs)
  if (node.current !== undefined) endSession(parts, node.current, { reason, atMs })
  return node.current
}

/** Announced before: the same host name and boot time, or the same boot id. */
function knownSession({ journal, book, directory }: Parts, node: NodeState, { hash, bootId }: { readonly hash: string; readonly bootId: string | undefined }): SessionState | undefined {
  const hashed = book.byHash(hash).find((session) => session.node === node)
  const isThis = (session: SessionState) => bootId !== undefined && session.bootId === bootId
  if (hashed !== undefined) {
    hashed.isAnnounced = true
    if (bootId !== undefined) hashed.bootId = bootId
    book.touch(hashed)
    return hashed
  }
  if (bootId === undefined) return undefined
  if (node.current !== undefined && isThis(node.current)) return node.current
  const record = journal.records.sessions.recentOf(node.id, EARLIER_SESSIONS).find((session) => session.bootId === bootId)
  return record === undefined ? undefined : book.byId(record.id, directory.byId)
}

/** Whether the session that is open is the boot announced now. */
function isSameBoot(session: SessionState, { bootTimeMs, bootId }: Start, atMs: number): boolean {
  if (session.phase === 'ended') return false
  if (session.bootId !== undefined && bootId !== undefined) return session.bootId === bootId
  if (session.isAnnounced) return false
  if (session.kernel !== undefined && Math.abs(session.kernel.bootMs - bootTimeMs) <= SAME_ANNOUNCED_BOOT_MS) return true
  const hasBooted = session.origin !== 'first-message' || session.kernel?.hasBanner === true
  if (hasBooted) return atMs - session.openedMs <= ANNOUNCED_SOON_MS
  return session.kernel === undefined && bootTimeMs <= session.openedMs + SAME_BOOT_MS
}

/** The host name in the announcement is not one of the node's. */
export const contradicts = (node: NodeState, start: Start): boolean => !isProvisional(node.name) && !goesBy(node, start.host)

interface Announced { readonly identified: NodeState | undefined; readonly announcement: Start; readonly atMs: number }

/**
 * The node that announces itself. A MAC in the announcement makes it one with the node that DHCP has made known by that MAC, unless another
 * address is leased to that one; a node without a MAC takes it.
 */
export function announcedNode(parts: Parts, { identified, announcement, atMs }: Announced): NodeState | undefined {
  const { directory } = parts
  const { mac, host } = announcement
  const ofMac = mac === undefined ? undefined : directory.byMac(mac)
  if (identified === undefined || mac === undefined) return identified ?? ofMac ?? directory.byName(host)
  if (ofMac === undefined) {
    if (!identified.registered && identified.macs.size === 0) directory.addMac(identified, mac)
    return identified
  }
  if (ofMac === identified) return identified
  if (ofMac.names.has(host) && mayMerge(identified, ofMac)) return mergeNodes(parts, identified, { into: ofMac, atMs })
  if (!identified.registered && isProvisional(identified.name) && directory.byName(host) === undefined) directory.rename(identified, host)
  const isLeasedElsewhere = [...ofMac.addresses.values()].some(({ kind }) => kind === 'lease')
  if (!isLeasedElsewhere && mayMerge(ofMac, identified)) return mergeNodes(parts, ofMac, { into: identified, atMs })
  parts.counters.add('conflict:mac')
  return identified
}
