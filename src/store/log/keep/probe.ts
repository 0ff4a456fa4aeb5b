import Database from 'better-sqlite3'
import { APPLICATION_ID } from '../seal/day-files.ts'

/** What a sealed file is found to be without reading its blocks. */
const FILE_STATES = ['sound', 'damaged', 'newer', 'unreachable'] as const
type FileState = (typeof FILE_STATES)[number]
export interface Probe { readonly state: FileState; readonly reason: string }

/** SQLite's words for a file that is none, or none any more; everything else (permissions, I/O, no memory) may pass. */
const DAMAGE_CODES = /^SQLITE_(?:CORRUPT|NOTADB|FORMAT)/
/** Where a version keeps the directory of its messages. */
const BLOCK_TABLES: Readonly<Record<number, string>> = { 1: 'blocks', 2: 'runs' }
const NO_TABLE = /^no such (?:table|column)/

/**
 * Opens the file read-only and looks at its head and tables. `damaged` only when it can never be read as it is; a file of
 * a newer program and one that cannot be opened now stay where they are.
 */
export function probeFile(path: string): Probe {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { readonly: true, fileMustExist: true })
    const application = db.pragma('application_id', { simple: true })
    if (application !== APPLICATION_ID) return { state: 'damaged', reason: application === 0 ? 'it is empty or its head is gone' : 'this is not a file of the log store' }
    const version = db.pragma('user_version', { simple: true }) as number
    const blocks = BLOCK_TABLES[version]
    if (blocks === undefined) return { state: 'newer', reason: `it has version ${version}, this program knows ${Math.max(...Object.keys(BLOCK_TABLES).map(Number))}` }
    db.prepare('SELECT count(*) FROM sealed_segments').get()
    db.prepare(`SELECT max(id) FROM ${blocks}`).get()
    return { state: 'sound', reason: '' }
  } catch (error) {
    const { code = '', message } = error as { readonly code?: string; readonly message: string }
    return { state: DAMAGE_CODES.test(code) || NO_TABLE.test(message) ? 'damaged' : 'unreachable', reason: message }
  } finally {
    db?.close()
  }
}
