import { cut } from '#base/text.ts'
import type { AckView, LoggedView, NotLoggedView } from './ack-part.ts'
import { ipxeWords } from './ipxe-words.ts'

/** Longest value of a line before it is escaped; a host name has 253 characters at most. */
const MAX_VALUE_LENGTH = 256

/** The fields of a line in their order, which scripts may rely on: append only. docs/reference/wire.md lists them. */
export const LOGGED_FIELDS = [
  'seq', 'key', 'received', 'stored_ms', 'transport', 'tls', 'listener', 'framing', 'dialect', 'deviations', 'node', 'session', 'source', 'certificate', 'method', 'confidence',
  'sent', 'ahead_ms', 'cut', 'doubled', 'arrivals',
] as const satisfies readonly (keyof LoggedView)[]
export const NOT_LOGGED_FIELDS = ['key', 'waited_ms', 'complete', 'address', 'heard', 'malformed', 'check'] as const satisfies readonly (keyof NotLoggedView)[]

/** One line for a shell: `logged seq=… key=…` or `not-logged key=…`, every field always there, `-` for none. No value holds a blank, a quote, or anything else that a shell or a terminal obeys. */
export const ackLine = (ack: AckView): string => [word(ack), ...fieldsOf(ack).map(([name, value]) => `${name}=${value}`)].join(' ')

/** What iPXE runs: it shows the answer, and fails where there is none, so that `chain … || goto` can go on elsewhere. */
export function ackScript(ack: AckView): string {
  const fields = fieldsOf(ack).map(([name, value]) => `${name}=${value}`)
  const lines = ack.logged ? [fields.slice(0, 4), fields.slice(4, 10), fields.slice(10, 16), fields.slice(16)] : [fields]
  const shown = lines.map((part, index) => `echo ${ipxeWords(`${index === 0 ? `HPS hub: ${word(ack)}` : ' '} ${part.join(' ')}`)}`)
  return ['#!ipxe', ...shown, ...(ack.logged ? [] : ['exit 1']), ''].join('\n')
}

const word = ({ logged }: AckView): string => (logged ? 'logged' : 'not-logged')

function fieldsOf(ack: AckView): readonly (readonly [name: string, value: string])[] {
  if (ack.logged) return LOGGED_FIELDS.map((name) => [name, plain(ack[name])])
  const { heard, malformed, check } = ack
  const said = { ...ack, heard: heard.map(when), malformed: malformed === null ? null : when(malformed), check: check.map(({ name }) => name) }
  return NOT_LOGGED_FIELDS.map((name) => [name, plain(said[name])])
}

const when = ({ transport, at }: { readonly transport: string; readonly at: string }): string => `${transport}@${at}`

/** Lists are joined by commas; an empty one, null and nothing are `-`. */
function plain(value: string | number | boolean | readonly string[] | null): string {
  if (value === null) return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') return value.length === 0 ? '-' : value.map(escaped).join(',')
  return escaped(value)
}

/** Everything but letters, digits and `. _ : @ + / # -` as `%XX` of its UTF-8, as in a URL; a lone `-` too. */
function escaped(text: string): string {
  if (text === '') return '-'
  if (text === '-') return '%2D'
  const bytes = Buffer.from(cut(text, MAX_VALUE_LENGTH).toWellFormed())
  return bytes.toString('latin1').replace(/[^A-Za-z0-9._:@+/#-]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
