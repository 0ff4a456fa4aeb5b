import { alertActs } from './alert-acts.js'
import { onAlertChange } from './alert-stream.js'
import { button, h } from './dom.js'
import { ask } from './hub.js'
import { alertAt, alertsAt, ruleAt } from './location.js'
import { at, chip, count, empty, heading, lasting, nodeLink, problemBox, table, text } from './parts.js'
import { shownText } from './shown-text.js'
import { ago } from './time.js'

const PAGE = 200
const STATES = [['open', 'Open', 'pending,firing,acknowledged'], ['resolved', 'Over', 'resolved'], ['all', 'All', undefined]]
const SEVERITIES = ['critical', 'error', 'warning', 'info']
const FILTERS = ['state', 'severity', 'rule', 'node']

/** Alerts: what is open first, the worst of it on top; it changes as they do. */
export async function alertsPage({ place, params, signal }) {
  const asked = Object.fromEntries(FILTERS.flatMap((name) => (params.get(name) ? [[name, params.get(name)]] : [])))
  const view = STATES.find(([name]) => name === asked.state) ?? STATES[0]
  const bar = h('div', {})
  const list = h('div', {})
  const foot = h('div', { class: 'foot' })
  place.append(heading('Alerts'), bar, list, foot)
  let known
  let limit = PAGE
  onAlertChange(() => void refresh(), signal)
  await refresh()

  async function refresh() {
    try {
      const [found, { silences }] = await Promise.all([ask(`/api/v1/alerts?${query().toString()}`, { signal }), ask('/api/v1/alert-silences', { signal })])
      show(found, silences.filter(({ state }) => state === 'now' || state === 'ahead'))
    } catch (fault) {
      if (!signal.aborted) foot.replaceChildren(problemBox(fault))
    }
  }

  function query() {
    const { severity, rule, node } = asked
    return new URLSearchParams({ ...(view[2] === undefined ? {} : { state: view[2] }), ...(severity ? { severity } : {}), ...(rule ? { rule } : {}), ...(node ? { node } : {}), order: view[0] === 'open' ? 'worst' : 'newest', limit: String(limit) })
  }

  function show({ alerts, cursor, open, calm_since: calm }, silences) {
    bar.replaceChildren(filters(open))
    const focused = list.contains(document.activeElement) ? document.activeElement.closest('[data-id]')?.dataset.id : undefined
    list.replaceChildren(alerts.length === 0 ? nothing(open, calm) : alertTable(alerts, () => void refresh()), ...silenceList(silences, () => void refresh()))
    for (const row of list.querySelectorAll('[data-id]')) {
      if (known !== undefined && !known.has(row.dataset.id)) row.classList.add('fresh')
      if (row.dataset.id === focused) row.querySelector('a')?.focus({ preventScroll: true })
    }
    known = new Set(alerts.map(({ id }) => String(id)))
    foot.replaceChildren(...(cursor === null ? [] : [button('Show more', () => void ((limit = Math.min(1000, limit + PAGE)), refresh()), { 'data-test': 'more' })]))
  }

  function filters(open) {
    const link = (change, label, isOn) => h('a', { href: alertsAt({ ...asked, ...change }), 'aria-current': isOn ? 'true' : undefined }, label)
    const openCount = open.reduce((sum, one) => sum + one.count, 0)
    return h('div', { class: 'tabs', 'data-test': 'filters' },
      STATES.map(([name, label]) => link({ state: name }, name === 'open' ? `${label} ${count(openCount)}` : label, name === view[0])),
      h('span', { class: 'between' }),
      SEVERITIES.map((severity) => link({ severity: asked.severity === severity ? undefined : severity }, [severity, ' ', h('span', { class: 'faint' }, count(open.filter((one) => one.severity === severity).reduce((sum, one) => sum + one.count, 0)))], asked.severity === severity)),
      ['rule', 'node'].filter((name) => asked[name]).map((name) => link({ [name]: undefined }, [name, ' ', shownText(asked[name]), ' \u00d7'], true)))
  }

  function nothing(open, calm) {
    if (view[0] !== 'open' || asked.severity || asked.rule || asked.node) return empty('No alert fits this.', h('p', {}, h('a', { href: alertsAt({}) }, 'Show all that are open')))
    const waiting = open.reduce((sum, one) => sum + one.count, 0)
    return h('div', { class: 'calm-state', 'data-test': 'calm' },
      h('span', { class: 'tick', 'aria-hidden': 'true' }, '\u2713'),
      h('p', { class: 'empty-title' }, 'Nothing is wrong.'),
      h('p', {}, calm === null ? 'No alert has fired yet.' : ['The last alert was over ', h('time', { datetime: calm, title: calm }, `${ago(calm, Date.now())} ago`), ', at ', at(calm), '.']),
      waiting > 0 && h('p', { class: 'faint' }, `${count(waiting)} may become one.`))
  }
}

/** @param onDone called after something was done about one of them */
export const alertTable = (alerts, onDone) => {
  const made = table({
    name: 'alerts',
    rows: alerts,
    columns: [
      { label: 'Severity', cell: ({ severity }) => chip(severity) },
      { label: 'Alert', class: 'key wide', cell: ({ id, title, rule, mutes }) => [
        h('a', { href: alertAt(id), 'data-test': 'alert' }, shownText(title)),
        h('div', { class: 'small' }, h('a', { class: 'faint mono', href: ruleAt(rule) }, shownText(rule)), mutes.map(({ mute, why }) => [' ', h('span', { class: 'chip muted', title: why, 'data-test': 'mute' }, mute)]))] },
      { label: 'Node', cell: ({ node }) => nodeLink(node) },
      { label: 'State', cell: ({ state, over, acknowledged_by: by }) => [chip(state), by !== null && h('div', { class: 'small faint by' }, 'by ', shownText(by)), over !== null && state !== 'resolved' && h('div', { class: 'small faint' }, 'over, held open')] },
      { label: 'For', cell: ({ fired, first, resolved }) => (resolved === null ? lasting(fired ?? first) : h('span', { class: 'faint' }, 'over at ', at(resolved))) },
      { label: 'Seen', class: 'number', cell: ({ count: seen }) => `${count(seen)}\u00d7` },
      { label: '', class: 'wide-card', cell: (alert) => alertActs(alert, onDone) },
    ],
  })
  for (const [index, row] of [...made.querySelectorAll('tbody tr')].entries()) row.dataset.id = String(alerts[index].id)
  return made
}

const silenceList = (silences, onDone) =>
  silences.length === 0 ? [] : [
    h('div', { class: 'section' }, h('h2', {}, 'Silenced')),
    table({
      name: 'alert-silences',
      rows: silences,
      columns: [
        { label: 'What', class: 'key mono wide', cell: ({ matchers }) => shownText(matchers.join('  ')) },
        { label: 'State', cell: ({ state }) => chip(state) },
        { label: 'Until', cell: ({ until }) => at(until) },
        { label: 'Covers', class: 'number', cell: ({ covers, state }) => (state === 'now' ? count(covers) : text(null)) },
        { label: 'Why', class: 'wide', cell: ({ reason }) => text(reason) },
        { label: 'By', cell: ({ by }) => text(by) },
        { label: '', cell: ({ id }) => h('div', { class: 'acts' }, button('End', () => void ask(`/api/v1/alert-silences/${id}`, { method: 'DELETE' }).then(onDone, onDone), { 'data-test': 'end-silence' })) },
      ],
    }),
  ]

