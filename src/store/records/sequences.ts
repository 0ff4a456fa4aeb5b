import { SEQUENCE_KINDS, type SequenceKind } from '#domain/sequence.ts'
import type { HubDatabase } from './database.ts'

/** Where a sequence of a sender stands; `state` is its tracker's. */
export interface SequenceRecord {
  readonly sourceId: number
  /** `` or a host name; `#` and a session's id. */
  readonly host: string
  readonly kind: SequenceKind
  readonly state: string
  readonly lastMs: number
}

/** Rows of `sequences`. Only the log writer uses them. */
export interface SequenceRecords {
  /** The ones heard last, oldest first. */
  list(limit: number): SequenceRecord[]
  save(sequence: SequenceRecord): void
  remove(sequence: Pick<SequenceRecord, 'sourceId' | 'host' | 'kind'>): void
  /** Forgets those that were not heard since. */
  forgetBefore(lastMs: number): void
}

interface Row { source_id: number; host: string; kind: string; state: string; last_ms: number }

export function createSequenceRecords(db: HubDatabase): SequenceRecords {
  const list = db.prepare<[number], Row>('SELECT * FROM (SELECT * FROM sequences ORDER BY last_ms DESC LIMIT ?) ORDER BY last_ms')
  const save = db.prepare(`
    INSERT INTO sequences (source_id, host, kind, state, last_ms) VALUES (:sourceId, :host, :kind, :state, :lastMs)
    ON CONFLICT (source_id, host, kind) DO UPDATE SET state = excluded.state, last_ms = excluded.last_ms`)
  const remove = db.prepare('DELETE FROM sequences WHERE source_id = ? AND host = ? AND kind = ?')
  const forgetBefore = db.prepare('DELETE FROM sequences WHERE last_ms < ?')
  return {
    list: (limit) => list.all(limit).filter((row) => isKind(row.kind)).map((row) => ({ sourceId: row.source_id, host: row.host, kind: row.kind as SequenceKind, state: row.state, lastMs: row.last_ms })),
    save: (sequence) => void save.run({ ...sequence, lastMs: Math.round(sequence.lastMs) }),
    remove: ({ sourceId, host, kind }) => void remove.run(sourceId, host, kind),
    forgetBefore: (lastMs) => void forgetBefore.run(Math.round(lastMs)),
  }
}

const isKind = (word: string): boolean => (SEQUENCE_KINDS as readonly string[]).includes(word)
