import { fileVersion, type SealedSegment } from '../seal/day-files.ts'
import { openRunFile, RUN_FILE_VERSION } from '../seal/runs/run-file.ts'
import { openDayFile } from '../seal/version-1/day-file.ts'

/** What the keeper asks of a sealed file, whichever version it has. */
export interface SealedFileHead {
  entriesAfter(id: number): readonly { readonly segment: number; readonly firstSeq: number; readonly rows: number }[]
  lastSeq(): number
  newestMs(): number | undefined
  sealedNumbers(): number[]
  sealedSegment(number: number): SealedSegment | undefined
}

/** Opens the file for reading during `work`. Throws what opening and reading throw. */
export function withSealedFile<T>(path: string, work: (file: SealedFileHead) => T): T {
  const file = fileVersion(path) === RUN_FILE_VERSION ? openRunFile(path, 'read') : openDayFile(path, 'read')
  try {
    return work(file)
  } finally {
    file.close()
  }
}

/** The marks of segments that are sealed whole: whoever takes the place of a file must keep them, while a segment's file may still be there. */
export const sealedSegmentsOf = (path: string): SealedSegment[] => withSealedFile(path, (file) => file.sealedNumbers().map((number) => file.sealedSegment(number)!))
