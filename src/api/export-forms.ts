import { printable } from '#base/text.ts'
import type { ExportedMessage, MessageView } from './parts.ts'
import { fieldsWhere } from './with-fields.ts'

export const EXPORT_FORMS = ['text', 'raw', 'ndjson'] as const
export const FRAMINGS = ['newline', 'octet-counting'] as const
export type ExportForm = (typeof EXPORT_FORMS)[number]
export type Framing = (typeof FRAMINGS)[number]

const NEWLINE = Buffer.from('\n')

/** `fields`: of ndjson, with the fields of each message. */
export interface PageForm { readonly form: ExportForm; readonly framing: Framing; readonly fields?: boolean | undefined }

/** The bytes of a page of messages in one form. */
export function encodePage(messages: readonly ExportedMessage[], { form, framing, fields }: PageForm): Buffer {
  switch (form) {
    case 'text':
      return Buffer.from(messages.map((message) => textLine(message.view())).join(''))
    case 'ndjson':
      return Buffer.from(messages.map((message) => `${JSON.stringify(fieldsWhere(fields)(message.view()))}\n`).join(''))
    case 'raw':
      // octet counting is RFC 6587 section 3.4.1: MSG-LEN SP SYSLOG-MSG, whatever bytes the message has
      return Buffer.concat(messages.flatMap(({ raw }) => (framing === 'newline' ? [raw, NEWLINE] : [Buffer.from(`${raw.length} `), raw])))
  }
}

/** One line: when, about whom, which boot, how bad, what program, and what it said; control characters are made visible. The command line prints the same. */
export function textLine(message: MessageView): string {
  const about = printable(message.node ?? (message.host || message.source))
  const program = printable(message.app) + (message.procid === '' ? '' : `[${printable(message.procid)}]`)
  return `${message.received} ${about} ${message.session ?? '-'} ${message.severity}${program === '' ? '' : ` ${program}`}: ${printable(message.text)}\n`
}

export const FORM_TYPES: Readonly<Record<ExportForm, string>> = { text: 'text/plain; charset=utf-8', raw: 'application/octet-stream', ndjson: 'application/x-ndjson' }
export const FORM_SUFFIXES: Readonly<Record<ExportForm, string>> = { text: 'log', raw: 'syslog', ndjson: 'ndjson' }
