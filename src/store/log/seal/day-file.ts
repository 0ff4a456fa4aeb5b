import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { syncDirectory } from '../segments/files.ts'
import type { BlockParts } from './block.ts'
import type { Presence, PresenceField } from './presence.ts'

/** The schema of a sealed file, version 1 (docs/reference/store-format.md). */
export const DAY_FILE_VERSION = 1
/** `HPSB`: tells our files from any other SQLite database. */
export const APPLICATION_ID = 0x48_50_53_42
const PAGE_BYTES = 32 * 1024
const BUSY_TIMEOUT_MS = 5000
const SCHEMA = `
  CREATE TABLE blocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, segment INTEGER NOT NULL, first_seq INTEGER NOT NULL, rows INTEGER NOT NULL, min_ms REAL NOT NULL, max_ms REAL NOT NULL,
    raw_bytes INTEGER NOT NULL, packed_bytes INTEGER NOT NULL, nodes BLOB NOT NULL, sessions BLOB NOT NULL, sources BLOB NOT NULL, apps BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX blocks_by_seq ON blocks (first_seq);
  CREATE INDEX blocks_by_segment ON blocks (segment);
  CREATE INDEX blocks_by_age ON blocks (max_ms);
  CREATE TABLE payloads (block INTEGER PRIMARY KEY REFERENCES blocks(id), times BLOB NOT NULL, ids BLOB NOT NULL, layout BLOB NOT NULL, frames BLOB NOT NULL) STRICT;
  -- a segment whose every row is in blocks (of this file or of others); its file is not served any more
  CREATE TABLE sealed_segments (number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, damaged INTEGER NOT NULL, sealed_ms INTEGER NOT NULL) STRICT;
  -- raised when blocks are deleted, so that readers forget what they knew
  CREATE TABLE generation (value INTEGER NOT NULL) STRICT;
  INSERT INTO generation VALUES (1);
`

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
export interface NewBlock extends Omit<BlockEntry, 'id'> { readonly parts: BlockParts; readonly presence: Presence }
export interface SealedSegment { readonly number: number; readonly rows: number; readonly damaged: number; readonly sealedMs: number }

/** One sealed file, open for reading or for sealing. Statements are prepared once. Methods throw on damage. */
export interface DayFile {
  readonly path: string
  begin(): void
  /** On return all since `begin` survives a power cut. */
  commit(): void
  /** Takes back what an open transaction did; nothing happens when none is open. */
  rollback(): void
  /** @returns bytes that were added */
  insertBlock(block: NewBlock): number
  deleteBlocksOf(segment: number): number
  markSealed(segment: SealedSegment): void
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

/** @param mode `write` makes the file when it is not there. Throws on a damaged, foreign or newer file. */
export function openDayFile(path: string, mode: 'read' | 'write'): DayFile {
  if (mode === 'write' && !existsSync(path)) createDayFile(path)
  const db = new Database(path, mode === 'read' ? { readonly: true, fileMustExist: true } : {})
  try {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    if (mode === 'write') prepare(db)
    const version = db.pragma('user_version', { simple: true }) as number
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw new Error('this is not a file of the log store')
    if (version !== DAY_FILE_VERSION) throw new Error(`it has version ${version}, this program knows ${DAY_FILE_VERSION}`)
    return dayFile(db, path)
  } catch (error) {
    db.close()
    throw error
  }
}

/** A file gets its name when it is whole: a reader that lists the folder meanwhile would take one without tables for damaged. */
function createDayFile(path: string): void {
  const unfinished = `${path}.new`
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(unfinished + suffix, { force: true })
  const db = new Database(unfinished)
  try {
    prepare(db)
  } finally {
    db.close() // the last connection takes the write-ahead log into the file and removes it
  }
  renameSync(unfinished, path)
  syncDirectory(dirname(path))
}

function prepare(db: Database.Database): void {
  const isNew = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isNew) db.pragma(`page_size = ${PAGE_BYTES}`)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  if (!isNew) return
  db.transaction(() => {
    db.exec(SCHEMA)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${DAY_FILE_VERSION}`)
  }).immediate()
}

const ENTRY = 'SELECT id, segment, first_seq AS firstSeq, rows, min_ms AS minMs, max_ms AS maxMs, raw_bytes AS rawBytes FROM blocks'

function dayFile(db: Database.Database, path: string): DayFile {
  const insertBlock = db.prepare(`INSERT INTO blocks (segment, first_seq, rows, min_ms, max_ms, raw_bytes, packed_bytes, nodes, sessions, sources, apps)
    VALUES (@segment, @firstSeq, @rows, @minMs, @maxMs, @rawBytes, @packedBytes, @nodes, @sessions, @sources, @apps)`)
  const insertParts = db.prepare('INSERT INTO payloads (block, times, ids, layout, frames) VALUES (?, ?, ?, ?, ?)')
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
    insertBlock({ parts: { times, ids, layout, frames }, presence: sets, ...entry }) {
      const packedBytes = times.length + ids.length + layout.length + frames.length
      const { lastInsertRowid } = insertBlock.run({ ...entry, ...sets, packedBytes })
      insertParts.run(lastInsertRowid, times, ids, layout, frames)
      return packedBytes + sets.nodes.length + sets.sessions.length + sets.sources.length + sets.apps.length
    },
    deleteBlocksOf(segment) {
      db.prepare('DELETE FROM payloads WHERE block IN (SELECT id FROM blocks WHERE segment = ?)').run(segment)
      const { changes } = db.prepare('DELETE FROM blocks WHERE segment = ?').run(segment)
      if (changes > 0) db.exec('UPDATE generation SET value = value + 1')
      return changes
    },
    markSealed: (segment) => void db.prepare('INSERT INTO sealed_segments (number, rows, damaged, sealed_ms) VALUES (@number, @rows, @damaged, @sealedMs)').run(segment),
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
