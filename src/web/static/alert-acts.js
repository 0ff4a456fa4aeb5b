import { askFirst, field } from './dialog.js'
import { button, h } from './dom.js'
import { ask } from './hub.js'
import { count } from './parts.js'
import { shownText } from './shown-text.js'

const LENGTHS = [['1h', '1 hour'], ['4h', '4 hours'], ['1d', '1 day'], ['7d', '7 days'], ['30d', '30 days']]
/** What a silence may be about, the most usual first; `rule` and `node` are chosen at the start. */
const SILENCED = ['rule', 'node']

/** What a person can do about an alert as it is; each asks first. @param onDone called when it was done */
export function alertActs(alert, onDone) {
  const does = (path, note) => ask(`/api/v1/alerts/${alert.id}/${path}`, { method: 'POST', body: { state: alert.state, ...(note === '' ? {} : { note }) } }).then(onDone)
  const withNote = (label, { path, title, hint, test }) => button(label, () => void askFirst({
    title, action: label,
    body: [h('p', {}, shownText(alert.title)), field('Note', h('input', { name: 'note', maxlength: '500', placeholder: hint, autocomplete: 'off', 'data-test': 'note' }))],
    onAct: (form) => does(path, form.elements.note.value.trim()),
  }), { 'data-test': test })
  if (alert.state === 'resolved') return h('div', { class: 'acts' })
  return h('div', { class: 'acts' },
    alert.state === 'firing' && withNote('Acknowledge', { path: 'acknowledge', title: 'Somebody looks after it', hint: 'what is being done', test: 'ack' }),
    alert.state === 'acknowledged' && withNote('Hand back', { path: 'unacknowledge', title: 'Nobody looks after it any more', hint: 'why', test: 'unack' }),
    button('Silence', () => silence(alert, onDone), { 'data-test': 'silence' }),
    withNote('Close', { path: 'close', title: 'End this alert by hand', hint: 'why it is over', test: 'close' }))
}

/** Asks what is silenced, for how long and why, and says what it would cover. */
function silence(alert, onDone) {
  const matchers = [`rule=${alert.rule}`, ...(alert.node === null ? [] : [`node=${alert.node}`]), ...Object.entries(alert.fields ?? {}).filter(([name, value]) => !SILENCED.includes(name) && value !== '').map(([name, value]) => `${name}=${value}`)]
  const covers = h('p', { class: 'faint', 'aria-live': 'polite', 'data-test': 'covers' }, '\u2026')
  const boxes = matchers.map((matcher, index) => h('input', { type: 'checkbox', name: 'matcher', value: matcher, checked: index < 2, onchange: () => void preview() }))
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value)
  const length = h('select', { name: 'for', 'data-test': 'silence-for' }, LENGTHS.map(([value, label]) => h('option', { value, selected: value === '4h' }, label)))
  askFirst({
    title: 'Silence alerts', action: 'Silence',
    body: [
      h('p', {}, 'They are kept and shown, and tell nobody meanwhile.'),
      h('fieldset', {}, h('legend', {}, 'Alerts with all of'), boxes.map((box) => h('label', { class: 'choice' }, box, h('span', { class: 'mono' }, shownText(box.value))))),
      covers, field('For', length), field('Why', h('input', { name: 'reason', required: true, maxlength: '500', placeholder: 'new disk ordered, ticket 311', autocomplete: 'off', 'data-test': 'reason' })),
    ],
    onAct: (form) => ask('/api/v1/alert-silences', { method: 'POST', body: { matchers: chosen(), for: form.elements.for.value, reason: form.elements.reason.value.trim() } }).then(onDone),
  })
  void preview()

  async function preview() {
    if (chosen().length === 0) return void covers.replaceChildren('Choose at least one.')
    try {
      const { total } = await ask('/api/v1/alert-silences/preview', { method: 'POST', body: { matchers: chosen() } })
      covers.replaceChildren(`It covers ${count(total)} open ${total === 1 ? 'alert' : 'alerts'} now.`)
    } catch (fault) {
      covers.replaceChildren(fault.message)
    }
  }
}
