import { h } from './dom.js'
import { ask } from './hub.js'
import { alertsAt, ruleAt, rulesAt } from './location.js'
import { chip, count, empty, heading, table, text } from './parts.js'
import { shownText } from './shown-text.js'

/** The rules in use, by pack; and why the files are not, where they were refused. */
export async function rulesPage({ place, params, signal }) {
  const pack = params.get('pack')
  const { rules, faults, warnings } = await ask('/api/v1/rules', { signal })
  const packs = [...Map.groupBy(rules, (rule) => rule.pack ?? 'other')].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const shown = pack === null ? rules : rules.filter((rule) => (rule.pack ?? 'other') === pack)
  place.append(
    heading('Rules', h('span', { class: 'faint' }, `${count(rules.length)} in use`)),
    ...list(faults, { title: 'The files as they are now were refused; the rules before them stay in use.', tone: 'bad', test: 'faults' }),
    rules.length === 0
      ? empty('No rule is loaded.', 'Rules are the YAML files in the rules folder; each carries its own tests.')
      : h('div', { class: 'tabs' }, h('a', { href: rulesAt({}), 'aria-current': pack === null ? 'true' : undefined }, 'All'), packs.map(([name, of]) => h('a', { href: rulesAt({ pack: name }), 'aria-current': pack === name ? 'true' : undefined }, shownText(name), ' ', h('span', { class: 'faint' }, count(of.length))))),
    shown.length === 0 ? (rules.length === 0 ? '' : empty('No rule of this pack is in use.', h('p', {}, h('a', { href: rulesAt({}) }, 'Show all')))) : ruleTable(shown.toSorted((a, b) => b.alerts_open - a.alerts_open || (a.id < b.id ? -1 : 1))),
    ...list(warnings, { title: 'What works and should not stay so', tone: 'quiet', test: 'warnings' }),
  )
}

const list = (lines, { title, tone, test }) => (lines.length === 0 ? [] : [h('div', { class: tone === 'bad' ? 'problem' : 'remarks', 'data-test': test }, h('p', { class: tone === 'bad' ? 'problem-title' : 'faint' }, title), h('ul', { class: 'reasons mono small' }, lines.map((line) => h('li', {}, shownText(line)))))])

const ruleTable = (rules) =>
  table({
    name: 'rules',
    rows: rules,
    columns: [
      { label: 'Rule', class: 'key wide', cell: ({ id, title }) => [h('a', { class: 'mono', href: ruleAt(id) }, shownText(id)), h('div', { class: 'small faint' }, shownText(title))] },
      { label: 'Severity', cell: ({ severity }) => chip(severity) },
      { label: 'Status', cell: ({ status, breaker }) => [chip(status), breaker !== null && h('div', { class: 'warn-text small', title: breaker }, 'stopped')] },
      { label: 'Kind', class: 'extra', cell: ({ kind }) => text(kind) },
      { label: 'Matches', class: 'number', cell: ({ matches }) => count(matches) },
      { label: 'Open', class: 'number', cell: ({ id, alerts_open: open }) => (open === 0 ? h('span', { class: 'faint' }, '0') : h('a', { href: alertsAt({ rule: id }) }, count(open))) },
      ...(rules.every(({ live_keys: keys }) => keys === null) ? [] : [{ label: 'Keys', class: 'number extra', cell: ({ live_keys: keys }) => (keys === null ? text(null) : count(keys)) }]),
      { label: 'Time', class: 'number extra', cell: ({ cpu_ms: ms }) => (ms === null ? text(null) : `${count(Math.round(ms))} ms`) },
      { label: 'File', class: 'mono small extra', cell: ({ file }) => h('span', { title: file }, shownText(file.split('/').slice(-2).join('/'))) },
    ],
  })
