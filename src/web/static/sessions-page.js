import { completenessChip } from './completeness.js'
import { button, h } from './dom.js'
import { ask } from './hub.js'
import { at, chip, count, empty, heading, nodeLink, problemBox, sessionLink, since, table, text } from './parts.js'

const PAGE_SIZE = 100

/** Boot sessions, newest first. */
export async function sessionsPage({ place, params, signal }) {
  const node = params.get('node') ?? ''
  const input = h('input', { id: 'search', type: 'search', name: 'node', value: node, placeholder: 'Node', 'aria-label': 'Only sessions of this node', 'data-test': 'sessions-node' })
  const body = h('div', {})
  place.append(heading('Boot sessions', h('form', { class: 'filter', onsubmit: submit }, input, h('button', { type: 'submit' }, 'Show'))), body)
  await load()

  function submit(event) {
    event.preventDefault()
    location.hash = input.value.trim() === '' ? '#/sessions' : `#/sessions?node=${encodeURIComponent(input.value.trim())}`
  }

  async function load(before) {
    try {
      const { sessions } = await ask(`/api/v1/sessions?${new URLSearchParams({ limit: PAGE_SIZE, ...(node === '' ? {} : { node }), ...(before === undefined ? {} : { before }) }).toString()}`, { signal })
      body.querySelector('.foot')?.remove()
      if (sessions.length === 0 && before === undefined) {
        body.append(node === '' ? empty('No boot session yet.', 'One opens when a node boots from the network, announces itself, or sends its first message.') : empty(`${node} has no boot session.`, 'Check the name, or show them all.', h('p', {}, h('a', { href: '#/sessions' }, 'All sessions'))))
        return
      }
      body.append(sessionTable(sessions))
      if (sessions.length === PAGE_SIZE) body.append(h('div', { class: 'foot' }, button('Load older sessions', () => void load(sessions.at(-1).id), { 'data-test': 'more' })))
    } catch (fault) {
      if (!signal.aborted) body.append(problemBox(fault))
    }
  }
}

export const sessionTable = (sessions) =>
  table({
    name: 'sessions',
    rows: sessions,
    columns: [
      { label: 'Session', class: 'key', cell: ({ hash }) => sessionLink(hash) },
      { label: 'Node', cell: ({ node }) => nodeLink(node) },
      { label: 'Kind', cell: ({ kind }) => text(kind) },
      { label: 'State', cell: ({ state, end }) => [chip(state), end === null ? '' : [' ', h('span', { class: 'faint' }, end)]] },
      { label: 'Furthest stage', cell: ({ stage }) => text(stage) },
      { label: 'Opened', cell: ({ opened }) => at(opened) },
      { label: 'Last message', cell: ({ last_message: last }) => since(last) },
      { label: 'Messages', class: 'number', cell: ({ messages }) => count(messages) },
      { label: 'Complete', cell: ({ completeness }) => completenessChip(completeness) },
    ],
  })
