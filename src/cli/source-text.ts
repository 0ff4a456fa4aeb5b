import type { SourceDetail, SourceFormView } from '#api/index.ts'
import { printable } from '#base/text.ts'
import type { Paint } from './color.ts'
import { facts, messageLine } from './output.ts'

/** `12 %`; what is there at all is never 0. */
export const percent = (share: number): string => (share > 0 && share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`)

/** How far a clock is ahead: `+1.2 s`, `-3 h 0 min`. */
export function formatAhead(offsetMs: number): string {
  const sign = offsetMs < 0 ? '-' : '+'
  const ms = Math.abs(offsetMs)
  if (ms < 1000) return `${sign}${ms} ms`
  if (ms < 60_000) return `${sign}${(ms / 1000).toFixed(1)} s`
  const minutes = Math.round(ms / 60_000)
  return minutes < 60 ? `${sign}${minutes} min` : `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const ZONE_BY: Readonly<Record<string, string>> = {
  configured: 'configured', learned: 'learned from the time of receipt', stated: 'each stamp says it', unknown: 'unknown: stamps are read as UTC', 'no-stamps': 'its messages have no stamps',
}

/** Everything about a sender, for a terminal: nothing in it can move the cursor. */
export function describeSource(source: SourceDetail, paint: Paint): string {
  const { zone, clock } = source
  const zoneBy = ZONE_BY[zone.by] ?? zone.by
  return [
    facts([
      ['source', `${source.address} by ${source.transport}${source.listener === source.transport ? '' : ` (${source.listener})`}, number ${source.id}`],
      ['certificate', source.certificate],
      ['roles', source.roles.join(', ')],
      ['node', source.node],
      ['seen', `${source.first_seen} to ${source.last_seen}`],
      ['messages', `${source.messages}, ${source.per_minute.toFixed(1)} a minute now, ${source.mean_per_minute.toFixed(1)} on average`],
      ['faulty', source.faulty === 0 ? 'none' : `${source.faulty} (${percent(source.faulty / source.messages)})`],
      ['conflicts', source.conflicts === 0 ? null : `${source.conflicts} host names that contradict the address`],
      ['zone', zone.name === null ? zoneBy : `${zone.name}, ${zoneBy}`],
      ['clock', clock === null ? 'offset not known' : `${formatAhead(clock.offset_ms)} against the hub, last seen ${clock.confirmed}`],
    ]),
    ...source.forms.map((form) => describeForm(form, paint)),
    ...(source.zones.length === 0 ? [] : [`\n${paint.bold('Zones of the host names that it speaks for')}\n`, facts(source.zones.map(({ host, zone: of, confirmed }) => [printable(host), `${of}, last seen ${confirmed}`]))]),
    '\n',
  ].join('')
}

/** One form: how many, what it is, the last message of it, and for each deviation what it means and what to do. */
function describeForm({ format, means, deviations, messages, share, last, sample }: SourceFormView, paint: Paint): string {
  const lines = [
    paint.bold(`${messages} ${messages === 1 ? 'message' : 'messages'} (${percent(share)}) ${printable([format, ...deviations.map(({ name }) => name)].join(', '))}`),
    `  ${format}: ${means}`,
    ...deviations.flatMap(({ name, means: what, mend }) => [`  ${name}: ${what}`, ...(mend === '' ? [] : [`    mend: ${mend}`])]),
    sample === null ? `  last: ${last}, no longer stored` : `  last: ${messageLine(sample, paint).trimEnd()}`,
  ]
  return `\n${lines.join('\n')}\n`
}
