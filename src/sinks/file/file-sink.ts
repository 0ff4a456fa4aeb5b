import { backoffMs } from '#base/backoff.ts'
import { parseBytes } from '#base/bytes.ts'
import { parseDurationMs } from '#base/duration.ts'
import type { Batch } from '#domain/batch.ts'
import type { FileSinkConfig } from '../config.ts'
import type { LineForm } from '../lines/form.ts'
import { createLineBuffer } from '../lines/line-buffer.ts'
import type { Sink, SinkFault, SinksEvent } from '../protocol.ts'
import { createTally } from '../tally.ts'
import type { RowMatch } from '../walk.ts'
import { createCompressor } from './compress.ts'
import { faultOf, reasonOf } from './fault-of.ts'
import type { SinkFiles } from './files.ts'
import { createIntake, type Taken } from './intake.ts'
import { openLogFile, type LogFile } from './log-file.ts'
import { readPosition } from './position.ts'

/** Attempts to go on after a failure. */
const RETRY = { baseMs: 500, maxMs: 10_000 } as const
/** A file that was renamed or removed is noticed within this. */
const LOOK_EVERY_MS = 1000
/** A position that moved without lines is saved this often. */
const PASS_EVERY_MS = 1000

export interface FileSinkOptions {
  /** `path` is absolute. */
  readonly config: FileSinkConfig
  readonly positionPath: string
  readonly files: SinkFiles
  /** `batchAfter` of a log reader that nobody else uses; `settle` lets go of files that were removed. */
  readonly reader: { batchAfter(afterSeq: number): Batch | undefined; settle(): void; close(): void }
  readonly form: LineForm
  readonly matcher: () => RowMatch
  /** The newest committed seq; undefined: the store is not open yet. */
  readonly committedSeq: () => number | undefined
  readonly clock: () => number
  readonly elapsedMs: () => number
  readonly random: () => number
  readonly tell: (event: SinksEvent) => void
}

/**
 * The one-file log: a cursor that reads the store forward and appends lines, in this order: write, sync, position. Whatever fails,
 * the file is closed and opened again later as after a crash, so there is one way to go on and it is the tested one.
 */
