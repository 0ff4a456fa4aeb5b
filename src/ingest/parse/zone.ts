import { BYTE, isDigit, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/**
 * Names that mean one offset worldwide, in minutes east of UTC: every zone of today's IANA data that writes the name writes it
 * for the same offset, and no other country is known to use it. (Australia wrote EST for its own east until 2014; it is AEST since.)
 */
const MINUTES = {
  UTC: 0, UCT: 0, GMT: 0, WET: 0, WEST: 60, CET: 60, CEST: 120, MET: 60, MEST: 120, EET: 120, EEST: 180, MSK: 180, SAST: 120, PKT: 300,
  HKT: 480, JST: 540, KST: 540, AWST: 480, ACST: 570, ACDT: 630, AEST: 600, AEDT: 660, NZST: 720, NZDT: 780,
  NDT: -150, EDT: -240, EST: -300, MDT: -360, PDT: -420, AKDT: -480, AKST: -540, HST: -600,
} as const

/**
 * Names that several places share: Chicago, Havana and Shanghai (CST), Chicago and Havana (CDT), London and Dhaka (BST), Delhi, Dublin
 * and Jerusalem (IST), Los Angeles and Manila (PST), Denver and Kuala Lumpur (MST), Halifax and Riyadh (AST), Pago Pago and
 * Singapore (SST), the Gulf and South Georgia (GST), St John's and Nepal (NST). They are zones, but nobody can say which.
 */
const SHARED = ['CST', 'CDT', 'BST', 'IST', 'PST', 'MST', 'AST', 'SST', 'GST', 'NST'] as const

/** The names that are taken, and those that are passed as unknown; docs/reference/dialects.md lists them. */
export const ZONE_NAMES: { readonly taken: readonly string[]; readonly shared: readonly string[] } = { taken: Object.keys(MINUTES), shared: SHARED }

const MAX_NAME = 4
const pack = (name: string): number => name.split('').reduce((packed, letter) => packed * 256 + letter.charCodeAt(0), 0)
const ZONES: ReadonlyMap<number, number> = new Map<number, number>([
  ...Object.entries(MINUTES).map(([name, minutes]) => [pack(name), minutes * MINUTE_MS] as const),
  ...SHARED.map((name) => [pack(name), NaN] as const),
])
/** Names that an offset follows: `UTC+2`, `GMT-05:00`, and `TZ-6` of RFC 3164 section 5.4. */
const BASES = [pack('UTC'), pack('GMT'), pack('TZ')] as const

/**
 * The zone behind a stamp that ended at `cursor.at`: `Z`, `+01:00`, `+0100`, `+01`, a name of the table, `UTC+2`; next to the
 * time or behind one blank. Moves behind it and takes the fault `no-zone` back; a name that places share is passed with `unknown-zone`.
 * @returns milliseconds east of UTC; NaN, and nothing moved, where no zone stands
 */
export function readZone(cursor: Cursor): number {
  const { bytes, end, at } = cursor
  if (at >= end) return NaN
  const from = bytes[at] === BYTE.space ? at + 1 : at
  const offset = from < end ? readOffset(cursor, from) : NaN
  if (!Number.isNaN(offset)) {
    cursor.faults &= ~FAULT.noZone
    return offset
  }
  return readName(cursor, from)
}

/** `Z` or letters in upper case, and an offset behind some of them. */
function readName(cursor: Cursor, from: number): number {
  const { bytes, end } = cursor
  let at = from
  let packed = 0
  while (at < end && at - from <= MAX_NAME && bytes[at]! >= 65) packed = packed * 256 + bytes[at++]!
  if (BASES.includes(packed) && at < end && (bytes[at] === BYTE.plus || bytes[at] === BYTE.dash)) {
    const offset = readOffset(cursor, at)
    if (!Number.isNaN(offset)) cursor.faults &= ~FAULT.noZone
    return offset
  }
  const isZulu = at - from === 1 && bytes[from] === 90 && from === cursor.at
  const offset = isZulu ? 0 : ZONES.get(packed)
  if (offset === undefined || !isDelimiter(cursor, at)) return NaN
  cursor.at = at
  if (Number.isNaN(offset)) {
    cursor.faults |= FAULT.unknownZone
    return 0
  }
  cursor.faults &= ~FAULT.noZone
  return offset
}

/** `+h`, `+hh`, `+hhmm` or `+hh:mm` at `at` in milliseconds; moves behind it. NaN, and nothing moved, where it is something else. */
function readOffset(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  const sign = bytes[at]
  if (sign !== BYTE.plus && sign !== BYTE.dash) return NaN
  let next = at + 1
  let value = 0
  while (next < end && next - at <= 4 && isDigit(bytes[next]!)) value = value * 10 + bytes[next++]! - BYTE.zero
  const digits = next - at - 1
  if (digits === 0 || digits === 3) return NaN
  const hours = digits === 4 ? (value / 100) | 0 : value
  let minutes = digits === 4 ? value % 100 : 0
  if (digits <= 2 && next + 2 < end && bytes[next] === BYTE.colon && isDigit(bytes[next + 1]!) && isDigit(bytes[next + 2]!)) {
    minutes = (bytes[next + 1]! - BYTE.zero) * 10 + bytes[next + 2]! - BYTE.zero
    next += 3
  }
  if (hours > 23 || minutes > 59 || !isDelimiter(cursor, next)) return NaN
  cursor.at = next
  return (sign === BYTE.plus ? 1 : -1) * (hours * HOUR_MS + minutes * MINUTE_MS)
}

/** The end, a blank, a colon. */
function isDelimiter({ bytes, end }: Cursor, at: number): boolean {
  return at >= end || bytes[at] === BYTE.space || bytes[at] === BYTE.colon
}

/** The longest name that IOS takes for a zone (`clock timezone NAME offset`). */
const MAX_FREE_NAME = 7
const MIN_FREE_NAME = 3

/** Whether the bytes could be a zone's name that somebody made up (`NewYork`): 3–7 letters. */
export function isFreeZoneName(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < MIN_FREE_NAME || to - from > MAX_FREE_NAME) return false
  for (let at = from; at < to; at++) if ((bytes[at]! | 0x20) < 97 || (bytes[at]! | 0x20) > 122) return false
  return true
}
