import { lossReasons } from './completeness.js'
import { h } from './dom.js'
import { ask } from './hub.js'
import { sourceAt } from './location.js'
import { at, count, empty, facts, heading, table, text } from './parts.js'
import { shownText } from './shown-text.js'

const SPANS = [['1h', 'hour'], ['24h', '24 hours'], ['7d', '7 days'], ['', 'all time']]

/** What was lost, cut or came twice: the verdict, why and what mends it, then by listener, sender and hour, and what was left out under pressure. */
export async function lossPage({ place, params, signal }) {
  const since = params.get('since') ?? '24h'
  const of = (by) => ask(`/api/v1/losses?${new URLSearchParams({ by, limit: 50, ...(since === '' ? {} : { since }) }).toString()}`, { signal })
  const [listeners, sources, hours, { shed }] = await Promise.all([of('listener'), of('source'), of('hour'), ask('/api/v1/losses/shed?limit=50', { signal })])
  const isBad = listeners.lost + listeners.missing + listeners.cut > 0
  place.append(
    heading('Loss', h('nav', { class: 'tabs', 'aria-label': 'Since when' }, SPANS.map(([span, label]) => h('a', { href: `#/loss?since=${span}`, ...(span === since ? { 'aria-current': 'page' } : {}) }, label)))),
    h('p', { class: isBad ? 'verdict bad-text' : 'verdict', 'data-test': 'verdict' }, shownText(listeners.verdict)),
    listeners.reasons.length === 0 ? '' : facts(lossReasons(listeners.reasons)),
    h('div', { class: 'section' }, h('h2', {}, 'By listener'), h('span', { class: 'faint small' }, 'received = stored + lost, since it was first seen')),
    lossTable({ name: 'listeners', label: 'Listener', groups: listeners.groups }),
    h('div', { class: 'section' }, h('h2', {}, 'By sender')),
    sources.groups.length === 0 ? empty('No sender has lost anything.') : lossTable({ name: 'sources', label: 'Sender', groups: sources.groups, cell: senderCell }),
    ...(hours.groups.length === 0 ? [] : [h('div', { class: 'section' }, h('h2', {}, 'By hour')), lossTable({ name: 'hours', label: 'Hour', groups: hours.groups, cell: ({ key, name }) => (key === '0' ? shownText(name) : at(key)) })]),
    ...(shed.length === 0 ? [] : [h('div', { class: 'section' }, h('h2', {}, 'Left out under pressure')), shedTable(shed)]),
  )
}

const senderCell = ({ key, name }) => (key === '0' ? h('span', {}, shownText(name), ' ', h('span', { class: 'faint' }, 'the kernel does not say whose')) : h('a', { href: sourceAt(key) }, shownText(name)))
const nameCell = ({ name }) => shownText(name)

/** Columns in which nothing stands are left out, but the sum of what was lost. */
export function lossTable({ name, label, groups, cell = nameCell }) {
  const counts = [['Shed', 'shed'], ['Dropped', 'dropped'], ['Missing', 'missing'], ['Cut', 'cut'], ['Passed over', 'passed_over'], ['Doubled', 'doubled']].filter(([, member]) => groups.some((group) => group[member] > 0))
  const number = (title, of) => ({ label: title, class: 'number', cell: (group) => (of(group) === null ? text(null) : count(of(group))) })
  const ever = groups.every((group) => group.ever === null) ? [] : [number('Ever received', ({ ever: sum }) => sum.received), number('Ever stored', ({ ever: sum }) => sum.stored), number('Ever lost', ({ ever: sum }) => sum.lost)]
  return table({
    name,
    rows: groups,
    columns: [
      { label, class: 'key', cell },
      number('Lost', ({ lost }) => lost),
      ...counts.map(([title, member]) => number(title, (group) => group[member])),
      ...ever,
      { label: 'Last', cell: ({ last }) => at(last) },
    ],
  })
}

/** What was shed, with the newest example as received. */
export const shedTable = (shed) =>
  table({
    name: 'shed',
    rows: shed,
    columns: [
      { label: 'Count', class: 'number', cell: (row) => count(row.count) },
      { label: 'Sender', class: 'key', cell: (row) => (row.source_id === 0 ? shownText(row.source) : h('a', { href: sourceAt(row.source_id) }, shownText(row.source))) },
      { label: 'Severity', cell: ({ severity }) => shownText(severity) },
      { label: 'Last', cell: (row) => at(row.last) },
      { label: 'Example', class: 'mono wide', cell: ({ sample }) => shownText(sample) },
    ],
  })
