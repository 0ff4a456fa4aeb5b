import { printable } from '#base/text.ts'
import type { Batch } from '#domain/batch.ts'
import type { LineBuffer } from './line-buffer.ts'

/** Writes one row as one line, newline included, whatever the message holds. */
export type LineForm = (out: LineBuffer, batch: Batch, row: number) => void

/** Names of ids as a line has them; undefined: nobody knows one. */
export interface LineNames {
  node(id: number): string | undefined
  session(id: number): string | undefined
}

/** A name as one word of a line: `-` for none, blanks and control characters made visible. */
export const asWord = (text: string): string => (text === '' ? '-' : printable(text).replace(/\s/g, (blank) => `\\x${blank.charCodeAt(0).toString(16).padStart(2, '0')}`))

/** The words of a row: a name, `#id` while there is none, `-` where the message is about nobody. */
export const wordOf = (id: number, name: (id: number) => string | undefined): string => (id === 0 ? '-' : asWord(name(id) ?? `#${id}`))

const TEXT_HEAD = /^\d{4,6}-\d\d-\d\dT[\d:.]{12}Z \S+ \S+ #(\d{1,16}) /
const RAW_HEAD = /^#(\d{1,16}) \S+ \S+ /
/** Longest head of a line that is looked at: two names and numbers. */
const HEAD_BYTES = 2048

/** The seq of a line in either form, without its newline; undefined: it is not one of ours. */
export function seqOfLine(line: Buffer): number | undefined {
  const head = line.toString('latin1', 0, HEAD_BYTES)
  const found = TEXT_HEAD.exec(head)?.[1] ?? RAW_HEAD.exec(head)?.[1]
  return found === undefined ? undefined : Number(found)
}
