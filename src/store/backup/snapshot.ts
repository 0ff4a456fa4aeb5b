import { closeSync, existsSync, fstatSync, openSync } from 'node:fs'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { dayFileBytes, listDayFiles } from '../log/seal/day-files.ts'
import { listSegments, segmentPath } from '../log/segments/files.ts'
import { readWatermark, type WatermarkShared } from '../log/segments/watermark.ts'

/** Waits this long for the log writer and main to end a transaction, which takes milliseconds. */
const BUSY_TIMEOUT_MS = 5000
/** Pages of a source in memory while it is copied; each is needed once. */
const CACHE_KIB = 1024

export interface FrozenDatabase { readonly path: string; readonly db: Database.Database; readonly bytes: number }
export interface FrozenSegment { readonly path: string; readonly fd: number; readonly bytes: number }

/** The whole store at one moment, held open: what is sealed, removed or written afterwards does not change it. */
export interface FrozenStore extends Disposable {
  /** `log/<name>` for sealed files, `hub.db`, `rules.db` where there is one. Each has a read transaction open. */
  readonly databases: readonly FrozenDatabase[]
  readonly segments: readonly FrozenSegment[]
  readonly lastSeq: number
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
}

export interface FreezeOptions {
  readonly directory: string
  readonly databasePath: string
  /** `rules.db`; it need not be there. */
  readonly rulesPath: string
  readonly watermark: WatermarkShared
}

/**
 * Must run on the keeper's thread, between two of its rounds: then no segment is sealed and no file removed while the
 * sealed files and the segments are opened, and together they hold every message once.
 *
 * `hub.db` and the log are one moment too. The log writer commits the ids of a batch to hub.db before it appends the
 * batch, and cursors are written to hub.db after what they passed was synced. So while nobody can write to hub.db (its
 * write lock is held for the milliseconds between the two reads), every id in the log up to the watermark is in hub.db,
 * and no cursor in hub.db is ahead of the watermark.
 *
 * `rules.db` is of that moment as well. It says more than hub.db: findings are written there before main gives them their effects,
 * and leave it when these are in hub.db. So read under the same lock it has every finding whose effects hub.db lacks, and stands
 * neither ahead of the watermark, which is read later, nor of the events in hub.db.
 */
export function freezeStore({ directory, databasePath, rulesPath, watermark }: FreezeOptions): FrozenStore {
  const databases: FrozenDatabase[] = []
  const segments: FrozenSegment[] = []
  const leftOut: { readonly name: string; readonly reason: string }[] = []
  const close = (): void => {
    for (const { db } of databases) db.close()
    for (const { fd } of segments) closeSync(fd)
  }
  try {
    for (const { name } of listDayFiles(directory)) {
      try {
        databases.push({ path: `log/${name}`, db: openFrozen(join(directory, name)), bytes: dayFileBytes(directory, name) })
      } catch (error) {
        leftOut.push({ name, reason: error instanceof Error ? error.message : String(error) })
      }
    }
    const mark = freezeMoment({ databasePath, rulesPath, watermark, databases, leftOut })
    for (const number of listSegments(directory)) {
      if (number > mark.segment) continue
      const path = segmentPath(directory, number)
      const fd = openSync(path, 'r')
      segments.push({ path: `log/segments/${basename(path)}`, fd, bytes: number === mark.segment ? mark.endBytes : fstatSync(fd).size })
    }
    return { databases, segments, leftOut, lastSeq: mark.lastSeq, [Symbol.dispose]: close }
  } catch (error) {
    close()
    throw error
  }
}

interface Moment extends Omit<FreezeOptions, 'directory'> { readonly databases: FrozenDatabase[]; readonly leftOut: { readonly name: string; readonly reason: string }[] }

/** Adds hub.db and rules.db as they are at one moment. @returns up to where the log is theirs */
function freezeMoment({ databasePath, rulesPath, watermark, databases, leftOut }: Moment): ReturnType<typeof readWatermark> {
  const lock = new Database(databasePath, { timeout: BUSY_TIMEOUT_MS })
  try {
    lock.exec('BEGIN IMMEDIATE')
    databases.push(frozen('hub.db', databasePath))
    if (existsSync(rulesPath)) {
      try {
        databases.push(frozen('rules.db', rulesPath))
      } catch (error) {
        // damaged or of another program: the rules thread says so; the rest is worth keeping without it
        leftOut.push({ name: 'rules.db', reason: error instanceof Error ? error.message : String(error) })
      }
    }
    return readWatermark(watermark)
  } finally {
    lock.close() // ends the transaction, in which nothing was written
  }
}

function frozen(path: string, from: string): FrozenDatabase {
  const db = openFrozen(from)
  return { path, db, bytes: (db.pragma('page_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number) }
}

/** A transaction sees what it first read until it ends, and keeps checkpoints from overwriting it. */
function openFrozen(path: string): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
  try {
    db.pragma(`cache_size = -${CACHE_KIB}`)
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
