import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, unlinkSync } from 'node:fs'
import type { LogWriterCounters } from '../counters.ts'
import { listSegments, segmentDirectory, segmentPath, syncDirectory } from './files.ts'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from './format.ts'
import { readFully, scanRecords } from './scan.ts'

/** What a start found in the segments. `notes` are sentences for the log. */
export interface SegmentRecovery {
  /** Nothing up to and including this was given to another message. */
  readonly highestSeq: number
  readonly highestNumber: number
  readonly tornBytes: number
  readonly notes: readonly string[]
}

/**
 * Looks at the end of the newest segments: only the last one can have an unfinished tail, since a segment is synced
 * before the next is created. A tail is cut only behind the last intact record; damage before it is left for the
 * reader and the sealer to report. What is kept is synced, since it may never have been.
 * Throws when another version of the program wrote a segment.
 */
export function recoverSegments(directory: string, counters: LogWriterCounters): SegmentRecovery {
  const numbers = listSegments(directory)
  const notes: string[] = []
  let highestSeq = 0
  let tornBytes = 0
  for (const number of numbers.toReversed()) {
    const found = recoverSegment(segmentPath(directory, number), { number, counters, notes })
    tornBytes += found.tornBytes
    highestSeq = Math.max(highestSeq, found.highestSeq)
    if (found.isWhole) break
  }
  if (notes.length > 0) syncDirectory(segmentDirectory(directory))
  return { highestSeq, highestNumber: numbers.at(-1) ?? 0, tornBytes, notes }
}

interface Found { readonly highestSeq: number; readonly tornBytes: number; readonly isWhole: boolean }

function recoverSegment(path: string, { number, counters, notes }: { readonly number: number; readonly counters: LogWriterCounters; readonly notes: string[] }): Found {
  const fd = openSync(path, 'r+')
  try {
    const size = fstatSync(fd).size
    const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
    const header = decodeSegmentHeader(bytes.subarray(0, readFully(fd, bytes, 0)))
    if (header === 'unknown-version') throw new Error(`segment ${path} was written by another version of this program`)
    if (header === 'damaged') return discardBeginning(path, { size, number, counters, notes })
    const { endBytes, damaged, records } = scanRecords(fd, { fromBytes: SEGMENT_HEADER_BYTES, toBytes: size, check: 'bodies' })
    const tornBytes = size - endBytes
    if (tornBytes > 0) {
      ftruncateSync(fd, endBytes)
      counters.add('tornTails')
      counters.add('tornBytes', tornBytes)
      notes.push(`segment ${number}: an unfinished end of ${tornBytes} bytes was cut`)
    }
    for (const span of damaged.filter((span) => span.endBytes <= endBytes)) {
      counters.add('damagedSpans')
      notes.push(`segment ${number}: bytes ${span.offset} to ${span.endBytes} are damaged`)
    }
    fdatasyncSync(fd)
    const last = records.at(-1)
    return { highestSeq: last === undefined ? header.baseSeq - 1 : last.firstSeq + last.rows - 1, tornBytes, isWhole: true }
  } finally {
    closeSync(fd)
  }
}

/** A segment whose header was never finished holds nothing; a longer one is kept for people to look at, and reported by readers. */
function discardBeginning(path: string, { size, number, counters, notes }: { readonly size: number; readonly number: number; readonly counters: LogWriterCounters; readonly notes: string[] }): Found {
  if (size > SEGMENT_HEADER_BYTES) {
    counters.add('damagedSpans')
    notes.push(`segment ${number}: its header is damaged`)
    return { highestSeq: 0, tornBytes: 0, isWhole: false }
  }
  unlinkSync(path)
  counters.add('tornTails')
  counters.add('tornBytes', size)
  notes.push(`segment ${number}: was not begun, removed`)
  return { highestSeq: 0, tornBytes: size, isWhole: false }
}
