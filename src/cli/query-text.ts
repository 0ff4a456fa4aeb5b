import { parseDurationMs } from '#base/duration.ts'
import { severityCode, SEVERITIES } from '#domain/severity.ts'
import { CliFault, EXIT } from './exit.ts'

/** What `hps logs` and `hps tail` select by, beside the words of a query. */
export interface Selection {
  readonly since?: string
  readonly until?: string
  readonly node?: string
  readonly boot?: string
  readonly priority?: string
}

/** The query that the API is asked: the words as given, then the options as terms of the query language. */
export function queryText(words: readonly string[], selection: Selection, nowMs: number): string {
  const { since, until, node, boot, priority } = selection
  const terms = [
    ...(node === undefined ? [] : [`node:${quoteList(node)}`]),
    ...(boot === undefined ? [] : [`session:${quoteList(boot)}`]),
    ...(priority === undefined ? [] : [`severity:<=${severityName(priority)}`]),
    ...(since === undefined ? [] : [`since:${moment(since, nowMs)}`]),
    ...(until === undefined ? [] : [`until:${moment(until, nowMs)}`]),
  ]
  const asked = words.join(' ')
  // the options hold for every choice of the words, not only for the last
  return [terms.length > 0 && /\bor\b/i.test(asked) ? `(${asked})` : asked, ...terms].filter((part) => part !== '').join(' ')
}

/** `tch-001,tch-002` stays a list; `*` at the end of a name goes with it. */
const quoteList = (values: string): string => values.split(',').map(quote).join(',')
const quote = (value: string): string => (/^[\w.#-]+\*?$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`)

function severityName(text: string): string {
  const code = severityCode(text)
  if (code === undefined) throw new CliFault(EXIT.usage, `${text} is not a severity`, { hint: `one of ${SEVERITIES.join(', ')}, or 0 to 7` })
  return SEVERITIES[code]!
}

/** `15m` (ago), `boot+90s` (since the boot), `today`, `yesterday`, or a date and time; without a zone it is local. A duration stays one, so that the hub's clock counts. */
function moment(text: string, nowMs: number): string {
  if (parseDurationMs(text) !== undefined) return text
  const afterBoot = /^boot(?:\+(.+))?$/i.exec(text)
  if (afterBoot !== null && (afterBoot[1] === undefined || parseDurationMs(afterBoot[1]) !== undefined)) return text
  return instant(text, nowMs)
}

/** A point in time as RFC 3339: `now`, `today`, `yesterday`, or a date and time, which is local without a zone. */
export function instant(text: string, nowMs: number): string {
  const midnight = new Date(nowMs)
  midnight.setHours(0, 0, 0, 0)
  if (text === 'now') return new Date(nowMs).toISOString()
  if (text === 'today') return midnight.toISOString()
  if (text === 'yesterday') {
    midnight.setDate(midnight.getDate() - 1)
    return midnight.toISOString()
  }
  // a date alone is UTC to Date.parse, and a date with a time is local: make both local
  const ms = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, '$1T'))
  if (Number.isNaN(ms)) throw new CliFault(EXIT.usage, `${text} is not a time`, { hint: 'write 15m, 2h, boot+90s, today, yesterday, 2026-11-22, "2026-11-22 14:30" or 2026-11-22T14:30:00Z' })
  return new Date(ms).toISOString()
}
