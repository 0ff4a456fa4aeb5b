import { h } from './dom.js'
import { nodeAt, sessionAt } from './location.js'
import { shownText } from './shown-text.js'
import { ago, dayTime } from './time.js'

/** Small pieces that many pages show. */

export const heading = (title, ...more) => h('header', { class: 'heading' }, h('h1', {}, title), ...more)

/** Nothing is there: says so, and what to do next. */
export const empty = (title, ...lines) => h('div', { class: 'empty', 'data-test': 'empty' }, h('p', { class: 'empty-title' }, title), lines.map((line) => (typeof line === 'string' ? h('p', {}, line) : line)))

export const code = (content) => h('pre', { class: 'code' }, h('code', {}, content))

/** A time as people read it, with the exact one to point at. */
export const at = (iso) => (iso === null || iso === undefined ? h('span', { class: 'faint' }, '\u2013') : h('time', { datetime: iso, title: iso }, dayTime(iso)))

export const since = (iso) => span(iso, ' ago')
/** How long something has lasted. */
export const lasting = (iso) => span(iso, '')
const span = (iso, after) => (iso === null || iso === undefined ? h('span', { class: 'faint' }, '\u2013') : h('time', { datetime: iso, title: iso }, ago(iso, Date.now()) + after))

/** Words that mean trouble or calm, in colour too. */
const TONES = {
  running: 'good', ready: 'good', sent: 'good', live: 'good', open: 'good', pass: 'good', ok: 'good',
  failed: 'bad', broken: 'bad', dead: 'bad', fail: 'bad', crit: 'bad', err: 'bad',
  warn: 'warn', held: 'warn', quiet: 'warn', discovered: 'warn', warning: 'warn', retry: 'warn', pending: 'warn',
  critical: 'bad', error: 'bad', acknowledged: 'busy', resolved: 'good', shadow: 'warn', queued: 'warn', now: 'good', ahead: 'busy',
  installing: 'busy', configured: 'busy', verifying: 'busy', updating: 'busy', trial: 'busy', sending: 'busy',
}
export const chip = (word) => (word === null || word === '' ? h('span', { class: 'faint' }, '\u2013') : h('span', { class: `chip tone-${TONES[word] ?? 'plain'}` }, shownText(word)))

export const nodeLink = (name) => (name === null || name === '' ? h('span', { class: 'faint' }, '\u2013') : h('a', { href: nodeAt(name), class: 'node' }, shownText(name)))
export const sessionLink = (hash) => (hash === null || hash === '' ? h('span', { class: 'faint' }, '\u2013') : h('a', { href: sessionAt(hash), class: 'hash' }, shownText(hash)))
export const words = (list) => (list.length === 0 ? h('span', { class: 'faint' }, '\u2013') : shownText(list.join(', ')))
export const text = (value) => (value === null || value === '' ? h('span', { class: 'faint' }, '\u2013') : shownText(String(value)))
export const count = (number) => Number(number).toLocaleString('en')

/** Name and value pairs. @param {readonly (readonly [string, unknown, string?])[]} pairs name, nodes, and the name for tests */
export const facts = (pairs) => h('dl', { class: 'facts' }, pairs.map(([name, value, test]) => h('div', { 'data-test': test && `fact-${test}` }, h('dt', {}, name), h('dd', {}, value))))

/** @param {{ name: string, columns: readonly { label: string, cell: (row: any) => unknown, class?: string }[], rows: readonly unknown[] }} options */
export const table = ({ name, columns, rows }) =>
  h('div', { class: 'table-frame' },
    h('table', { 'data-test': `table-${name}` },
      h('thead', {}, h('tr', {}, columns.map((column) => h('th', { scope: 'col', class: column.class }, column.label)))),
      h('tbody', {}, rows.map((row) => h('tr', { 'data-row': true }, columns.map((column) => h('td', { class: column.class, 'data-label': column.label }, column.cell(row))))))))

/** What the hub refused, in its own words. */
export const problemBox = (problem) => {
  const { title = 'That did not work', code: word, request_id: request, choices } = problem.body ?? {}
  return h('div', { class: 'problem', role: 'alert', 'data-test': 'problem' },
    h('p', { class: 'problem-title' }, title),
    h('p', {}, shownText(problem.message)),
    Array.isArray(choices) && h('ul', {}, choices.map((choice) => h('li', {}, sessionLink(typeof choice === 'string' ? choice : String(choice.hash ?? choice.id ?? ''))))),
    request && h('p', { class: 'faint small' }, `${word} \u00b7 request ${request}`))
}
