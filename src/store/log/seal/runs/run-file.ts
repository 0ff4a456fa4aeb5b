import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { syncDirectory } from '../../segments/files.ts'
import { APPLICATION_ID, type SealedSegment } from '../day-files.ts'
import type { Origin } from '../origins.ts'
import { decodeShape, encodeShape } from '../shapes/shape-codec.ts'
import type { ShapeDefinition } from '../shapes/shape.ts'
import { withChecksum, withoutChecksum } from './checksum.ts'
import { MAX_BLOCKS, type EncodedRun, type RunEntry } from './run.ts'

/** The schema of a sealed file, version 2 (docs/reference/store-format.md). */
export const RUN_FILE_VERSION = 2
const PAGE_BYTES = 8192
const BUSY_TIMEOUT_MS = 5000
/** Pages that a connection keeps; the system's cache holds the rest. */
const READ_CACHE_KIB = 1024
const WRITE_CACHE_KIB = 4096
const SCHEMA = `
  CREATE TABLE origins (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, node INTEGER NOT NULL, session INTEGER NOT NULL, method INTEGER NOT NULL, confidence INTEGER NOT NULL, host BLOB NOT NULL) STRICT;
  CREATE TABLE shapes (id INTEGER PRIMARY KEY, definition BLOB NOT NULL) STRICT;
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, segment INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, rows INTEGER NOT NULL, min_ms REAL NOT NULL, max_ms REAL NOT NULL,
    raw_bytes INTEGER NOT NULL, packed_bytes INTEGER NOT NULL, block_rows BLOB NOT NULL, origins BLOB NOT NULL, shapes BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX runs_by_seq ON runs (first_seq);
  CREATE INDEX runs_by_segment ON runs (segment);
  -- id = run * ${MAX_BLOCKS + 2} + part: 0 head, 1 token index, 2 … blocks
  CREATE TABLE payloads (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  -- a segment whose every row is in runs (of this file or of others); its file is not served any more
  CREATE TABLE sealed_segments (number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, damaged INTEGER NOT NULL, sealed_ms INTEGER NOT NULL) STRICT;
  -- files whose messages this one holds; while one of them is still there, it is not served
  CREATE TABLE replaces (name TEXT PRIMARY KEY) STRICT;
  -- raised when runs are deleted, so that readers forget what they knew
  CREATE TABLE generation (value INTEGER NOT NULL) STRICT;
  INSERT INTO generation VALUES (1);
`
const PARTS = MAX_BLOCKS + 2
const PART = { head: 0, tokens: 1, firstBlock: 2 } as const

/** One sealed file, open for reading or for sealing. Methods throw on damage. */
export interface RunFile {
  readonly path: string
  begin(): void
  /** On return all since `begin` survives a power cut. */
  commit(): void
  /** Takes back what an open transaction did; nothing happens when none is open. */
  rollback(): void
  addOrigins(origins: readonly Origin[], from: number): void
  addShapes(shapes: readonly ShapeDefinition[], from: number): void
  /** Origins from number `from` on. */
  originsFrom(from: number): Origin[]
  /** Shapes whose id is greater than `from`. */
  shapesFrom(from: number): ShapeDefinition[]
  /** @returns bytes that were added */
  insertRun(run: EncodedRun, segment: number): number
  deleteRunsOf(segment: number): number
  deleteRun(id: number): void
  markSealed(segment: SealedSegment): void
  sealedSegment(number: number): SealedSegment | undefined
  sealedNumbers(): number[]
  highestSegment(): number
  /** Runs with a greater id, in order of id. */
  entriesAfter(id: number): RunEntry[]
  originsOf(run: number): Buffer
  shapesOf(run: number): Buffer
  headOf(run: number): Buffer
  tokensOf(run: number): Buffer
  blockOf(run: number, block: number): Buffer
  /** Names of the files that this one stands for. */
  replaced(): string[]
  replace(name: string): void
  /** Changes whenever another connection has committed something. */
  dataVersion(): number
  generation(): number
  /** 0 when there are no runs. */
  lastSeq(): number
  /** Newest receive time, undefined when there are no runs. */
  newestMs(): number | undefined
  close(): void
}

