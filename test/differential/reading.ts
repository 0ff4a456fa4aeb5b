import { parseOne } from '#ingest/index.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'

export const FIELDS = ['priority', 'time', 'host', 'app', 'pid', 'msgid', 'sd', 'text'] as const
export type Field = (typeof FIELDS)[number]

/** What a parser makes of a message, as text; '' says that it is not there. A field that the parser does not tell for such a message is missing. */
export type Reading = Partial<Readonly<Record<Field, string>>>

export interface Sample {
  /** The golden case, or the kind of the generated message. */
  readonly name: string
  readonly bytes: Buffer
  readonly receivedMs: number
}

/** Milliseconds since the epoch as text. */
export const timeText = (time: number | undefined): string => (time === undefined || Number.isNaN(time) ? '' : new Date(time).toISOString())

/** Elements and values in one form: sorted, with the escapes undone. */
export const sdText = (elements: readonly (readonly [string, Readonly<Record<string, string>>])[]): string =>
  JSON.stringify(elements.map(([id, params]) => [id, Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1))]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))

/** Structured data by the letter of RFC 5424 section 6.3, for what the hub keeps as it came. */
export function readElements(raw: string): [string, Record<string, string>][] {
  const elements: [string, Record<string, string>][] = []
  for (const [, body] of raw.matchAll(/\[((?:[^\]"\\]|"(?:\\.|[^"\\])*")*)\]/gs)) {
    const id = /^[^ ]*/.exec(body!)![0]
    const params: Record<string, string> = {}
    for (const [, name, value] of body!.slice(id.length).matchAll(/([^ =]+)="((?:\\.|[^"\\])*)"/gs)) params[name!] = value!.replace(/\\(["\\\]])/g, '$1')
    elements.push([id, params])
  }
  return elements
}

export interface HubReading { readonly fields: Required<Reading>; readonly format: string; readonly faults: readonly string[] }

export function readHub({ bytes, receivedMs }: Sample): HubReading {
  const frame = parseOne(bytes, receivedMs)
  return {
    format: frame.format,
    faults: frame.faults,
    fields: {
      priority: frame.faults.includes('no-priority') ? '' : String(FACILITIES.indexOf(frame.facility) * 8 + SEVERITIES.indexOf(frame.severity)),
      time: timeText(frame.sentMs),
      host: frame.host,
      app: frame.app,
      pid: frame.procid,
      msgid: frame.msgid,
      sd: frame.structuredData === '' ? '' : sdText(readElements(frame.structuredData)),
      text: frame.text.trim(),
    },
  }
}
