import Database from 'better-sqlite3'
import { MIGRATIONS } from './migrations.ts'

/** `hub.db`: all that is not log. Several threads open it, each its own connection; WAL lets them read while one writes. */
export type HubDatabase = Database.Database

/** How long a writer waits for another thread's transaction; transactions here take milliseconds. */
const BUSY_TIMEOUT_MS = 5000

/** Opens and migrates. `synchronous=FULL`: what a transaction acknowledged survives a power cut. */
export function openHubDatabase(path: string): HubDatabase {
  const db = new Database(path)
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  migrate(db)
  return db
}

/** Forward only, numbered by position, each in one transaction; a newer database than this program is refused. */
function migrate(db: HubDatabase): void {
  // a database that is up to date is not written to: a thread must be able to start while the disk is full
  if (db.pragma('user_version', { simple: true }) === MIGRATIONS.length) return
  db.transaction(() => {
    const version = db.pragma('user_version', { simple: true }) as number
    if (version > MIGRATIONS.length) throw new Error(`hub.db has schema version ${version}, this program knows ${MIGRATIONS.length}: install a newer program`)
    for (let next = version; next < MIGRATIONS.length; next++) db.exec(MIGRATIONS[next]!)
    db.pragma(`user_version = ${MIGRATIONS.length}`)
  }).immediate()
}
