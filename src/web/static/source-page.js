import { ask } from './hub.js'
import { lossReasons } from './completeness.js'
import { h } from './dom.js'
import { lossTable, shedTable } from './loss-page.js'
import { logsAt, term } from './location.js'
import { messageRows } from './message-row.js'
import { at, count, facts, heading, nodeLink, table, text, words } from './parts.js'
import { shownText } from './shown-text.js'
import { ahead, percent } from './sources-page.js'

/** One sender: each form of its messages, what is wrong with it and what would mend it. */
export async function sourcePage({ place, id, signal }) {
  const source = await ask(`/api/v1/sources/${encodeURIComponent(id)}`, { signal })
  const [losses, { shed }] = await Promise.all([ask(`/api/v1/losses?by=source&source=${source.id}`, { signal }), ask(`/api/v1/losses/shed?limit=20&source=${source.id}`, { signal })])
  const { zone, clock } = source
  place.append(
    heading(['Source ', h('span', { class: 'mono' }, shownText(source.address))], h('a', { href: logsAt(term('source', source.address)) }, 'Its messages')),
    facts([
      ['By', shownText(source.transport === source.listener ? source.transport : `${source.transport} (${source.listener})`)],
      ['Roles', words(source.roles)],
      ['Node', nodeLink(source.node)],
      ['First heard', at(source.first_seen)],
      ['Last heard', at(source.last_seen)],
      ['Messages', count(source.messages)],
      ['A minute now', source.per_minute.toFixed(1)],
      ['A minute on average', source.mean_per_minute.toFixed(1)],
      ['Faulty', count(source.faulty)],
      ['Conflicts', count(source.conflicts)],
      ['Zone', shownText(zone.name === null ? zone.by : `${zone.name}, ${zone.by}`), 'zone'],
      ['Clock against the hub', clock === null ? text(null) : [ahead(clock.offset_ms), ' ', h('span', { class: 'faint' }, 'last seen '), at(clock.confirmed)], 'clock'],
    ]),
    ...lossSection(losses, shed),
    ...source.forms.flatMap(formSection),
    ...(source.zones.length === 0 ? [] : [h('div', { class: 'section' }, h('h2', {}, 'Zones of the host names that it speaks for')), zoneTable(source.zones)]),
  )
}

/** What it lost since it was first seen; what the kernel dropped is nobody's, and stands with the listener. */
const lossSection = ({ verdict, reasons, groups }, shed) => [
  h('div', { class: 'section' }, h('h2', {}, 'Loss'), h('a', { href: '#/loss' }, 'Of all senders')),
  h('p', { class: 'verdict', 'data-test': 'verdict' }, shownText(verdict)),
  ...(reasons.length === 0 ? [] : [lossTable({ name: 'losses', label: 'Sender', groups }), facts(lossReasons(reasons))]),
  ...(shed.length === 0 ? [] : [h('div', { class: 'section' }, h('h2', {}, 'Left out under pressure')), shedTable(shed)]),
]

const formSection = ({ format, means, deviations, messages, share, sample }) => [
  h('div', { class: 'section' }, h('h2', {}, `${count(messages)} ${messages === 1 ? 'message' : 'messages'} (${percent(share)}) `, shownText([format, ...deviations.map(({ name }) => name)].join(', ')))),
  facts([[format, shownText(means)], ...deviations.map(({ name, means: what, mend }) => [name, [shownText(what), mend !== '' && h('p', {}, h('span', { class: 'faint' }, 'Mend: '), shownText(mend))]])]),
  ...(sample === null ? [] : [h('ol', { class: 'log', 'data-test': 'sample' }, messageRows([sample], { query: '' }))]),
]

const zoneTable = (zones) =>
  table({
    name: 'zones',
    rows: zones,
    columns: [
      { label: 'Host name', class: 'mono', cell: ({ host }) => shownText(host) },
      { label: 'Zone', cell: ({ zone }) => shownText(zone) },
      { label: 'Last confirmed', cell: ({ confirmed }) => at(confirmed) },
    ],
  })
