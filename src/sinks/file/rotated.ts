import { basename, dirname, join } from 'node:path'
import { formatUtc } from '#base/time.ts'
import type { SinkFiles } from './files.ts'

/** Rotated files stand beside the one that is written: `hps.log.20261122T132139Z-12345`, when it was rotated and the last seq in it. */
export interface RotatedFile { readonly path: string; readonly seq: number; readonly isCompressed: boolean }

export const rotatedName = (path: string, { atMs, seq }: { readonly atMs: number; readonly seq: number }): string =>
  `${path}.${formatUtc(atMs).slice(0, 19).replace(/[-:]/g, '')}Z-${seq}`

const NAME = /^\.\d{8}T\d{6}Z-(\d{1,16})(\.gz|\.zst)?$/

/** In the order of the stream. Files of other names are somebody else's. */
export function listRotated(files: SinkFiles, path: string): readonly RotatedFile[] {
  const base = basename(path)
  return files.list(dirname(path)).flatMap((name) => {
    const found = name.startsWith(base) ? NAME.exec(name.slice(base.length)) : null
    return found === null ? [] : [{ path: join(dirname(path), name), seq: Number(found[1]), isCompressed: found[2] !== undefined }]
  }).sort((a, b) => a.seq - b.seq || (a.path < b.path ? -1 : 1))
}

/** Removes all but the newest `keep`. */
export function prune(files: SinkFiles, path: string, keep: number): void {
  for (const old of listRotated(files, path).slice(0, -keep)) files.remove(old.path)
}
