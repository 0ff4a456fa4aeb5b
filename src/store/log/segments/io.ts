import { closeSync, fdatasyncSync, ftruncateSync, openSync, writevSync } from 'node:fs'

/** The disk as the appender needs it; tests put a failing one in its place. */
export interface SegmentIo {
  /** Makes a new file; fails when it exists. */
  create(path: string): number
  /** May write less than asked. @returns bytes written */
  writev(fd: number, pieces: readonly Uint8Array[], position: number): number
  fdatasync(fd: number): void
  truncate(fd: number, lengthBytes: number): void
  close(fd: number): void
}

export const diskIo: SegmentIo = {
  create: (path) => openSync(path, 'wx+', 0o640),
  writev: (fd, pieces, position) => writevSync(fd, pieces as Uint8Array[], position),
  fdatasync: fdatasyncSync,
  truncate: ftruncateSync,
  close: closeSync,
}

/** Writes all pieces, going on after short writes. */
export function writeFully(io: SegmentIo, fd: number, { pieces, position }: { readonly pieces: readonly Uint8Array[]; readonly position: number }): void {
  let rest = pieces
  let at = position
  while (rest.length > 0) {
    const written = io.writev(fd, rest, at)
    if (written <= 0) throw new Error('the disk took no bytes')
    at += written
    rest = dropBytes(rest, written)
  }
}

function dropBytes(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count
  let first = 0
  while (first < pieces.length && pieces[first].length <= left) left -= pieces[first++].length
  if (left === 0) return pieces.slice(first)
  return [pieces[first].subarray(left), ...pieces.slice(first + 1)]
}
