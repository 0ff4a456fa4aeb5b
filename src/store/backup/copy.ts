import { createHash } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { ManifestFile } from './manifest.ts'

/** What a long copy tells and asks between two slices. */
export interface CopyPace {
  /** Lets other work of the thread run; throws when the copy is to end. */
  breathe(): Promise<void>
  /** This many more bytes are copied. */
  advance(bytes: number): void
}

/** Read and written at a time: milliseconds on any disk, so that sealing waits no longer. */
const SLICE_BYTES = 1024 ** 2
/** The same in pages of a sealed file; those of hub.db are smaller. */
const SLICE_PAGES = 32

type Copied = Omit<ManifestFile, 'path'>

/** The first `bytes` of an open file, into a new file that is on disk on return. Throws when there are fewer. */
export async function copyBytes({ fd, bytes, to, pace }: { readonly fd: number; readonly bytes: number; readonly to: string; readonly pace: CopyPace }): Promise<Copied> {
  const hash = createHash('sha256')
  const out = openSync(to, 'wx', 0o600)
  try {
    for await (const slice of slices(fd, bytes, pace)) {
      hash.update(slice)
      for (let written = 0; written < slice.length; ) written += writeSync(out, slice, written)
      pace.advance(slice.length)
    }
    fsyncSync(out)
  } finally {
    closeSync(out)
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** What an open transaction of `db` sees, as a database of its own that is on disk on return. */
export async function copyDatabase(db: Database.Database, to: string, pace: CopyPace): Promise<Copied> {
  const pageBytes = db.pragma('page_size', { simple: true }) as number
  let refusal: Error | undefined
  // what the other work of the thread asks is known a slice later
  const ask = (): void => void pace.breathe().catch((error: unknown) => (refusal = error instanceof Error ? error : new Error(String(error))))
  closeSync(openSync(to, 'wx', 0o600)) // made here for its mode; what SQLite puts beside it gets the same
  await db.backup(to, {
    progress() {
      if (refusal !== undefined) throw refusal
      pace.advance(SLICE_PAGES * pageBytes)
      ask()
      return SLICE_PAGES
    },
  })
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (suffix === '-wal' && (statSync(to + suffix, { throwIfNoEntry: false })?.size ?? 0) > 0) throw new Error(`${to} was not written whole`)
    if (existsSync(to + suffix)) rmSync(to + suffix)
  }
  chmodSync(to, 0o600)
  const fd = openSync(to, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  return hashFile(to, pace)
}

/** Size and SHA-256 of a file. */
export async function hashFile(path: string, pace: Pick<CopyPace, 'breathe'>): Promise<Copied> {
  const hash = createHash('sha256')
  const fd = openSync(path, 'r')
  try {
    const { size: bytes } = statSync(path)
    for await (const slice of slices(fd, bytes, pace)) hash.update(slice)
    return { bytes, sha256: hash.digest('hex') }
  } finally {
    closeSync(fd)
  }
}

/** Each slice is valid until the next one. */
async function* slices(fd: number, bytes: number, pace: Pick<CopyPace, 'breathe'>): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(SLICE_BYTES, Math.max(1, bytes)))
  for (let at = 0; at < bytes; ) {
    await pace.breathe()
    const count = readSync(fd, buffer, 0, Math.min(buffer.length, bytes - at), at)
    if (count === 0) throw new Error(`a file ended at byte ${at} of ${bytes}`)
    yield buffer.subarray(0, count)
    at += count
  }
}
