import { DEFAULT_PRI } from '#domain/severity.ts'
import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'

const HIGHEST_PRI = 191
/** Longer runs of digits are text, not a priority (RFC 5424 section 6.2.1 allows three). */
const MAX_DIGITS = 5

/**
 * Reads `<PRI>` at the start of the frame and moves behind it. Without one, or with a broken one, the priority becomes
 * the default (RFC 3164 section 4.3.3) with a fault. `hasPriority` says whether the brackets were there.
 */
export function readPriority(cursor: Cursor): void {
  const { bytes, frame, end, batch, row } = cursor
  batch.pri[row] = DEFAULT_PRI
  cursor.hasPriority = false
  if (frame >= end || bytes[frame] !== BYTE.less) {
    cursor.faults |= FAULT.noPriority
    return
  }
  let at = frame + 1
  let value = 0
  while (at < end && isDigit(bytes[at]!)) value = Math.min(value * 10 + bytes[at++]! - BYTE.zero, 100_000)
  const digits = at - frame - 1
  if (at === end || bytes[at] !== BYTE.greater || digits > MAX_DIGITS) {
    cursor.faults |= digits > 0 ? FAULT.badPriority : FAULT.noPriority
    return
  }
  cursor.hasPriority = true
  cursor.at = at + 1
  if (digits === 0 || value > HIGHEST_PRI) {
    cursor.faults |= FAULT.badPriority
    return
  }
  // A leading zero is forbidden, but the value is plain (RFC 5424 section 6.2.1).
  if (digits > 1 && bytes[frame + 1] === BYTE.zero) cursor.faults |= FAULT.badPriority
  batch.pri[row] = value
}
