import { HINT, type Batch } from '#domain/batch.ts'
import { DEFAULT_PRI } from '#domain/severity.ts'
import type { Interner } from '../interner.ts'
import { BYTE, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { readTextHints } from './hints.ts'
import { readIpxe } from './ipxe.ts'
import { readPriority } from './priority.ts'
import { readRfc3164 } from './rfc3164.ts'
import { readRfc5424 } from './rfc5424.ts'
import { readText } from './text.ts'

/** A frame that lies in a batch's bytes, waiting for its row. */
export interface FrameRow {
  /** The row to fill; its columns, and those of the rows behind it, are zero. */
  row: number
  start: number
  /** 0 … 65,535 */
  length: number
  receivedMs: number
  /** What the framing noted: bits of FAULT. */
  faults: number
  /** `line`: text without any header. `ndjson`: an RFC 5424 frame that the hub rendered. */
  form: 'syslog' | 'line' | 'ndjson' | 'broken-json'
}

export interface Parser {
  /** Fills all columns of the row that ingest owns, except `source`. Never throws, never reads outside the frame. */
  parse(batch: Batch, frame: FrameRow): void
}

/** @param hosts numbers the HOSTNAMEs; the caller clears it when it is full */
export function createParser(hosts: Interner): Parser {
  let cursor: Cursor | undefined
  return {
    parse(batch, frame) {
      cursor ??= { batch, bytes: batch.bytes, row: 0, frame: 0, at: 0, end: 0, receivedMs: 0, hasPriority: false, faults: 0, hints: 0 }
      cursor.batch = batch
      placeCursor(cursor, frame)
      readHeader(cursor, frame.form)
      writeRow(cursor, hosts)
    },
  }
}

function placeCursor(cursor: Cursor, frame: FrameRow): void {
  const { row, start, length } = frame
  const { batch } = cursor
  const { bytes } = batch
  let end = start + length
  while (end > start && (bytes[end - 1] === BYTE.newline || bytes[end - 1] === BYTE.return || bytes[end - 1] === BYTE.nul)) end--
  cursor.bytes = bytes
  cursor.row = row
  cursor.frame = start
  cursor.at = start
  cursor.end = end
  cursor.receivedMs = frame.receivedMs
  cursor.faults = frame.faults
  cursor.hints = 0
  batch.receivedMs[row] = frame.receivedMs
  batch.sentMs[row] = NaN
  batch.printkUs[row] = NaN
  batch.frameStart[row] = start
  batch.frameLen[row] = length
}

function readHeader(cursor: Cursor, form: FrameRow['form']): void {
  const { batch, row } = cursor
  if (form === 'line' || form === 'broken-json') {
    batch.pri[row] = DEFAULT_PRI
    batch.format[row] = form === 'line' ? FORMAT.line : FORMAT.raw
    if (form === 'broken-json') cursor.faults |= FAULT.badStructuredData
    return
  }
  readSyslogHeader(cursor)
  if (form === 'ndjson') batch.format[row] = FORMAT.ndjson
}

function readSyslogHeader(cursor: Cursor): void {
  const { batch, row, frame } = cursor
  readPriority(cursor)
  if (readRfc5424(cursor)) return
  if (cursor.hasPriority && readIpxe(cursor)) return
  if (readRfc3164(cursor)) return
  cursor.at = frame
  batch.format[row] = FORMAT.raw
  cursor.faults |= FAULT.noTimestamp | FAULT.noHost | FAULT.noApp
}

function writeRow(cursor: Cursor, hosts: Interner): void {
  const { batch, row, frame, bytes } = cursor
  const hostLength = batch.hostLen[row]!
  if (hostLength > 0) {
    const host = frame + batch.hostOff[row]!
    batch.hostRef[row] = hosts.intern(bytes, host, host + hostLength)
  }
  if (batch.pri[row]! < 8 && batch.format[row] !== FORMAT.ipxe && (cursor.faults & FAULT.noPriority) === 0) cursor.hints |= HINT.kernel
  readTextHints(cursor)
  readText(cursor)
  batch.faults[row] = cursor.faults
  batch.hints[row] = cursor.hints
}
