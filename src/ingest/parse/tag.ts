import { TAG_BYTE } from './byte-class.ts'
import { BYTE, isDigit, skipBlanks, startsWith, type Cursor } from './cursor.ts'
import { writeApp, writeMsgid, writeProc } from './fields.ts'

/** Longest run of bytes looked at as a tag or as what stands in its brackets (RFC 3164 section 4.1.3 allows 32; systemd writes more). */
export const MAX_TAG = 128
const SOLARIS_ID = '[ID '
const OPEN_ROUND = 40
const CLOSE_ROUND = 41

/**
 * `tag: `, `tag[pid]: `, `tag[pid]:`, `tag[pid] ` or `tag(1234): ` at `cursor.at`; moves to the text behind it. A word without
 * colon and brackets is no tag.
 * @returns false, and nothing moved, where no tag stands
 */
export function readTag(cursor: Cursor): boolean {
  const { bytes, end, at: from } = cursor
  const limit = Math.min(end, from + MAX_TAG)
  let at = from
  while (at < limit && TAG_BYTE[bytes[at]!] === 1) at++
  if (at === from || at >= end) return false
  if (bytes[at] === BYTE.colon) return isTextNext(cursor, at + 1) && takeTag(cursor, bytes[at - 1] === CLOSE_ROUND ? beforeRoundPid(cursor, at) : at, at + 1)
  if (bytes[at] !== BYTE.open) return false
  const open = at
  const closeLimit = Math.min(end, open + MAX_TAG)
  while (at < closeLimit && bytes[at] !== BYTE.close && bytes[at]! > BYTE.space) at++
  if (at >= closeLimit || bytes[at] !== BYTE.close) return false
  const isColonNext = at + 1 < end && bytes[at + 1] === BYTE.colon
  if (!isColonNext && !isTextNext(cursor, at + 1)) return false
  if (at > open + 1) writeProc(cursor, open + 1, at)
  return takeTag(cursor, open, isColonNext ? at + 2 : at + 1)
}

const isTextNext = (cursor: Cursor, at: number): boolean => at >= cursor.end || cursor.bytes[at]! <= BYTE.space

/** `(1234)` before the colon at `colon` is a pid; `(pam_unix)` belongs to the tag. @returns where the tag ends */
function beforeRoundPid(cursor: Cursor, colon: number): number {
  const { bytes, at: from } = cursor
  let at = colon - 2
  while (at > from && isDigit(bytes[at]!)) at--
  if (at <= from || bytes[at] !== OPEN_ROUND || at === colon - 2) return colon
  writeProc(cursor, at + 1, colon - 1)
  return at
}

function takeTag(cursor: Cursor, tagEnd: number, behind: number): true {
  const { bytes, end } = cursor
  writeApp(cursor, cursor.at, tagEnd)
  cursor.at = behind < end && bytes[behind]! <= BYTE.space ? behind + 1 : Math.min(behind, end)
  if (cursor.at + 1 < end && bytes[cursor.at] === BYTE.open && bytes[cursor.at + 1] === 0x49) readSolarisId(cursor)
  return true
}

/** `[ID 702911 daemon.notice] ` of Solaris and illumos (log(4D)): the number identifies the text, the words repeat the priority. */
function readSolarisId(cursor: Cursor): void {
  const { bytes, end, at } = cursor
  if (!startsWith(cursor, at, SOLARIS_ID)) return
  const from = at + SOLARIS_ID.length
  const limit = Math.min(end, from + MAX_TAG)
  let next = from
  while (next < limit && isDigit(bytes[next]!)) next++
  const idEnd = next
  if (idEnd === from || next >= limit || bytes[next] !== BYTE.space) return
  while (next < limit && bytes[next] !== BYTE.close) next++
  if (next >= limit || (next + 1 < end && bytes[next + 1] !== BYTE.space)) return
  writeMsgid(cursor, from, idEnd)
  cursor.at = Math.min(next + 2, end)
}

const EVENT_DIGITS = 5
const SNARE = 'MSWinEventLog\t'

/**
 * Behind the host, where no plain tag stands: `00076 ports: text` (ArubaOS-Switch, the number is the event's), `MSWinEventLog<tab>` (Snare), MikroTik's
 * topics. Moves to the text.
 * @returns false, and nothing moved, where there is none of these
 */
export function readOddTag(cursor: Cursor): boolean {
  const { bytes, at, end } = cursor
  if (at >= end) return false
  if (bytes[at] === 0x4d && startsWith(cursor, at, SNARE)) {
    writeApp(cursor, at, at + SNARE.length - 1)
    cursor.at = at + SNARE.length
    return true
  }
  return isDigit(bytes[at]!) ? readEventTag(cursor) : readTopics(cursor)
}

function readEventTag(cursor: Cursor): boolean {
  const { bytes, at, end } = cursor
  const idEnd = at + EVENT_DIGITS
  if (idEnd >= end || bytes[idEnd] !== BYTE.space) return false
  for (let next = at; next < idEnd; next++) if (!isDigit(bytes[next]!)) return false
  cursor.at = idEnd
  skipBlanks(cursor)
  if (cursor.at < end && !isDigit(bytes[cursor.at]!) && readTag(cursor)) {
    writeMsgid(cursor, at, idEnd)
    return true
  }
  cursor.at = at
  return false
}

const TOPIC_LEVELS = ['info', 'error', 'warning', 'critical', 'debug'] as const

/**
 * RouterOS writes its topics before the text, joined by commas, a level among them: `dhcp,info dhcp1 assigned 10.0.0.5`. They are the tag.
 * @returns false, and nothing moved, where the first word is something else
 */
export function readTopics(cursor: Cursor): boolean {
  const { bytes, at: from, end } = cursor
  const limit = Math.min(end, from + MAX_TAG)
  let at = from
  let topic = from
  let hasLevel = false
  while (at < limit) {
    const byte = bytes[at]!
    if (byte === BYTE.comma || byte === BYTE.space) {
      if (at === topic) return false
      hasLevel ||= isTopicLevel(cursor, topic, at)
      if (byte === BYTE.space) break
      topic = at + 1
    } else if (!((byte >= 97 && byte <= 122) || byte === BYTE.dash || (byte === 33 && at === topic) || (isDigit(byte) && at > topic))) {
      return false
    }
    at++
  }
  if (at >= limit || topic === from || !hasLevel) return false
  writeApp(cursor, from, at)
  cursor.at = at + 1
  return true
}

function isTopicLevel(cursor: Cursor, from: number, to: number): boolean {
  for (const level of TOPIC_LEVELS) if (to - from === level.length && startsWith(cursor, from, level)) return true
  return false
}
