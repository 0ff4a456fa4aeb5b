import { BYTE, isDigit, startsWith, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'

/** Of Apple's ASL: `--- last message repeated 3 times ---`. */
const RULE = '--- '
const LAST = 'last '
const REPEATED = 'message repeated '
/** Of syslog-ng: `Last message 'text' repeated 3 times, suppressed by syslog-ng on host`. */
const QUOTED = "Last message '"
const BEHIND_QUOTED = "' repeated "
const TIMES = ' time'

/** Marks a text at `at` that stands for several: of BSD, Solaris, sysklogd, rsyslog (`message repeated 3 times: [ text]`), syslog-ng and ASL. */
export function readRepeated(cursor: Cursor, at: number): void {
  const count = startsWith(cursor, at, QUOTED) ? behindQuoted(cursor, at + QUOTED.length) : behindWords(cursor, at)
  if (isCount(cursor, count)) cursor.faults |= FAULT.repeated
}

/** `last` may stand before it, and is missing where a header without a tag took it for the host. */
function behindWords(cursor: Cursor, from: number): number {
  let at = startsWith(cursor, from, RULE) ? from + RULE.length : from
  if (startsWith(cursor, at, LAST) || startsWith(cursor, at, 'Last ')) at += LAST.length
  return startsWith(cursor, at, REPEATED) ? at + REPEATED.length : cursor.end
}

/** The quoted text may hold anything: the last place counts. */
function behindQuoted(cursor: Cursor, from: number): number {
  for (let at = cursor.end - BEHIND_QUOTED.length; at >= from; at--) {
    if (startsWith(cursor, at, BEHIND_QUOTED)) return at + BEHIND_QUOTED.length
  }
  return cursor.end
}

/** Digits and ` time` or ` times`, which nothing but a mark or a blank follows. */
function isCount(cursor: Cursor, from: number): boolean {
  const { bytes, end } = cursor
  let at = from
  while (at < end && isDigit(bytes[at]!)) at++
  if (at === from || !startsWith(cursor, at, TIMES)) return false
  at += TIMES.length
  if (at < end && bytes[at] === 0x73) at++
  return at === end || bytes[at] === BYTE.space || bytes[at] === BYTE.colon || bytes[at] === BYTE.comma || bytes[at] === BYTE.dot
}
