import type { HubDatabase } from './database.ts'

/** Names of the positions that are kept in `hub.db`: of the rules in the stream, and of main in what it is told of. */
const CURSORS = ['rules', 'rule-events', 'findings', 'session-ends'] as const
export type CursorName = (typeof CURSORS)[number]

/** Everything up to and including this seq (of `findings` the number of a finding, of `rule-events` and `session-ends` that of a hub event) has had its effects; 0 before the first. */
export function readCursor(db: HubDatabase, name: CursorName): number {
  const row = db.prepare('SELECT seq FROM cursors WHERE name = ?').get(name) as { seq: number } | undefined
  return row?.seq ?? 0
}

/** Call it inside the transaction that writes the effects. A cursor never moves back. */
export function writeCursor(db: HubDatabase, name: CursorName, position: { readonly seq: number; readonly atMs: number }): void {
  db.prepare(
    `INSERT INTO cursors (name, seq, at_ms) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, at_ms = excluded.at_ms WHERE excluded.seq > seq`,
  ).run(name, position.seq, position.atMs)
}
