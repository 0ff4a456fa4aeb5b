import type { Parts } from './lifecycle.ts'
import type { Suspects } from './suspects.ts'

/** Gives every node its current session back, and takes up suspects that were not decided when the hub stopped. */
export function restoreSessions({ parts, suspects, nowMs }: { readonly parts: Parts; readonly suspects: Suspects; readonly nowMs: number }): void {
  const { journal, directory, book } = parts
  for (const record of journal.records.nodes.list()) {
    const node = directory.byId(record.id)
    if (node !== undefined && record.currentSession !== undefined) node.current = book.byId(record.currentSession, directory.byId)
  }
  for (const { id } of journal.records.sessions.suspects()) {
    const session = book.byId(id, directory.byId)
    if (session !== undefined) suspects.restore(session, nowMs)
  }
}
