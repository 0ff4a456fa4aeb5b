import { existsSync, renameSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { HubDatabase } from './database.ts'

const SCHEMA_VERSION = 1
const SCHEMA = `
  -- what is known about one key of one rule; a rule that means something else has another version
  CREATE TABLE state (rule TEXT NOT NULL, state_version TEXT NOT NULL, key TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (rule, state_version, key)) STRICT, WITHOUT ROWID;
  -- one row: up to where messages and hub events were taken, how far time had come, the last number that was given to a finding
  CREATE TABLE position (id INTEGER PRIMARY KEY CHECK (id = 1), cursor INTEGER NOT NULL, event_id INTEGER NOT NULL, watermark_ms INTEGER NOT NULL, finding_id INTEGER NOT NULL) STRICT;
  -- what main has not given its effects yet (JSON)
  CREATE TABLE findings (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  -- rules by the calendar: their moments up to here are past
  CREATE TABLE schedules (rule TEXT NOT NULL, state_version TEXT NOT NULL, past_ms INTEGER NOT NULL, PRIMARY KEY (rule, state_version)) STRICT, WITHOUT ROWID;
`

/** Opens `rules.db`, the memory of the rules thread; makes it where there is none. `synchronous=FULL`, as hub.db. @throws what SQLite says of a file that is damaged or of another program: see `isDamaged` */
export function openRulesDatabase(path: string): HubDatabase {
  const db = new Database(path)
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    const version = db.pragma('user_version', { simple: true }) as number
    if (version > SCHEMA_VERSION) throw new RulesDatabaseFault(`rules.db has schema version ${version}, this program knows ${SCHEMA_VERSION}`)
    if (version === 0) {
      db.transaction(() => {
        db.exec(SCHEMA)
        db.pragma(`user_version = ${SCHEMA_VERSION}`)
      }).immediate()
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** What is in `rules.db` is none of this program's, or cannot be read. */
export class RulesDatabaseFault extends Error {
  readonly code = 'RULES_DATABASE'
}

/** The file cannot be used any more, whatever the disk does. */
export function isDamaged(error: unknown): boolean {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: unknown }
  return typeof code === 'string' && /^(?:SQLITE_(?:CORRUPT|NOTADB|ERROR)|RULES_DATABASE)/.test(code)
}

/** Puts a file that cannot be used aside, for whoever wants to look at it. @returns its new name */
export function setAside(path: string, { why, nowMs }: { readonly why: string; readonly nowMs: number }): string {
  const aside = `${path}.${why}-${nowMs}`
  for (const end of ['', '-wal', '-shm']) if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${aside}${end}`)
  return aside
}
