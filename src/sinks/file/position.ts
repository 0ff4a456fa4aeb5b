import { writeWhole, type SinkFiles } from './files.ts'

/** What a file sink remembers: everything up to `seq` is in its files, or not for it; the newest of them is `file`, synced up to `bytes`. */
export interface Position {
  readonly seq: number
  /** `FileFacts.id`; `` before there is one. */
  readonly file: string
  readonly bytes: number
  /** When the file was begun. */
  readonly sinceMs: number
}

/** The seq of a sink that never wrote. */
export const NEVER = -1

const VERSION = 1
const MODE = 0o600
const MAX_BYTES = 4096

/** undefined: there is none, or it cannot be read; then the last line of the file tells. */
export function readPosition(files: SinkFiles, path: string): Position | undefined {
  if (files.stat(path) === undefined) return undefined
  const fd = files.open(path, 'read', MODE)
  try {
    const bytes = Buffer.alloc(MAX_BYTES)
    const { version, seq, file, bytes: size, sinceMs } = JSON.parse(bytes.toString('utf8', 0, files.read(fd, bytes, 0))) as Partial<Position> & { readonly version?: number }
    const isWhole = version === VERSION && Number.isSafeInteger(seq) && typeof file === 'string' && Number.isSafeInteger(size) && Number.isFinite(sinceMs)
    return isWhole ? { seq: seq!, file, bytes: size!, sinceMs: sinceMs! } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    files.close(fd)
  }
}

/** Replaced as a whole and synced: after a crash it is the one before or this one. */
export function savePosition(files: SinkFiles, path: string, position: Position): void {
  const fd = files.open(`${path}.new`, 'new', MODE)
  try {
    writeWhole(files, fd, Buffer.from(`${JSON.stringify({ version: VERSION, ...position })}\n`))
    files.sync(fd)
  } finally {
    files.close(fd)
  }
  files.rename(`${path}.new`, path)
}
