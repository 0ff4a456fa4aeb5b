import { HINT } from '#domain/batch.ts'
import { BYTE, isDigit, startsWith, type Cursor } from './cursor.ts'
import { familyHint, readHpsSeverity } from './hps.ts'
import { readCommandLineLabel, readLabelLevel, readLabelPrefix } from './label.ts'
import { readRepeated } from './repeated.ts'

const KERNEL_BANNER = 'Linux version '
const MICROSECONDS = 1_000_000

/** What an APP-NAME says about the message: bits of HINT. Length first: hardly any name goes further. */
export function appHint(cursor: Cursor, at: number, length: number): number {
  if (cursor.bytes[at] === 0x68 && startsWith(cursor, at, 'hps')) return familyHint(cursor, at, length)
  switch (length) {
    case 5: return startsWith(cursor, at, 'dhcpd') ? HINT.dhcp : startsWith(cursor, at, 'tftpd') ? HINT.tftp : 0
    case 6: return startsWith(cursor, at, 'kernel') ? HINT.kernel : startsWith(cursor, at, 'udhcpd') ? HINT.dhcp : startsWith(cursor, at, 'atftpd') ? HINT.tftp : 0
    case 8: return startsWith(cursor, at, 'in.tftpd') ? HINT.tftp : 0
    case 9: return startsWith(cursor, at, 'kea-dhcp4') || startsWith(cursor, at, 'kea-dhcp6') ? HINT.dhcp : 0
    case 12: return startsWith(cursor, at, 'dnsmasq-dhcp') ? HINT.dhcp : startsWith(cursor, at, 'dnsmasq-tftp') ? HINT.tftp : 0
    default: return 0
  }
}

/** Looks at the start of the text, which begins at `cursor.at`, for a label prefix, a printk clock, a kernel's banner and its command line, a repetition, and the severity in an HPS line. */
export function readTextHints(cursor: Cursor): void {
  const { bytes, end } = cursor
  let at = cursor.at
  let isLevelSaid = false
  if (at < end && bytes[at] === BYTE.open) {
    at = readLabelPrefix(cursor)
    isLevelSaid = readLabelLevel(cursor, at)
    if (at < end && bytes[at] === BYTE.open) at = readPrintkClock(cursor, at)
  }
  if (at >= end) return
  switch (bytes[at]) {
    case 0x4c: // L
      if (startsWith(cursor, at, KERNEL_BANNER)) cursor.hints |= HINT.kernelBanner
      else readRepeated(cursor, at)
      break
    case 0x43: // C
    case 0x4b: // K
      readCommandLineLabel(cursor, at)
      break
    case 0x6c: // l
    case 0x6d: // m
    case BYTE.dash:
      readRepeated(cursor, at)
      break
  }
  if (!isLevelSaid && (cursor.hints & HINT.hps) !== 0) readHpsSeverity(cursor, at)
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
