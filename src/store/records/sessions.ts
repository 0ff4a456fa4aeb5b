import type { Session, SessionEnd, SessionKind, SessionOrigin, SessionState } from '#domain/session.ts'
import { stageOrder, type Stage, type StageSighting, type StageWitness } from '#domain/stages.ts'
import type { HubDatabase } from './database.ts'

/** What is kept of a session besides what people see: the evidence about its kernel, opaque here. */
export interface SessionRecord extends Session {
  readonly kernelMarks: Uint8Array | undefined
}

/** Rows of `sessions`, `session_hashes`, `session_aliases`, `session_stages`, and the cursor of their counters. The log writer writes; every thread may read. */
export interface SessionRecords {
  /** Newest first; neither suspects nor sessions that were joined to another. `beforeId` pages on. */
  list(filter: { readonly nodeId?: number | undefined; readonly limit: number; readonly beforeId?: number | undefined }): Session[]
  /** The row with this very id, whatever it was joined to. */
  byId(id: number): SessionRecord | undefined
  /** All sessions a hash may mean, aliases followed, newest first; more than one is for the caller to ask about. */
  byHash(hash: string): Session[]
  /** The hash to show for messages tagged with this id, joins followed; undefined while there is none. */
  shownHash(id: number): string | undefined
  /** The session that a joined one counts as; the id itself when it was not joined. */
  rootOf(id: number): number
  /** Every id whose messages belong to the sessions given: themselves, what they were joined to and all that were joined to that. */
  expand(ids: readonly number[]): number[]
  /** When the newest sessions opened (`limit` of them, of the nodes or sessions given), joined ones with the opening of what they count as. */
  openings(of: { readonly nodeIds?: readonly number[] | undefined; readonly ids?: readonly number[] | undefined; readonly limit: number }): { readonly openings: readonly SessionOpening[]; readonly isCut: boolean }
  /** Ids that were joined to this session by someone (not replays), oldest first. */
  joinedTo(id: number): number[]
  /** The node's sessions before `beforeId` that were no suspects, newest first. */
  recentOf(nodeId: number, limit: number): SessionRecord[]
  /** The stages seen in the session with this very id, in the order of their times. */
  stagesOf(id: number): StageSighting[]
  /** Sessions that were still suspect when the hub stopped. */
  suspects(): SessionRecord[]
  /** Above every id ever given, removed rows included. */
  nextId(): number
  save(session: SessionRecord): void
  addHash(sessionId: number, hash: string, sinceMs: number): void
  saveAlias(alias: { readonly sessionId: number; readonly joinedTo: number; readonly reason: string; readonly atMs: number }): void
  /** Replaces what was known of this stage. */
  saveStage(sessionId: number, sighting: StageSighting): void
  hasSessions(nodeId: number): boolean
  cursor(): number
  saveCursor(seq: number, atMs: number): void
}

interface StageRow { stage: string; at_ms: number; seq: number; shown_by: string }
interface SessionOpening { readonly id: number; readonly openedMs: number }

/** `reason` of the alias row of a suspect that proved to be a replay. */
export const REPLAY_REASON = 'replay'
/** Counters of sources and sessions include every message up to this cursor. */
const CURSOR = 'sessions'
/** Aliases are followed this far; joining refuses cycles, so this is never met. */
const MAX_ALIAS_STEPS = 32

interface Row {
  id: number; node_id: number; kind: string; origin: string; state: string; end_reason: string | null; opened_ms: number; ended_ms: number | null
  boot_time_ms: number | null; boot_id: string | null; stage: string | null; first_seq: number; last_seq: number; last_message_ms: number
  messages: number; replayed: number; numbered: number; acknowledged: number; streamed: number; datagram_listeners: string; kernel_marks: Buffer | null
}

