import { seqOfLine } from '../lines/form.ts'
import type { SinkFiles } from './files.ts'

/** What is behind a place in a file. */
export interface Tail {
  /** Of the last whole line of ours; undefined: there is none. */
  readonly seq: number | undefined
  /** Where the whole lines end. */
  readonly endBytes: number
  /** Something behind them: the beginning of a line, or a hole that a power cut left. */
  readonly isTorn: boolean
  /** What is torn is nothing that a sink wrote. */
  readonly isForeign?: boolean
}

const PIECE_BYTES = 256 * 1024
/** More than this without a newline was not written by a sink. */
const MAX_LINE_BYTES = 4 * 1024 * 1024
const NEWLINE = 0x0a

/** Reads forward from `fromByte`, which is the beginning of a line. Lines that are not ours (somebody's `echo >>`) are passed over. */
export function readTail(files: SinkFiles, fd: number, fromByte: number): Tail {
  const piece = Buffer.alloc(PIECE_BYTES)
  let rest: Buffer = Buffer.alloc(0)
  let seq: number | undefined
  let endBytes = fromByte
  for (let at = fromByte; ; ) {
    const read = files.read(fd, piece, at)
    if (read === 0) return { seq, endBytes, isTorn: rest.length > 0 }
    at += read
    const bytes = Buffer.concat([rest, piece.subarray(0, read)])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const line = bytes.subarray(start, end)
      if (line.includes(0)) return { seq, endBytes, isTorn: true }
      const found = seqOfLine(line)
      if (found !== undefined && found > (seq ?? -1)) seq = found
      endBytes += line.length + 1
      start = end + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > MAX_LINE_BYTES) return { seq, endBytes, isTorn: true, isForeign: true }
  }
}

/** The same for a file of which nothing is known, from its end: where its last whole line is not ours, it has none. */
export function readLastLine(files: SinkFiles, fd: number, bytes: number): Tail {
  const from = Math.max(0, bytes - MAX_LINE_BYTES)
  const end = Buffer.alloc(bytes - from)
  const read = end.subarray(0, files.read(fd, end, from))
  const last = read.lastIndexOf(NEWLINE)
  if (last < 0) return { seq: undefined, endBytes: 0, isTorn: read.length > 0 }
  const before = last === 0 ? -1 : read.lastIndexOf(NEWLINE, last - 1)
  return { seq: seqOfLine(read.subarray(before + 1, last)), endBytes: from + last + 1, isTorn: last + 1 < read.length }
}
