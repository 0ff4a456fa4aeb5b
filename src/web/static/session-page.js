import { completenessWords } from './completeness.js'
import { button, h } from './dom.js'
import { ask, search } from './hub.js'
import { logsAt, messageAt, term } from './location.js'
import { messageRows } from './message-row.js'
import { at, chip, count, empty, facts, heading, nodeLink, problemBox, sessionLink, table, text } from './parts.js'
import { shownText } from './shown-text.js'
import { STAGES } from './stages.js'
import { passed } from './time.js'

const PAGE_SIZE = 500

/** One boot: what is known of it, how far it came, and its messages in order with the time since the first. */
export async function sessionPage({ place, id, signal }) {
  const session = await ask(`/api/v1/sessions/${encodeURIComponent(id)}`, { signal })
  const query = term('session', session.hash)
  const list = h('ol', { class: 'log', 'aria-label': 'Messages of this boot, oldest first', 'data-test': 'messages' })
  const foot = h('div', { class: 'foot' })
  place.append(
    heading(['Boot session ', h('span', { class: 'hash' }, shownText(session.hash))], h('span', {}, 'of ', nodeLink(session.node)), chip(session.state)),
    stageStrip(session), stageTable(session.stages),
    facts([
      ['Kind', text(session.kind), 'kind'],
      ['Opened by', text(session.origin), 'origin'],
      ['Opened', at(session.opened), 'opened'],
      ['Machine started', at(session.boot_time), 'boot-time'],
      ['Ended', session.ended === null ? text(null) : [at(session.ended), session.end === null ? '' : ` (${session.end})`], 'ended'],
      ['Last message', at(session.last_message), 'last'],
      ['Messages', count(session.messages), 'messages'],
      ['Said before', session.replayed === 0 ? 'none' : `${count(session.replayed)} (replays, not counted as new)`, 'replayed'],
      ['Hashes', session.hashes.length === 0 ? text(null) : h('span', { class: 'hash' }, shownText(session.hashes.join(', '))), 'hashes'],
      ...(session.joined.length === 0 ? [] : [['Joined with', session.joined.map((joined) => [sessionLink(`#${joined}`), ' ']), 'joined']]),
      ['Complete', completenessWords(session.completeness), 'complete'],
    ]),
    h('div', { class: 'section' }, h('h2', {}, 'Messages'), h('a', { href: logsAt(query), 'data-test': 'in-log' }, 'Search in them')),
    list, foot,
  )
  let start
  let last
  await load()

  async function load(cursor) {
    try {
      const answer = await search(query, { limit: PAGE_SIZE, order: 'oldest', cursor, signal })
      start ??= answer.messages[0]?.received
      list.append(...messageRows(answer.messages, { query, start, before: last }))
      last = answer.messages.at(-1) ?? last
      foot.replaceChildren(...(answer.cursor === null ? [] : [button('Load later messages', () => void load(answer.cursor), { 'data-test': 'more' })]))
      if (start === undefined) foot.append(empty('No message of this boot is stored.', 'It may have been removed by age, or the node has said nothing yet.'))
    } catch (fault) {
      if (!signal.aborted) foot.replaceChildren(problemBox(fault))
    }
  }
}

/** The catalogue in boot order: which stages were seen, and the furthest. It does not claim that each one before was there. */
function stageStrip({ stage, stages }) {
  const seen = new Set(stages.map((sighting) => sighting.stage))
  return h('div', { class: 'stages', 'data-test': 'stages' },
    h('ol', { 'aria-hidden': 'true' }, STAGES.map((name) => h('li', { class: name === stage ? 'here' : seen.has(name) ? 'past' : '', title: name }))),
    h('p', {}, stage === null ? 'No stage was seen yet.' : ['Furthest stage seen: ', h('strong', { 'data-test': 'stage' }, shownText(stage))]))
}

/** When each stage was first seen, by what, and the message that showed it. */
function stageTable(stages) {
  if (stages.length === 0) return ''
  return table({
    name: 'stages',
    columns: [
      { label: 'Stage', cell: ({ stage }) => shownText(stage) },
      { label: 'Since it began', cell: ({ since_boot_ms: sinceMs }) => shownText(passed(sinceMs)) },
      { label: 'First seen', cell: (row) => at(row.at) },
      { label: 'Shown by', cell: ({ by }) => shownText(by) },
      { label: 'Message', cell: ({ seq }) => (seq === null ? text(null) : h('a', { href: messageAt(seq) }, String(seq))) },
    ],
    rows: stages,
  })
}
