import type { Batch } from '#domain/batch.ts'
import { IDENTITY_METHODS } from '#domain/message.ts'
import type { SessionState } from '../state.ts'
import type { Touched } from '../tagger.ts'

const SUBJECT = IDENTITY_METHODS.indexOf('subject')

export interface Spoken { readonly session: SessionState; readonly row: number }

/**
 * The sessions of a batch in which the node itself speaks, with the last row found that is its own. What a DHCP or file server
 * says about it, and what the hub says, is not. `isOwn`: rows of this source are not the hub's.
 */
export function spokenIn(batch: Batch, { sessions }: Pick<Touched, 'sessions'>, isOwn: (sourceId: number) => boolean): Spoken[] {
  const { session: sessionOf, method, source } = batch
  const speaks = (row: number, sessionId: number): boolean => sessionOf[row] === sessionId && method[row] !== SUBJECT && isOwn(source[row]!)
  const spoken: Spoken[] = []
  let unsure: Map<number, SessionState> | undefined
  for (const session of sessions) {
    const { id, batchFirstRow: first, batchLastRow: last } = session
    if (speaks(last, id)) spoken.push({ session, row: last })
    else if (speaks(first, id)) spoken.push({ session, row: first })
    else if (last - first > 1) (unsure ??= new Map()).set(id, session)
  }
  for (let row = batch.rows - 1; unsure !== undefined && unsure.size > 0 && row >= 0; row--) {
    const session = unsure.get(sessionOf[row]!)
    if (session === undefined || !speaks(row, session.id)) continue
    unsure.delete(session.id)
    spoken.push({ session, row })
  }
  return spoken
}

/** Whether the node speaks in this row. */
export const isSpokenRow = (batch: Batch, row: number): boolean => batch.node[row] !== 0 && batch.method[row] !== SUBJECT
