import { createBatch, HINT, MAX_FRAME_BYTES, span, type Batch } from '#domain/batch.ts'
import { decodeText } from '#base/bytes.ts'
import { faultList, FORMATS, type Format, type ParseFault } from '#domain/message.ts'
import { FACILITIES, SEVERITIES, type Facility, type Severity } from '#domain/severity.ts'
import { createInterner } from '../interner.ts'
import { createParser, type FrameRow } from './parser.ts'

/** One frame's fields as plain values, for tests and for people who ask how a line is read. */
export interface ParsedFrame {
  readonly format: Format
  readonly facility: Facility
  readonly severity: Severity
  /** Milliseconds since the epoch; undefined when the frame carried no readable time. */
  readonly sentMs: number | undefined
  readonly host: string
  readonly app: string
  readonly procid: string
  readonly msgid: string
  readonly structuredData: string
  readonly label: string
  readonly text: string
  /** Microseconds since the kernel started. */
  readonly printkUs: number | undefined
  readonly hints: readonly (keyof typeof HINT)[]
  readonly faults: readonly ParseFault[]
  /** 16 hex digits. */
  readonly template: string
}

/** Room for a name that the parser puts behind a frame. */
const APPENDED_BYTES = 64

/** Reads one frame; bytes beyond the frame limit are not looked at. */
export function parseOne(frame: Uint8Array, receivedMs: number, form: FrameRow['form'] = 'syslog'): ParsedFrame {
  const length = Math.min(frame.length, MAX_FRAME_BYTES)
  const batch = createBatch(8, length + APPENDED_BYTES)
  batch.bytes.set(frame.subarray(0, length))
  batch.byteCount = length
  batch.rows = 1
  const parser = createParser(createInterner({ capacity: 2, maxKeyBytes: 256, arenaBytes: 1024 }))
  parser.parse(batch, { row: 0, start: 0, length, receivedMs, faults: 0, form })
  return fieldsOf(batch, 0)
}

/** The columns that ingest fills, of one row, as plain values. */
export function fieldsOf(batch: Batch, row: number): ParsedFrame {
  const text = (offset: number, length: number) => decodeText(span(batch, row, offset, length)).text
  const number = (value: number) => (Number.isNaN(value) ? undefined : value)
  const pri = batch.pri[row]!
  return {
    format: FORMATS[batch.format[row]!]!,
    facility: FACILITIES[pri >> 3]!,
    severity: SEVERITIES[pri & 7]!,
    sentMs: number(batch.sentMs[row]!),
    host: text(batch.hostOff[row]!, batch.hostLen[row]!),
    app: text(batch.appOff[row]!, batch.appLen[row]!),
    procid: text(batch.procOff[row]!, batch.procLen[row]!),
    msgid: text(batch.msgidOff[row]!, batch.msgidLen[row]!),
    structuredData: text(batch.sdOff[row]!, batch.sdLen[row]!),
    label: text(batch.labelOff[row]!, batch.labelLen[row]!),
    text: text(batch.textOff[row]!, batch.textLen[row]!),
    printkUs: number(batch.printkUs[row]!),
    hints: (Object.keys(HINT) as (keyof typeof HINT)[]).filter((name) => (batch.hints[row]! & HINT[name]) !== 0),
    faults: faultList(batch.faults[row]!),
    template: hex(batch.templateHi[row]!) + hex(batch.templateLo[row]!),
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, '0')
