import { dirname, join } from 'node:path'
import { writeWhole, type SinkFiles } from './files.ts'
import { NEVER, type Position } from './position.ts'
import { readLastLine, readTail, type Tail } from './tail.ts'

/** The file that is appended to, and where the sink stands. */
export interface Recovered {
  readonly fd: number
  readonly id: string
  readonly bytes: number
  readonly sinceMs: number
  /** undefined: it never wrote. */
  readonly seq: number | undefined
  /** The file it wrote last is gone: lines that were written after the position was saved, a second's worth at most, may come twice. */
  readonly mayRepeat: boolean
  /** Bytes of a line that was cut off and is written anew. */
  readonly cutBytes: number
}

export interface RecoverOptions {
  readonly files: SinkFiles
  readonly path: string
  readonly position: Position | undefined
  readonly mode: number
  readonly nowMs: number
}

/** Names in the folder of the file that are looked at for one that was renamed. */
const MAX_NAMES = 10_000

/** A sink cannot write to what is there. */
export class NotAFile extends Error {}

/**
 * Opens the file and finds the seq behind which to go on. Lines are synced before the position is saved, so a file holds at
 * least what the position says; what it holds beyond it says itself, since each line has its seq. What is torn is cut away.
 */
export function recover({ files, path, position, mode, nowMs }: RecoverOptions): Recovered {
  const there = files.stat(path)
  if (there !== undefined && !there.isFile) throw new NotAFile(`${path} is not a file`)
  const fd = files.open(path, 'append', mode)
  try {
    const { id, bytes } = files.statOf(fd)
    if (there === undefined) {
      files.chmod(fd, mode)
      files.syncFolder(dirname(path))
    }
    const isKnown = position?.file === id
    // one that is shorter than it was has been emptied by somebody: only its last line tells
    const tail = isKnown && position.bytes <= bytes ? readTail(files, fd, position.bytes) : readLastLine(files, fd, bytes)
    const before = isKnown || position === undefined || position.file === '' ? { seq: undefined, isGone: false } : readRenamed(files, path, position)
    const endBytes = mend(files, fd, { tail, bytes, isOurs: isKnown || tail.seq !== undefined })
    const seqs = [position?.seq, tail.seq, before.seq].filter((seq): seq is number => seq !== undefined && seq !== NEVER)
    return {
      fd, id, bytes: endBytes, sinceMs: isKnown ? position.sinceMs : nowMs, mayRepeat: before.isGone,
      seq: seqs.length === 0 ? undefined : Math.max(...seqs), cutBytes: Math.max(0, bytes - endBytes),
    }
  } catch (error) {
    files.close(fd)
    throw error
  }
}

/** Cuts a torn end of ours; what others left without a newline gets one. @returns the size */
function mend(files: SinkFiles, fd: number, { tail, bytes, isOurs }: { readonly tail: Tail; readonly bytes: number; readonly isOurs: boolean }): number {
  if (!tail.isTorn) return bytes
  const isCut = isOurs && tail.isForeign !== true
  if (isCut) files.truncate(fd, tail.endBytes)
  else writeWhole(files, fd, Buffer.from('\n'))
  files.sync(fd)
  return isCut ? tail.endBytes : bytes + 1
}

/** The file that was written last, under another name of the same folder: it may hold more than the position says. */
function readRenamed(files: SinkFiles, path: string, position: Position): { readonly seq: number | undefined; readonly isGone: boolean } {
  const folder = dirname(path)
  for (const name of files.list(folder).slice(0, MAX_NAMES)) {
    const facts = files.stat(join(folder, name))
    if (facts?.id !== position.file || !facts.isFile) continue
    const fd = files.open(join(folder, name), 'append', 0o600)
    try {
      const tail = readTail(files, fd, Math.min(position.bytes, facts.bytes))
      if (tail.isTorn) mend(files, fd, { tail, bytes: facts.bytes, isOurs: true })
      return { seq: tail.seq, isGone: false }
    } finally {
      files.close(fd)
    }
  }
  return { seq: undefined, isGone: true }
}
