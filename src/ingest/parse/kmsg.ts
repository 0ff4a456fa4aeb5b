import { HINT, MAX_FRAME_BYTES } from '#domain/batch.ts'
import { DEFAULT_PRI } from '#domain/severity.ts'
import { BYTE, isDigit, startsWith, type Cursor } from './cursor.ts'
import { FAULT, FORMAT } from './fault-bits.ts'
import { writeProc } from './fields.ts'
import { KERNEL_ARGUMENT, writeLabel } from './label.ts'

/** A header that is longer is text. */
const MAX_HEADER = 256
/** Longest `uname -r` (UTS_RELEASE of the kernel). */
const MAX_RELEASE = 64
const MAX_LEVEL_DIGITS = 5
/** Three hundred years of microseconds. */
const MAX_CLOCK_DIGITS = 16
const HIGHEST_PRI = 191
const SEMICOLON = 59
const CALLER = ',caller='
const FRAGMENT = ',ncfrag='
const KERNEL = 'kernel'

/**
 * A record of the kernel (kernel Documentation/ABI/testing/dev-kmsg, networking/netconsole): `level,seq,ts_us,flags[,key=value…];text`,
 * perhaps with the kernel's release and a comma before it, and lines ` KEY=value` behind the text. Those become the structured data, as they are.
 * APP-NAME is `kernel`, PROCID the record's number, MSGID its caller.
 * @returns false, and nothing moved, where this is something else
 */
export function readKmsg(cursor: Cursor): boolean {
  const { bytes, at, end, batch, row, frame } = cursor
  const body = kmsgBody(bytes, at, end)
  if (body < 0) return false
  const level = isNumberField(bytes, at, end) ? at : behindComma(bytes, at)
  const seq = behindComma(bytes, level)
  const clock = behindComma(bytes, seq)
  const levelValue = numberAt(bytes, level)
  if (levelValue > HIGHEST_PRI) cursor.faults |= FAULT.badPriority
  batch.pri[row] = levelValue > HIGHEST_PRI ? (DEFAULT_PRI & ~7) | (levelValue & 7) : levelValue
  batch.format[row] = FORMAT.kmsg
  batch.printkUs[row] = numberAt(bytes, clock)
  cursor.hints |= HINT.kernel | HINT.printkClock | HINT.sequence
  cursor.faults = (cursor.faults & ~FAULT.noPriority) | FAULT.noHost
  writeProc(cursor, seq, clock - 1)
  const caller = findKey(cursor, CALLER, clock, body)
  if (caller >= 0) {
    batch.msgidOff[row] = caller - frame
    batch.msgidLen[row] = valueEnd(bytes, caller) - caller
  }
  const fragment = readFragment(bytes, at, frame + batch.frameLen[row]!)
  if (fragment !== undefined && !fragment.isWhole) cursor.faults |= FAULT.pieceMissing
  appendKernel(cursor)
  cursor.at = body
  readDictionary(cursor)
  return true
}

/** Where the text of a record of the kernel that begins at `from` begins, or -1 where none does. */
export function kmsgBody(bytes: Uint8Array, from: number, end: number): number {
  if (from >= end || !isDigit(bytes[from]!)) return -1
  const level = isNumberField(bytes, from, end) ? from : behindRelease(bytes, from, end)
  if (!isNumberField(bytes, level, end) || behindComma(bytes, level) - level > MAX_LEVEL_DIGITS + 1) return -1
  const seq = behindComma(bytes, level)
  if (!isNumberField(bytes, seq, end)) return -1
  let at = behindComma(bytes, seq)
  const clock = at
  while (at < end && isDigit(bytes[at]!)) at++
  if (at === clock || at - clock > MAX_CLOCK_DIGITS || at >= end || (bytes[at] !== BYTE.comma && bytes[at] !== SEMICOLON)) return -1
  const limit = Math.min(end, from + MAX_HEADER)
  while (at < limit && bytes[at] !== SEMICOLON && bytes[at]! > BYTE.space) at++
  return at < limit && bytes[at] === SEMICOLON ? at + 1 : -1
}

/** A record that netconsole has cut into pieces of about 1,000 bytes: what this one is of. */
export interface Fragment {
  /** Where `,ncfrag=` begins: what is before it is the same in all pieces. */
  readonly keyEnd: number
  readonly body: number
  /** Place of this piece's bytes in the record's. */
  readonly offset: number
  /** Bytes of the whole record behind the header. */
  readonly length: number
  readonly isWhole: boolean
}

