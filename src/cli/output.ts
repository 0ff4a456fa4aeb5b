import type { MessageView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { Paint } from './color.ts'

export const OUTPUTS = ['text', 'json', 'raw'] as const
export type Output = (typeof OUTPUTS)[number]
/** Forms of messages: as asked for, or as text with the time since the boot. */
export type Shown = Output | 'since-boot'

/** One line: when, about whom, which boot, how bad, what program, and what it said; nothing in it can move the cursor. */
export const messageLine = (message: MessageView, paint: Paint): string => lineAt(message.received, message, paint)

/** The same with the time since the start of the machine, as the kernel writes it; the time of receipt where there is no boot. */
export function bootLine(message: MessageView, paint: Paint): string {
  const { since_boot_ms: ms, received } = message
  return lineAt(ms === undefined ? received : `[${(ms / 1000).toFixed(3).padStart(12)}]`, message, paint)
}

function lineAt(time: string, message: MessageView, paint: Paint): string {
  const about = printable(message.node ?? (message.host || message.source))
  const program = printable(message.app) + (message.procid === '' ? '' : `[${printable(message.procid)}]`)
  const said = paint.severity(printable(message.text), message.severity)
  return `${paint.dim(time)} ${paint.name(about)} ${paint.dim(message.session ?? '-')} ${paint.severity(message.severity, message.severity)}${program === '' ? '' : ` ${program}`}: ${said}\n`
}

/** The fields below a message, one a line; nothing in them can move the cursor. */
export function fieldLines({ fields = [], fields_cut: isCut = false }: MessageView, paint: Paint): string {
  const lines = fields.map(({ kind, name, value }) => `    ${paint.dim(`${kind} `)}${printable(name)}=${printable(value)}\n`)
  return lines.join('') + (isCut ? `    ${paint.dim('… there is more than is shown')}\n` : '')
}

/** One JSON value on one line. What JSON leaves as it is but a terminal obeys (C1, bidirectional overrides) is written as `\uNNNN`. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `${text}\n`
}

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T) => string | number | null | undefined
  readonly align?: 'right'
}

/** Columns as wide as their widest cell, two spaces between, a heading; `-` for what is not there. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], paint: Paint): string {
  const cells = rows.map((row) => columns.map(({ cell }) => printable(String(cell(row) ?? '-') || '-')))
  const widths = columns.map(({ title }, index) => Math.max(title.length, ...cells.map((row) => row[index]!.length)))
  const line = (texts: readonly string[]): string =>
    texts.map((text, index) => (columns[index]!.align === 'right' ? text.padStart(widths[index]!) : text.padEnd(widths[index]!))).join('  ').trimEnd()
  return [paint.bold(line(columns.map(({ title }) => title))), ...cells.map(line)].map((text) => `${text}\n`).join('')
}

/** A block of `name: value` lines with the values below each other; absent ones are left out. */
export function facts(pairs: readonly (readonly [string, string | number | null | undefined])[]): string {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${`${name}:`.padEnd(width + 1)} ${printable(String(value))}\n`).join('')
}
