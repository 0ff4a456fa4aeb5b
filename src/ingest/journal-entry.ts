import { SEVERITIES } from '#domain/severity.ts'
import type { JournalField } from './journal-fields.ts'

/** What journald gives a line without a level (systemd.exec, SyslogLevel=). */
const DEFAULT_SEVERITY = SEVERITIES.indexOf('info')
const FACILITY = { kern: 0, user: 1, last: 23 } as const
/** Structured data id of the fields that have no place of their own in a message. */
const FIELDS_SD_ID = 'journal@32473'
/** Limits of RFC 5424 section 6. */
const MAX = { host: 255, app: 48, procid: 128, msgid: 32, sdName: 32 } as const
/** Bytes of all fields together, and of one. */
const MAX_FIELDS_BYTES = 8 * 1024
const MAX_VALUE_BYTES = 1024
/** Told elsewhere in the message, or of no use outside the journal they come from. */
const NOT_SHOWN = new Set([
  'MESSAGE', 'PRIORITY', 'SYSLOG_FACILITY', 'SYSLOG_IDENTIFIER', 'SYSLOG_TIMESTAMP', 'SYSLOG_RAW', 'MESSAGE_ID', '_HOSTNAME',
  '__REALTIME_TIMESTAMP', '_SOURCE_REALTIME_TIMESTAMP', '__MONOTONIC_TIMESTAMP', '__CURSOR', '__SEQNUM_ID',
])

/**
 * Renders an entry of a journal as an RFC 5424 frame. Fields without a place of their own become structured data, those that journald itself
 * vouches for (`_…`) first, as far as there is room. The kernel's clock is put before its text, as syslog daemons do.
 */
export function renderJournalEntry(fields: readonly JournalField[]): Uint8Array {
  const first = (...names: readonly string[]): JournalField | undefined => names.map((name) => fields.find((field) => field.name === name)).find((field) => field !== undefined)
  const text = (...names: readonly string[]): string => textOf(first(...names)?.value)
  const isKernel = text('_TRANSPORT') === 'kernel'
  const app = first('SYSLOG_IDENTIFIER', '_COMM')
  const proc = first('_PID', 'SYSLOG_PID')
  const header = [
    `<${facilityOf(text('SYSLOG_FACILITY'), isKernel) * 8 + severityOf(text('PRIORITY'))}>1`,
    timeOf(text('_SOURCE_REALTIME_TIMESTAMP', '__REALTIME_TIMESTAMP')),
    fieldOf(text('_HOSTNAME'), MAX.host),
    fieldOf(textOf(app?.value) || (isKernel ? 'kernel' : ''), MAX.app),
    fieldOf(textOf(proc?.value), MAX.procid),
    fieldOf(text('MESSAGE_ID'), MAX.msgid),
    structuredDataOf(fields.filter((field) => field !== app && field !== proc && !NOT_SHOWN.has(field.name))),
  ].join(' ')
  const clock = isKernel ? clockOf(text('_SOURCE_MONOTONIC_TIMESTAMP')) : ''
  return Buffer.concat([Buffer.from(`${header} ${clock}`), first('MESSAGE')?.value ?? new Uint8Array()])
}

const textOf = (value: Uint8Array | undefined): string => (value === undefined ? '' : Buffer.from(value.buffer, value.byteOffset, Math.min(value.length, MAX_VALUE_BYTES)).toString())

/** Only the kernel is `kern`; another sender that says so is `user`, as journald itself has it. */
function facilityOf(text: string, isKernel: boolean): number {
  const facility = /^\d{1,2}$/.test(text) ? Number(text) : FACILITY.user
  if (isKernel) return FACILITY.kern
  return facility === FACILITY.kern || facility > FACILITY.last ? FACILITY.user : facility
}

const severityOf = (text: string): number => (/^[0-7]$/.test(text) ? Number(text) : DEFAULT_SEVERITY)

/** Microseconds since the epoch as RFC 3339, or `-`, also beyond the year 2255, where a number is no longer exact. */
function timeOf(text: string): string {
  const us = /^\d{1,18}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(us)) return '-'
  const micros = String(us % 1000).padStart(3, '0')
  return new Date(Math.floor(us / 1000)).toISOString().replace('Z', `${micros}Z`)
}

/** `[   12.345678] ` */
function clockOf(text: string): string {
  if (!/^\d{1,16}$/.test(text)) return ''
  const us = text.padStart(7, '0')
  return `[${us.slice(0, -6).padStart(5)}.${us.slice(-6)}] `
}

/** Printable ASCII without blanks; what else there is becomes `?`, nothing becomes `-`. */
const fieldOf = (text: string, maxLength: number): string => text.replace(/[^!-~]/g, '?').slice(0, maxLength) || '-'

function structuredDataOf(fields: readonly JournalField[]): string {
  const isTrusted = ({ name }: JournalField): boolean => name.startsWith('_')
  let room = MAX_FIELDS_BYTES
  const parameters = [...fields.filter(isTrusted), ...fields.filter((field) => !isTrusted(field))].map((field) => {
    const parameter = ` ${field.name.slice(0, MAX.sdName)}="${textOf(field.value).replace(/["\\\]]/g, '\\$&')}"`
    room -= Buffer.byteLength(parameter)
    return room < 0 ? '' : parameter
  })
  const shown = parameters.join('')
  return shown === '' ? '-' : `[${FIELDS_SD_ID}${shown}]`
}
