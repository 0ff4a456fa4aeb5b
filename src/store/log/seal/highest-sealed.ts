import { join } from 'node:path'
import { fileVersion, listDayFiles } from './day-files.ts'
import { openRunFile, RUN_FILE_VERSION } from './runs/run-file.ts'
import { openDayFile } from './version-1/day-file.ts'

/** The highest seq and segment number that any sealed file knows; an unreadable file is passed over (readers report it). */
export function highestSealed(directory: string): { readonly seq: number; readonly segment: number; readonly unreadable: readonly string[] } {
  let seq = 0
  let segment = 0
  const unreadable: string[] = []
  for (const { name } of listDayFiles(directory)) {
    try {
      const path = join(directory, name)
      const file = fileVersion(path) === RUN_FILE_VERSION ? openRunFile(path, 'read') : openDayFile(path, 'read')
      try {
        seq = Math.max(seq, file.lastSeq())
        segment = Math.max(segment, file.highestSegment())
      } finally {
        file.close()
      }
    } catch (error) {
      unreadable.push(`${name}: ${String(error)}`)
    }
  }
  return { seq, segment, unreadable }
}
