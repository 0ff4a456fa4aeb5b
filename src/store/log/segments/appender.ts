import { mkdirSync, rmSync } from 'node:fs'
import type { Batch } from '#domain/batch.ts'
import { AppFault } from '#domain/fault.ts'
import type { LogAppender } from '../../port.ts'
import { uncounted, type LogWriterCounters } from '../counters.ts'
import { highestSealed } from '../seal/highest-sealed.ts'
import { segmentDirectory, segmentPath, syncDirectory } from './files.ts'
import { encodeSegmentHeader, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './format.ts'
import { diskIo, writeFully, type SegmentIo } from './io.ts'
import { recordPieces } from './record.ts'
import { recoverSegments } from './recover.ts'
import { createWatermark, publishWatermark, type WatermarkShared } from './watermark.ts'

export interface LogAppenderOptions {
  /** The folder of the log, made when it is not there. */
  readonly directory: string
  /** A segment is closed when it has reached this. */
  readonly segmentBytes: number
  /** A segment that holds anything is closed at this age, see `rotateIfDue`. */
  readonly sealAfterMs: number
  readonly clock: () => number
  /** Handed to readers and sealer on other threads; made here when not given. */
  readonly watermark?: WatermarkShared
  readonly counters?: LogWriterCounters
  readonly io?: SegmentIo
}

export interface SegmentAppender extends LogAppender {
  readonly watermark: WatermarkShared
  /** What recovery met, sentences for the log; empty after a clean end. */
  readonly recovered: readonly string[]
  /** Closes the segment when it is old enough, so that a quiet hub is sealed too; call it from a timer. @returns whether it did */
  rotateIfDue(): boolean
  /** Closes the segment now when it holds anything. */
  rotate(): boolean
}

/** A full disk would be left an empty file for every attempt. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // it was not begun, holds nothing, and is removed when the log is next opened or sealed
  }
}

interface OpenSegment { readonly fd: number; readonly number: number; readonly createdMs: number; endBytes: number; syncedBytes: number; isSpent: boolean }

/** Opens the log for writing: recovers, then begins a new segment. Only one in the process. */
export function openLogAppender(options: LogAppenderOptions): SegmentAppender {
  const { directory, segmentBytes, sealAfterMs, clock, watermark = createWatermark(), counters = uncounted, io = diskIo } = options
  mkdirSync(segmentDirectory(directory), { recursive: true })
  const recovery = recoverSegments(directory, counters)
  const recordHeader = Buffer.alloc(RECORD_HEADER_BYTES)
  const sealed = highestSealed(directory)
  let nextSeq = Math.max(recovery.highestSeq, sealed.seq) + 1
  let lastNumber = Math.max(recovery.highestNumber, sealed.segment)
  let segment: OpenSegment | undefined = begin()
  /** Set while bytes that must not be read could not be cut away: nothing is written until they are. */
  let uncut: OpenSegment | undefined
  /** Set when appended rows were lost by a failed sync that the caller has not heard of yet. */
  let isLossUntold = false

  function begin(): OpenSegment {
    const number = ++lastNumber // also when creating fails: a number is never used twice
    const createdMs = clock()
    const fd = io.create(segmentPath(directory, number))
    try {
      writeFully(io, fd, { pieces: [encodeSegmentHeader({ number, baseSeq: nextSeq, createdMs })], position: 0 })
      io.fdatasync(fd)
      syncDirectory(segmentDirectory(directory))
    } catch (error) {
      io.close(fd)
      discard(segmentPath(directory, number))
      throw error
    }
    counters.add('segmentsOpened')
    publishWatermark(watermark, { segment: number, endBytes: SEGMENT_HEADER_BYTES, lastSeq: nextSeq - 1 })
    return { fd, number, createdMs, endBytes: SEGMENT_HEADER_BYTES, syncedBytes: SEGMENT_HEADER_BYTES, isSpent: false }
  }

  function cut(broken: OpenSegment, lengthBytes: number): void {
    broken.endBytes = lengthBytes
    uncut = broken
    io.truncate(broken.fd, lengthBytes)
    uncut = undefined
  }

  /** The segment to write to; mends first what an earlier failure left behind. */
  function ready(): OpenSegment {
    if (uncut !== undefined) cut(uncut, uncut.endBytes)
    if (segment?.isSpent === true) leave(segment)
    if (segment !== undefined && segment.endBytes >= segmentBytes) close(segment)
    segment ??= begin()
    return segment
  }

  function close(open: OpenSegment): void {
    syncSegment(open)
    leave(open)
  }

  function leave(open: OpenSegment): void {
    io.close(open.fd)
    segment = undefined
  }

  function syncSegment(open: OpenSegment): void {
    if (open.isSpent || open.syncedBytes === open.endBytes) return
    const startMs = performance.now()
    try {
      io.fdatasync(open.fd)
    } catch (error) {
      counters.add('syncFailures')
      abandon(open)
      throw new AppFault('store-failed', `segment ${open.number} could not be synced`, { cause: error })
    }
    counters.add('syncs')
    counters.add('syncSeconds', (performance.now() - startMs) / 1000)
    open.syncedBytes = open.endBytes
    publishWatermark(watermark, { segment: open.number, endBytes: open.endBytes, lastSeq: nextSeq - 1 })
  }

  /** After a failed sync nobody knows which pages are on disk, and a second sync would not say: keep what was synced, go on in a new file. */
  function abandon(open: OpenSegment): void {
    isLossUntold = true
    open.isSpent = true
    attemptCut(open, open.syncedBytes)
    if (uncut === undefined) leave(open)
  }

  function attemptCut(open: OpenSegment, lengthBytes: number): void {
    try {
      cut(open, lengthBytes)
    } catch {
      counters.add('cutFailures') // `uncut` stays set: the next append tries again before it writes anything
    }
  }

  function write(batch: Batch): void {
    const open = ready()
    batch.firstSeq = nextSeq
    const { pieces, lengthBytes } = recordPieces(batch, recordHeader)
    try {
      writeFully(io, open.fd, { pieces, position: open.endBytes })
    } catch (error) {
      attemptCut(open, open.endBytes)
      throw error
    }
    open.endBytes += lengthBytes
    nextSeq += batch.rows
    counters.add('appendedRows', batch.rows)
    counters.add('appendedBytes', lengthBytes)
  }

  function rotate(): boolean {
    if (segment === undefined || segment.endBytes === SEGMENT_HEADER_BYTES || segment.isSpent || uncut !== undefined) return false
    close(segment)
    segment = begin()
    return true
  }

  return {
    watermark,
    recovered: [...recovery.notes, ...sealed.unreadable.map((what) => `sealed file ${what}`)],
    get nextSeq() {
      return nextSeq
    },
    append(batch) {
      if (batch.rows === 0) return
      try {
        write(batch)
      } catch (error) {
        counters.add('writeFailures')
        counters.add('refusedRows', batch.rows)
        throw error instanceof AppFault ? error : new AppFault('store-failed', 'the batch could not be written', { cause: error })
      }
    },
    sync() {
      try {
        if (segment !== undefined) syncSegment(segment)
        if (isLossUntold) throw new AppFault('store-failed', 'batches appended since the last sync were lost when the segment was closed')
      } finally {
        isLossUntold = false
      }
    },
    rotate,
    rotateIfDue: () => segment !== undefined && clock() - segment.createdMs >= sealAfterMs && rotate(),
    close() {
      if (segment === undefined) return
      try {
        syncSegment(segment)
      } finally {
        if (segment !== undefined) leave(segment)
      }
    },
  }
}
