import type { HubDatabase } from './database.ts'

/** Work that was announced: whoever it is about may be silent. One of `nodeId`, `address`, or neither: everybody. */
export interface PlannedWork {
  readonly id: number
  readonly nodeId: number | undefined
  /** Of a sender. */
  readonly address: string | undefined
  readonly fromMs: number
  readonly untilMs: number
  readonly why: string
  readonly by: string
  readonly madeMs: number
  /** Ended before its time. */
  readonly endedMs: number | undefined
  readonly endedBy: string | undefined
}
export type NewPlannedWork = Omit<PlannedWork, 'id' | 'endedMs' | 'endedBy'>

/** Work that is over stays as history: so much of it, the newest. */
const MAX_HISTORY = 1000

/** Rows of `planned_work`. Main writes; the log writer reads. */
export interface PlannedRecords {
  /** What is going on, or will; the first to begin first. */
  ahead(nowMs: number): PlannedWork[]
  /** All that is kept, newest first. */
  list(): PlannedWork[]
  byId(id: number): PlannedWork | undefined
  add(work: NewPlannedWork): number
  /** False when it is over already, or never was. */
  end(id: number, ended: { readonly atMs: number; readonly by: string }): boolean
}

interface Row { id: number; node_id: number | null; address: string | null; from_ms: number; until_ms: number; why: string; by_whom: string; made_ms: number; ended_ms: number | null; ended_by: string | null }

export function createPlannedRecords(db: HubDatabase): PlannedRecords {
  const ahead = db.prepare<[number], Row>('SELECT * FROM planned_work WHERE ended_ms IS NULL AND until_ms > ? ORDER BY from_ms, id')
  const list = db.prepare<[], Row>('SELECT * FROM planned_work ORDER BY id DESC')
  const byId = db.prepare<[number], Row>('SELECT * FROM planned_work WHERE id = ?')
  const add = db.prepare('INSERT INTO planned_work (node_id, address, from_ms, until_ms, why, by_whom, made_ms) VALUES (:nodeId, :address, :fromMs, :untilMs, :why, :by, :madeMs)')
  const end = db.prepare('UPDATE planned_work SET ended_ms = :atMs, ended_by = :by WHERE id = :id AND ended_ms IS NULL AND until_ms > :atMs')
  const trim = db.prepare('DELETE FROM planned_work WHERE (ended_ms IS NOT NULL OR until_ms <= :nowMs) AND id <= (SELECT id FROM planned_work ORDER BY id DESC LIMIT 1 OFFSET :kept)')
  return {
    ahead: (nowMs) => ahead.all(Math.round(nowMs)).map(workOf),
    list: () => list.all().map(workOf),
    byId: (id) => [byId.get(id)].filter((row) => row !== undefined).map(workOf)[0],
    add(work) {
      const { lastInsertRowid } = add.run({ ...work, nodeId: work.nodeId ?? null, address: work.address ?? null, fromMs: Math.round(work.fromMs), untilMs: Math.round(work.untilMs), madeMs: Math.round(work.madeMs) })
      trim.run({ nowMs: Math.round(work.madeMs), kept: MAX_HISTORY })
      return Number(lastInsertRowid)
    },
    end: (id, { atMs, by }) => end.run({ id, atMs: Math.round(atMs), by }).changes > 0,
  }
}

const workOf = (row: Row): PlannedWork => ({
  id: row.id, nodeId: row.node_id ?? undefined, address: row.address ?? undefined, fromMs: row.from_ms, untilMs: row.until_ms, why: row.why, by: row.by_whom, madeMs: row.made_ms,
  endedMs: row.ended_ms ?? undefined, endedBy: row.ended_by ?? undefined,
})