/** @param mode `write` makes the file when it is not there. Throws on a damaged, foreign or newer file, and on one of version 1. */
export function openRunFile(path: string, mode: 'read' | 'write'): RunFile {
  if (mode === 'write' && !existsSync(path)) createRunFile(path)
  const db = new Database(path, mode === 'read' ? { readonly: true, fileMustExist: true } : {})
  try {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    db.pragma(`cache_size = -${mode === 'read' ? READ_CACHE_KIB : WRITE_CACHE_KIB}`)
    if (mode === 'write') prepare(db)
    const version = db.pragma('user_version', { simple: true }) as number
    if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw new Error('this is not a file of the log store')
    if (version !== RUN_FILE_VERSION) throw new Error(`it has version ${version}, expected is ${RUN_FILE_VERSION}`)
    return runFile(db, path)
  } catch (error) {
    db.close()
    throw error
  }
}

/** A file gets its name when it is whole: a reader that lists the folder meanwhile would take one without tables for damaged. */
function createRunFile(path: string): void {
  const unfinished = `${path}.new`
  for (const left of [unfinished, `${unfinished}-wal`, `${unfinished}-shm`, `${unfinished}-journal`, `${path}-wal`, `${path}-shm`]) rmSync(left, { force: true })
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
    db.pragma(`user_version = ${RUN_FILE_VERSION}`)
  }).immediate()
}

const ENTRY = 'SELECT id, segment, first_seq AS firstSeq, last_seq AS lastSeq, rows, min_ms AS minMs, max_ms AS maxMs, raw_bytes AS rawBytes, block_rows AS blockRows FROM runs'
type EntryRow = Omit<RunEntry, 'blockRows'> & { readonly blockRows: Buffer }

