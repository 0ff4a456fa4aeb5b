import { h } from './dom.js'
import { count } from './parts.js'
import { shownText } from './shown-text.js'

const LOOKS = { complete: ['good', 'complete'], gaps: ['bad', 'gaps'], unknown: ['plain', 'not known'] }

/** Whether a session has all that was sent, in a word; the sentences are what is pointed at. */
export function completenessChip({ verdict, reasons }) {
  const [tone, word] = LOOKS[verdict] ?? ['plain', verdict]
  return h('span', { class: `chip tone-${tone}`, title: reasons.map(({ text }) => text).join('\n') || 'Nothing was lost.', 'data-test': 'completeness' }, shownText(word))
}

/** The same with every reason as a sentence. */
export const completenessWords = (completeness) => [
  completenessChip(completeness),
  completeness.reasons.length === 0 ? h('p', {}, 'Nothing was lost: each message has a number or was acknowledged.') : h('ul', { class: 'reasons' }, completeness.reasons.map(({ text, reason }) => h('li', { 'data-reason': reason }, shownText(text)))),
]

/** The reasons of the ledger, each with what mends it. */
export const lossReasons = (reasons) => reasons.map(({ reason, count: of, kind, means, mend }) => [
  [h('span', { class: kind === 'lost' ? 'bad-text' : kind === 'cut' ? 'warn-text' : '' }, count(of)), ' ', shownText(reason)],
  [shownText(means), mend !== '' && h('p', {}, h('span', { class: 'faint' }, 'Mend: '), shownText(mend))],
])
