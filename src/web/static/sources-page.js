import { ask } from './hub.js'
import { h } from './dom.js'
import { logsAt, sourceAt, term } from './location.js'
import { code, count, empty, heading, since, table, text, words } from './parts.js'
import { shownText } from './shown-text.js'

/** Who sends messages, and who of them has trouble. */
export async function sourcesPage({ place, signal }) {
  const { sources } = await ask('/api/v1/sources', { signal })
  place.append(heading('Sources'))
  if (sources.length === 0) return void place.append(empty('Nobody has sent a message yet.', 'Point a machine here, for example with rsyslog:', code(`*.* @@${location.hostname}:5514`)))
  const rows = sources.toSorted((a, b) => Date.parse(b.last_seen) - Date.parse(a.last_seen))
  place.append(table({
    name: 'sources',
    rows,
    columns: [
      { label: 'Address', class: 'key mono', cell: ({ id, address }) => h('a', { href: sourceAt(id) }, shownText(address)) },
      { label: 'By', cell: ({ transport, listener }) => shownText(transport === listener ? transport : `${transport} (${listener})`) },
      { label: 'Roles', cell: ({ roles }) => words(roles) },
      { label: 'Dialects', cell: ({ dialects }) => words(dialects.map(({ name, share }) => (share === 1 ? name : `${name} ${percent(share)}`))) },
      { label: 'Found most', cell: ({ worst }) => text(worst && `${worst.name} ${percent(worst.share)}`) },
      { label: 'Zone', cell: ({ zone }) => [zone.name !== null && [shownText(zone.name), ' '], h('span', { class: 'faint' }, shownText(zone.by))] },
      { label: 'Clock', class: 'number', cell: ({ clock }) => text(clock && ahead(clock.offset_ms)) },
      { label: 'A minute', class: 'number', cell: ({ per_minute: rate }) => rate.toFixed(1) },
      { label: 'Last heard', cell: ({ last_seen: last }) => since(last) },
      { label: 'Messages', class: 'number', cell: ({ address, messages }) => h('a', { href: logsAt(term('source', address)) }, count(messages)) },
      { label: 'Faulty', class: 'number', cell: ({ faulty }) => warnCount(faulty, 'Messages that could be read only in part') },
      { label: 'Conflicts', class: 'number', cell: ({ conflicts }) => warnCount(conflicts, 'Host names that contradict the address') },
    ],
  }))
}

const warnCount = (number, title) => h('span', { class: number === 0 ? 'faint' : 'warn-text', title }, count(number))

/** What is there at all is never 0. */
export const percent = (share) => (share > 0 && share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`)
/** How far a clock is ahead of the hub's. */
export const ahead = (offsetMs) => `${offsetMs < 0 ? '\u2212' : '+'}${(Math.abs(offsetMs) / 1000).toFixed(1)} s`
