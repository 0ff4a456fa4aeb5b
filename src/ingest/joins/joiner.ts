import type { Batch } from '#domain/batch.ts'
import { rawLength } from '#domain/raw-length.ts'
import type { IngestCounters } from '../counters.ts'
import { FAULT, FORMAT } from '../parse/fault-bits.ts'
import { readFragment } from '../parse/kmsg.ts'
import type { Sender } from '../sender.ts'
import { createConsole, type Console } from './console-lines.ts'
import { createCutRecord, recordKey, type CutRecord } from './fragments.ts'
import { createHeldLines, type HeldLinesOptions } from './held-lines.ts'
import { createIpxeRun, FULL_TEXT_BYTES, ipxeKey, type IpxeRun } from './ipxe-run.ts'
import type { Piece } from './piece.ts'

/** Puts lines together that their sender had to cut into several datagrams: iPXE's, netconsole's. */
export interface Joiner {
  /** Whether the row that was read just now may be a piece. */
  isPiece(batch: Batch, row: number, sender: Sender): boolean
  /** The piece in that row, with bytes of its own: the row may be taken back. */
  pieceOf(batch: Batch, row: number, sender: Sender): Piece
  /** Waits for the rest of a piece, or writes the line that it ends. @returns the bits of FAULT with which it is to be written by itself, or `HELD` */
  hold(piece: Piece): number
  /** Datagrams of a kernel's console. */
  readonly console: Console
  /** Writes all that is waited for. @returns false when no batch was free for some */
  flush(): boolean
}

/** `hold` has taken the piece. */
export const HELD = -1

export function createJoiner(options: Pick<HeldLinesOptions, 'write' | 'defer'> & {
  readonly counters: IngestCounters
  readonly maxFrameBytes: number
  /** Called for each line of a console that found no free batch. */
  readonly onUnplaced: (sender: Sender) => void
}): Joiner {
  const { counters, maxFrameBytes } = options
  let runs = 0
  const held = createHeldLines({
    ...options,
    onWritten: ({ pieces }, messages) => counters.add('pieces-joined', pieces - messages),
    report(lines, bytes) {
      counters.set('lines-held', lines)
      counters.set('lines-held-bytes', bytes)
      if (lines === 0) runs = 0
    },
    onGivenUp({ kind }) {
      if (kind !== 'console') counters.add('pieces-missing') // the console may end without a newline
    },
  })

  const holdIpxe = (piece: Piece): number => {
    const textBytes = piece.frame.length - piece.textAt
    const isFull = textBytes === FULL_TEXT_BYTES
    const run = held.get(ipxeKey(piece)) as IpxeRun | undefined
    if (run?.fits(piece) === true && run.bytes + textBytes <= maxFrameBytes && held.grow(run, textBytes)) {
      run.append(piece)
      if (!isFull) held.settle(run)
      return HELD
    }
    const isClear = run === undefined || held.giveUp(run)
    if (!isFull) return 0
    if (isClear && held.add(createIpxeRun(piece))) {
      runs++
      return HELD
    }
    return FAULT.pieceMissing
  }

  const holdFragment = (piece: Piece): number => {
    const fragment = readFragment(piece.frame, 0, piece.frame.length)
    if (fragment === undefined || fragment.body + fragment.length > maxFrameBytes) return FAULT.pieceMissing
    const own = { ...piece, textAt: fragment.body }
    const ownBytes = piece.frame.length - fragment.body
    if (ownBytes === 0 || fragment.offset + ownBytes > fragment.length) return FAULT.pieceMissing
    const record = held.get(recordKey(fragment, own)) as CutRecord | undefined
    if (record === undefined) return held.add(createCutRecord(fragment, own)) ? HELD : FAULT.pieceMissing
    if (!record.fits(fragment, own) || !held.grow(record, own.frame.length)) return FAULT.pieceMissing
    if (record.append(fragment, own)) held.settle(record)
    return HELD
  }

  return {
    isPiece(batch, row, sender) {
      const format = batch.format[row]
      if (format === FORMAT.kmsg) return (batch.faults[row]! & (FAULT.pieceMissing | FAULT.truncated)) === FAULT.pieceMissing
      if (format !== FORMAT.ipxe || batch.textOff[row]! + batch.textLen[row]! !== batch.frameLen[row]) return false
      return batch.textLen[row] === FULL_TEXT_BYTES || (runs > 0 && held.get(`ipxe ${sender.listener} ${sender.address}`) !== undefined)
    },
    pieceOf(batch, row, sender) {
      const start = batch.frameStart[row]!
      return { frame: batch.bytes.slice(start, start + rawLength(batch, row)), textAt: batch.textOff[row]!, receivedMs: batch.receivedMs[row]!, sender }
    },
    hold(piece) {
      const isRecord = piece.frame[0] !== LESS
      const faults = isRecord ? holdFragment(piece) : holdIpxe(piece)
      if (faults > 0) counters.add('pieces-alone')
      return faults
    },
    console: createConsole({ held, counters, maxFrameBytes, write: options.write, onUnplaced: options.onUnplaced }),
    flush: () => held.flush(),
  }
}

/** iPXE's lines have a priority, a record of the kernel has none. */
const LESS = 60