export function createSessionRecords(db: HubDatabase): SessionRecords {
  const one = db.prepare<[number], Row>('SELECT * FROM sessions WHERE id = ?')
  const listed = `SELECT * FROM sessions AS s WHERE state <> 'suspect' AND NOT EXISTS (SELECT 1 FROM session_aliases WHERE session_id = s.id)`
  const list = db.prepare<[number, number], Row>(`${listed} AND id < ? ORDER BY id DESC LIMIT ?`)
  const listOf = db.prepare<[number, number, number], Row>(`${listed} AND node_id = ? AND id < ? ORDER BY id DESC LIMIT ?`)
  const suspects = db.prepare<[], Row>(`SELECT * FROM sessions AS s WHERE state = 'suspect' AND NOT EXISTS (SELECT 1 FROM session_aliases WHERE session_id = s.id) ORDER BY id`)
  const hashed = db.prepare<[string], { session_id: number }>('SELECT session_id FROM session_hashes WHERE hash = ? ORDER BY session_id DESC')
  const hashes = db.prepare<[number], { hash: string }>('SELECT hash FROM session_hashes WHERE session_id = ? ORDER BY since_ms DESC, hash')
  const target = db.prepare<[number], { joined_to: number }>('SELECT joined_to FROM session_aliases WHERE session_id = ?')
  const joined = db.prepare<[number], { session_id: number; reason: string }>('SELECT session_id, reason FROM session_aliases WHERE joined_to = ? ORDER BY session_id')
  const openings = db.prepare<[{ nodes: string | null; ids: string | null; limit: number }], { id: number; root: number; opened_ms: number }>(`
    WITH RECURSIVE newest AS (${listed} AND (:nodes IS NULL OR node_id IN (SELECT value FROM json_each(:nodes)))
        AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids))) ORDER BY id DESC LIMIT :limit),
      tree (id, root) AS (SELECT id, id FROM newest UNION SELECT a.session_id, tree.root FROM session_aliases AS a JOIN tree ON a.joined_to = tree.id)
    SELECT tree.id, tree.root, newest.opened_ms FROM tree JOIN newest ON newest.id = tree.root`)
  const stages = db.prepare<[number], StageRow>('SELECT stage, at_ms, seq, shown_by FROM session_stages WHERE session_id = ?')
  const complete = (row: Row): SessionRecord => recordOf(row, hashes.all(row.id).map((found) => found.hash))
  const byId = (id: number): SessionRecord | undefined => {
    const row = one.get(id)
    return row === undefined ? undefined : complete(row)
  }
  const rootOf = (id: number): number => {
    let root = id
    for (let step = 0; step < MAX_ALIAS_STEPS; step++) {
      const next = target.get(root)?.joined_to
      if (next === undefined) break
      root = next
    }
    return root
  }
  const branch = (id: number, into: Set<number>): void => {
    if (into.has(id)) return
    into.add(id)
    for (const row of joined.all(id)) branch(row.session_id, into)
  }
  const LAST = Number.MAX_SAFE_INTEGER
  return {
    list: ({ nodeId, limit, beforeId = LAST }) => (nodeId === undefined ? list.all(beforeId, limit) : listOf.all(nodeId, beforeId, limit)).map((row) => sessionOf(complete(row))),
    byId,
    byHash(hash) {
      const roots = new Set(hashed.all(hash).map((row) => rootOf(row.session_id)))
      return [...roots].flatMap((id) => byId(id) ?? []).filter((session) => session.state !== 'suspect').sort((a, b) => b.id - a.id).map(sessionOf)
    },
    shownHash: (id) => hashes.get(rootOf(id))?.hash,
    rootOf,
    expand(ids) {
      const found = new Set<number>()
      for (const id of ids) branch(rootOf(id), found)
      return [...found].sort((a, b) => a - b)
    },
    openings({ nodeIds, ids, limit }) {
      const asJson = (list: readonly number[] | undefined): string | null => (list === undefined ? null : JSON.stringify(list))
      const rows = openings.all({ nodes: asJson(nodeIds), ids: asJson(ids), limit: limit + 1 })
      const roots = rows.filter((row) => row.id === row.root)
      const oldest = roots.length > limit ? Math.min(...roots.map((row) => row.root)) : 0
      return { openings: rows.filter((row) => row.root > oldest).map((row) => ({ id: row.id, openedMs: row.opened_ms })), isCut: roots.length > limit }
    },
    joinedTo: (id) => joined.all(id).filter((row) => row.reason !== REPLAY_REASON).map((row) => row.session_id),
    recentOf: (nodeId, limit) => listOf.all(nodeId, LAST, limit).map(complete),
    stagesOf: (id) => stages.all(id).map(sightingOf).sort((a, b) => a.atMs - b.atMs || stageOrder(a.stage) - stageOrder(b.stage)),
    suspects: () => suspects.all().map(complete),
    ...createSessionWrites(db),
  }
}

