import { h } from './dom.js'
import { ask, search } from './hub.js'
import { lastWords, rhythmFacts } from './last-words.js'
import { logsAt, messageAt, term } from './location.js'
import { messageRows } from './message-row.js'
import { at, chip, empty, facts, heading, sessionLink, table, text, words } from './parts.js'
import { sessionTable } from './sessions-page.js'
import { shownText } from './shown-text.js'
import { ahead } from './sources-page.js'

/** One node: what it is, how it came to its state, its boots, its latest messages. */
export async function nodePage({ place, id, signal }) {
  const path = `/api/v1/nodes/${encodeURIComponent(id)}`
  const [node, { history }, { sessions }, rhythm] = await Promise.all([
    ask(path, { signal }), ask(`${path}/history`, { signal }), ask(`/api/v1/sessions?limit=20&node=${encodeURIComponent(id)}`, { signal }), ask(`/api/v1/silences/node/${encodeURIComponent(id)}`, { signal }),
  ])
  const query = term('node', node.name)
  const latest = await search(query, { limit: 30, signal })
  place.append(
    heading(['Node ', h('span', { class: 'mono' }, shownText(node.name))], chip(node.state), node.expected_state !== null && node.expected_state !== node.state && h('span', { class: 'warn-text' }, `expected ${node.expected_state}`)),
    facts([
      ['Profile', text(node.profile), 'profile'],
      ['In this state since', at(node.state_since), 'state-since'],
      ['Last heard', at(node.last_seen), 'last-seen'],
      ...rhythmFacts(rhythm),
      ['Clock against the hub', node.clock === null ? text(null) : [ahead(node.clock.offset_ms), ' ', h('span', { class: 'faint' }, 'last seen '), at(node.clock.confirmed)], 'clock'],
      ['Current session', sessionLink(node.session), 'session'],
      ['MAC', h('span', { class: 'mono' }, words(node.macs)), 'macs'],
      ['Addresses', node.addresses.length === 0 ? text(null) : node.addresses.map(({ address, kind }) => [h('span', { class: 'mono' }, shownText(address)), ' ', h('span', { class: 'faint' }, kind), ' ']), 'addresses'],
      ['Also called', words(node.aliases), 'aliases'],
      ['Labels', words(Object.entries(node.labels).map(([key, value]) => `${key}=${value}`)), 'labels'],
      ['Registered', node.registered ? 'yes' : 'no, known by its messages only', 'registered'],
    ]),
    ...lastWords(rhythm),
    h('div', { class: 'section' }, h('h2', {}, 'How it came to its state')),
    history.length === 0 ? empty('No change of state is recorded.', 'Changes appear here with their cause: an operator, a boot, or the message of a rule.') : historyTable(history),
    h('div', { class: 'section' }, h('h2', {}, 'Boots'), h('a', { href: `#/sessions?node=${encodeURIComponent(node.name)}` }, 'All')),
    sessions.length === 0 ? empty('No boot session yet.') : sessionTable(sessions),
    h('div', { class: 'section' }, h('h2', {}, 'Latest messages'), h('a', { href: logsAt(query), 'data-test': 'in-log' }, 'Search in them'), h('a', { href: logsAt(query, { live: '1' }) }, 'Follow live')),
    latest.messages.length === 0 ? empty('This node has logged nothing that is stored.') : h('ol', { class: 'log', 'data-test': 'messages' }, messageRows(latest.messages, { query })),
  )
}

const historyTable = (history) =>
  table({
    name: 'history',
    rows: history,
    columns: [
      { label: 'When', cell: (row) => at(row.at) },
      { label: 'From', cell: ({ from }) => chip(from) },
      { label: 'To', cell: ({ to }) => chip(to) },
      { label: 'Event', class: 'mono', cell: ({ event }) => text(event) },
      { label: 'Why', class: 'wide', cell: ({ reason, actor, evidence }) => [shownText(reason), ' ', h('span', { class: 'faint small' }, shownText(`${actor}, evidence ${evidence}`))] },
      { label: 'Cause', cell: ({ message_seq: seq }) => (seq === null ? text(null) : h('a', { href: messageAt(seq), 'data-test': 'cause' }, 'message')) },
      { label: 'Session', cell: ({ session }) => sessionLink(session) },
    ],
  })
