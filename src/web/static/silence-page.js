import { h } from './dom.js'
import { ask } from './hub.js'
import { messageAt, sourceAt } from './location.js'
import { at, chip, empty, heading, lasting, nodeLink, table, text } from './parts.js'
import { shownText } from './shown-text.js'

/** Who is silent for longer than is usual for it, and the work that was announced. */
export async function silencePage({ place, signal }) {
  const [{ silences }, { planned }] = await Promise.all([ask('/api/v1/silences', { signal }), ask('/api/v1/planned', { signal })])
  place.append(
    heading('Silence'),
    silences.length === 0 ? empty('Nobody is silent for longer than usual.', 'The hub learns by itself how long each node and sender is usually quiet.') : silenceTable(silences),
    h('div', { class: 'section' }, h('h2', {}, 'Planned work')),
    planned.length === 0 ? empty('No work is planned.', 'While work is announced, nobody is missed: hps planned add --node NODE --for 2h --why "new memory"') : plannedTable(planned),
  )
}

const silenceTable = (silences) =>
  table({
    name: 'silences',
    rows: silences,
    columns: [
      { label: 'Who', class: 'key', cell: who },
      { label: 'Silent for', cell: ({ since }) => lasting(since) },
      { label: 'Usually at most', class: 'number', cell: ({ usual_ms: usual }) => text(usual === null ? null : lasts(usual)) },
      { label: 'Why', cell: ({ means }) => shownText(means) },
      { label: 'Node', cell: ({ node }) => nodeLink(node) },
      { label: 'Stage', class: 'mono', cell: ({ stage }) => text(stage) },
      { label: 'Last word', class: 'wide mono', cell: ({ last_word: word, last_seq: seq }) => (seq === null ? text(word) : h('a', { href: messageAt(seq) }, text(word))) },
    ],
  })

function who({ subject, id, name, transport, expected, unheard }) {
  if (subject === 'hub') return h('span', { class: 'bad-text' }, `The hub hears nobody: ${unheard} of ${expected} are silent`)
  return subject === 'node' ? nodeLink(name) : h('a', { href: sourceAt(id), class: 'mono' }, shownText(`${name} by ${transport}`))
}

const plannedTable = (planned) =>
  table({
    name: 'planned',
    rows: planned,
    columns: [
      { label: 'About', class: 'key', cell: ({ node, source }) => (node === null ? shownText(source ?? 'everything') : nodeLink(node)) },
      { label: 'State', cell: ({ state }) => chip(state) },
      { label: 'From', cell: ({ from }) => at(from) },
      { label: 'Until', cell: ({ until, ended }) => at(ended ?? until) },
      { label: 'Why', class: 'wide', cell: ({ why }) => text(why) },
      { label: 'By', cell: ({ by, ended_by: ended }) => text(ended === null ? by : `${by}, ended by ${ended}`) },
    ],
  })

const UNITS = [['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000]]
/** A length of time in its two largest units. */
export function lasts(ms) {
  const first = UNITS.findIndex(([, unit]) => ms >= unit)
  if (first < 0) return '<1s'
  const [[name, unit], next] = [UNITS[first], UNITS[first + 1]]
  const rest = next === undefined ? 0 : Math.floor((ms % unit) / next[1])
  return `${Math.floor(ms / unit)}${name}${rest === 0 ? '' : `${rest}${next[0]}`}`
}
