import { openDayFile } from '../seal/day-file.ts'
import { fileVersion } from '../seal/day-files.ts'
import { openRunFile, RUN_FILE_VERSION } from '../seal/runs/run-file.ts'

/** What the keeper asks of a sealed file, whichever version it has. */
export interface SealedFileHead {
  entriesAfter(id: number): readonly { readonly firstSeq: number; readonly rows: number }[]
  lastSeq(): number
  newestMs(): number | undefined
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