/** `ncfrag=offset/length` of the record at `from`, whose frame ends at `end` (its newline belongs to it), or undefined where it was not cut. */
export function readFragment(bytes: Uint8Array, from: number, end: number): Fragment | undefined {
  const body = kmsgBody(bytes, from, end)
  const key = findIn(bytes, FRAGMENT, from, body)
  if (key < 0) return undefined
  const offsetAt = key + FRAGMENT.length
  let slash = offsetAt
  while (isDigit(bytes[slash]!)) slash++
  if (slash === offsetAt || bytes[slash] !== BYTE.slash || !isDigit(bytes[slash + 1]!)) return undefined
  const [offset, length] = [numberAt(bytes, offsetAt), numberAt(bytes, slash + 1)]
  return { keyEnd: key, body, offset, length, isWhole: offset === 0 && end - body >= length }
}

/**
 * Gives the row the APP-NAME `kernel`, which the kernel does not send: appended behind the frame's bytes, where nothing else lies there yet.
 * The raw bytes of the formats kmsg and netconsole end before it.
 */
export function appendKernel({ batch, row, frame }: Cursor): void {
  const length = batch.frameLen[row]!
  const behind = frame + length
  if (length + KERNEL.length > MAX_FRAME_BYTES || behind !== batch.byteCount || behind + KERNEL.length > batch.bytes.length) return
  for (let i = 0; i < KERNEL.length; i++) batch.bytes[behind + i] = KERNEL.charCodeAt(i)
  batch.byteCount = behind + KERNEL.length
  batch.frameLen[row] = length + KERNEL.length
  batch.appOff[row] = length
  batch.appLen[row] = KERNEL.length
}

/** The text goes up to its newline; lines that begin with a blank follow it. */
function readDictionary(cursor: Cursor): void {
  const { bytes, at, end, batch, row, frame } = cursor
  const newline = findIn(bytes, '\n ', at, end)
  if (newline < 0 || bytes.subarray(at, newline).includes(BYTE.newline)) return
  batch.sdOff[row] = newline + 1 - frame
  batch.sdLen[row] = end - newline - 1
  for (let line = newline + 1; line < end; line++) {
    let stop = line
    while (stop < end && bytes[stop] !== BYTE.newline) stop++
    if (startsWith(cursor, line + 1, KERNEL_ARGUMENT)) writeLabel(cursor, line + 1 + KERNEL_ARGUMENT.length, stop)
    line = stop
  }
  cursor.end = newline
}

/** Digits and a comma. */
function isNumberField(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from
  while (at < end && isDigit(bytes[at]!)) at++
  return at > from && at < end && bytes[at] === BYTE.comma
}

/** Behind `6.1.0-18-amd64,`, or `end`: it begins with a digit and has a dot and no blank. */
function behindRelease(bytes: Uint8Array, from: number, end: number): number {
  const limit = Math.min(end, from + MAX_RELEASE)
  let dots = 0
  for (let at = from; at < limit && bytes[at]! > BYTE.space; at++) {
    if (bytes[at] === BYTE.comma) return dots > 0 ? at + 1 : end
    if (bytes[at] === BYTE.dot) dots++
  }
  return end
}

/** The caller has seen to a comma. */
function behindComma(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] !== BYTE.comma) at++
  return at + 1
}

function numberAt(bytes: Uint8Array, from: number): number {
  let value = 0
  for (let at = from; isDigit(bytes[at]!); at++) value = value * 10 + bytes[at]! - BYTE.zero
  return value
}

/** Where the value of a key of the header begins, or -1. */
function findKey({ bytes }: Cursor, key: string, from: number, body: number): number {
  const at = findIn(bytes, key, from, body)
  return at < 0 ? -1 : at + key.length
}

function valueEnd(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] !== BYTE.comma && bytes[at] !== SEMICOLON) at++
  return at
}

function findIn(bytes: Uint8Array, word: string, from: number, end: number): number {
  for (let at = from; at + word.length <= end; at++) {
    let i = 0
    while (i < word.length && bytes[at + i] === word.charCodeAt(i)) i++
    if (i === word.length) return at
  }
  return -1
}
