import type { HubDatabase } from './database.ts'

/** Name of the cursor that says up to which session the ledger was folded. */
const FOLDED = 'losses-folded'
/** Of the rows that are allowed, as many are left when there were too many: it is not done again at once. */
const LEFT_SHARE = 0.9

export interface LossPruning {
  /**
   * What is older than `beforeMs` loses its hour and not its number. Beyond `maxRows`, what the oldest sessions lost is added to that of
   * no session, and then every hour goes. Call it in a transaction.
   * @returns the rows that are left
   */
  prune(limits: { readonly beforeMs: number; readonly maxRows: number }): number
}

const INTO = `INSERT INTO losses (hour_ms, source_id, listener, session_id, reason, count, first_ms, last_ms)`
const ADDED_UP = `
  ON CONFLICT (session_id, source_id, listener, reason, hour_ms) DO UPDATE SET count = count + excluded.count, first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)`

export function createLossPruning(db: HubDatabase): LossPruning {
  const addHours = db.prepare(`${INTO} SELECT 0, source_id, listener, session_id, reason, sum(count), min(first_ms), max(last_ms) FROM losses
    WHERE hour_ms > 0 AND hour_ms < ? GROUP BY source_id, listener, session_id, reason ${ADDED_UP}`)
  const removeHours = db.prepare('DELETE FROM losses WHERE (hour_ms > 0 AND hour_ms < ?) OR (hour_ms = 0 AND count = 0)')
  const addSessions = db.prepare(`${INTO} SELECT 0, source_id, listener, 0, reason, sum(count), min(first_ms), max(last_ms) FROM losses
    WHERE session_id BETWEEN 1 AND ? GROUP BY source_id, listener, reason ${ADDED_UP}`)
  const removeSessions = db.prepare('DELETE FROM losses WHERE session_id BETWEEN 1 AND ?')
  const rows = db.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM losses')
  const sessionAt = db.prepare<[number], { session_id: number }>('SELECT session_id FROM losses WHERE session_id > 0 ORDER BY session_id LIMIT 1 OFFSET ?')
  const lastSession = db.prepare<[], { session_id: number | null }>('SELECT max(session_id) AS session_id FROM losses')
  const note = db.prepare('INSERT INTO cursors (name, seq, at_ms) VALUES (?, ?, 0) ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)')

  const foldHours = (beforeMs: number): void => {
    addHours.run(beforeMs)
    removeHours.run(beforeMs)
  }
  const foldSessions = (tooMany: number): void => {
    const upTo = sessionAt.get(tooMany)?.session_id ?? lastSession.get()?.session_id ?? 0
    if (upTo === 0) return
    addSessions.run(upTo)
    removeSessions.run(upTo)
    note.run(FOLDED, upTo)
  }
  return {
    prune({ beforeMs, maxRows }) {
      foldHours(beforeMs)
      const left = rows.get()!.rows
      if (left <= maxRows) return left
      foldSessions(left - Math.floor(maxRows * LEFT_SHARE))
      if (rows.get()!.rows > maxRows) foldHours(Number.MAX_SAFE_INTEGER)
      return rows.get()!.rows
    },
  }
}

/** The highest session whose losses may have been added to those of no session; 0: none. */
export const readFolded = (db: HubDatabase): number => (db.prepare<[string], { seq: number }>('SELECT seq FROM cursors WHERE name = ?').get(FOLDED)?.seq ?? 0)