export function createFileSink(options: FileSinkOptions): Sink {
  const { config, positionPath, files, reader, committedSeq, clock, elapsedMs, tell } = options
  const { path, rotate } = config
  const mode = Number.parseInt(config.mode, 8)
  const maxBytes = rotate.size === 'none' ? Infinity : parseBytes(rotate.size)!
  const maxAgeMs = rotate.age === 'none' ? Infinity : parseDurationMs(rotate.age)!
  const lines = createLineBuffer()
  const take = createIntake(options)
  const log = (level: 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>> = {}): void => tell({ kind: 'log', level, fields: { sink: config.name, path, ...fields }, message })
  const tally = createTally({ name: config.name, clock, committedSeq })
  const compressor = createCompressor({ files, path, compression: rotate.compress, mode, elapsedMs, onFault: (error) => log('warn', 'A rotated file could not be compressed; tried again later', { reason: reasonOf(error) }) })
  let file: LogFile | undefined
  let seq: number | undefined
  /** Of the position beside the file. */
  let savedSeq: number | undefined
  let savedMs = 0
  let lookedMs = 0
  let attempts = 0
  let retryAtMs = -Infinity
  let isMoved = false

  function fail(fault: SinkFault, error: unknown): void {
    leave()
    attempts++
    retryAtMs = elapsedMs() + backoffMs(attempts, options.random(), RETRY)
    if (attempts === 1) log('warn', 'A sink has stopped; it goes on by itself when it can', { fault, reason: reasonOf(error), seq })
    tally.failed(fault, reasonOf(error))
  }

  function worked(): void {
    if (attempts > 0) log('info', 'The sink goes on', { seq, backlog: tally.status().backlog })
    attempts = 0
    tally.works()
  }

  function leave(): void {
    if (file === undefined) return
    try {
      file.close()
    } catch (error) {
      log('warn', 'A file of a sink could not be closed', { reason: reasonOf(error) })
    }
    file = undefined
  }

  /** Opens the file and finds where to go on. `how`: after a start or a failure the file may say more than the position. */
  function open(newest: number, how: 'recover' | 'moved'): LogFile {
    const opened = openLogFile({ files, path, positionPath, position: readPosition(files, positionPath), mode, nowMs: clock() })
    const { found } = opened
    if (found.cutBytes > 0) log('info', 'A line that was cut off is written anew', { bytes: found.cutBytes })
    if (found.mayRepeat && how === 'recover') log('warn', 'The file that was written last is gone; what a crash left in it may come again, a second at most', { from_seq: (found.seq ?? 0) + 1 })
    file = opened
    seq = found.seq ?? (config.start === 'now' ? newest : undefined)
    if (seq !== undefined && seq > newest) {
      log('warn', 'The store is behind the file (it was restored); numbers may come twice in it', { seq, store: newest })
      seq = newest
    }
    if (seq !== found.seq && seq !== undefined) opened.pass(seq)
    savedSeq = seq
    tally.moved(seq)
    compressor.wake()
    return opened
  }

  function rotateFile(current: LogFile, newest: number): void {
    current.rotate(seq ?? 0, { nowMs: clock(), keep: rotate.keep })
    leave()
    tally.rotated()
    open(newest, 'moved')
  }

  /** What happened to the file while nobody looked, and to its age. */
  function look(current: LogFile, newest: number): LogFile {
    lookedMs = elapsedMs()
    const wasMoved = current.isMoved()
    if (isMoved || wasMoved) {
      isMoved = false
      if (!wasMoved) return current
      if (seq !== undefined) current.pass(seq)
      leave()
      log('info', 'The file of a sink was moved or removed; a new one is begun', { seq })
      return open(newest, 'moved')
    }
    if (current.bytes > 0 && clock() - current.sinceMs >= maxAgeMs) rotateFile(current, newest)
    return file!
  }

  function write(current: LogFile, newest: number, taken: Taken): void {
    if (taken.lines > 0) {
      current.write(lines.bytes.subarray(0, lines.length), taken.seq)
      savedSeq = taken.seq
      tally.wrote(taken.lines, lines.length)
    }
    seq = taken.seq
    tally.moved(seq)
    for (const range of taken.lost) {
      tally.lost(range)
      log('warn', 'Messages were no longer stored when a sink came to them', { from_seq: range.fromSeq, to_seq: range.toSeq })
    }
    if (taken.isFull) rotateFile(current, newest)
    else pass(current, PASS_EVERY_MS)
  }

  function pass(current: LogFile, afterMs: number): void {
    if (seq === undefined || seq === savedSeq || elapsedMs() - savedMs < afterMs) return
    current.pass(seq)
    savedMs = elapsedMs()
    savedSeq = seq
  }

  function takeLines(current: LogFile, newest: number): Taken | undefined {
    try {
      return take(lines, { afterSeq: seq, uptoSeq: newest, roomBytes: maxBytes - current.bytes, isEmpty: current.bytes === 0 })
    } catch (error) {
      fail('store', error)
      return undefined
    }
  }

  function advance(newest: number): boolean {
    let current = file ?? open(newest, 'recover')
    if (isMoved || elapsedMs() - lookedMs >= LOOK_EVERY_MS) current = look(current, newest)
    if ((seq ?? 0) >= newest) {
      pass(current, PASS_EVERY_MS)
      worked()
      return false
    }
    const taken = takeLines(current, newest)
    if (taken === undefined) return false
    write(current, newest, taken)
    worked()
    return (seq ?? 0) < newest
  }

  return {
    step() {
      const newest = committedSeq()
      if (newest === undefined) return false
      if (elapsedMs() < retryAtMs && attempts > 0) return false
      try {
        if (attempts > 0) reader.settle()
        const isMore = advance(newest)
        return compressor.step() || isMore
      } catch (error) {
        fail(faultOf(error), error)
        return false
      }
    },
    reopen() {
      isMoved = true
      retryAtMs = -Infinity
    },
    status: () => tally.status(),
    close() {
      try {
        if (file !== undefined) pass(file, 0)
      } catch (error) {
        log('warn', 'The position of a sink could not be saved; its file tells it', { reason: reasonOf(error) })
      }
      leave()
      compressor.close()
      reader.close()
    },
  }
}
