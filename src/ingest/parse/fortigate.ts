import { dayStartMs, daysInMonth } from './calendar.ts'
import { BYTE, startsWith, type Cursor } from './cursor.ts'
import { FAULT } from './fault-bits.ts'
import { writeHost } from './fields.ts'
import { HOUR_MS, MINUTE_MS, two } from './timestamp.ts'

const DATE = 'date='
const TIME = ' time='
const TIME_AT = DATE.length + 10
const NEEDED = TIME_AT + TIME.length + 8
const NAME = ' devname='
const ZONE = ' tz="'
/** The fields wanted stand among the first ones. */
const LOOK_BYTES = 512

/**
 * FortiGate (FortiOS): no header, `date=2026-11-22 time=13:21:39 devname="fg-1" … tz="+0100" …`. The time and the host are read; all of it
 * stays the text, so that its fields are found.
 * @returns false, and nothing written, where something else stands
 */
export function readFortiGate(cursor: Cursor): boolean {
  const { at, end, bytes } = cursor
  if (end - at < NEEDED || !startsWith(cursor, at, DATE) || !startsWith(cursor, at + TIME_AT, TIME) || !readTime(cursor)) return false
  const stop = Math.min(end, at + LOOK_BYTES)
  for (let next = at + TIME_AT; next < stop; next++) {
    if (bytes[next] !== BYTE.space) continue
    if (startsWith(cursor, next, NAME)) readName(cursor, next + NAME.length)
    else if (startsWith(cursor, next, ZONE)) addZone(cursor, next + ZONE.length)
  }
  return true
}

function readTime(cursor: Cursor): boolean {
  const { bytes, at: from, batch, row } = cursor
  const date = from + DATE.length
  const time = from + TIME_AT + TIME.length
  const year = two(bytes, date) * 100 + two(bytes, date + 2)
  const month = two(bytes, date + 5)
  const day = two(bytes, date + 8)
  const hour = two(bytes, time)
  const minute = two(bytes, time + 3)
  const second = two(bytes, time + 6)
  if (year > 9999 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return false
  batch.sentMs[row] = dayStartMs(year, month, day) + hour * HOUR_MS + minute * MINUTE_MS + second * 1000
  cursor.faults |= FAULT.noZone
  return true
}

/** The value of `devname`, in quotes since FortiOS 5.4. */
function readName(cursor: Cursor, from: number): void {
  const { bytes, end } = cursor
  const at = from < end && bytes[from] === BYTE.quote ? from + 1 : from
  let stop = at
  while (stop < end && bytes[stop] !== BYTE.quote && bytes[stop]! > BYTE.space) stop++
  if (stop > at) writeHost(cursor, at, stop)
}

/** `+0100"` at `at`. */
function addZone(cursor: Cursor, at: number): void {
  const { bytes, end, batch, row } = cursor
  if (at + 5 > end || (bytes[at] !== BYTE.plus && bytes[at] !== BYTE.dash) || (cursor.faults & FAULT.noZone) === 0) return
  const hours = two(bytes, at + 1)
  const minutes = two(bytes, at + 3)
  if (hours > 23 || minutes > 59) return
  batch.sentMs[row]! -= (bytes[at] === BYTE.plus ? 1 : -1) * (hours * HOUR_MS + minutes * MINUTE_MS)
  cursor.faults &= ~FAULT.noZone
}
