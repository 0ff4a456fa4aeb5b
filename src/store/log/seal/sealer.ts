import { existsSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { uncounted, type LogSealerCounters } from '../counters.ts'
import { listSegments, segmentDirectory, segmentPath, setAsidePath, syncDirectory } from '../segments/files.ts'
import { openDayFile, type DayFile, type SealedSegment } from './day-file.ts'
import { listDayFiles } from './day-files.ts'
import { createDayWriters } from './day-writers.ts'
import { readSegmentBlocks } from './seal-segment.ts'

export interface SealerOptions {
  readonly directory: string
  readonly clock: () => number
  readonly counters?: LogSealerCounters
  /** zstd level of the blocks. */
  readonly level?: number
  /** A day's file is followed by another when it has reached this. */
  readonly fileBytes?: number
}
interface SealResult { readonly segment: number; readonly rows: number; readonly damagedSpans: number }

/** Turns closed segments into blocks. Only one in the process. */
export interface Sealer {
  /**
   * A crash at any point leaves the segment either sealed or not: blocks of an unfinished attempt are never read, and
   * deleted by the next one. Throws when it cannot be done; the segment stays as it is.
   */
  seal(number: number): SealResult
}

const DEFAULT_LEVEL = 1
const DEFAULT_FILE_BYTES = 2 * 1024 ** 3

export function createSealer({ directory, clock, counters = uncounted, level = DEFAULT_LEVEL, fileBytes = DEFAULT_FILE_BYTES }: SealerOptions): Sealer {
  /** Segments of which an earlier attempt may have left something in the files: those that were there before us, and failed ones. */
  const attempted = new Set(listSegments(directory))

  const sealNow = (number: number): SealedSegment => {
    const startMs = performance.now()
    const files = createDayWriters({ directory, fileBytes })
    try {
      const reading = readSegmentBlocks(directory, { number, level, take: (block) => files.insert(block) })
      const segment = { number, rows: reading.rows, damaged: reading.damagedSpans, sealedMs: clock() }
      files.commit(segment)
      counters.add('sealedSegments')
      counters.add('sealedRows', reading.rows)
      counters.add('sealedBlocks', files.counts.blocks)
      counters.add('sealedBytes', files.counts.bytes)
      counters.add('damagedSpans', reading.damagedSpans)
      return segment
    } finally {
      counters.add('sealSeconds', (performance.now() - startMs) / 1000)
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

/** @returns the mark when the attempt had come to its end; else its blocks are deleted. An unreadable file holds no blocks that are read. */
function settleEarlierAttempt(directory: string, number: number): SealedSegment | undefined {
  const names = listDayFiles(directory).map((file) => file.name)
  let sealed: SealedSegment | undefined
  for (const name of names) withFile(join(directory, name), 'read', (file) => void (sealed ??= file.sealedSegment(number)))
  if (sealed !== undefined) return sealed
  for (const name of names) {
    withFile(join(directory, name), 'write', (file) => {
      file.begin()
      file.deleteBlocksOf(number)
      file.commit()
    })
  }
  return undefined
}

function withFile(path: string, mode: 'read' | 'write', work: (file: DayFile) => void): void {
  let file: DayFile
  try {
    file = openDayFile(path, mode)
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

/** The segment's blocks are on disk: its file goes. One with damage in it is set aside for people to look at. */
function retire(directory: string, { number, damaged }: SealedSegment): void {
  const path = segmentPath(directory, number)
  if (!existsSync(path)) return
  if (damaged > 0) renameSync(path, setAsidePath(directory, number))
  else unlinkSync(path)
  syncDirectory(segmentDirectory(directory))
}