function createSessionWrites(db: HubDatabase): Pick<SessionRecords, 'nextId' | 'save' | 'addHash' | 'saveAlias' | 'saveStage' | 'hasSessions' | 'cursor' | 'saveCursor'> {
  const highest = db.prepare<[], { id: number }>(`SELECT max(coalesce((SELECT max(id) FROM sessions), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'sessions'), 0)) AS id`)
  const save = db.prepare(`
    INSERT INTO sessions (id, node_id, kind, origin, state, end_reason, opened_ms, ended_ms, boot_time_ms, boot_id, stage,
      first_seq, last_seq, last_message_ms, messages, replayed, numbered, acknowledged, streamed, datagram_listeners, kernel_marks)
    VALUES (:id, :nodeId, :kind, :origin, :state, :end, :openedMs, :endedMs, :bootTimeMs, :bootId, :stage,
      :firstSeq, :lastSeq, :lastMessageMs, :messages, :replayed, :numbered, :acknowledged, :streamed, :datagramListeners, :kernelMarks)
    ON CONFLICT (id) DO UPDATE SET node_id = excluded.node_id, kind = excluded.kind, origin = excluded.origin, state = excluded.state,
      end_reason = excluded.end_reason, opened_ms = excluded.opened_ms, ended_ms = excluded.ended_ms, boot_time_ms = excluded.boot_time_ms,
      boot_id = excluded.boot_id, stage = excluded.stage, first_seq = excluded.first_seq, last_seq = excluded.last_seq,
      last_message_ms = excluded.last_message_ms, messages = excluded.messages, replayed = excluded.replayed,
      numbered = excluded.numbered, acknowledged = excluded.acknowledged, streamed = excluded.streamed, datagram_listeners = excluded.datagram_listeners, kernel_marks = excluded.kernel_marks`)
  const addHash = db.prepare('INSERT INTO session_hashes (hash, session_id, since_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const saveAlias = db.prepare('INSERT INTO session_aliases (session_id, joined_to, reason, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT (session_id) DO UPDATE SET joined_to = excluded.joined_to, reason = excluded.reason, at_ms = excluded.at_ms')
  const saveStage = db.prepare('INSERT INTO session_stages (session_id, stage, at_ms, seq, shown_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT (session_id, stage) DO UPDATE SET at_ms = excluded.at_ms, seq = excluded.seq, shown_by = excluded.shown_by')
  const ofNode = db.prepare<[number], { found: number }>('SELECT 1 AS found FROM sessions WHERE node_id = ? LIMIT 1')
  const cursor = db.prepare<[string], { seq: number }>('SELECT seq FROM cursors WHERE name = ?')
  const saveCursor = db.prepare('INSERT INTO cursors (name, seq, at_ms) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, at_ms = excluded.at_ms')
  const whole = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms))
  return {
    nextId: () => highest.get()!.id + 1,
    save: (session) => void save.run({
      id: session.id, nodeId: session.nodeId, kind: session.kind, origin: session.origin, state: session.state, end: session.end ?? null,
      openedMs: Math.round(session.openedMs), endedMs: whole(session.endedMs), bootTimeMs: whole(session.bootTimeMs), bootId: session.bootId ?? null,
      stage: session.stage ?? null, firstSeq: session.firstSeq, lastSeq: session.lastSeq, lastMessageMs: Math.round(session.lastMessageMs),
      messages: session.messages, replayed: session.replayed, numbered: session.numbered, acknowledged: session.acknowledged,
      streamed: session.streamed, datagramListeners: JSON.stringify(session.datagramListeners), kernelMarks: session.kernelMarks ?? null,
    }),
    addHash: (sessionId, hash, sinceMs) => void addHash.run(hash, sessionId, Math.round(sinceMs)),
    saveAlias: ({ sessionId, joinedTo, reason, atMs }) => void saveAlias.run(sessionId, joinedTo, reason, Math.round(atMs)),
    saveStage: (sessionId, { stage, atMs, seq, by }) => void saveStage.run(sessionId, stage, Math.round(atMs), seq, by),
    hasSessions: (nodeId) => ofNode.get(nodeId) !== undefined,
    cursor: () => cursor.get(CURSOR)?.seq ?? 0,
    saveCursor: (seq, atMs) => void saveCursor.run(CURSOR, seq, Math.round(atMs)),
  }
}

const sightingOf = (row: StageRow): StageSighting => ({ stage: row.stage as Stage, atMs: row.at_ms, seq: row.seq, by: row.shown_by as StageWitness })

function recordOf(row: Row, hashes: readonly string[]): SessionRecord {
  return {
    id: row.id, nodeId: row.node_id, kind: row.kind as SessionKind, origin: row.origin as SessionOrigin, state: row.state as SessionState,
    end: (row.end_reason ?? undefined) as SessionEnd | undefined, openedMs: row.opened_ms, endedMs: row.ended_ms ?? undefined,
    bootTimeMs: row.boot_time_ms ?? undefined, bootId: row.boot_id ?? undefined, stage: row.stage ?? undefined, firstSeq: row.first_seq,
    lastSeq: row.last_seq, lastMessageMs: row.last_message_ms, messages: row.messages, replayed: row.replayed, numbered: row.numbered, acknowledged: row.acknowledged,
    streamed: row.streamed, datagramListeners: JSON.parse(row.datagram_listeners) as string[], hashes, kernelMarks: row.kernel_marks ?? undefined,
  }
}

function sessionOf(record: SessionRecord): Session {
  const session: Session & { kernelMarks?: unknown } = { ...record }
  delete session.kernelMarks
  return session
}
