import { printable } from '#base/text.ts'
import type { FieldSpan } from '#ingest/index.ts'

/** The letter that stands under a field, and its name. */
export const MARKS = {
  priority: { letter: 'p', name: 'priority' }, version: { letter: 'v', name: 'version' }, time: { letter: 't', name: 'time' }, host: { letter: 'h', name: 'host' }, app: { letter: 'a', name: 'app' },
  procid: { letter: 'i', name: 'procid' }, msgid: { letter: 'm', name: 'msgid' }, structuredData: { letter: 's', name: 'data' }, label: { letter: 'l', name: 'label' }, clock: { letter: 'k', name: 'clock' },
  text: { letter: 'x', name: 'text' },
} as const satisfies Readonly<Record<FieldSpan['field'], { readonly letter: string; readonly name: string }>>

/** What lies inside others is marked last. */
const INNER: readonly FieldSpan['field'][] = ['clock', 'label']

/** Shown of a long line; the values below it are whole. */
const MAX_SHOWN_BYTES = 2000
/** Narrower makes no ruler. */
const MIN_COLUMNS = 20

interface Cell { readonly shown: string; readonly at: number }

/** The line in pieces of at most `columns`, each with the marks under it: the letter where a field begins, dashes as far as it goes. */
export function rulerLines({ raw, spans }: { readonly raw: Uint8Array; readonly spans: readonly FieldSpan[] }, columns: number): { readonly line: string; readonly marks: string }[] {
  const width = Math.max(columns, MIN_COLUMNS)
  const marks = new Array<string>(raw.length).fill(' ')
  for (const { field, from, to } of [...spans].sort((a, b) => INNER.indexOf(a.field) - INNER.indexOf(b.field))) marks.fill('-', from, to)[from] = MARKS[field].letter
  const rows: { line: string; marks: string }[] = []
  let row = { line: '', marks: '' }
  for (const { shown, at } of cellsOf(raw.subarray(0, MAX_SHOWN_BYTES))) {
    if (row.line.length + shown.length > width) {
      rows.push(row)
      row = { line: '', marks: '' }
    }
    const mark = marks[at]!
    row.line += shown
    row.marks += mark + (mark === ' ' ? ' ' : '-').repeat(shown.length - 1)
  }
  if (row.line !== '' || rows.length === 0) rows.push(row)
  if (raw.length > MAX_SHOWN_BYTES) rows.push({ line: `… ${raw.length - MAX_SHOWN_BYTES} bytes more`, marks: '' })
  return rows.map(({ line, marks: under }) => ({ line, marks: under.trimEnd() }))
}

/** One cell a character: UTF-8 where it is, single bytes as `\xNN` where it is not or where a terminal would obey. */
function cellsOf(bytes: Uint8Array): Cell[] {
  const cells: Cell[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at)
    const character = length > 0 ? Buffer.from(bytes.subarray(at, at + length)).toString('utf8') : ''
    const isTab = character === '\t'
    if (length === 0 || isTab) {
      cells.push({ shown: isTab ? '\\t' : `\\x${bytes[at]!.toString(16).padStart(2, '0')}`, at })
      at++
    } else {
      cells.push({ shown: printable(character), at })
      at += length
    }
  }
  return cells
}

/** Bytes of the character at `at`; 0 where none that UTF-8 knows stands there. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length < 2) return length
  const character = Buffer.from(bytes.subarray(at, at + length))
  return character.length === length && !character.toString('utf8').includes('\ufffd') ? length : 0
}
