import { HINT } from '#domain/batch.ts'
import { LABEL_SD_ID } from '#domain/wire.ts'
import { BYTE, startsWith, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { writeLabel } from './label.ts'

const SESSION_PARAM = 'session="'
const STAGE_PARAM = 'stage="'

/**
 * STRUCTURED-DATA (RFC 5424 section 6.3): `-`, or elements in brackets whose quoted values may hold `\"`, `\\` and `\]`.
 * Moves behind it; what cannot be read as such stays where it is and becomes text, with a fault.
 */
export function readStructuredData(cursor: Cursor): void {
  const { bytes, at, end, batch, row, frame } = cursor
  if (at < end && bytes[at] === BYTE.dash && (at + 1 === end || bytes[at + 1] === BYTE.space)) {
    cursor.at = at + 1
    return
  }
  let next = at
  while (next < end && bytes[next] === BYTE.open) {
    const close = elementEnd(cursor, next)
    if (close < 0) break
    readLabelElement(cursor, next, close)
    next = close + 1
  }
  if (next === at || (next < end && bytes[next] !== BYTE.space)) {
    cursor.faults |= FAULT.badStructuredData
    return
  }
  batch.sdOff[row] = at - frame
  batch.sdLen[row] = next - at
  cursor.at = next
}

/** The position of the `]` that ends the element opened at `open`, or -1 where the frame ends first. */
function elementEnd(cursor: Cursor, open: number): number {
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

/** The session label of `[hps@32473 session="…" stage="…" …]`, and whether a stage is there. */
function readLabelElement(cursor: Cursor, open: number, close: number): void {
  const { bytes } = cursor
  if (!startsWith(cursor, open + 1, LABEL_SD_ID) || bytes[open + 1 + LABEL_SD_ID.length] !== BYTE.space) return
  let isQuoted = false
  for (let at = open + 1 + LABEL_SD_ID.length; at < close; at++) {
    const byte = bytes[at]
    if (isQuoted && byte === BYTE.backslash) at++
    else if (byte === BYTE.quote) isQuoted = !isQuoted
    else if (byte !== BYTE.space || isQuoted) continue
    else if (startsWith(cursor, at + 1, STAGE_PARAM)) cursor.hints |= HINT.stage
    else if (startsWith(cursor, at + 1, SESSION_PARAM)) {
      const from = at + 1 + SESSION_PARAM.length
      let to = from
      while (to < close && bytes[to] !== BYTE.quote) to++
      writeLabel(cursor, from, to)
    }
  }
}
