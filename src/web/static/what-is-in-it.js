import { button, h } from './dom.js'
import { countBy, exportAt } from './hub.js'
import { logsAt, messageAt, narrowed, term } from './location.js'
import { count, empty, problemBox } from './parts.js'
import { shownText } from './shown-text.js'

const KEYS = [['template', 'Kinds of messages'], ['node', 'Nodes'], ['app', 'Programs'], ['severity', 'Severities'], ['session', 'Boots'], ['source', 'Sources']]
const MAX_SHOWN = 12

/**
 * What a result consists of: its most frequent kinds of messages, or values of a field, and the whole of it as a file.
 * Counts only when it is opened.
 * @param {{ query: string, signal: AbortSignal }} options
 */
export function whatIsInIt({ query, signal }) {
  let current = KEYS[0][0]
  const body = h('div', { class: 'values', 'aria-live': 'polite' })
  const tabs = h('div', { class: 'tabs', role: 'group', 'aria-label': 'Count by' })
  const files = h('p', { class: 'files' }, 'Export all of it: ', [['text', 'Text'], ['ndjson', 'NDJSON'], ['raw', 'As received']].map(([form, label]) => h('a', { href: exportAt(query, form), download: '', 'data-test': `export-${form}` }, label)))
  const element = h('details', { class: 'in-it', 'data-test': 'in-it', ontoggle: () => void (element.open && body.childElementCount === 0 && show(current)) }, h('summary', {}, 'What is in it'), tabs, body, files)
  return element

  async function show(key) {
    current = key
    tabs.replaceChildren(...KEYS.map(([name, label]) => button(label, () => void show(name), { 'aria-pressed': String(name === key), 'data-test': `by-${name}` })))
    body.replaceChildren(h('p', { class: 'faint' }, 'Counting\u2026'))
    try {
      const answer = await countBy(query, { by: key, limit: MAX_SHOWN, signal, onProgress: (share) => void (key === current && body.replaceChildren(h('p', { class: 'faint' }, `Counting\u2026 ${Math.floor(share * 100)} %`))) })
      if (key === current) body.replaceChildren(...listOf(answer, key))
    } catch (fault) {
      if (!signal.aborted && key === current) body.replaceChildren(problemBox(fault))
    }
  }

  function listOf({ groups, total, distinct, others, complete, bounded }, key) {
    if (total === 0) return [empty('Nothing to count.')]
    const rest = others === 0 ? '' : `${count(distinct - groups.length)}${bounded ? ' or more' : ''} others with ${count(others)} messages. `
    return [
      h('ol', {}, groups.map((group) => row(group, key, total))),
      h('p', { class: 'faint small' }, rest, complete ? '' : h('span', { class: 'warn-text' }, 'Not everything was counted: the rest is older.')),
    ]
  }

  function row({ keys: [value], count: number, pattern, example }, key, total) {
    const share = h('span', { class: 'share' })
    share.style.width = `${(number / total) * 100}%`
    return h('li', { 'data-test': 'value' }, h('span', { class: 'number' }, count(number)), h('span', { class: 'track' }, share), h('span', { class: 'number faint' }, `${((number / total) * 100).toFixed(1)} %`), named({ key, value, pattern, example }))
  }

  function named({ key, value, pattern, example }) {
    if (key === 'template') {
      const narrow = logsAt(narrowed(query, `template:${value}`))
      return h('span', { class: 'what' }, h('a', { href: narrow }, shownText(pattern ?? value)), example && h('a', { class: 'small faint', href: messageAt(example.seq) }, 'newest'))
    }
    return h('span', { class: 'what' }, value === null ? h('span', { class: 'faint' }, 'none') : h('a', { href: logsAt(narrowed(query, term(key, value))) }, shownText(value)))
  }
}
