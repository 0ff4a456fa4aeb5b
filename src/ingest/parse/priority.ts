import { DEFAULT_PRI } from '#domain/severity.ts'
import { BYTE, isDigit, skipBlanks, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'

const HIGHEST_PRI = 191
/** Longer runs of digits are text, not a priority (RFC 5424 section 6.2.1 allows three). */
const MAX_DIGITS = 5

/**
 * Reads `<PRI>` at the start of the frame and moves behind it and the blanks that some write there. Without one, or with a
 * broken one, the priority becomes the default (RFC 3164 section 4.3.3) with a fault. `hasPriority` says whether the brackets were there.
 */
export function readPriority(cursor: Cursor): void {
  const { bytes, frame, end, batch, row } = cursor
  batch.pri[row] = DEFAULT_PRI
  cursor.hasPriority = false
  const open = frame < end && bytes[frame] === BYTE.less ? frame : skipPadding(cursor)
  if (open < 0) {
    cursor.faults |= FAULT.noPriority
    return
  }
  let at = open + 1
  let value = 0
  while (at < end && isDigit(bytes[at]!)) value = Math.min(value * 10 + bytes[at++]! - BYTE.zero, 100_000)
  const digits = at - open - 1
  if (at === end || bytes[at] !== BYTE.greater || digits > MAX_DIGITS) {
    cursor.faults |= digits > 0 ? FAULT.badPriority : FAULT.noPriority
    if (at < end && digits > 0 && value <= HIGHEST_PRI) {
      // `<189 Feb  3`: the number is plain, if a header follows; else all of it is text, and the number is none.
      batch.pri[row] = value
      cursor.at = at
      skipBlanks(cursor)
    }
    return
  }
  cursor.hasPriority = true
  cursor.at = at + 1
  skipBlanks(cursor)
  if (digits === 0 || value > HIGHEST_PRI) {
    cursor.faults |= FAULT.badPriority
    return
  }
  // A leading zero is forbidden, but the value is plain (RFC 5424 section 6.2.1).
  if (digits > 1 && bytes[open + 1] === BYTE.zero) cursor.faults |= FAULT.badPriority
  batch.pri[row] = value
}

/** Blanks, line ends, NULs and a byte order mark before the priority are somebody's padding. @returns where `<` stands, -1 where none follows them */
function skipPadding({ bytes, frame, end }: Cursor): number {
  let at = frame
  if (end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3
  while (at < end && (bytes[at] === BYTE.space || (bytes[at]! >= BYTE.tab && bytes[at]! <= BYTE.return) || bytes[at] === BYTE.nul)) at++
  return at < end && bytes[at] === BYTE.less ? at : -1
}
