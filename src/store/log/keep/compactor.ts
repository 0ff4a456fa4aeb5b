import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { LogSealerCounters } from '../counters.ts'
import { loadChunk } from '../read/chunk.ts'
import { createRunDecoder, type RunDecoder } from '../read/load-run.ts'
import { openSnapshots, type Snapshots } from '../read/snapshot.ts'
import { dayFileBytes, dayFileName, dayFilePaths, fileVersion, listDayFiles, nameDayFile, removeDayFile } from '../seal/day-files.ts'
import { createFileWriter, type FileWriter } from '../seal/runs/file-writer.ts'
import { openRunFile, RUN_FILE_VERSION } from '../seal/runs/run-file.ts'
import { syncDirectory } from '../segments/files.ts'
import type { WatermarkShared } from '../segments/watermark.ts'
import { chooseCompaction, type CompactionChoice, type CompactionFile } from './compaction-plan.ts'
import { chunksOfFile, type FileChunk } from './file-chunks.ts'
import { sealedSegmentsOf, withSealedFile } from './sealed-file.ts'

/** zstd level of compacted files: written once, read for as long as they are kept. */
const LEVEL = 9
/** Of a file that is not whole; no reader takes it for a sealed file. */
const UNFINISHED = '.compact'
/** Of this and of the copies of pinned sessions; SQLite's own files too. */
const UNFINISHED_NAME = /\.db\.(?:compact|pinned)/

export interface CompactorOptions {
  readonly directory: string
  readonly watermark: WatermarkShared
  readonly counters: LogSealerCounters
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsedMs: () => number
}

export interface CompactionStep {
  /** A file was rewritten in this step. */
  readonly finished?: CompactionChoice & { readonly bytesBefore: number; readonly bytesAfter: number }
  /** There is more to do. */
  readonly isMore: boolean
  /** Nothing was done: segments wait to be sealed. */
  readonly isPostponed?: true
}

/**
 * Rewrites sealed files, a slice at a time so that sealing is not held up: of an older format, of many small runs, or packed
 * in haste. The new file names the one that it replaces and gets its own name when it is whole and on disk: from then on it
 * is served instead. A crash at any point leaves either the old file or both, of which the new one counts.
 */
export interface Compactor {
  /** Works for about `budgetMs`. Throws when it cannot; then nothing has changed. */
  work(budgetMs: number): CompactionStep
  /** Removes files that others replace, and what crashes left unfinished. */
  sweep(): void
}

interface Rewriting extends CompactionChoice {
  readonly snapshots: Snapshots
  readonly chunks: readonly FileChunk[]
  readonly writer: FileWriter
  readonly decoder: RunDecoder
  readonly target: string
  /** What the old file held when the work began: rows that come later are not in the new one. */
  readonly lastSeq: number
  next: number
}

