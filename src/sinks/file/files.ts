import { closeSync, fchmodSync, fstatSync, fsyncSync, ftruncateSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, writeSync, type BigIntStats } from 'node:fs'

/** A file as it is now. `id` names it however it is called: inode and time of birth, since inodes are given again. */
export interface FileFacts { readonly id: string; readonly bytes: number; readonly isFile: boolean }

/** The file system as a sink uses it, on a thread of its own: synchronous. Tests put faults in between. */
export interface SinkFiles {
  /** `append` makes the file when it is not there. */
  open(path: string, how: 'append' | 'new' | 'read', mode: number): number
  /** @returns bytes taken, which may be fewer */
  write(fd: number, bytes: Uint8Array): number
  read(fd: number, into: Uint8Array, position: number): number
  sync(fd: number): void
  truncate(fd: number, bytes: number): void
  chmod(fd: number, mode: number): void
  close(fd: number): void
  /** undefined: there is none. */
  stat(path: string): FileFacts | undefined
  statOf(fd: number): FileFacts
  list(folder: string): readonly string[]
  rename(from: string, to: string): void
  remove(path: string): void
  /** Makes what was created, renamed and removed in it survive a power cut. */
  syncFolder(folder: string): void
}

const FLAGS = { append: 'a+', new: 'w', read: 'r' } as const

const factsOf = (stat: BigIntStats): FileFacts => ({ id: `${stat.ino}:${stat.birthtimeNs}`, bytes: Number(stat.size), isFile: stat.isFile() })

export const diskFiles: SinkFiles = {
  open: (path, how, mode) => openSync(path, FLAGS[how], mode),
  write: (fd, bytes) => writeSync(fd, bytes),
  read: (fd, into, position) => readSync(fd, into, 0, into.length, position),
  sync: fsyncSync,
  truncate: ftruncateSync,
  chmod: fchmodSync,
  close: closeSync,
  stat(path) {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat === undefined ? undefined : factsOf(stat)
  },
  statOf: (fd) => factsOf(fstatSync(fd, { bigint: true })),
  list: (folder) => readdirSync(folder),
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncFolder(folder) {
    const fd = openSync(folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
}

/** All of it, or an error. */
export function writeWhole(files: SinkFiles, fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += files.write(fd, bytes.subarray(at))
}
