import { dirname } from 'node:path'
import { writeWhole, type SinkFiles } from './files.ts'
import { NEVER, savePosition, type Position } from './position.ts'
import { recover, type Recovered } from './recover.ts'
import { prune, rotatedName } from './rotated.ts'

/** The file that is written and the position beside it, which move together. */
export interface LogFile {
  readonly bytes: number
  readonly sinceMs: number
  /** As found when it was opened. */
  readonly found: Recovered
  /** Writes and syncs whole lines, then remembers that everything up to `seq` is written. */
  write(lines: Uint8Array, seq: number): void
  /** Remembers that nothing up to `seq` is for this sink. */
  pass(seq: number): void
  /** Gives the file the name of a rotated one; this object is spent then. */
  rotate(seq: number, options: { readonly nowMs: number; readonly keep: number }): void
  /** Whether the name leads to another file, or to none, by now. Takes note of what others added or removed. */
  isMoved(): boolean
  close(): void
}

export interface LogFileOptions {
  readonly files: SinkFiles
  readonly path: string
  readonly positionPath: string
  readonly position: Position | undefined
  readonly mode: number
  readonly nowMs: number
}

export function openLogFile({ files, path, positionPath, position, mode, nowMs }: LogFileOptions): LogFile {
  const found = recover({ files, path, position, mode, nowMs })
  const { fd, id, sinceMs } = found
  let { bytes } = found
  const save = (seq: number): void => savePosition(files, positionPath, { seq, file: id, bytes, sinceMs })
  try {
    // before the first line: a file that is written to is one that the position names
    save(found.seq ?? NEVER)
  } catch (error) {
    files.close(fd)
    throw error
  }
  return {
    get bytes() {
      return bytes
    },
    sinceMs,
    found,
    write(lines, seq) {
      writeWhole(files, fd, lines)
      files.sync(fd)
      bytes += lines.length
      save(seq)
    },
    pass: save,
    rotate(seq, { nowMs: atMs, keep }) {
      save(seq)
      if (files.stat(path)?.id !== id) return // somebody else has moved it
      let target = rotatedName(path, { atMs, seq })
      for (let later = 1; files.stat(target) !== undefined; later++) target = rotatedName(path, { atMs: atMs + later * 1000, seq })
      files.rename(path, target)
      files.syncFolder(dirname(path))
      prune(files, path, keep)
    },
    isMoved() {
      const facts = files.stat(path)
      if (facts?.id !== id) return true
      bytes = facts.bytes
      return false
    },
    close: () => files.close(fd),
  }
}
