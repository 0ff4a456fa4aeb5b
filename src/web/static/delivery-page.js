import { h } from './dom.js'
import { ask } from './hub.js'
import { alertAt, outboxAt } from './location.js'
import { deliveryActs } from './outbox-page.js'
import { at, chip, code, count, facts, heading, problemBox, text } from './parts.js'
import { shownText } from './shown-text.js'

/** One delivery: what it tells, how often it was tried, what was answered. */
export async function deliveryPage({ place, id, signal }) {
  await show()

  async function show() {
    const row = await ask(`/api/v1/outbox/${encodeURIComponent(id)}`, { signal })
    place.replaceChildren(
      heading(shownText(row.subject), chip(row.state), deliveryActs(row, act)),
      facts([
        ['To', [h('a', { href: outboxAt({ receiver: row.receiver }) }, shownText(row.receiver)), ' by ', shownText(row.channel)], 'to'],
        ['Alerts', row.alerts.length === 0 ? text(null) : row.alerts.map((alert) => [h('a', { href: alertAt(alert) }, `#${alert}`), ' ']), 'alerts'],
        ['Made', at(row.created)],
        ['Tries', count(row.attempts), 'attempts'],
        ...(row.next === null ? [] : [['Next try', at(row.next)]]),
        ...(row.done === null ? [] : [['Done', at(row.done)]]),
        ...(row.give_up === null ? [] : [['Given up at', at(row.give_up)]]),
        ...(row.last_error === null ? [] : [['Last error', h('span', { class: 'bad-text' }, shownText(row.last_error)), 'error']]),
        ...(row.reply === null ? [] : [['Answer', shownText(row.reply)]]),
      ]),
      h('div', { class: 'section' }, h('h2', {}, 'What it tells')),
      code(JSON.stringify(row.payload, null, 2).split('\n').map((line, index) => [index > 0 && '\n', shownText(line)])),
    )
  }

  async function act(number, does) {
    try {
      await ask(`/api/v1/outbox/${number}/${does}`, { method: 'POST' })
      await show()
    } catch (fault) {
      if (!signal.aborted) place.prepend(problemBox(fault))
    }
  }
}
