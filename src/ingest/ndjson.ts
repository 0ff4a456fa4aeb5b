import { DEFAULT_PRI, facilityCode, severityCode } from '#domain/severity.ts'
import { STAGE_NAMES } from '#domain/stages.ts'
import { LABEL, LABEL_SD_ID } from '#domain/wire.ts'

/** Members of an object that have a place of their own in a message; all others become structured data, so that nothing is lost. */
const KNOWN = new Set(['message', 'msg', 'text', 'severity', 'facility', 'app', 'host', 'procid', 'msgid', 'time', 'session', 'stage'])
/** Members that become the label, when they are what they are called. */
const LABEL_MEMBERS = ['session', 'stage']
/** Structured data id of the members that have no place of their own. */
const MEMBERS_SD_ID = 'json@32473'
/** Limits of RFC 5424 section 6. */
const MAX_FIELD = { host: 255, app: 48, procid: 128, msgid: 32 } as const
const MAX_SD_NAME = 32
/** Whole seconds stay below this until the year 5138; milliseconds have been above it since 1973. */
const SECONDS_LIMIT = 100_000_000_000
const BOM = '\ufeff'

/**
 * Renders one line of NDJSON as an RFC 5424 frame: `{message|msg|text, severity?, facility?, app?, host?, procid?, msgid?, time?, session?, stage?}`.
 * `severity` and `facility` may be names or codes, `time` RFC 3339 or seconds or milliseconds since the epoch.
 * @returns undefined when the line is not a JSON object with a message
 */
export function renderJsonLine(line: Uint8Array): Uint8Array | undefined {
  const members = parseObject(line)
  const message = members?.['message'] ?? members?.['msg'] ?? members?.['text']
  if (members === undefined || message === undefined || message === null) return undefined
  const header = [
    `<${priorityOf(members)}>1`,
    timeOf(members['time']),
    fieldOf(members['host'], MAX_FIELD.host),
    fieldOf(members['app'], MAX_FIELD.app),
    fieldOf(members['procid'], MAX_FIELD.procid),
    fieldOf(members['msgid'], MAX_FIELD.msgid),
    structuredDataOf(members),
  ].join(' ')
  return Buffer.from(`${header} ${BOM}${textOf(message)}`)
}

type Members = Readonly<Record<string, unknown>>

function parseObject(line: Uint8Array): Members | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
  } catch {
    return undefined // what is no JSON is kept as it is, with a fault
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function priorityOf(members: Members): number {
  const facility = facilityCode(textOf(members['facility'] ?? '')) ?? DEFAULT_PRI >> 3
  const severity = severityCode(textOf(members['severity'] ?? '')) ?? DEFAULT_PRI & 7
  return facility * 8 + severity
}

function timeOf(value: unknown): string {
  const ms = typeof value === 'number' ? (Math.abs(value) < SECONDS_LIMIT ? value * 1000 : value) : typeof value === 'string' ? Date.parse(value) : NaN
  const date = new Date(ms)
  const year = date.getUTCFullYear() // NaN where there is no date
  return year >= 0 && year <= 9999 ? date.toISOString() : '-'
}

/** Printable ASCII without blanks; what else there is becomes `?`, nothing becomes `-`. */
function fieldOf(value: unknown, maxLength: number): string {
  if (value === undefined || value === null) return '-'
  return textOf(value).replace(/[^!-~]/g, '?').slice(0, maxLength) || '-'
}

function structuredDataOf(members: Members): string {
  const label: Members = {
    ...(LABEL.test(textOf(members['session'] ?? '')) ? { session: members['session'] } : {}),
    ...(STAGE_NAMES.includes(textOf(members['stage'] ?? '')) ? { stage: members['stage'] } : {}),
  }
  const others = Object.entries(members).filter(([name]) => !KNOWN.has(name) || (LABEL_MEMBERS.includes(name) && !(name in label)))
  return elementOf(LABEL_SD_ID, Object.entries(label)) + elementOf(MEMBERS_SD_ID, others) || '-'
}

function elementOf(id: string, members: readonly (readonly [string, unknown])[]): string {
  const parameters = members.map(([name, value]) => ` ${nameOf(name)}="${textOf(value).replace(/["\\\]]/g, '\\$&')}"`)
  return parameters.length === 0 ? '' : `[${id}${parameters.join('')}]`
}

/** SD-NAME (RFC 5424 section 6.3.2): printable ASCII without `=`, `]`, `"` and blanks. */
const nameOf = (name: string): string => name.replace(/[^!-~]|[=\]"]/g, '_').slice(0, MAX_SD_NAME) || '_'
