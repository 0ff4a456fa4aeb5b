import { printable } from '#base/text.ts'
import type { HINT } from '#domain/batch.ts'
import { DEVIATIONS, DIALECTS, type Deviation } from '#domain/dialects.ts'
import type { Field } from '#domain/fields/field.ts'
import { messageFields } from '#domain/fields/message-fields.ts'
import type { ParseFault } from '#domain/message.ts'
import { templateText } from '#domain/template-text.ts'
import type { ReadFrame } from '#ingest/index.ts'
import type { Paint } from '../color.ts'
import { MARKS, rulerLines } from './ruler.ts'

/** What the parser noted for the next stops, for people. */
const HINT_WORDS: Readonly<Record<keyof typeof HINT, string>> = {
  kernelBanner: 'the first line of a kernel: a boot',
  printkClock: 'the clock of the kernel',
  label: 'a session label',
  announcement: 'announces a boot session or its end',
  ack: 'asks whether its log arrives',
  trigger: 'a command to the triggers',
  dhcp: 'a DHCP server, which may speak about another node',
  tftp: 'a TFTP server, which may speak about another node',
  ipxe: 'iPXE speaks',
  kernel: 'the kernel speaks',
  stage: 'a label names a stage',
  hps: 'a shape of HPS: the text may name a severity, a function, a node and a step',
  sequence: 'carries a number of a sequence',
  opening: 'the first message of a RELP connection',
}

/** What is assumed where the stamp leaves it open. */
const TIME_NOTES: Partial<Readonly<Record<ParseFault, (year: number) => string>>> = {
  'no-zone': () => 'no zone: UTC here, at the hub that of the sender',
  'unknown-zone': () => 'zone not known: UTC here, at the hub that of the sender',
  'no-year': (year) => `no year: ${year} is nearest to the time of receipt`,
  'clock-not-set': () => 'the sender says that its clock was never set',
  'clock-not-synced': () => 'the sender says that its clock is out of step with NTP',
}

const SIGNS: Readonly<Record<Deviation['kind'], string>> = { damage: '!', lack: '-', note: '·' }
const NAME_WIDTH = 9
/** Fields shown below a line; with `-o json` there are all. */
const MAX_FIELDS = 20

/** One frame as text: the line with marks under its parts, what they are worth, and why it was read so. */
export function describeFrame(frame: ReadFrame, { paint, columns }: { readonly paint: Paint; readonly columns: number }): string {
  const rows = rulerLines(frame, columns).map(({ line, marks }) => `${line}\n${marks === '' ? '' : `${paint.dim(marks)}\n`}`)
  rows.push(`    ${paint.bold(frame.format)}: ${DIALECTS[frame.format]}\n`)
  for (const [field, value] of valuesOf(frame)) {
    const isMarked = frame.spans.some((span) => span.field === field)
    rows.push(`  ${isMarked ? MARKS[field].letter : ' '} ${MARKS[field].name.padEnd(NAME_WIDTH)} ${value}\n`)
  }
  const { fields } = messageFields(frame)
  for (const field of fields.slice(0, MAX_FIELDS)) rows.push(`    ${'field'.padEnd(NAME_WIDTH)} ${printable(`${queryName(field)} = ${field.value}`)} (${field.kind})\n`)
  if (fields.length > MAX_FIELDS) rows.push(`    ${'field'.padEnd(NAME_WIDTH)} … and ${fields.length - MAX_FIELDS} more\n`)
  for (const hint of frame.hints) if (hint !== 'label' && hint !== 'printkClock') rows.push(`    ${'noted'.padEnd(NAME_WIDTH)} ${HINT_WORDS[hint]}\n`)
  rows.push(`    ${'template'.padEnd(NAME_WIDTH)} ${frame.template} ${printable(templateText(frame.text))}\n`)
  for (const fault of frame.faults) {
    const { kind, means, mend } = DEVIATIONS[fault]
    rows.push(`  ${SIGNS[kind]} ${paint.bold(fault)}: ${means}${mend === '' ? '' : ` ${mend}`}\n`)
  }
  return rows.join('')
}

/** How the query language asks for a field. */
const queryName = ({ kind, name }: Field): string => (kind === 'structured-data' || kind === 'kmsg' ? `sd.${name}` : `.${name}`)

function valuesOf(frame: ReadFrame): [keyof typeof MARKS, string][] {
  const { host, app, procid, msgid, structuredData, label, text, printkUs, tagIndex } = frame
  const values: [keyof typeof MARKS, string][] = [['priority', priorityWords(frame)], ['time', timeWords(frame)]]
  const add = (field: keyof typeof MARKS, value: string, note = ''): void => void (value !== '' && values.push([field, `${printable(value)}${note}`]))
  add('host', host)
  add('app', app, tagIndex !== undefined && frame.faults.includes('mapped-app') ? ` (from syslog.tags[${tagIndex}])` : frame.spans.some(({ field }) => field === 'app') ? '' : ' (not in the line)')
  add('procid', procid)
  add('msgid', msgid)
  add('structuredData', structuredData)
  add('label', label, ' (a session label)')
  if (printkUs !== undefined) values.push(['clock', `${(printkUs / 1e6).toFixed(6)} s after the start of the kernel`])
  values.push(['text', text === '' ? '(none)' : printable(text)])
  return values
}

function priorityWords({ facility, severity, faults, spans, raw }: ReadFrame): string {
  const words = `${facility}.${severity}`
  if (faults.includes('severity-in-text')) {
    const span = spans.find(({ field }) => field === 'priority')
    return `${words} (the severity is that of the text${span === undefined ? '' : `; sent was ${printable(Buffer.from(raw.subarray(span.from, span.to)).toString('latin1'))}`})`
  }
  return faults.includes('no-priority') || faults.includes('bad-priority') ? `${words} (assumed)` : words
}

function timeWords({ sentMs, faults }: ReadFrame): string {
  const year = sentMs === undefined ? 0 : new Date(sentMs).getUTCFullYear()
  const notes = faults.flatMap((fault) => (sentMs !== undefined || fault.startsWith('clock') ? (TIME_NOTES[fault]?.(year) ?? []) : []))
  const time = sentMs === undefined ? '(none: the time of receipt counts)' : new Date(sentMs).toISOString()
  return notes.length === 0 ? time : `${time} (${notes.join('; ')})`
}

/** One frame as a JSON value; spans are bytes of the line. */
export function frameView(frame: ReadFrame, number: number): Readonly<Record<string, unknown>> {
  const { format, sentMs, structuredData, printkUs, faults, hints, spans, raw, tagIndex, ...rest } = frame
  return {
    number, raw: printable(Buffer.from(raw).toString('utf8')), format, dialect: DIALECTS[format], sent: sentMs === undefined ? null : new Date(sentMs).toISOString(), ...rest, structured_data: structuredData,
    fields: messageFields(frame).fields, printk_us: printkUs ?? null, tag_entry: tagIndex ?? null, hints, deviations: faults.map((fault) => ({ deviation: fault, ...DEVIATIONS[fault] })), spans,
  }
}
