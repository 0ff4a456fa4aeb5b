import type { EvidenceClass, LifecycleEvent, LifecycleState } from '#domain/lifecycle.ts'
import type { HubDatabase } from './database.ts'

/** Durable provisioning of a node. `state` is undefined while nothing has ever been decided about it. */
interface ProvisionRow {
  readonly nodeId: number
  readonly state: LifecycleState
  readonly version: number
  readonly sinceMs: number
  readonly profile: string | undefined
  readonly expectedState: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly uuid: string | undefined
  readonly serial: string | undefined
}

interface ProvisionHistoryRow {
  readonly atMs: number
  readonly from: LifecycleState | undefined
  readonly to: LifecycleState
  readonly event: LifecycleEvent
  readonly evidence: EvidenceClass
  readonly actor: string
  readonly reason: string
  readonly messageSeq: number | undefined
  readonly sessionId: number | undefined
}

/** What an operator gives a node beside its state; undefined leaves a field, null empties it. */
export interface ProvisionFields {
  readonly profile?: string | null | undefined
  readonly expectedState?: string | null | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export interface ProvisionRecords {
  /** The hub knows this node: rows of other tables may refer to it. */
  nodeExists(nodeId: number): boolean
  find(nodeId: number): ProvisionRow | undefined
  /** The state this one was entered from, and the last that was neither `held` nor `rescue`. */
  past(nodeId: number): { readonly previous: LifecycleState | undefined; readonly settled: LifecycleState | undefined }
  /** Compare-and-set of the state with its history row; false when `expectedVersion` (0: no row yet) is not what is there. */
  move(nodeId: number, expectedVersion: number, entry: ProvisionHistoryRow): boolean
  /** Needs a row. */
  setFields(nodeId: number, fields: ProvisionFields): void
  setHardware(nodeId: number, hardware: { readonly uuid: string | undefined; readonly serial: string | undefined }): void
  /** Nodes that once booted with this hardware id. */
  nodesWithHardware(hardware: { readonly uuid: string | undefined; readonly serial: string | undefined }): readonly number[]
  /** Newest first. */
  history(nodeId: number, limit: number): readonly (ProvisionHistoryRow & { readonly sessionHash: string | undefined })[]
  /** All nodes by state; `none`: nothing has been decided about them. */
  countByState(): readonly { readonly state: LifecycleState | 'none'; readonly count: number }[]
  /** `body` in one transaction; inside another one it becomes a savepoint. */
  transaction<T>(body: () => T): T
}

interface RawRow { node_id: number; state: string; version: number; since_ms: number; profile: string | null; expected_state: string | null; labels: string; uuid: string | null; serial: string | null }
interface RawHistory { at_ms: number; from_state: string | null; to_state: string; event: string; evidence: string; actor: string; reason: string; message_seq: number | null; session_id: number | null; hash: string | null }

/** The tables `provision` and `provision_history` of `hub.db`. Statements are prepared once. */
export function createProvisionRecords(db: HubDatabase): ProvisionRecords {
  const exists = db.prepare<[number], unknown>('SELECT 1 FROM nodes WHERE id = ?')
  const find = db.prepare<[number], RawRow>('SELECT * FROM provision WHERE node_id = ?')
  const previous = db.prepare<[number], { from_state: string | null }>('SELECT from_state FROM provision_history WHERE node_id = ? ORDER BY id DESC LIMIT 1')
  const settled = db.prepare<[number], { from_state: string }>(
    "SELECT from_state FROM provision_history WHERE node_id = ? AND from_state NOT IN ('held', 'rescue') ORDER BY id DESC LIMIT 1",
  )
  const insert = db.prepare('INSERT OR IGNORE INTO provision (node_id, state, since_ms) VALUES (?, ?, ?)')
  const update = db.prepare('UPDATE provision SET state = ?, since_ms = ?, version = version + 1 WHERE node_id = ? AND version = ?')
  const append = db.prepare(
    'INSERT INTO provision_history (node_id, at_ms, from_state, to_state, event, evidence, actor, reason, message_seq, session_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const setProfile = db.prepare('UPDATE provision SET profile = ?, version = version + 1 WHERE node_id = ?')
  const setExpected = db.prepare('UPDATE provision SET expected_state = ?, version = version + 1 WHERE node_id = ?')
  const setLabels = db.prepare('UPDATE provision SET labels = ?, version = version + 1 WHERE node_id = ?')
  const setHardware = db.prepare('UPDATE provision SET uuid = ?, serial = ? WHERE node_id = ?')
  const withHardware = db.prepare<[string | null, string | null], { node_id: number }>('SELECT node_id FROM provision WHERE uuid = ? OR serial = ? LIMIT 10')
  const history = db.prepare<[number, number], RawHistory>(
    `SELECT h.*, (SELECT hash FROM session_hashes s WHERE s.session_id = h.session_id ORDER BY since_ms DESC LIMIT 1) AS hash
     FROM provision_history h WHERE node_id = ? ORDER BY id DESC LIMIT ?`,
  )
  const countByState = db.prepare<[], { state: LifecycleState | 'none'; count: number }>(
    "SELECT coalesce(p.state, 'none') AS state, count(*) AS count FROM nodes n LEFT JOIN provision p ON p.node_id = n.id GROUP BY 1",
  )
  return {
    nodeExists: (nodeId) => exists.get(nodeId) !== undefined,
    find: (nodeId) => fromRow(find.get(nodeId)),
    past: (nodeId) => ({
      previous: (previous.get(nodeId)?.from_state ?? undefined) as LifecycleState | undefined,
      settled: settled.get(nodeId)?.from_state as LifecycleState | undefined,
    }),
    move(nodeId, expectedVersion, entry) {
      const { changes } = expectedVersion === 0 ? insert.run(nodeId, entry.to, entry.atMs) : update.run(entry.to, entry.atMs, nodeId, expectedVersion)
      if (changes === 0) return false
      append.run(nodeId, entry.atMs, entry.from ?? null, entry.to, entry.event, entry.evidence, entry.actor, entry.reason, entry.messageSeq ?? null, entry.sessionId ?? null)
      return true
    },
    setFields(nodeId, { profile, expectedState, labels }) {
      if (profile !== undefined) setProfile.run(profile, nodeId)
      if (expectedState !== undefined) setExpected.run(expectedState, nodeId)
      if (labels !== undefined) setLabels.run(JSON.stringify(labels), nodeId)
    },
    setHardware: (nodeId, { uuid, serial }) => void setHardware.run(uuid ?? null, serial ?? null, nodeId),
    nodesWithHardware: ({ uuid, serial }) => withHardware.all(uuid ?? null, serial ?? null).map((row) => row.node_id),
    history: (nodeId, limit) => history.all(nodeId, limit).map(fromHistory),
    countByState: () => countByState.all(),
    transaction: (body) => db.transaction(body).immediate(),
  }
}

function fromRow(row: RawRow | undefined): ProvisionRow | undefined {
  if (row === undefined) return undefined
  return {
    nodeId: row.node_id,
    state: row.state as LifecycleState,
    version: row.version,
    sinceMs: row.since_ms,
    profile: row.profile ?? undefined,
    expectedState: row.expected_state ?? undefined,
    labels: JSON.parse(row.labels) as Record<string, string>,
    uuid: row.uuid ?? undefined,
    serial: row.serial ?? undefined,
  }
}

const fromHistory = (row: RawHistory): ProvisionHistoryRow & { readonly sessionHash: string | undefined } => ({
  atMs: row.at_ms,
  from: (row.from_state ?? undefined) as LifecycleState | undefined,
  to: row.to_state as LifecycleState,
  event: row.event as LifecycleEvent,
  evidence: row.evidence as EvidenceClass,
  actor: row.actor,
  reason: row.reason,
  messageSeq: row.message_seq ?? undefined,
  sessionId: row.session_id ?? undefined,
  sessionHash: row.hash ?? undefined,
})
