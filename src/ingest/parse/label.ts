import { HINT } from '#domain/batch.ts'
import { BYTE, isDigit, startsWith, type Cursor } from './cursor.ts'
import { namedSeverity, NO_SEVERITY, writeSeverity } from './severity.ts'

const MIN_LABEL = 6
const MAX_LABEL = 64
/** Of a kernel's command line, and of what netconsole is told to add. */
export const KERNEL_ARGUMENT = 'hps.session='
const COMMAND_LINE = 'Command line: '
const KERNEL_COMMAND_LINE = 'Kernel command line: '

/** Whether the bytes are a session label: 6–64 lower-case hex digits (`LABEL` of domain/wire). */
export function isLabel(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < MIN_LABEL || to - from > MAX_LABEL) return false
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    if (!((byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102))) return false
  }
  return true
}

/** Notes the label of the row; the first place that carries one wins, what is no label is left as text. */
export function writeLabel(cursor: Cursor, from: number, to: number): void {
  if ((cursor.hints & HINT.label) !== 0 || !isLabel(cursor.bytes, from, to)) return
  cursor.batch.labelOff[cursor.row] = from - cursor.frame
  cursor.batch.labelLen[cursor.row] = to - from
  cursor.hints |= HINT.label
}

/**
 * `[s=a1b2c3 q=17 f=n_install l=warning st=packages] ` at the start of a text, any subset in any order. Notes that there is a stage, and a number.
 * @returns the position behind it, or `cursor.at` when the text begins otherwise
 */
export function readLabelPrefix(cursor: Cursor): number {
  const { bytes, end, at: from } = cursor
  let at = from + 1
  for (;;) {
    const key = prefixKeyLength(cursor, at)
    if (key === 0) return from
    while (at < end && bytes[at] !== BYTE.space && bytes[at] !== BYTE.close) at++
    if (at >= end) return from
    if (bytes[at] === BYTE.close && (at + 1 === end || bytes[at + 1] === BYTE.space)) break
    if (bytes[at] === BYTE.close) return from
    at++
  }
  const close = at
  for (at = from + 1; at < close; at++) {
    const value = at + 2
    const isSession = startsWith(cursor, at, 's=')
    if (startsWith(cursor, at, 'st=')) cursor.hints |= HINT.stage
    if (startsWith(cursor, at, 'q=') && isDigit(bytes[value]!)) cursor.hints |= HINT.sequence
    while (at < close && bytes[at] !== BYTE.space) at++
    if (isSession) writeLabel(cursor, value, at)
  }
  return Math.min(close + 2, end)
}

/**
 * The severity `l=<word>` of the label prefix that ends before `to`.
 * @returns whether it names one; another word is left as text
 */
export function readLabelLevel(cursor: Cursor, to: number): boolean {
  const { bytes } = cursor
  for (let at = cursor.at + 1; at < to; at++) {
    const from = at + 2
    const isLevel = startsWith(cursor, at, 'l=')
    while (at < to && bytes[at] !== BYTE.space && bytes[at] !== BYTE.close) at++
    if (!isLevel) continue
    const severity = namedSeverity(bytes, from, at)
    if (severity === NO_SEVERITY) return false
    writeSeverity(cursor, severity)
    return true
  }
  return false
}

/** Length of `s=`, `q=`, `f=`, `l=` or `st=` at `at`, or 0. */
function prefixKeyLength(cursor: Cursor, at: number): number {
  if (startsWith(cursor, at, 'st=')) return 3
  return startsWith(cursor, at, 's=') || startsWith(cursor, at, 'q=') || startsWith(cursor, at, 'f=') || startsWith(cursor, at, 'l=') ? 2 : 0
}

/** `hps.session=<label>` among the arguments of a kernel's `Command line: …` that begins at `at`. */
export function readCommandLineLabel(cursor: Cursor, at: number): void {
  const { bytes, end } = cursor
  if (!startsWith(cursor, at, COMMAND_LINE) && !startsWith(cursor, at, KERNEL_COMMAND_LINE)) return
  for (let from = at; from < end; from++) {
    if (bytes[from] !== BYTE.space || !startsWith(cursor, from + 1, KERNEL_ARGUMENT)) continue
    const value = from + 1 + KERNEL_ARGUMENT.length
    let to = value
    while (to < end && bytes[to] !== BYTE.space) to++
    writeLabel(cursor, value, to)
    return
  }
}
