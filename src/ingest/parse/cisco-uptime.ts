import { BYTE, isDigit, type Cursor } from './cursor.ts'

/** The letters of weeks and days, years and weeks, days and hours. */
const UNITS = new Set(Buffer.from('ywdh'))
const MAX_DIGITS = 5

/** `00:20:10:`, `1d02h:`, `3w2d:`, `2y10w:`: the time since the start of the device (`service timestamps log uptime`); moves behind its colon. */
export function readUptime(cursor: Cursor): boolean {
  const { bytes, end, at } = cursor
  const first = digitsEnd(cursor, at)
  if (first === at || first >= end) return false
  const stop = bytes[first] === BYTE.colon ? clockEnd(cursor, first) : unitsEnd(cursor, first)
  if (stop === 0 || stop >= end || bytes[stop] !== BYTE.colon || (stop + 1 < end && bytes[stop + 1] !== BYTE.space)) return false
  cursor.at = stop + 1
  return true
}

/** Behind `:mm:ss`, or 0. */
function clockEnd(cursor: Cursor, colon: number): number {
  const second = digitsEnd(cursor, colon + 1)
  if (second !== colon + 3 || second >= cursor.end || cursor.bytes[second] !== BYTE.colon) return 0
  const third = digitsEnd(cursor, second + 1)
  return third === second + 3 ? third : 0
}

/** Behind `d02h`, or 0. */
function unitsEnd(cursor: Cursor, unit: number): number {
  const { bytes, end } = cursor
  if (!UNITS.has(bytes[unit]!)) return 0
  const second = digitsEnd(cursor, unit + 1)
  return second > unit + 1 && second < end && UNITS.has(bytes[second]!) ? second + 1 : 0
}

function digitsEnd({ bytes, end }: Cursor, from: number): number {
  let at = from
  while (at < end && at - from < MAX_DIGITS && isDigit(bytes[at]!)) at++
  return at
}
