import Database from 'better-sqlite3'
import { APPLICATION_ID, type SealedSegment } from '../day-files.ts'
import type { PresenceField } from './presence.ts'

/** Sealed files of version 1 (docs/reference/store-format.md): no longer written, only read until compaction has rewritten them. */
export const DAY_FILE_VERSION = 1
const BUSY_TIMEOUT_MS = 5000

/** The four parts of a sealed block, each one zstd blob: a search unpacks what it needs. */
export interface BlockParts {
  /** Group of each row and receive times, in seq order. */
  readonly times: Buffer
  /** Who, which template, the sender's time; rows in the order of the groups, like all that follows. */
  readonly ids: Buffer
  /** Where the fields are in the frame, PRI, format, hints, faults. */
  readonly layout: Buffer
  /** The frames, one behind the other. */
  readonly frames: Buffer
}

export interface BlockEntry {
  readonly id: number
  readonly segment: number
  readonly firstSeq: number
  readonly rows: number
  readonly minMs: number
  readonly maxMs: number
  /** Of the frames, unpacked. */
  readonly rawBytes: number
}

/** One sealed file, open for reading or to take back blocks of a segment that was not sealed whole. Methods throw on damage. */
export interface DayFile {
  readonly path: string
  begin(): void
  /** On return all since `begin` survives a power cut. */
  commit(): void
  /** Takes back what an open transaction did; nothing happens when none is open. */
  rollback(): void
  deleteBlocksOf(segment: number): number
  sealedSegment(number: number): SealedSegment | undefined
  sealedNumbers(): number[]
  highestSegment(): number
  /** Blocks with a greater id, in order of id. */
  entriesAfter(id: number): BlockEntry[]
  /** Changes whenever another connection has committed something. */
  dataVersion(): number
  generation(): number
  presence(block: number, field: PresenceField): Buffer
  parts(block: number): BlockParts
  /** 0 when there are no blocks. */
  lastSeq(): number
  /** Newest receive time, undefined when there are no blocks. */
  newestMs(): number | undefined
  close(): void
}

/** Throws on a file that is not there, damaged, foreign or of another version. */
export function openDayFile(path: string, mode: 'read' | 'write'): DayFile {
  const db = new Database(path, { readonly: mode === 'read', fileMustExist: true })
  try {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    if (mode === 'write') db.pragma('synchronous = FULL')
    const version = db.pragma('user_version', { simple: true }) as number
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw new Error('this is not a file of the log store')
    if (version !== DAY_FILE_VERSION) throw new Error(`it has version ${version}, which this program does not know`)
    return dayFile(db, path)
  } catch (error) {
    db.close()
    throw error
  }
}

const ENTRY = 'SELECT id, segment, first_seq AS firstSeq, rows, min_ms AS minMs, max_ms AS maxMs, raw_bytes AS rawBytes FROM blocks'

function dayFile(db: Database.Database, path: string): DayFile {
  const entries = db.prepare(`${ENTRY} WHERE id > ? ORDER BY id`)
  const parts = db.prepare('SELECT times, ids, layout, frames FROM payloads WHERE block = ?')
  const sealed = db.prepare('SELECT number, rows, damaged, sealed_ms AS sealedMs FROM sealed_segments WHERE number = ?')
  const sealedNumbers = db.prepare('SELECT number FROM sealed_segments').pluck()
  const lastSeq = db.prepare('SELECT first_seq + rows - 1 FROM blocks ORDER BY first_seq DESC LIMIT 1').pluck()
  const newestMs = db.prepare('SELECT max(max_ms) FROM blocks').pluck()
  const presence = Object.fromEntries((['nodes', 'sessions', 'sources', 'apps'] as const).map((field) => [field, db.prepare(`SELECT ${field} FROM blocks WHERE id = ?`).pluck()])) as Record<PresenceField, Database.Statement>
  return {
    path,
    begin: () => void db.exec('BEGIN IMMEDIATE'),
    commit: () => void db.exec('COMMIT'),
    rollback: () => void (db.inTransaction && db.exec('ROLLBACK')),
    deleteBlocksOf(segment) {
      db.prepare('DELETE FROM payloads WHERE block IN (SELECT id FROM blocks WHERE segment = ?)').run(segment)
      const { changes } = db.prepare('DELETE FROM blocks WHERE segment = ?').run(segment)
      if (changes > 0) db.exec('UPDATE generation SET value = value + 1')
      return changes
    },
    sealedSegment: (number) => sealed.get(number) as SealedSegment | undefined,
    sealedNumbers: () => sealedNumbers.all() as number[],
    highestSegment: () => db.prepare('SELECT max(coalesce((SELECT max(number) FROM sealed_segments), 0), coalesce((SELECT max(segment) FROM blocks), 0))').pluck().get() as number,
    entriesAfter: (id) => entries.all(id) as BlockEntry[],
    dataVersion: () => db.pragma('data_version', { simple: true }) as number,
    generation: () => db.prepare('SELECT value FROM generation').pluck().get() as number,
    presence: (block, field) => presence[field].get(block) as Buffer,
    parts(block) {
      const found = parts.get(block) as BlockParts | undefined
      if (found === undefined) throw new Error(`block ${block} has no parts`)
      return found
    },
    lastSeq: () => (lastSeq.get() as number | undefined) ?? 0,
    newestMs: () => (newestMs.get() as number | null) ?? undefined,
    close: () => db.close(),
  }
}
