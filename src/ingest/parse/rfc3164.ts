import { monthNumber, readBsdStamp, readYearFirstStamp } from './bsd-stamp.ts'
import { readCisco } from './cisco.ts'
import { refineCisco } from './cisco-refine.ts'
import { NAME_BYTE } from './byte-class.ts'
import { BYTE, isDigit, skipBlanks, startsWith, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { writeApp, writeHost } from './fields.ts'
import { readFortiGate } from './fortigate.ts'
import { isHostWord, readForwarded, readHost } from './host.ts'
import { readEpochStamp, readLooseDateStamp } from './odd-stamp.ts'
import { MAX_TAG, readOddTag, readTag, readTopics } from './tag.ts'
import { readIsoStamp } from './timestamp.ts'
import { readWordBeforeTag } from './word-before-tag.ts'
import { readZone } from './zone.ts'

/**
 * The BSD form from its timestamp to the start of the text: `STAMP [HOST ]TAG[pid]: text`, with either of both RFCs' stamps.
 * busybox and musl send no host. Where there is a priority but no stamp, only a tag is looked for (RFC 3164 section 4.3.2):
 * the first word of `<38>User logged in` is no host.
 * @returns false, and nothing moved, where this is not the BSD form
 */
export function readRfc3164(cursor: Cursor): boolean {
  const { batch, row } = cursor
  if (readStamp(cursor)) {
    batch.format[row] = FORMAT.rfc3164
    readBehindStamp(cursor)
    return true
  }
  return readOddStamp(cursor) || readCisco(cursor) || readWithoutStamp(cursor)
}

function readStamp(cursor: Cursor): boolean {
  const { at, end, bytes } = cursor
  if (at >= end) return false
  const isNumeric = isDigit(bytes[at]!)
  const isStamp = isNumeric ? readIsoStamp(cursor) : readBsdStamp(cursor)
  if (isStamp && isNumeric && (cursor.faults & FAULT.noZone) !== 0) addZone(cursor)
  return isStamp ? endStamp(cursor, at) : reset(cursor, at)
}

/** A zone that a blank parts from its ISO stamp. */
function addZone(cursor: Cursor): void {
  const offset = readZone(cursor)
  if (!Number.isNaN(offset)) cursor.batch.sentMs[cursor.row]! -= offset
}

/** Behind a stamp stands its end, a blank or a colon (Cisco); anything else makes it something else. */
function endStamp(cursor: Cursor, from: number): boolean {
  const { bytes, end } = cursor
  if (cursor.at >= end) return true
  if (bytes[cursor.at] !== BYTE.space && bytes[cursor.at] !== BYTE.colon) return reset(cursor, from)
  cursor.at++
  return true
}

function reset(cursor: Cursor, at: number): false {
  cursor.at = at
  cursor.batch.sentMs[cursor.row] = NaN
  cursor.faults &= ~(FAULT.noZone | FAULT.noYear | FAULT.unknownZone | FAULT.badTimestamp)
  return false
}

/** Stamps that begin with the year but are not RFC 3339's; NX-OS is told by that, too. */
function readOddStamp(cursor: Cursor): boolean {
  const { batch, row, bytes, at, end } = cursor
  if (at >= end || !isDigit(bytes[at]!)) return false
  const isYearFirst = readYearFirstStamp(cursor)
  if (!isYearFirst && !readLooseDateStamp(cursor) && !readEpochStamp(cursor)) return false
  if (!endStamp(cursor, at)) return false
  batch.format[row] = FORMAT.rfc3164
  readBehindStamp(cursor)
  if (isYearFirst && batch.format[row] === FORMAT.ciscoIos) batch.format[row] = FORMAT.ciscoNxos
  return true
}

/** Host and tag, either of which may be missing. */
function readBehindStamp(cursor: Cursor): void {
  skipBlanks(cursor)
  const { bytes, end, batch, row } = cursor
  let tagAt = cursor.at
  let hasTag = false
  if (!readPlainHost(cursor)) hasTag = readTagOrHost(cursor)
  if (!hasTag) {
    if (mayBeForwarded(cursor)) readForwarded(cursor)
    tagAt = cursor.at
    hasTag = (tagAt < end && bytes[tagAt] === 0x53 && startsWith(cursor, tagAt, IDRAC) ? false : readTag(cursor)) || readOddTag(cursor)
    if (!hasTag && readWordBeforeTag(cursor)) {
      hasTag = true
      tagAt = cursor.frame + batch.appOff[row]!
    }
    if (!hasTag) cursor.faults |= FAULT.noApp
  }
  const first = tagAt < end ? bytes[tagAt]! : 0
  const isMark = first === BYTE.percent || first === BYTE.star || isDigit(first)
  if (isMark || (cursor.at < end && bytes[cursor.at] === BYTE.percent) || (!hasTag && isStampOrLocation(cursor))) refineCisco(cursor, { tagAt, hasTag })
}

/** What Cisco writes first behind a relay's host: a stamp (ASA `fw1 : Nov 22 …`), or the card (IOS-XR `RP/0/RP0/CPU0:`). */
function isStampOrLocation({ bytes, at, end }: Cursor): boolean {
  return at + LEAST_BEHIND_RELAY < end && (bytes[at + 2] === BYTE.slash || (bytes[at + 3] === BYTE.space && (isDigit(bytes[at + 4]!) || isDigit(bytes[at + 5]!)) && monthNumber(bytes, at) !== 0))
}
const LEAST_BEHIND_RELAY = 20

/** The usual case in one pass: a name or an IPv4 address, a blank, and more. It can be no tag, which has a colon or brackets. */
function readPlainHost(cursor: Cursor): boolean {
  const { bytes, end, at: from } = cursor
  let at = from
  while (at < end && NAME_BYTE[bytes[at]!] === 1) at++
  if (at === from || at + 1 >= end || bytes[at] !== BYTE.space || bytes[at + 1] === BYTE.colon || mayBeForwarded(cursor)) return false
  if (bytes[from] === 0x6c && startsWith(cursor, from, REPETITION)) return false
  writeHost(cursor, from, at)
  cursor.at = at + 1
  return true
}

/** Old syslogds write no host before it, and nothing that could be one. */
const REPETITION = 'last message repeated '

/** @returns whether a tag stands where the host would, and was read; else a host was, if there is one */
function readTagOrHost(cursor: Cursor): boolean {
  if (readTag(cursor)) {
    cursor.faults |= FAULT.noHost
    return true
  }
  if (startsWith(cursor, cursor.at, REPETITION)) cursor.faults |= FAULT.noHost
  else if (!mayBeForwarded(cursor) || !readForwarded(cursor)) readHost(cursor)
  return false
}

/** One look at its first byte, M or F. */
const mayBeForwarded = ({ bytes, at, end }: Cursor): boolean => at < end && (bytes[at] === 0x4d || bytes[at] === 0x46)

/** iDRAC writes no tag, and its text begins like one. */
const IDRAC = 'Severity: '

/** Only what is sure stands for a tag or a host here. */
function readWithoutStamp(cursor: Cursor): boolean {
  const { batch, row } = cursor
  if (!cursor.hasPriority) {
    if (!readTasmota(cursor) && !readTopics(cursor)) return false
  } else if (!readFortiGate(cursor)) {
    if (!(hasNumberForTag(cursor) ? false : readTag(cursor) || readTasmota(cursor) || readTopics(cursor))) backOverBlanks(cursor)
  }
  batch.format[row] = FORMAT.rfc3164
  if (Number.isNaN(batch.sentMs[row]!)) cursor.faults |= FAULT.noTimestamp
  if (batch.hostLen[row] === 0) cursor.faults |= FAULT.noHost
  if (batch.appLen[row] === 0) cursor.faults |= FAULT.noApp
  return true
}

/** `<189>65536: `: a counter, and nothing that it would count. */
function hasNumberForTag({ bytes, at, end }: Cursor): boolean {
  let next = at
  while (next < end && isDigit(bytes[next]!)) next++
  return next < end && bytes[next] === BYTE.colon
}

/** The blanks behind the priority belong to a text without a header. */
function backOverBlanks(cursor: Cursor): void {
  while (cursor.bytes[cursor.at - 1] === BYTE.space) cursor.at--
}

const ESP = ' ESP-'
const ESP_TAG_BYTES = 7

/** `HOST ESP-MQT: text` (Tasmota): its tags are sure, so the word before is the host. */
function readTasmota(cursor: Cursor): boolean {
  const { bytes, at, end } = cursor
  const limit = Math.min(end, at + MAX_TAG)
  let stop = at
  while (stop < limit && bytes[stop]! > BYTE.space) stop++
  const colon = stop + 1 + ESP_TAG_BYTES
  if (!startsWith(cursor, stop, ESP) || colon >= end || bytes[colon] !== BYTE.colon || !isHostWord(bytes, at, stop)) return false
  writeHost(cursor, at, stop)
  writeApp(cursor, stop + 1, colon)
  cursor.at = Math.min(colon + 2, end)
  return true
}
