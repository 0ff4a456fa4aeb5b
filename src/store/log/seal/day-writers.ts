import { join } from 'node:path'
import { syncDirectory } from '../segments/files.ts'
import { openDayFile, type DayFile, type SealedSegment } from './day-file.ts'
import { dayFileBytes, dayFileName, listDayFiles } from './day-files.ts'
import type { DayBlock } from './seal-segment.ts'

/** The sealed files that one segment's blocks go into, one open transaction each (mostly there is one file). */
export interface DayWriters {
  insert(block: DayBlock): void
  /** The file that is committed last says that the segment is sealed: until then its blocks are not read. */
  commit(segment: SealedSegment): void
  readonly counts: { readonly blocks: number; readonly bytes: number }
  /** Rolls back what was not committed. */
  close(): void
}

export function createDayWriters({ directory, fileBytes }: { readonly directory: string; readonly fileBytes: number }): DayWriters {
  const files = new Map<number, DayFile>()
  const counts = { blocks: 0, bytes: 0 }

  const fileOf = (day: number): DayFile => {
    let file = files.get(day)
    if (file === undefined) {
      file = openDayFile(join(directory, currentName(directory, day, fileBytes)), 'write')
      files.set(day, file)
      file.begin()
    }
    return file
  }

  return {
    counts,
    insert({ day, ...block }) {
      counts.bytes += fileOf(day).insertBlock(block)
      counts.blocks++
    },
    commit(segment) {
      const open = [...files.values()]
      for (const file of open.slice(0, -1)) file.commit()
      syncDirectory(directory)
      const last = open.at(-1)
      last?.markSealed(segment)
      last?.commit()
    },
    close() {
      for (const file of files.values()) {
        file.rollback()
        file.close()
      }
      files.clear()
    },
  }
}

/** The day's newest part, or the next one when that is full. */
function currentName(directory: string, day: number, fileBytes: number): string {
  const newest = listDayFiles(directory).findLast((file) => file.day === day)
  if (newest === undefined) return dayFileName(day, 1)
  return dayFileBytes(directory, newest.name) < fileBytes ? newest.name : dayFileName(day, newest.part + 1)
}
