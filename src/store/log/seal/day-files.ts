import { closeSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { utcDay } from '#base/time.ts'

/** Sealed files by name: `<log directory>/2026-11-22.001.db`. */
export interface DayFileName { readonly name: string; readonly day: number; readonly part: number }
const DAY_MS = 86_400_000
/** `HPSB`: tells our files from any other SQLite database. */
export const APPLICATION_ID = 0x48_50_53_42
/** A segment whose every row is in sealed files; `damaged` of its places could not be read. */
export interface SealedSegment { readonly number: number; readonly rows: number; readonly damaged: number; readonly sealedMs: number }

export const dayFileName = (day: number, part: number): string => `${utcDay(day * DAY_MS)}.${String(part).padStart(3, '0')}.db`

/** In order of day and part. */
export function listDayFiles(directory: string): DayFileName[] {
  const files: DayFileName[] = []
  for (const name of readdirSync(directory)) {
    const match = /^(\d{4}-\d\d-\d\d)\.(\d{3,6})\.db$/.exec(name)
    if (match !== null) files.push({ name, day: Date.parse(`${match[1]}T00:00:00Z`) / DAY_MS, part: Number(match[2]) })
  }
  return files.sort((a, b) => a.day - b.day || a.part - b.part)
}

/** The file and what SQLite keeps beside it. */
export const dayFilePaths = (directory: string, name: string): readonly string[] => ['', '-wal', '-shm'].map((suffix) => join(directory, name + suffix))

/** Gives a whole file its name: what an older one of that name left beside it would be taken for this one's. */
export function nameDayFile(directory: string, unfinished: string, name: string): void {
  for (const path of dayFilePaths(directory, name).slice(1)) rmSync(path, { force: true })
  renameSync(join(directory, unfinished), join(directory, name))
}

/** Removes the file. Its write-ahead log goes first: left behind by a crash, it would be taken for that of a later file of this name. */
export function removeDayFile(directory: string, name: string): void {
  for (const path of dayFilePaths(directory, name).toReversed()) rmSync(path, { force: true })
}

export function dayFileBytes(directory: string, name: string): number {
  let bytes = 0
  for (const path of dayFilePaths(directory, name)) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return bytes
}

/** SQLite keeps `user_version` at byte 60 of the file, big-endian; ours is written once, when the file is made. @returns 0 for a file that is too short */
const USER_VERSION_BYTES = 60
export function fileVersion(path: string): number {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(4)
    return readSync(fd, bytes, 0, 4, USER_VERSION_BYTES) === 4 ? bytes.readUInt32BE(0) : 0
  } finally {
    closeSync(fd)
  }
}
