import { HINT } from '#domain/batch.ts'
import { readBsdStamp, readYearFirstStamp } from './bsd-stamp.ts'
import { HOST_BYTE, TAG_BYTE } from './byte-class.ts'
import { readMnemonic } from './cisco-mnemonic.ts'
import { readUptime } from './cisco-uptime.ts'
import { BYTE, isDigit, skipBlanks, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { writeHost, writeMsgid, writeProc } from './fields.ts'
import { isHostWord } from './host.ts'
import { elementEnd } from './structured-data.ts'
import { MAX_TAG } from './tag.ts'
import { readIsoStamp } from './timestamp.ts'
import { isFreeZoneName, readZone } from './zone.ts'

/** What was met before the mnemonic. */
const SEEN = { number: 1, stamp: 2, mark: 4, colon: 8, host: 16, yearFirst: 32, mnemonic: 64, firewall: 128, other: 256 } as const
/** Numbers, host, session id, stamp, location, process, context: no configuration writes more. */
const MAX_PREFIXES = 10
const NEVER_READ = FAULT.noHost | FAULT.noApp | FAULT.noTimestamp
const STAMP_FAULTS = FAULT.noZone | FAULT.noYear | FAULT.unknownZone | FAULT.badTimestamp

/**
 * Cisco's header (System Message Guide): `[counter: ][host: ][seq: ][*|.]STAMP[ ZONE]: [location|process: ]%FAC-SEV-MNEMONIC: text`,
 * every part of which may be switched on or off, from `cursor.at`, behind a relay's stamp and host as well. It is told by its
 * mnemonic, or by a number or a clock mark before its stamp. PROCID is the sequence number, MSGID the process or the location.
 * @returns false, and nothing moved or written, where this is something else
 */
export function readCisco(cursor: Cursor): boolean {
  const { batch, row, at, faults } = cursor
  const hostOff = batch.hostOff[row]!
  const hostLen = batch.hostLen[row]!
  const sentMs = batch.sentMs[row]!
  let seen = readUntil(cursor, 0, SEEN.stamp | SEEN.mnemonic)
  if ((seen & SEEN.stamp) !== 0) seen = readBehindStamp(cursor, seen)
  if ((seen & (SEEN.mnemonic | SEEN.stamp)) === 0) {
    cursor.at = at
    cursor.faults = faults
    batch.hostOff[row] = hostOff
    batch.hostLen[row] = hostLen
    batch.sentMs[row] = sentMs
    clearFields(cursor)
    return false
  }
  cursor.faults &= ~NEVER_READ
  if ((seen & SEEN.number) !== 0) cursor.hints |= HINT.sequence
  if (batch.hostLen[row] === 0) cursor.faults |= FAULT.noHost
  if (batch.appLen[row] === 0) cursor.faults |= FAULT.noApp
  if (Number.isNaN(batch.sentMs[row]!) && (cursor.faults & (FAULT.uptimeStamp | FAULT.badTimestamp)) === 0) cursor.faults |= FAULT.noTimestamp
  batch.format[row] = (seen & SEEN.firewall) !== 0 ? FORMAT.ciscoAsa : (seen & SEEN.yearFirst) !== 0 ? FORMAT.ciscoNxos : FORMAT.ciscoIos
  return true
}

/** A mnemonic behind host and process, or none: what a debug command prints has no mnemonic, and its text follows the stamp. */
function readBehindStamp(cursor: Cursor, seen: number): number {
  const { batch, row, at } = cursor
  const hostOff = batch.hostOff[row]!
  const hostLen = batch.hostLen[row]!
  const msgidOff = batch.msgidOff[row]!
  const msgidLen = batch.msgidLen[row]!
  const next = readUntil(cursor, seen, SEEN.mnemonic)
  if ((next & SEEN.mnemonic) !== 0) return next
  cursor.at = at
  skipBlanks(cursor)
  batch.hostOff[row] = hostOff
  batch.hostLen[row] = hostLen
  batch.msgidOff[row] = msgidOff
  batch.msgidLen[row] = msgidLen
  return cursor.hasPriority && (seen & (SEEN.number | SEEN.mark | SEEN.colon | SEEN.yearFirst)) !== 0 ? seen : 0
}

function clearFields({ batch, row }: Cursor): void {
  batch.procLen[row] = 0
  batch.msgidLen[row] = 0
  batch.sdLen[row] = 0
  batch.procOff[row] = 0
  batch.msgidOff[row] = 0
  batch.sdOff[row] = 0
}

/** Reads prefixes until one of `wanted` was met or something else stands. @returns all that was met */
function readUntil(cursor: Cursor, seenBefore: number, wanted: number): number {
  let seen = seenBefore
  for (let n = 0; n < MAX_PREFIXES; n++) {
    skipBlanks(cursor)
    if (cursor.at >= cursor.end) return seen
    const met = readPrefix(cursor, seen)
    if (met === 0) return seen
    seen |= met
    if ((met & wanted) !== 0) return seen
  }
  return seen
}

/** @returns bits of SEEN, 0 where nothing was moved */
function readPrefix(cursor: Cursor, seen: number): number {
  const byte = cursor.bytes[cursor.at]!
  if (byte === BYTE.percent) {
    const format = readMnemonic(cursor)
    return format === 0 ? readContext(cursor) : format === FORMAT.ciscoAsa ? SEEN.mnemonic | SEEN.firewall : SEEN.mnemonic
  }
  if (byte === BYTE.colon) {
    cursor.at++
    return seen === 0 ? SEEN.colon : SEEN.other
  }
  if (byte === BYTE.open) return readSessionId(cursor)
  if ((seen & SEEN.stamp) === 0) {
    const met = readClock(cursor)
    if (met !== 0) return met
    const number = readNumber(cursor)
    if (number !== 0) return number
  }
  return readName(cursor, seen)
}

/** `82: `: the message counter, or the number of `service sequence-numbers`, which comes later and stays. */
function readNumber(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  let next = at
  while (next < end && next - at < MAX_TAG && isDigit(bytes[next]!)) next++
  if (next + 1 >= end || bytes[next] !== BYTE.colon || bytes[next + 1] !== BYTE.space) return 0
  writeProc(cursor, at, next)
  cursor.at = next + 1
  return SEEN.number
}

/** `%$ VDC-1 %$ ` of NX-OS: which of the virtual devices speaks. */
function readContext(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  const limit = Math.min(end, at + MAX_TAG) - 1
  if (at + 2 >= limit || bytes[at + 1] !== DOLLAR) return 0
  for (let next = at + 2; next < limit; next++) {
    if (bytes[next] !== BYTE.percent || bytes[next + 1] !== DOLLAR) continue
    cursor.at = next + 2
    return SEEN.other
  }
  return 0
}
const DOLLAR = 36

/** `[syslog@9 s_sn="51" s_id="sw1:666"]: ` (`logging host … session-id`): structured data, as in RFC 5424. */
function readSessionId(cursor: Cursor): number {
  const { bytes, at, end, batch, row, frame } = cursor
  const close = elementEnd(cursor, at)
  if (close < 0 || close - at > 2 * MAX_TAG || close + 1 >= end || bytes[close + 1] !== BYTE.colon) return 0
  batch.sdOff[row] = at - frame
  batch.sdLen[row] = close + 1 - at
  cursor.at = close + 2
  return SEEN.other
}

/** `[*|.]STAMP[ ZONE]:`, with the time of day or since the start of the device. */
function readClock(cursor: Cursor): number {
  const { bytes, at, faults, batch, row } = cursor
  const mark = bytes[at] === BYTE.star ? FAULT.clockNotSet : bytes[at] === BYTE.dot ? FAULT.clockNotSynced : 0
  if (mark !== 0) cursor.at++
  const sentMs = batch.sentMs[row]!
  cursor.faults &= ~STAMP_FAULTS
  let met = 0
  if (readYearFirstStamp(cursor)) met = SEEN.stamp | SEEN.yearFirst
  else if (readBsdStamp(cursor) || readIsoStamp(cursor)) met = SEEN.stamp
  if (met !== 0) {
    readZoneName(cursor)
    if (isAfterStamp(cursor)) {
      cursor.faults |= mark
      if (cursor.at < cursor.end) cursor.at++
      return mark === 0 ? met : met | SEEN.mark
    }
  }
  cursor.faults = faults
  batch.sentMs[row] = sentMs
  cursor.at = mark === 0 ? at : at + 1
  if (readUptime(cursor)) {
    cursor.faults |= mark | FAULT.uptimeStamp
    return mark === 0 ? SEEN.stamp : SEEN.stamp | SEEN.mark
  }
  cursor.at = at
  return 0
}

const isAfterStamp = ({ bytes, at, end }: Cursor): boolean => at >= end || bytes[at] === BYTE.space || bytes[at] === BYTE.colon

/** What stands between the stamp and its colon: a zone's name, which the device's administrator chose. */
function readZoneName(cursor: Cursor): void {
  const { bytes, at, end } = cursor
  if ((cursor.faults & FAULT.noZone) === 0 || at + 1 >= end || bytes[at] !== BYTE.space) return
  if ((cursor.faults & FAULT.unknownZone) === 0) {
    const offset = readZone(cursor)
    if (!Number.isNaN(offset)) {
      cursor.batch.sentMs[cursor.row]! -= offset
      return
    }
  }
  let stop = at + 1
  while (stop < end && stop - at < MAX_TAG && bytes[stop] !== BYTE.colon) stop++
  if (stop + 1 >= end || bytes[stop + 1] !== BYTE.space || !isFreeZoneName(bytes, at + 1, stop)) return
  cursor.faults |= FAULT.unknownZone
  cursor.at = stop
}

/** `host: `, `host ` once, `RP/0/RP0/CPU0:`, `bgp[1097]: `, `*spamApTask1: `. */
function readName(cursor: Cursor, seen: number): number {
  const { bytes, at, end, batch, row } = cursor
  const limit = Math.min(end, at + MAX_TAG)
  let stop = at
  while (stop < limit && TAG_BYTE[bytes[stop]!] === 1) stop++
  if (stop < limit && bytes[stop] === BYTE.open) stop = pidEnd(cursor, stop)
  if (stop >= limit) return 0
  const isColon = bytes[stop] === BYTE.colon
  const isLocation = isColon && stop + 1 < end && bytes[stop + 1] !== BYTE.space
  if (isLocation && !holds(cursor, { from: at, to: stop, byte: BYTE.slash })) return readIpv6Host(cursor)
  if (!isColon && bytes[stop] !== BYTE.space) return 0
  const mayBeHost = (seen & SEEN.host) === 0 && ((seen & SEEN.stamp) === 0 || batch.hostLen[row] === 0)
  if (mayBeHost && isHostWord(bytes, at, stop) && !isNumber(bytes, at, stop)) {
    writeHost(cursor, at, stop)
    cursor.at = stop + 1
    return SEEN.host
  }
  if (!isColon) return 0
  writeMsgid(cursor, at, stop)
  cursor.at = stop + 1
  return SEEN.other
}

/** Behind `[1097]` whose bracket opens at `open`, or `open`. */
function pidEnd({ bytes, end }: Cursor, open: number): number {
  let next = open + 1
  while (next < end && next - open < MAX_TAG && bytes[next]! > BYTE.space && bytes[next] !== BYTE.close) next++
  return next < end && bytes[next] === BYTE.close ? next + 1 : open
}

function holds({ bytes }: Cursor, { from, to, byte }: { readonly from: number; readonly to: number; readonly byte: number }): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === byte) return true
  return false
}

/** `2001:db8::1: ` (`logging origin-id ipv6`). */
function readIpv6Host(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  let stop = at
  let colons = 0
  while (stop < end && stop - at < MAX_TAG && HOST_BYTE[bytes[stop]!] === 1) if (bytes[stop++] === BYTE.colon) colons++
  if (colons < 3 || stop >= end || bytes[stop] !== BYTE.space || bytes[stop - 1] !== BYTE.colon) return 0
  writeHost(cursor, at, stop - 1)
  cursor.at = stop
  return SEEN.host
}

function isNumber(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isDigit(bytes[at]!)) return false
  return true
}
