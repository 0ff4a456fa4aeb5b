import { askFirst } from './dialog.js'
import { button, h } from './dom.js'
import { ask } from './hub.js'
import { deliveryAt, outboxAt } from './location.js'
import { at, chip, count, empty, heading, problemBox, table, text } from './parts.js'
import { shownText } from './shown-text.js'

const PAGE = 100
const STATES = ['queued', 'held', 'sending', 'retry', 'sent', 'dead', 'cancelled']
const WAITING = ['queued', 'held', 'retry']
const FILTERS = ['state', 'receiver', 'rule', 'alert']

/** Deliveries: what waits, what was sent, what was given up; and who can be told. */
export async function outboxPage({ place, params, signal }) {
  const asked = Object.fromEntries(FILTERS.flatMap((name) => (params.get(name) ? [[name, params.get(name)]] : [])))
  const body = h('div', {})
  place.append(heading('Outbox'), body)
  await show()

  async function show() {
    const [{ outbox, cursor, counts }, { receivers }] = await Promise.all([
      ask(`/api/v1/outbox?${new URLSearchParams({ ...asked, limit: String(PAGE) }).toString()}`, { signal }), ask('/api/v1/receivers', { signal }),
    ])
    const waiting = counts.filter(({ state }) => WAITING.includes(state)).reduce((sum, one) => sum + one.count, 0)
    const list = h('div', {}, outbox.length === 0 ? nothing(Object.keys(asked).length > 0) : outboxTable(outbox, act))
    const foot = h('div', { class: 'foot' })
    const more = (from) => foot.replaceChildren(...(from === null ? [] : [button('Show older ones', () => void next(from), { 'data-test': 'more' })]))
    body.replaceChildren(
      h('div', { class: 'tabs' },
        h('a', { href: outboxAt({ ...asked, state: undefined }), 'aria-current': asked.state === undefined ? 'true' : undefined }, 'All'),
        STATES.map((state) => h('a', { href: outboxAt({ ...asked, state }), 'aria-current': asked.state === state ? 'true' : undefined }, state, ' ', h('span', { class: 'faint' }, count(counts.find((one) => one.state === state)?.count ?? 0)))),
        FILTERS.slice(1).filter((name) => asked[name]).map((name) => h('a', { href: outboxAt({ ...asked, [name]: undefined }), 'aria-current': 'true' }, name, ' ', shownText(asked[name]), ' \u00d7')),
        waiting > 0 && h('span', { class: 'acts' }, button(`Cancel all ${count(waiting)} that wait`, cancelAll, { 'data-test': 'cancel-all' }))),
      list, foot,
      h('div', { class: 'section' }, h('h2', {}, 'Receivers')),
      receivers.length === 0 ? empty('Nobody can be told yet.', 'Receivers stand in rules/routes.yaml; rules/routes.example.yaml shows how.') : receiverTable(receivers),
    )
    more(cursor)

    async function next(from) {
      const page = await ask(`/api/v1/outbox?${new URLSearchParams({ ...asked, limit: String(PAGE), cursor: from }).toString()}`, { signal })
      list.append(outboxTable(page.outbox, act))
      more(page.cursor)
    }
  }

  async function act(id, does) {
    try {
      await ask(`/api/v1/outbox/${id}/${does}`, { method: 'POST' })
      await show()
    } catch (fault) {
      if (!signal.aborted) body.prepend(problemBox(fault))
    }
  }

  function cancelAll() {
    askFirst({
      title: 'Cancel everything that waits', action: 'Cancel them', body: [h('p', {}, 'Nobody is told of what waits now. It can be sent again one by one.')],
      onAct: () => ask('/api/v1/outbox/cancel', { method: 'POST', body: { all: true } }).then(show),
    })
  }

}

const nothing = (isFiltered) => (isFiltered ? empty('No delivery fits this.', h('p', {}, h('a', { href: outboxAt({}) }, 'Show all'))) : empty('Nothing was sent yet.', 'Mails and other deliveries appear here when an alert is told.'))

const outboxTable = (outbox, act) =>
  table({
    name: 'outbox',
    rows: outbox,
    columns: [
      { label: 'Subject', class: 'key wide', cell: ({ id, subject }) => h('a', { href: deliveryAt(id) }, text(subject)) },
      { label: 'To', cell: ({ receiver, channel }) => [h('a', { href: outboxAt({ receiver }) }, shownText(receiver)), ' ', h('span', { class: 'faint small' }, shownText(channel))] },
      { label: 'State', cell: ({ state }) => chip(state) },
      { label: 'Tries', class: 'number', cell: ({ attempts }) => count(attempts) },
      { label: 'Made', cell: ({ created }) => at(created) },
      { label: 'Done, or next try', cell: ({ done, next }) => at(done ?? next) },
      { label: 'Answer', class: 'wide', cell: ({ last_error: error, reply }) => (error === null ? text(reply) : h('span', { class: 'bad-text' }, shownText(error))) },
      { label: '', cell: ({ id, state }) => deliveryActs({ id, state }, act) },
    ],
  })

/** @param {(id: number, does: 'retry' | 'cancel') => Promise<void>} act */
export const deliveryActs = ({ id, state }, act) => h('div', { class: 'acts' },
  ['dead', 'cancelled'].includes(state) && button('Send again', () => void act(id, 'retry'), { 'data-test': 'retry' }),
  WAITING.includes(state) && button('Cancel', () => void act(id, 'cancel'), { 'data-test': 'cancel' }))

const receiverTable = (receivers) =>
  table({
    name: 'receivers',
    rows: receivers,
    columns: [
      { label: 'Receiver', class: 'key', cell: ({ name }) => shownText(name) },
      { label: 'By', cell: ({ channels }) => text(channels.map(({ kind }) => kind).join(', ')) },
      { label: 'To', class: 'wide mono small', cell: ({ channels }) => text(channels.flatMap(({ to }) => to).join(', ')) },
      { label: 'At most an hour', class: 'number', cell: ({ max_per_hour: most }) => count(most) },
      { label: '', class: 'wide', cell: ({ name }) => tryButton(name) },
    ],
  })

/** Sends a test and says what was answered. */
function tryButton(name) {
  const said = h('div', { class: 'small', role: 'status' })
  const go = button('Send a test', () => void send(), { 'data-test': 'try' })
  return h('div', { class: 'acts' }, go, said)

  async function send() {
    go.disabled = true
    said.replaceChildren('Sending\u2026')
    try {
      const { channels } = await ask(`/api/v1/receivers/${encodeURIComponent(name)}/test`, { method: 'POST' })
      said.replaceChildren(...channels.map(({ channel, sent, answer }) => h('p', { class: sent ? '' : 'bad-text' }, `${channel}: ${sent ? 'taken' : 'not taken'}, `, shownText(answer))))
    } catch (fault) {
      said.replaceChildren(h('p', { class: 'bad-text' }, shownText(fault.message)))
    }
    go.disabled = false
  }
}
