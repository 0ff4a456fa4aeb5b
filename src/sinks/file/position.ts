import type { SinkFiles } from './files.ts'
import { readSmall, replaceSmall } from './replace.ts'

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

/** undefined: there is none, or it cannot be read; then the last line of the file tells. */
export function readPosition(files: SinkFiles, path: string): Position | undefined {
  const { version, seq, file, bytes, sinceMs } = (readSmall(files, path) ?? {}) as Partial<Position> & { readonly version?: number }
  const isWhole = version === VERSION && Number.isSafeInteger(seq) && typeof file === 'string' && Number.isSafeInteger(bytes) && Number.isFinite(sinceMs)
  return isWhole ? { seq: seq!, file, bytes: bytes!, sinceMs: sinceMs! } : undefined
}

export const savePosition = (files: SinkFiles, path: string, position: Position): void => replaceSmall(files, path, { value: { version: VERSION, ...position }, how: 'synced' })
