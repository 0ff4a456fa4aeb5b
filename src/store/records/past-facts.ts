import type { HubDatabase } from './database.ts'

/** What hub events say of nodes at a moment of the past; all by node. */
export interface PastFacts {
  /** The state that the first change since then began with. */
  readonly states: ReadonlyMap<number, string>
  /** The last session that had begun by then. */
  readonly sessions: ReadonlyMap<number, number>
  /** The last stage that was seen by then, and of which session. */
  readonly stages: ReadonlyMap<number, { readonly sessionId: number; readonly stage: string }>
  /** Nodes of which a session began since. */
  readonly startedSince: ReadonlySet<number>
  /** The first event of that moment or later has this number or a higher one. */
  readonly firstId: number
  /** Of the oldest event that is kept; undefined: there is none. */
  readonly oldestMs: number | undefined
}

interface Row { readonly node: number; readonly word: string; readonly session: number }

/** Reads what is kept; a query over all events of a kind, so it is for a thread that has the time. */
export function readPastFacts(db: HubDatabase, atMs: number): PastFacts {
  // with min() and max() SQLite takes the other columns from the row that has it
  const first = db.prepare<[string, number], Row>('SELECT node_id AS node, from_word AS word, session_id AS session, min(id) FROM hub_events WHERE kind = ? AND at_ms >= ? AND node_id <> 0 GROUP BY node_id')
  const last = db.prepare<[{ kind: string; word: string | null; atMs: number }], Row>(
    'SELECT node_id AS node, to_word AS word, session_id AS session, max(id) FROM hub_events WHERE kind = @kind AND (@word IS NULL OR to_word = @word) AND at_ms < @atMs AND node_id <> 0 GROUP BY node_id',
  )
  const since = db.prepare<[number], { node: number }>(`SELECT DISTINCT node_id AS node FROM hub_events WHERE kind = 'session' AND to_word = 'start' AND at_ms >= ?`)
  const firstId = db.prepare<[number], { id: number | null }>('SELECT min(id) AS id FROM hub_events WHERE at_ms >= ?')
  const newestId = db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM hub_events')
  const oldest = db.prepare<[], { at: number | null }>('SELECT min(at_ms) AS at FROM hub_events')
  return {
    states: new Map(first.all('state', atMs).map(({ node, word }) => [node, word])),
    sessions: new Map(last.all({ kind: 'session', word: 'start', atMs }).map(({ node, session }) => [node, session])),
    stages: new Map(last.all({ kind: 'stage', word: null, atMs }).map(({ node, word, session }) => [node, { sessionId: session, stage: word }])),
    startedSince: new Set(since.all(atMs).map(({ node }) => node)),
    firstId: firstId.get(atMs)?.id ?? (newestId.get()?.id ?? 0) + 1,
    oldestMs: oldest.get()?.at ?? undefined,
  }
}
