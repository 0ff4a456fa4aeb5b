import { HINT } from '#domain/batch.ts'
import { LABEL_SD_ID } from '#domain/wire.ts'
import { BYTE, isDigit, startsWith, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { writeLabel } from './label.ts'

const LABEL_ELEMENT = `${LABEL_SD_ID} `
const SESSION_PARAM = 'session="'
const STAGE_PARAM = 'stage="'
const NUMBER_PARAM = 'seq="'
/** RFC 5424 section 7.3. */
const META_ELEMENT = 'meta '
const SEQUENCE_PARAM = 'sequenceId="'

/**
 * STRUCTURED-DATA (RFC 5424 section 6.3): `-`, or elements in brackets whose quoted values may hold `\"`, `\\` and `\]`.
 * Moves behind it. Values without quotes, quotes that do not pair and a text that follows without a blank are taken with a fault;
 * what does not end stays where it is and becomes text, with a fault.
 */
export function readStructuredData(cursor: Cursor): void {
  const { bytes, at, end, batch, row, frame } = cursor
  if (at < end && bytes[at] === BYTE.dash && (at + 1 === end || bytes[at + 1]! <= BYTE.space)) {
    cursor.at = at + 1
    return
  }
  let next = at
  while (next < end && bytes[next] === BYTE.open) {
    let close = elementEnd(cursor, next)
    if (close < 0) {
      close = brokenElementEnd(cursor, next)
      cursor.faults |= FAULT.badStructuredData
      if (close < 0) break
    }
    if (isUnquoted(bytes, next, close)) cursor.faults |= FAULT.badStructuredData
    readElement(cursor, next, close)
    next = close + 1
  }
  if (next === at) {
    cursor.faults |= FAULT.badStructuredData
    return
  }
  if (next < end && bytes[next]! > BYTE.space && bytes[next] !== BYTE_ORDER_MARK) cursor.faults |= FAULT.badStructuredData
  batch.sdOff[row] = at - frame
  batch.sdLen[row] = next - at
  cursor.at = next
}
/** The first of its three bytes. */
const BYTE_ORDER_MARK = 0xef

/** The position of the `]` that ends the element opened at `open`, or -1 where the frame ends first. */
export function elementEnd(cursor: Cursor, open: number): number {
  const { bytes, end } = cursor
  let isQuoted = false
  for (let at = open + 1; at < end; at++) {
    const byte = bytes[at]
    if (isQuoted && byte === BYTE.backslash) at++
    else if (byte === BYTE.quote) isQuoted = !isQuoted
    else if (byte === BYTE.close && !isQuoted) return at
  }
  return -1
}

/** Where quotes do not pair, the first `"]` that a blank, another element or the end follows; -1 where there is none. */
function brokenElementEnd({ bytes, end }: Cursor, open: number): number {
  for (let at = open + 1; at < end; at++) {
    if (bytes[at] === BYTE.close && bytes[at - 1] === BYTE.quote && (at + 1 === end || bytes[at + 1] === BYTE.space || bytes[at + 1] === BYTE.open)) return at
  }
  return -1
}

/** Whether a `=` outside of quotes has no quote behind it. */
function isUnquoted(bytes: Uint8Array, open: number, close: number): boolean {
  let isQuoted = false
  for (let at = open + 1; at < close; at++) {
    const byte = bytes[at]
    if (isQuoted && byte === BYTE.backslash) at++
    else if (byte === BYTE.quote) isQuoted = !isQuoted
    else if (byte === BYTE.equals && !isQuoted && bytes[at + 1] !== BYTE.quote) return true
  }
  return false
}

/** The session label of `[hps@32473 session="…" stage="…" seq="…"]`, and whether a stage is there; whether that or `[meta sequenceId="…"]` numbers the message. */
function readElement(cursor: Cursor, open: number, close: number): void {
  const { bytes } = cursor
  const isLabel = startsWith(cursor, open + 1, LABEL_ELEMENT)
  if (!isLabel && !startsWith(cursor, open + 1, META_ELEMENT)) return
  let isQuoted = false
  for (let at = open + META_ELEMENT.length; at < close; at++) {
    const byte = bytes[at]
    if (isQuoted && byte === BYTE.backslash) at++
    else if (byte === BYTE.quote) isQuoted = !isQuoted
    else if (byte !== BYTE.space || isQuoted) continue
    else if (isLabel) readLabelParam(cursor, at + 1, close)
    else readNumber(cursor, at + 1, SEQUENCE_PARAM)
  }
}

function readLabelParam(cursor: Cursor, at: number, close: number): void {
  const { bytes } = cursor
  if (startsWith(cursor, at, STAGE_PARAM)) cursor.hints |= HINT.stage
  else if (startsWith(cursor, at, SESSION_PARAM)) {
    const from = at + SESSION_PARAM.length
    let to = from
    while (to < close && bytes[to] !== BYTE.quote) to++
    writeLabel(cursor, from, to)
  } else readNumber(cursor, at, NUMBER_PARAM)
}

/** Notes that the message is numbered; who wants the number reads it where it stands. */
function readNumber(cursor: Cursor, at: number, param: string): void {
  if (startsWith(cursor, at, param) && isDigit(cursor.bytes[at + param.length]!)) cursor.hints |= HINT.sequence
}
