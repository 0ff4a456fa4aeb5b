import { existsSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { uncounted, type LogSealerCounters } from '../counters.ts'
import { listSegments, segmentDirectory, segmentPath, setAsidePath, syncDirectory } from '../segments/files.ts'
import { fileVersion, listDayFiles, type SealedSegment } from './day-files.ts'
import { createBatch } from '#domain/batch.ts'
import { readSegment } from './read-segment.ts'
import { createRunGatherer, RUN_BATCH } from './runs/gather-runs.ts'
import { openRunFile, RUN_FILE_VERSION } from './runs/run-file.ts'
import { createRunWriters } from './runs/run-writers.ts'
import { openDayFile } from './version-1/day-file.ts'

export interface SealerOptions {
  readonly directory: string
  readonly clock: () => number
  readonly counters?: LogSealerCounters
  /** zstd level of what is compressed. */
  readonly level?: number
  /** A day's file is followed by another when it has reached this. */
  readonly fileBytes?: number
}
interface SealResult { readonly segment: number; readonly rows: number; readonly damagedSpans: number }

/** Turns closed segments into runs. Only one in the process. */
export interface Sealer {
  /**
   * A crash at any point leaves the segment either sealed or not: runs of an unfinished attempt are never read, and
   * deleted by the next one. Throws when it cannot be done; the segment stays as it is.
   */
  seal(number: number): SealResult
}

const DEFAULT_LEVEL = 1
const DEFAULT_FILE_BYTES = 2 * 1024 ** 3

export function createSealer({ directory, clock, counters = uncounted, level = DEFAULT_LEVEL, fileBytes = DEFAULT_FILE_BYTES }: SealerOptions): Sealer {
  /** Segments of which an earlier attempt may have left something in the files: those that were there before us, and failed ones. */
  const attempted = new Set(listSegments(directory))

  const run = createBatch(RUN_BATCH.rows, RUN_BATCH.bytes)
  const files = createRunWriters({ directory, fileBytes, level, run })

  const sealNow = (number: number): SealedSegment => {
    const startMs = performance.now()
    const runs = createRunGatherer(run, (day) => files.write(day, { segment: number }))
    try {
      const reading = readSegment(directory, number, (batch) => runs.add(batch))
      runs.flush()
      const segment = { number, rows: reading.rows, damaged: reading.damagedSpans, sealedMs: clock() }
      const { runs: count, bytes } = files.counts
      files.commit(segment)
      counters.add('sealedSegments')
      counters.add('sealedRows', reading.rows)
      counters.add('sealedRuns', count)
      counters.add('sealedBytes', bytes)
      counters.add('damagedSpans', reading.damagedSpans)
      return segment
    } finally {
      counters.add('sealSeconds', (performance.now() - startMs) / 1000)
      run.rows = 0
      run.byteCount = 0
      files.close()
    }
  }

  return {
    seal(number) {
      const before = attempted.has(number) ? settleEarlierAttempt(directory, number) : undefined
      attempted.add(number)
      try {
        const segment = before ?? sealNow(number)
        retire(directory, segment)
        attempted.delete(number)
        return { segment: number, rows: before === undefined ? segment.rows : 0, damagedSpans: segment.damaged }
      } catch (error) {
        counters.add('sealFailures')
        throw error
      }
    },
  }
}

/** @returns the mark when the attempt had come to its end; else what it left is deleted. An unreadable file holds nothing that is read. */
function settleEarlierAttempt(directory: string, number: number): SealedSegment | undefined {
  const paths = listDayFiles(directory).map((file) => join(directory, file.name))
  let sealed: SealedSegment | undefined
  for (const path of paths) withFile(path, 'read', (file) => void (sealed ??= file.sealedSegment(number)))
  if (sealed !== undefined) return sealed
  for (const path of paths) {
    withFile(path, 'write', (file) => {
      file.begin()
      file.deleteRunsOf(number)
      file.commit()
    })
  }
  return undefined
}

interface AttemptFile { begin(): void; commit(): void; rollback(): void; close(): void; deleteRunsOf(segment: number): void; sealedSegment(number: number): SealedSegment | undefined }

function openFile(path: string, mode: 'read' | 'write'): AttemptFile {
  if (fileVersion(path) === RUN_FILE_VERSION) return openRunFile(path, mode)
  const file = openDayFile(path, mode)
  return { ...file, deleteRunsOf: (segment) => file.deleteBlocksOf(segment) }
}

function withFile(path: string, mode: 'read' | 'write', work: (file: AttemptFile) => void): void {
  let file: AttemptFile
  try {
    file = openFile(path, mode)
  } catch {
    return // damaged: readers skip it and report it
  }
  try {
    work(file)
  } finally {
    file.rollback()
    file.close()
  }
}

/** The segment's runs are on disk: its file goes. One with damage in it is set aside for people to look at. */
function retire(directory: string, { number, damaged }: SealedSegment): void {
  const path = segmentPath(directory, number)
  if (!existsSync(path)) return
  if (damaged > 0) renameSync(path, setAsidePath(directory, number))
  else unlinkSync(path)
  syncDirectory(segmentDirectory(directory))
}
