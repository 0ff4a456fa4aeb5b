import { severityCode, SEVERITIES } from '#domain/severity.ts'
import type { WireFault } from './counters.ts'

/** The text of an `hps-trigger` message, read; whether it is obeyed is decided elsewhere. */
export type TriggerCommand =
  | { readonly kind: 'notify'; readonly to: string; readonly severity: string; readonly subject: string; readonly body: string }
  | { readonly kind: 'malformed'; readonly reason: WireFault }

const MAX_SUBJECT = 300
const MAX_BODY = 16_000
const RECEIVER = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/
const FIELD = /\s+([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gsy
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
const FIELDS: ReadonlySet<string> = new Set(['to', 'severity', 'subject', 'body'])

/** `notify to=… severity=… subject="…" [body="…"]`, fields in any order; in quotes `\n`, `\r`, `\t`, and a backslash before anything else gives that character. */
export function parseTriggerCommand(text: string): TriggerCommand {
  const line = text.trim()
  if (!/^notify(?:\s|$)/.test(line)) return malformed('trigger-verb')
  const fields = new Map<string, string>()
  FIELD.lastIndex = 'notify'.length
  while (FIELD.lastIndex < line.length) {
    const match = FIELD.exec(line)
    if (match === null || !FIELDS.has(match[1]!) || fields.has(match[1]!)) return malformed('trigger-field')
    fields.set(match[1]!, match[2] === undefined ? match[3]! : match[2].replace(/\\(.)/gs, (_, c: string) => ESCAPES[c] ?? c))
  }
  const { to = '', severity = '', subject = '', body = '' } = Object.fromEntries(fields)
  if (!RECEIVER.test(to) || subject.trim() === '') return malformed('trigger-field')
  const code = severityCode(severity)
  if (code === undefined) return malformed('trigger-severity')
  if (subject.length > MAX_SUBJECT || body.length > MAX_BODY) return malformed('trigger-length')
  return { kind: 'notify', to, severity: SEVERITIES[code]!, subject, body }
}

const malformed = (reason: WireFault): TriggerCommand => ({ kind: 'malformed', reason })