export function createCompactor({ directory, watermark, counters, elapsedMs }: CompactorOptions): Compactor {
  const describe = createDescriptions(directory)
  let rewriting: Rewriting | undefined

  const begin = (): boolean => {
    const choice = chooseCompaction(describe(), RUN_FILE_VERSION)
    if (choice === undefined) return false
    const snapshots = openSnapshots(directory, watermark)
    const chunks = chunksOfFile(snapshots.take(), choice.name)
    const { day } = listDayFiles(directory).find((file) => file.name === choice.name)!
    const part = listDayFiles(directory).findLast((file) => file.day === day)!.part + 1
    const target = dayFileName(day, part)
    removeDayFile(directory, target + UNFINISHED)
    const lastSeq = withSealedFile(join(directory, choice.name), (file) => file.lastSeq())
    rewriting = { ...choice, snapshots, chunks, writer: createFileWriter(join(directory, target + UNFINISHED), LEVEL), decoder: createRunDecoder(), target, lastSeq, next: 0 }
    return true
  }

  const abandon = (): void => {
    if (rewriting === undefined) return
    const { snapshots, writer, target } = rewriting
    rewriting = undefined
    writer.close()
    snapshots.close()
    removeDayFile(directory, target + UNFINISHED)
  }

  const finish = (done: Rewriting): CompactionStep => {
    const path = join(directory, done.name)
    const isStale = !existsSync(path) || existsSync(join(directory, done.target)) || withSealedFile(path, (file) => file.lastSeq()) !== done.lastSeq
    if (isStale) {
      abandon() // removed, added to, or the name is taken: the next round looks anew
      return { isMore: true }
    }
    const bytesBefore = dayFileBytes(directory, done.name)
    done.writer.finish({ replaced: [done.name], sealed: sealedSegmentsOf(path) })
    done.writer.close()
    done.snapshots.close()
    rewriting = undefined
    nameDayFile(directory, done.target + UNFINISHED, done.target)
    syncDirectory(directory)
    removeDayFile(directory, done.name)
    syncDirectory(directory)
    const bytesAfter = dayFileBytes(directory, done.target)
    counters.add('compactedFiles')
    counters.add('compactedBytes', Math.max(0, bytesBefore - bytesAfter))
    return { finished: { name: done.name, cause: done.cause, bytesBefore, bytesAfter }, isMore: true }
  }

  return {
    work(budgetMs) {
      if (rewriting === undefined && !begin()) return { isMore: false }
      const endMs = elapsedMs() + budgetMs
      try {
        const work = rewriting!
        while (work.next < work.chunks.length) {
          copyChunk(work.chunks[work.next++]!, work)
          if (elapsedMs() >= endMs) return { isMore: true }
        }
        return finish(work)
      } catch (error) {
        abandon()
        throw error
      }
    },
    sweep() {
      for (const name of readdirSync(directory)) {
        const target = rewriting?.target ?? ''
        if (UNFINISHED_NAME.test(name) && (target === '' || !name.startsWith(target))) rmSync(join(directory, name), { force: true })
      }
      for (const { name } of listDayFiles(directory)) {
        for (const replaced of replacedBy(join(directory, name))) if (existsSync(join(directory, replaced))) removeDayFile(directory, replaced)
      }
    },
  }
}

function copyChunk({ chunk, isNextTo }: FileChunk, { writer, decoder }: Rewriting): void {
  if (!isNextTo) writer.endRun()
  const batch = loadChunk(chunk, decoder)
  for (let row = 0; row < batch.rows; row++) writer.add(batch, row)
}

/** Sealed files with what the choice needs, looked at again when they have changed; one that cannot be read is told elsewhere and left alone. */
function createDescriptions(directory: string): () => CompactionFile[] {
  let known = new Map<string, { readonly stamp: string; readonly file: CompactionFile }>()
  return () => {
    const now: typeof known = new Map()
    for (const { name, day } of listDayFiles(directory)) {
      const stamp = dayFilePaths(directory, name).map((path) => statSync(path, { throwIfNoEntry: false })).map((stat) => `${stat?.mtimeMs} ${stat?.size}`).join()
      const before = known.get(name)
      try {
        now.set(name, before?.stamp === stamp ? before : { stamp, file: describeFile(directory, { name, day }) })
      } catch {
        continue
      }
    }
    known = now
    return [...known.values()].map(({ file }) => file)
  }
}

function describeFile(directory: string, { name, day }: { readonly name: string; readonly day: number }): CompactionFile {
  const path = join(directory, name)
  return withSealedFile(path, (file) => {
    const entries = file.entriesAfter(0)
    // compaction leaves no run of a segment
    return { name, day, version: fileVersion(path), rows: entries.reduce((sum, entry) => sum + entry.rows, 0), runs: entries.length, isCompacted: entries.every((entry) => entry.segment === 0) }
  })
}

function replacedBy(path: string): string[] {
  if (fileVersion(path) !== RUN_FILE_VERSION) return []
  try {
    const file = openRunFile(path, 'read')
    try {
      return file.replaced()
    } finally {
      file.close()
    }
  } catch {
    return [] // damaged: told by the look for damaged files
  }
}
