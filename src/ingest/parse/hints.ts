import { HINT } from '#domain/batch.ts'
import { APP } from '#domain/wire.ts'
import { BYTE, isDigit, startsWith, type Cursor } from './cursor.ts'
import { readCommandLineLabel, readLabelPrefix } from './label.ts'

const KERNEL_BANNER = 'Linux version '
const MICROSECONDS = 1_000_000

/** What an APP-NAME says about the message: bits of HINT. Length first: hardly any name goes further. */
export function appHint(cursor: Cursor, at: number, length: number): number {
  switch (length) {
    case 5: return startsWith(cursor, at, 'dhcpd') ? HINT.dhcp : 0
    case 6: return startsWith(cursor, at, 'kernel') ? HINT.kernel : 0
    case APP.ack.length: return startsWith(cursor, at, APP.ack) ? HINT.ack : 0
    case 11: return startsWith(cursor, at, APP.session) ? HINT.announcement : startsWith(cursor, at, APP.trigger) ? HINT.trigger : 0
    case 12: return startsWith(cursor, at, 'dnsmasq-dhcp') ? HINT.dhcp : startsWith(cursor, at, 'dnsmasq-tftp') ? HINT.tftp : 0
    default: return 0
  }
}

/** Looks at the start of the text, which begins at `cursor.at`, for a label prefix, a printk clock, a kernel's banner and its command line. */
export function readTextHints(cursor: Cursor): void {
  const { bytes, end } = cursor
  let at = cursor.at
  if (at < end && bytes[at] === BYTE.open) {
    at = readLabelPrefix(cursor)
    if (at < end && bytes[at] === BYTE.open) at = readPrintkClock(cursor, at)
  }
  if (at >= end) return
  const first = bytes[at]
  if (first === 0x4c && startsWith(cursor, at, KERNEL_BANNER)) cursor.hints |= HINT.kernelBanner
  else if (first === 0x43 || first === 0x4b) readCommandLineLabel(cursor, at)
}

/**
 * `[    2.134921] ` or, where the kernel names the caller, `[    2.134921][    T1] `.
 * @returns the position behind it, or `at` when there is no clock
 */
function readPrintkClock(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  let next = at + 1
  while (next < end && bytes[next] === BYTE.space) next++
  let seconds = 0
  const secondsAt = next
  while (next < end && isDigit(bytes[next]!)) seconds = seconds * 10 + bytes[next++]! - BYTE.zero
  if (next === secondsAt || next - secondsAt > 10 || next >= end || bytes[next] !== BYTE.dot) return at
  let fraction = 0
  let unit = MICROSECONDS
  const fractionAt = ++next
  while (next < end && isDigit(bytes[next]!)) {
    if (unit > 1) {
      unit /= 10
      fraction += (bytes[next]! - BYTE.zero) * unit
    }
    next++
  }
  if (next === fractionAt || next >= end || bytes[next] !== BYTE.close) return at
  next++
  if (next < end && bytes[next] === BYTE.open) {
    while (next < end && bytes[next] !== BYTE.close) next++
    next++
  }
  if (next < end && bytes[next] !== BYTE.space) return at
  cursor.hints |= HINT.printkClock
  cursor.batch.printkUs[cursor.row] = seconds * MICROSECONDS + fraction
  return Math.min(next + 1, end)
}
