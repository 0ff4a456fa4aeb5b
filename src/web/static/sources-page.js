import { ask } from './hub.js'
import { h } from './dom.js'
import { logsAt, term } from './location.js'
import { at, code, count, empty, heading, since, table, words } from './parts.js'
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
      { label: 'Address', class: 'key mono', cell: ({ address }) => h('a', { href: logsAt(term('source', address)) }, shownText(address)) },
      { label: 'By', cell: ({ transport, listener }) => shownText(transport === listener ? transport : `${transport} (${listener})`) },
      { label: 'Roles', cell: ({ roles }) => words(roles) },
      { label: 'First heard', cell: ({ first_seen: first }) => at(first) },
      { label: 'Last heard', cell: ({ last_seen: last }) => since(last) },
      { label: 'Messages', class: 'number', cell: ({ messages }) => count(messages) },
      { label: 'Faulty', class: 'number', cell: ({ faulty }) => warnCount(faulty, 'Messages that could be read only in part') },
      { label: 'Conflicts', class: 'number', cell: ({ conflicts }) => warnCount(conflicts, 'Host names that contradict the address') },
    ],
  }))
}

const warnCount = (number, title) => h('span', { class: number === 0 ? 'faint' : 'warn-text', title }, count(number))
