import type { SourceView, SourceFormView } from '#api/index.ts'
import { formatUtc } from '#base/time.ts'
import { formatOffset } from '#base/time-zone.ts'
import { DEVIATIONS, DIALECTS } from '#domain/dialects.ts'
import { faultList, FORMATS, type Format, type ParseFault } from '#domain/message.ts'
import { decayedRate, RATE_FADES_MS, type ClockOffset, type LearnedZone, type Source, type SourceForm } from '#domain/source.ts'

/** What is known of one sender, as numbers and bits. */
export interface SourceFacts {
  readonly source: Source
  /** The most frequent first. */
  readonly forms: readonly SourceForm[]
  /** Its own, learned. */
  readonly learned: LearnedZone | undefined
  /** As the configuration names it. */
  readonly configured: string | undefined
  readonly nowMs: number
}

/** A sender as lists show it. */
export function presentSource({ source, forms, learned, configured, nowMs }: SourceFacts): SourceView {
  const { firstSeenMs, lastSeenMs, messages } = source
  return {
    id: source.id, address: source.address, transport: source.transport, listener: source.listener, certificate: source.certificate === '' ? null : source.certificate, roles: source.roles,
    first_seen: formatUtc(firstSeenMs), last_seen: formatUtc(lastSeenMs), messages, faulty: source.faulty, conflicts: source.conflicts,
    dialects: shares(forms, ({ format }) => [formatName(format)]),
    worst: worstOf(forms),
    zone: zoneOf({ forms, learned, configured }),
    clock: presentClock(source.clock),
    per_minute: round(ratePerMinute(source, nowMs)),
    mean_per_minute: round((messages * 60_000) / Math.max(60_000, lastSeenMs - firstSeenMs)),
  }
}

export const presentClock = (clock: ClockOffset | undefined): SourceView['clock'] => (clock === undefined ? null : { offset_ms: clock.offsetMs, confirmed: formatUtc(clock.confirmedMs) })

/** One form of a sender, without its sample. */
export function presentForm(form: SourceForm, total: number): Omit<SourceFormView, 'sample'> {
  const format = formatName(form.format)
  return {
    format,
    means: format === 'other' ? 'all forms beyond those that are counted apart' : DIALECTS[format],
    deviations: faultList(form.faults).map((name) => ({ name, ...DEVIATIONS[name] })),
    messages: form.messages,
    share: total === 0 ? 0 : round(form.messages / total),
    first: formatUtc(form.firstMs),
    last: formatUtc(form.lastMs),
    last_seq: form.lastSeq,
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000
const formatName = (index: number): Format | 'other' => FORMATS[index] ?? 'other'

/** A young sender has not had the time to fill the average. */
function ratePerMinute({ rate, firstSeenMs, lastSeenMs }: Source, nowMs: number): number {
  const known = 1 - Math.exp(-Math.max(1000, nowMs - firstSeenMs) / RATE_FADES_MS)
  return (60 * decayedRate(rate, nowMs - lastSeenMs)) / known
}

function shares(forms: readonly SourceForm[], namesOf: (form: SourceForm) => readonly string[]): { readonly name: string; readonly share: number }[] {
  const total = forms.reduce((sum, { messages }) => sum + messages, 0)
  const counts = new Map<string, number>()
  for (const form of forms) for (const name of namesOf(form)) counts.set(name, (counts.get(name) ?? 0) + form.messages)
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => ({ name, share: round(count / Math.max(1, total)) }))
}

/** What is wrong most often: damage before what a form leaves out; null: nothing that could be mended. */
function worstOf(forms: readonly SourceForm[]): { readonly name: ParseFault; readonly share: number } | null {
  for (const kind of ['damage', 'lack'] as const) {
    const [first] = shares(forms, ({ faults }) => faultList(faults).filter((name) => DEVIATIONS[name].kind === kind))
    if (first !== undefined) return first as { name: ParseFault; share: number }
  }
  return null
}

const NO_STAMP: readonly ParseFault[] = ['no-timestamp', 'bad-timestamp', 'uptime-stamp']
const NO_ZONE: readonly ParseFault[] = ['no-zone', 'unknown-zone']

function zoneOf({ forms, learned, configured }: Pick<SourceFacts, 'forms' | 'learned' | 'configured'>): SourceView['zone'] {
  if (configured !== undefined) return { name: configured, by: 'configured' }
  if (learned !== undefined) return { name: formatOffset(learned.offsetMs), by: 'learned' }
  const stamped = forms.map(({ faults }) => faultList(faults)).filter((faults) => !faults.some((fault) => NO_STAMP.includes(fault)))
  if (stamped.length === 0) return { name: null, by: 'no-stamps' }
  return { name: null, by: stamped.some((faults) => faults.some((fault) => NO_ZONE.includes(fault))) ? 'unknown' : 'stated' }
}
