import { h } from './dom.js'
import { logsAt, messageAt, narrowed, sessionAt, term } from './location.js'
import { shownText } from './shown-text.js'
import { clockTime, day, sinceStart } from './time.js'

/**
 * One message as a row. Values narrow the search when they are followed; the time leads to the message.
 * @param {object} message
 * @param {{ query?: string, start?: string, currentSeq?: number }} [options] `start`: show the time since then instead of the clock; `currentSeq`: the message the page is about
 */
export function messageRow(message, { query = '', start, currentSeq } = {}) {
  const narrow = (field, value) => logsAt(narrowed(query, term(field, value)))
  const stage = stageOf(message)
  const current = message.seq === currentSeq
  return h('li', { class: `row sev-${message.severity}${current ? ' current' : ''}`, 'data-row': true, 'data-seq': message.seq, 'data-test': 'message', 'aria-current': current ? 'true' : undefined, onclick: openUnlessSelecting },
    h('a', { class: 'when', href: messageAt(message.seq), title: `${message.received}${message.sent === null ? '' : `\nsent ${message.sent}`}`, 'data-test': 'open' },
      h('span', { class: 'visually-hidden' }, 'Message of '), start === undefined ? clockTime(message.received) : sinceStart(message.received, start)),
    h('a', { class: 'severity', href: narrow('severity', message.severity), title: `${message.facility}.${message.severity}` }, message.severity),
    message.node === null
      ? h('span', { class: 'node faint', title: 'No node is known for this sender' }, shownText(message.source))
      : h('a', { class: 'node', href: narrow('node', message.node), title: `${message.node} (${message.method}, ${message.confidence} %)` }, shownText(message.node)),
    message.session === null ? h('span', { class: 'hash faint' }, '') : h('a', { class: 'hash', href: sessionAt(message.session), title: 'Boot session' }, shownText(message.session)),
    message.app === '' ? h('span', { class: 'app faint' }, '\u2013') : h('a', { class: 'app', href: narrow('app', message.app) }, shownText(message.app)),
    h('span', { class: 'text' }, stage !== undefined && h('span', { class: 'stage', title: 'Stage' }, stage), h('span', { 'data-test': 'text' }, message.text === '' ? h('span', { class: 'faint' }, 'no text') : shownText(message.text))))
}

/** The day of the messages that follow. */
const dayRow = (iso) => h('li', { class: 'day', role: 'separator' }, day(iso))

/** Rows, with a line wherever a day begins. @param before the message shown just before these */
export function messageRows(messages, { before, ...options } = {}) {
  let last = before === undefined ? undefined : day(before.received)
  return messages.flatMap((message) => {
    const today = day(message.received)
    const isNew = today !== last
    last = today
    return isNew ? [dayRow(message.received), messageRow(message, options)] : [messageRow(message, options)]
  })
}

/** The stage a message names for itself, in structured data or in the short label. */
function stageOf({ structured_data: data, label }) {
  return /\bstage="([a-z.-]{1,32})"/.exec(data)?.[1] ?? /\bst=([a-z.-]{1,32})/.exec(label)?.[1]
}

/** A click anywhere on the row opens the message, but not while a person selects text or follows a link. */
function openUnlessSelecting(event) {
  if (event.target.closest('a, button') !== null || String(getSelection()) !== '') return
  location.hash = messageAt(event.currentTarget.dataset.seq)
}
