/** Facilities and severities of RFC 5424 section 6.2.1; PRI = facility * 8 + severity. */
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const
export type Severity = (typeof SEVERITIES)[number]

export const FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp',
  'ntp', 'audit', 'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const
export type Facility = (typeof FACILITIES)[number]

/** What a message without a priority is given: user.notice (RFC 3164 section 4.3.3). */
export const DEFAULT_PRI = 13

const SEVERITY_ALIASES: Readonly<Record<string, Severity>> = {
  emergency: 'emerg', panic: 'emerg', critical: 'crit', error: 'err', warn: 'warning', informational: 'info',
}

/** Every lower-case word that names a severity, and the digits, with its code. */
export const SEVERITY_WORDS: readonly { readonly word: string; readonly code: number }[] = [
  ...SEVERITIES.flatMap((word, code) => [{ word, code }, { word: String(code), code }]),
  ...Object.entries(SEVERITY_ALIASES).map(([word, severity]) => ({ word, code: SEVERITIES.indexOf(severity) })),
]

/** @returns the severity's code 0–7 for a name, an alias (`error`, `warn`, `panic` …) or a digit */
export function severityCode(text: string): number | undefined {
  const word = text.toLowerCase()
  const code = SEVERITIES.indexOf(SEVERITY_ALIASES[word] ?? (word as Severity))
  if (code >= 0) return code
  return /^[0-7]$/.test(word) ? Number(word) : undefined
}

/** @returns the facility's code 0–23 for a name or a number */
export function facilityCode(text: string): number | undefined {
  const code = FACILITIES.indexOf(text.toLowerCase() as Facility)
  if (code >= 0) return code
  return /^\d{1,2}$/.test(text) && Number(text) < FACILITIES.length ? Number(text) : undefined
}
