import type { Chance } from '../load/chance.ts'
import { bsdTime } from '../load/corpus.ts'

/** A message before it is put into a dialect. */
export interface Said {
  readonly priority: number
  /** ISO 8601, milliseconds, UTC. */
  readonly iso: string
  readonly host: string
  readonly app: string
  readonly pid: number
  readonly text: string
}
type Dialect = (said: Said, random: Chance) => string

/** RFC 5424, a third of them with structured data. */
export const rfc5424: Dialect = ({ priority, iso, host, app, pid, text }, random) => `<${priority}>1 ${iso} ${host} ${app} ${pid} - ${structured(random)} ${text}`
export const rfc3164: Dialect = ({ priority, iso, host, app, pid, text }) => `<${priority}>${bsdTime(iso)} ${host} ${app}[${pid}]: ${text}`

function structured(random: Chance): string {
  const kind = random.below(9)
  if (kind > 2) return '-'
  const origin = `[origin software="agent" swVersion="8.${random.below(20)}" x-pid="${random.below(9999)}"]`
  return kind === 0 ? `${origin}[meta@32473 trace="${random.hex(16)}" note="a \\"quoted\\" \\]"]` : kind === 1 ? origin : `[timeQuality tzKnown="1" isSynced="${random.below(2)}"]`
}

/** What one message in five is written in instead. No line begins with a digit: a peer would read it as an octet count. */
export const OTHER_DIALECTS: readonly Dialect[] = [
  // no process id, no host name, a year, an RFC 3339 time, no tag
  ({ priority, iso, host, app, text }) => `<${priority}>${bsdTime(iso)} ${host} ${app}: ${text}`,
  ({ priority, iso, app, pid, text }) => `<${priority}>${bsdTime(iso)} ${app}[${pid}]: ${text}`,
  ({ priority, iso, host, app, text }) => `<${priority}>${bsdTime(iso).slice(0, 6)} ${iso.slice(0, 4)} ${iso.slice(11, 19)} ${host} ${app}: ${text}`,
  ({ priority, iso, host, app, pid, text }) => `<${priority}>${iso.slice(0, 23)}000+00:00 ${host} ${app}[${pid}]: ${text}`,
  ({ priority, iso, host, text }) => `<${priority}>${bsdTime(iso)} ${host} ${text}`,
  // Cisco IOS with its counter and its unsynchronised clock
  ({ iso, text }, random) => `<189>${random.below(100_000)}: *${bsdTime(iso)}.${iso.slice(20, 23)}: %LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/${random.below(48)}, changed state to ${random.pick(['up', 'down'])} ${text}`,
  ({ iso, host, text }, random) => `<187>${random.below(100_000)}: ${host}: ${bsdTime(iso)} UTC: %SYS-3-CPUHOG: ${text}`,
  // a byte order mark, as RFC 5424 asks for before UTF-8
  ({ priority, iso, host, app, pid, text }) => `<${priority}>1 ${iso} ${host} ${app} ${pid} ID${pid % 50} - \uFEFF${text}`,
  // one JSON object a line
  ({ iso, host, app, text }) => JSON.stringify({ '@timestamp': iso, host, app, level: 'info', message: text }),
  // no header at all; only a priority; only a tag
  ({ text }) => `raw output: ${text}`,
  ({ priority, text }) => `<${priority}>${text.replace(/^\d/, 'x')}`,
  ({ app, pid, text }) => `${app}[${pid}]: ${text}`,
]
