import { h } from './dom.js'
import { messageRows } from './message-row.js'
import { lasting, text } from './parts.js'
import { shownText } from './shown-text.js'
import { lasts } from './silence-page.js'

/** What the page of a node says of its rhythm, as pairs for `facts`. */
export const rhythmFacts = ({ usual_ms: usual, limit_ms: limit, silence }) => [
  ['Usually quiet for at most', usual === null ? h('span', { class: 'faint' }, 'not known yet') : [text(lasts(usual)), ' ', h('span', { class: 'faint' }, `told after ${lasts(limit)}`)], 'usual-gap'],
  ...(silence === null ? [] : [['Silent for', h('span', { class: 'bad-text' }, lasting(silence.since), '. ', shownText(silence.means)), 'silent']]),
]

/** What a silent node said last, what tells of an end first; nothing of one that speaks. */
export function lastWords({ silence, fatal, last_words: words }) {
  if (silence === null) return []
  return [
    h('div', { class: 'section' }, h('h2', {}, 'Last words')),
    ...(fatal.length === 0 ? [] : [h('ol', { class: 'log', 'data-test': 'fatal' }, messageRows(fatal, {}))]),
    h('ol', { class: 'log', 'data-test': 'last-words' }, messageRows(words, {})),
  ]
}
