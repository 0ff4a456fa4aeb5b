import { HINT, type Batch } from '#domain/batch.ts'
import { DEFAULT_PRI } from '#domain/severity.ts'
import type { Interner } from '../interner.ts'
import { BYTE, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { readTextHints } from './hints.ts'
import { readIpxe } from './ipxe.ts'
import { readKmsg } from './kmsg.ts'
import { readConsoleLine } from './netconsole.ts'
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
  /** `line`: text without any header. `ndjson`, `journal`: an RFC 5424 frame that the hub rendered. `console`: a line of a kernel's console. */
  form: 'syslog' | 'line' | 'ndjson' | 'broken-json' | 'journal' | 'console'
}

export interface Parser {
  /** Fills all columns of the row that ingest owns, except `source`. Never throws, never reads outside the frame. */
  parse(batch: Batch, frame: FrameRow): void
}

/** Gives a message without an APP-NAME one, after its header and hints were read and before its text is: the template holds the name. */
export interface TagHook {
  /** May set the app, host, procid and faults of the row, move `cursor.at`, and append bytes behind the frame; never a hint. */
  map(cursor: Cursor): void
}

/**
 * @param hosts numbers the HOSTNAMEs; the caller clears it when it is full
 * @param tags called for each message without an APP-NAME
 */
export function createParser(hosts: Interner, tags?: TagHook): Parser {
  let cursor: Cursor | undefined
  return {
    parse(batch, frame) {
      cursor ??= { batch, bytes: batch.bytes, row: 0, frame: 0, at: 0, end: 0, receivedMs: 0, dayOf: 0, dayReceivedMs: NaN, dayStartMs: NaN, hasPriority: false, faults: 0, hints: 0 }
      cursor.batch = batch
      placeCursor(cursor, frame)
      readHeader(cursor, frame.form)
      writeRow(cursor, hosts, tags)
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
  if (form === 'console') return readConsoleLine(cursor)
  readSyslogHeader(cursor)
  if (form === 'ndjson') batch.format[row] = FORMAT.ndjson
  else if (form === 'journal') batch.format[row] = FORMAT.journal
}

function readSyslogHeader(cursor: Cursor): void {
  const { batch, row, frame } = cursor
  readPriority(cursor)
  if (!cursor.hasPriority && readKmsg(cursor)) return
  if (readRfc5424(cursor)) return
  if (cursor.hasPriority && readIpxe(cursor)) return
  if (readRfc3164(cursor)) return
  cursor.at = frame
  batch.pri[row] = DEFAULT_PRI
  batch.format[row] = FORMAT.raw
  cursor.faults |= FAULT.noTimestamp | FAULT.noHost | FAULT.noApp
}

function writeRow(cursor: Cursor, hosts: Interner, tags: TagHook | undefined): void {
  const { batch, row, frame, bytes } = cursor
  if (batch.pri[row]! < 8 && batch.format[row] !== FORMAT.ipxe) cursor.hints |= HINT.kernel
  readTextHints(cursor)
  if (tags !== undefined && batch.appLen[row] === 0) tags.map(cursor)
  const hostLength = batch.hostLen[row]!
  if (hostLength > 0) {
    const host = frame + batch.hostOff[row]!
    batch.hostRef[row] = hosts.intern(bytes, host, host + hostLength)
  }
  readText(cursor)
  batch.faults[row] = cursor.faults
  batch.hints[row] = cursor.hints
}
