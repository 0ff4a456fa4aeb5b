import { isProvisional } from './host-name.ts'
import { endSession, foldSession, type Parts } from './lifecycle.ts'
import { isBeforeKernel } from './session-book.ts'
import type { NodeState, SessionState } from './state.ts'

/** A machine that DHCP has shown speaks by its name this much later at the latest, and no later speaks of the boot before. */
const SAME_BOOT_MS = 15 * 60_000

/**
 * A node that only its MAC or address makes known may be another that only its name does: neither is registered, one has no name of its own,
 * one of them no MAC. While it is open whether one of them boots, nothing is done.
 */
export const mayMerge = (node: NodeState, into: NodeState): boolean =>
  node !== into && !node.registered && !into.registered && isProvisional(node.name) && !isProvisional(into.name) && (node.macs.size === 0 || into.macs.size === 0)
  && node.suspect === undefined && into.suspect === undefined

/** Two nodes are one from now on, with one session if they show one boot. Messages keep the id they have, which means the other node too. */
export function mergeNodes(parts: Parts, node: NodeState, { into, atMs }: { readonly into: NodeState; readonly atMs: number }): NodeState {
  const { book, directory, journal, counters } = parts
  const [mine, its] = [node.current, into.current]
  node.current = undefined
  directory.absorb(node, into, atMs)
  book.rehome(node, into)
  counters.add('nodes-merged')
  if (mine === undefined) return into
  if (its === undefined) {
    into.current = mine
    journal.add({ kind: 'node', node: into })
    return into
  }
  const [older, newer] = mine.openedMs <= its.openedMs ? [mine, its] : [its, mine]
  const isOne = isOneBoot(older, newer)
  if (isOne) foldSession(parts, newer, { into: older, reason: `${node.name} is ${into.name}`, atMs })
  else endSession(parts, older, { reason: 'superseded', atMs })
  into.current = isOne ? older : newer
  journal.add({ kind: 'node', node: into })
  return into
}

/** The one opened first has not ended, and the other one follows it as the parts of a boot do. */
const isOneBoot = (older: SessionState, newer: SessionState): boolean =>
  older.phase === 'open' && newer.phase === 'open' && newer.openedMs - older.openedMs <= SAME_BOOT_MS && (older.origin !== 'first-message' || isBeforeKernel(older))

/** The node that one known from before is now. */
export function presentNode(node: NodeState): NodeState {
  let present = node
  while (present.mergedInto !== undefined) present = present.mergedInto
  return present
}
