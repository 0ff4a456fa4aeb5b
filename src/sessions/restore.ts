import type { Parts } from './lifecycle.ts'
import type { SessionState } from './state.ts'
import type { Suspects } from './suspects.ts'

interface Restore { readonly parts: Parts; readonly suspects: Suspects; readonly nowMs: number; readonly nextSeq: number }

/**
 * Gives every node its current session back, and takes up suspects that were not decided when the hub stopped. A hub that was killed
 * between hub.db and the log has stages by messages that were never stored: numbers from `nextSeq` on will be given to others.
 */
export function restoreSessions({ parts, suspects, nowMs, nextSeq }: Restore): void {
  const { journal, directory, book } = parts
  for (const record of journal.records.nodes.list()) {
    const node = directory.byId(record.id)
    if (node !== undefined && record.currentSession !== undefined) node.current = book.byId(record.currentSession, directory.byId)
    if (node?.current !== undefined) forgetUnstored(parts, node.current, nextSeq)
  }
  for (const { id } of journal.records.sessions.suspects()) {
    const session = book.byId(id, directory.byId)
    if (session !== undefined) suspects.restore(session, nowMs)
  }
}

function forgetUnstored({ journal }: Parts, session: SessionState, nextSeq: number): void {
  for (const sighting of session.sightings) {
    if (sighting.seq < nextSeq) continue
    sighting.seq = 0
    journal.add({ kind: 'stage', sessionId: session.id, sighting })
  }
}
