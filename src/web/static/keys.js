import { button, h } from './dom.js'

const HELP = [
  ['/', 'to the search'],
  ['j k', 'next, previous row'],
  ['Enter', 'open the row'],
  ['t', 'live on and off'],
  ['p', 'pause and go on'],
  ['g then l a s n o r x h', 'log, alerts, sessions, nodes, sources, rules, outbox, hub'],
  ['Esc', 'leave the search'],
  ['?', 'this help'],
]
const PLACES = { l: '#/logs', a: '#/alerts', s: '#/sessions', n: '#/nodes', o: '#/sources', r: '#/rules', x: '#/outbox', h: '#/hub' }

/** Keys of the pages; none while a person types, none with a modifier. */
export function listenForKeys() {
  let wantsPlace = false
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]') !== null
    if (event.key === 'Escape') {
      if (isTyping) event.target.blur()
      return
    }
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    if (wantsPlace) {
      wantsPlace = false
      if (event.key in PLACES) location.hash = PLACES[event.key]
      return
    }
    if (event.key === 'g') wantsPlace = true
    else if (event.key === '/') focusSearch(event)
    else if (event.key === 'j') move(1)
    else if (event.key === 'k') move(-1)
    else if (event.key === '?') showHelp()
    else if (event.key === 't' || event.key === 'p') document.querySelector(`main [data-key="${event.key}"]`)?.click()
  })
}

function focusSearch(event) {
  const input = document.getElementById('search')
  if (input === null) return
  event.preventDefault()
  input.focus()
  input.select()
}

/** Rows are reached by their first link, so that Enter opens them and a screen reader reads them. */
function move(step) {
  const rows = [...document.querySelectorAll('main [data-row]')]
  const at = rows.findIndex((row) => row.contains(document.activeElement))
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))]
  next?.querySelector('a, button')?.focus({ preventScroll: true })
  next?.scrollIntoView({ block: 'nearest' })
}

function showHelp() {
  const dialog = h('dialog', { class: 'help', 'aria-label': 'Keys', 'data-test': 'help', onclose: () => dialog.remove() },
    h('h2', {}, 'Keys'),
    h('dl', {}, HELP.map(([keys, means]) => h('div', {}, h('dt', {}, keys.split(' ').map((key) => (key === 'then' ? ' then ' : h('kbd', {}, key)))), h('dd', {}, means)))),
    button('Close', () => dialog.close()))
  document.body.append(dialog)
  dialog.showModal()
}
