import type { AlertSeverity } from '#domain/alert.ts'
import type { Telling } from '../notice.ts'
import { isOver, type ToldAlert } from './mail-story.ts'

/** Dark enough for white letters (WCAG AA), and told apart by the word above as well. */
export const SEVERITY_COLOURS: Readonly<Record<AlertSeverity, string>> = { critical: '#991b1b', error: '#b43403', warning: '#8a5a00', info: '#1d4ed8' }
export const OVER_COLOUR = '#166534'
export const QUIET_COLOUR = '#475569'

const STATE_WORDS: Readonly<Record<Telling, (severity: string) => string>> = {
  firing: (severity) => severity,
  still: (severity) => `STILL ${severity}`,
  escalated: (severity) => `ESCALATED ${severity}`,
  acknowledged: () => 'ACKNOWLEDGED',
  unacknowledged: (severity) => `NOBODY ON IT ${severity}`,
  resolved: () => 'RESOLVED',
  'fired-and-resolved': () => 'FIRED AND RESOLVED',
}

/** The state of an alert in words that need no colour: `CRITICAL`, `STILL CRITICAL`, `RESOLVED`. */
export const stateWords = ({ telling, severity }: Pick<ToldAlert, 'telling' | 'severity'>): string => STATE_WORDS[telling](severity.toUpperCase())
export const stateColour = ({ telling, severity }: Pick<ToldAlert, 'telling' | 'severity'>): string =>
  isOver(telling) ? OVER_COLOUR : telling === 'acknowledged' ? QUIET_COLOUR : SEVERITY_COLOURS[severity]

const UNITS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const

/** As a person says it: the two largest units, `2 h 4 min`. */
export function spokenDuration(ms: number): string {
  if (ms < 1000) return 'less than 1 s'
  const at = UNITS.findIndex(([, unitMs]) => ms >= unitMs)
  const [unit, unitMs] = UNITS[at]!
  const whole = Math.floor(ms / unitMs)
  const next = UNITS[at + 1]
  const rest = next === undefined ? 0 : Math.floor((ms - whole * unitMs) / next[1])
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${next![0]}`
}

/** `2026-11-22 13:42:29 UTC` */
export const spokenTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
/** The hour alone when it is of the same day as `nearMs`. */
export const spokenTimeNear = (ms: number, nearMs: number): string => {
  const text = spokenTime(ms)
  return Math.abs(nearMs - ms) < 86_400_000 && text.slice(0, 10) === spokenTime(nearMs).slice(0, 10) ? text.slice(11) : text
}
export const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)
export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