function runFile(db: Database.Database, path: string): RunFile {
  const addOrigin = db.prepare('INSERT INTO origins (id, source, node, session, method, confidence, host) VALUES (?, ?, ?, ?, ?, ?, ?)')
  const addShape = db.prepare('INSERT INTO shapes (id, definition) VALUES (?, ?)')
  const insertRun = db.prepare(`INSERT INTO runs (segment, first_seq, last_seq, rows, min_ms, max_ms, raw_bytes, packed_bytes, block_rows, origins, shapes)
    VALUES (@segment, @firstSeq, @lastSeq, @rows, @minMs, @maxMs, @rawBytes, @packedBytes, @blockRows, @origins, @shapes)`)
  const insertPart = db.prepare('INSERT INTO payloads (id, bytes) VALUES (?, ?)')
  const entries = db.prepare(`${ENTRY} WHERE id > ? ORDER BY id`)
  const part = db.prepare('SELECT bytes FROM payloads WHERE id = ?').pluck()
  const lists = { origins: db.prepare('SELECT origins FROM runs WHERE id = ?').pluck(), shapes: db.prepare('SELECT shapes FROM runs WHERE id = ?').pluck() }
  const sealed = db.prepare('SELECT number, rows, damaged, sealed_ms AS sealedMs FROM sealed_segments WHERE number = ?')
  const sealedNumbers = db.prepare('SELECT number FROM sealed_segments').pluck()
  const bytesOf = (run: number, number: number): Buffer => {
    const found = part.get(run * PARTS + number) as Buffer | undefined
    if (found === undefined) throw new Error(`run ${run} has no part ${number}`)
    return found
  }
  const deleteRun = (id: number): void => {
    db.prepare('DELETE FROM payloads WHERE id >= ? AND id < ?').run(id * PARTS, (id + 1) * PARTS)
    db.prepare('DELETE FROM runs WHERE id = ?').run(id)
    db.exec('UPDATE generation SET value = value + 1')
  }
  return {
    path,
    begin: () => void db.exec('BEGIN IMMEDIATE'),
    commit: () => void db.exec('COMMIT'),
    rollback: () => void (db.inTransaction && db.exec('ROLLBACK')),
    addOrigins(origins, from) {
      for (let id = from; id < origins.length; id++) {
        const { source, node, session, method, confidence, host } = origins[id]!
        addOrigin.run(id, source, node, session, method, confidence, Buffer.from(host))
      }
    },
    addShapes(shapes, from) {
      for (let place = from; place < shapes.length; place++) addShape.run(place + 1, withChecksum(encodeShape(shapes[place]!)))
    },
    originsFrom: (from) => db.prepare('SELECT source, node, session, method, confidence, host FROM origins WHERE id >= ? ORDER BY id').all(from) as Origin[],
    shapesFrom: (from) => (db.prepare('SELECT definition FROM shapes WHERE id > ? ORDER BY id').pluck().all(from) as Buffer[]).map((kept) => decodeShape(withoutChecksum(kept))),
    insertRun({ blocks, head, tokens, origins, shapes, blockRows, firstSeq, lastSeq, rows, minMs, maxMs, rawBytes }, segment) {
      const packedBytes = blocks.reduce((sum, block) => sum + block.length, head.length + tokens.length + origins.length + shapes.length)
      const rowCounts = Buffer.alloc(blockRows.length * 2)
      for (const [block, rows] of blockRows.entries()) rowCounts.writeUInt16LE(rows, block * 2)
      const { lastInsertRowid } = insertRun.run({ firstSeq, lastSeq, rows, minMs, maxMs, rawBytes, segment, packedBytes, blockRows: rowCounts, origins: withChecksum(origins), shapes: withChecksum(shapes) })
      for (const [number, bytes] of [head, withChecksum(tokens), ...blocks].entries()) insertPart.run(Number(lastInsertRowid) * PARTS + number, bytes)
      return packedBytes
    },
    deleteRun,
    deleteRunsOf(segment) {
      const ids = db.prepare('SELECT id FROM runs WHERE segment = ?').pluck().all(segment) as number[]
      for (const id of ids) deleteRun(id)
      return ids.length
    },
    markSealed: (segment) => void db.prepare('INSERT INTO sealed_segments (number, rows, damaged, sealed_ms) VALUES (@number, @rows, @damaged, @sealedMs)').run(segment),
    sealedSegment: (number) => sealed.get(number) as SealedSegment | undefined,
    sealedNumbers: () => sealedNumbers.all() as number[],
    highestSegment: () => db.prepare('SELECT max(coalesce((SELECT max(number) FROM sealed_segments), 0), coalesce((SELECT max(segment) FROM runs), 0))').pluck().get() as number,
    entriesAfter: (id) => (entries.all(id) as EntryRow[]).map(({ blockRows, ...entry }) => ({ ...entry, blockRows: Array.from({ length: blockRows.length / 2 }, (_, block) => blockRows.readUInt16LE(block * 2)) })),
    originsOf: (run) => withoutChecksum(lists.origins.get(run) as Buffer),
    shapesOf: (run) => withoutChecksum(lists.shapes.get(run) as Buffer),
    headOf: (run) => bytesOf(run, PART.head),
    tokensOf: (run) => withoutChecksum(bytesOf(run, PART.tokens)),
    blockOf: (run, block) => bytesOf(run, PART.firstBlock + block),
    replaced: () => db.prepare('SELECT name FROM replaces').pluck().all() as string[],
    replace: (name) => void db.prepare('INSERT OR IGNORE INTO replaces (name) VALUES (?)').run(name),
    dataVersion: () => db.pragma('data_version', { simple: true }) as number,
    generation: () => db.prepare('SELECT value FROM generation').pluck().get() as number,
    lastSeq: () => (db.prepare('SELECT max(last_seq) FROM runs').pluck().get() as number | null) ?? 0,
    newestMs: () => (db.prepare('SELECT max(max_ms) FROM runs').pluck().get() as number | null) ?? undefined,
    close: () => db.close(),
  }
}
