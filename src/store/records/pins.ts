import type { HubDatabase } from './database.ts'
import { createSessionRecords } from './sessions.ts'

/** A session whose messages outlive retention. */
export interface Pin { readonly sessionId: number; readonly note: string; readonly by: string; readonly atMs: number }

/** Rows of `pins`; main writes, the keeper of the log reads. */
export interface PinRecords {
  pin(pin: Pin): void
  /** @returns false when it was not pinned */
  unpin(sessionId: number): boolean
  of(sessionId: number): Pin | undefined
  /** Newest first. */
  list(): readonly Pin[]
  /** Every id whose rows are pinned: joined sessions belong to each other. */
  sessionIds(): ReadonlySet<number>
}

export function createPinRecords(db: HubDatabase): PinRecords {
  const columns = 'SELECT session_id AS sessionId, note, by_whom AS "by", at_ms AS atMs FROM pins'
  const save = db.prepare('INSERT INTO pins (session_id, note, by_whom, at_ms) VALUES (@sessionId, @note, @by, @atMs) ON CONFLICT (session_id) DO UPDATE SET note = excluded.note, by_whom = excluded.by_whom, at_ms = excluded.at_ms')
  const remove = db.prepare('DELETE FROM pins WHERE session_id = ?')
  const one = db.prepare<[number], Pin>(`${columns} WHERE session_id = ?`)
  const all = db.prepare<[], Pin>(`${columns} ORDER BY at_ms DESC, session_id DESC`)
  const sessions = createSessionRecords(db)
  return {
    pin: (pin) => void save.run({ ...pin, atMs: Math.round(pin.atMs) }),
    unpin: (sessionId) => remove.run(sessionId).changes > 0,
    of: (sessionId) => one.get(sessionId),
    list: () => all.all(),
    sessionIds: () => new Set(sessions.expand(all.all().map(({ sessionId }) => sessionId))),
  }
}
