import { dirname } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Compression } from '../config.ts'
import { writeWhole, type SinkFiles } from './files.ts'
import { listRotated } from './rotated.ts'

export interface Compressor {
  /** Compresses one slice. @returns whether there is more */
  step(): boolean
  /** There may be a new file. */
  wake(): void
  close(): void
}

/** Taken at a time: some ten milliseconds, in which nothing else is written. */
const SLICE_BYTES = 512 * 1024
/** After a failure, e.g. for want of room. */
const RETRY_MS = 60_000

const FORMS = { gzip: { suffix: '.gz', pack: gzipSync }, zstd: { suffix: '.zst', pack: zstdCompressSync } } as const

interface Work { readonly path: string; readonly target: string; readonly from: number; readonly to: number; at: number }

export interface CompressorOptions {
  readonly files: SinkFiles
  readonly path: string
  readonly compression: Compression
  readonly mode: number
  readonly elapsedMs: () => number
  onFault(error: unknown): void
}

/**
 * Compresses rotated files one after the other, slice by slice between the writes of the sink. Each slice is a member (gzip) or
 * a frame (zstd) of its own, which `zcat`, `zgrep` and `zstdcat` read as one; a file that is cut off is begun again.
 */
export function createCompressor({ files, path, compression, mode, elapsedMs, onFault }: CompressorOptions): Compressor {
  const form = compression === 'none' ? undefined : FORMS[compression]
  const slice = Buffer.alloc(form === undefined ? 0 : SLICE_BYTES)
  let work: Work | undefined
  let isIdle = form === undefined
  let retryAtMs = -Infinity

  function begin(suffix: string): Work | undefined {
    const next = listRotated(files, path).find(({ isCompressed }) => !isCompressed)
    if (next === undefined) return undefined
    const target = `${next.path}${suffix}`
    const from = files.open(next.path, 'read', mode)
    try {
      const to = files.open(`${target}.part`, 'new', mode)
      files.chmod(to, mode)
      return { path: next.path, target, from, to, at: 0 }
    } catch (error) {
      files.close(from)
      throw error
    }
  }

  function finish(done: Work): void {
    files.sync(done.to)
    stop()
    files.rename(`${done.target}.part`, done.target)
    files.syncFolder(dirname(path))
    files.remove(done.path)
  }

  function stop(): void {
    if (work === undefined) return
    files.close(work.from)
    files.close(work.to)
    work = undefined
  }

  return {
    step() {
      if (form === undefined || isIdle || elapsedMs() < retryAtMs) return false
      try {
        work ??= begin(form.suffix)
        if (work === undefined) isIdle = true
        else {
          const read = files.read(work.from, slice, work.at)
          if (read === 0) finish(work)
          else writeWhole(files, work.to, form.pack(slice.subarray(0, read)))
          if (work !== undefined) work.at += read
        }
        return !isIdle
      } catch (error) {
        const part = work === undefined ? undefined : `${work.target}.part`
        stop()
        retryAtMs = elapsedMs() + RETRY_MS
        if (part !== undefined) files.remove(part)
        onFault(error)
        return false
      }
    },
    wake: () => void (isIdle = form === undefined),
    close: stop,
  }
}
