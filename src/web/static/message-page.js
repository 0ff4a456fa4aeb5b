import { button, h } from './dom.js'
import { ask, askBytes } from './hub.js'
import { logsAt, term } from './location.js'
import { messageRows } from './message-row.js'
import { at, chip, facts, heading, nodeLink, problemBox, sessionLink, text, words } from './parts.js'
import { shownText } from './shown-text.js'
import { hexLines } from './visible.js'

const AROUND = 20

/** One message: all its fields, the bytes as received, and what was logged around it. */
export async function messagePage({ place, id, signal }) {
  const seq = /^\d{1,16}$/.test(id) ? id : '0'
  const path = `/api/v1/logs/${seq}`
  const message = await ask(`${path}?fields=1`, { signal })
  const around = h('ol', { class: 'log', 'aria-label': 'Around this message, oldest first', 'data-test': 'context' })
  const raw = h('div', { class: 'raw', 'data-test': 'raw' }, 'Reading\u2026')
  place.append(
    heading(['Message ', h('span', { class: 'mono' }, message.seq)], chip(message.severity), at(message.received)),
    h('p', { class: `full-text sev-${message.severity}`, 'data-test': 'text' }, message.text === '' ? h('span', { class: 'faint' }, 'no text') : shownText(message.text)),
    facts([
      ['Node', nodeLink(message.node), 'node'],
      ['Boot session', sessionLink(message.session), 'session'],
      ['Node found by', `${message.method}, ${message.confidence} % sure`, 'method'],
      ['Source', h('a', { class: 'mono', href: logsAt(term('source', message.source)) }, shownText(message.source)), 'source'],
      ['Received', exact(message.received), 'received'],
      ['Sent, says the sender', message.sent === null ? text(null) : [exact(message.sent), skew(message)], 'sent'],
      ['Since the boot', message.since_boot_ms === undefined ? text(null) : [`${(message.since_boot_ms / 1000).toFixed(3)} s `, h('span', { class: 'faint' }, `by ${SINCE_BY[message.since_boot_by]}`)], 'since-boot'],
      ['Facility', text(message.facility), 'facility'],
      ['Severity', text(message.severity), 'severity'],
      ['Host name', text(message.host), 'host'],
      ['Program', text(message.app), 'app'],
      ['Process', text(message.procid), 'procid'],
      ['Message id', text(message.msgid), 'msgid'],
      ['Label', text(message.label), 'label'],
      ['Form', text(message.format), 'format'],
      ['Deviations', words(message.faults), 'faults'],
      ['Structured data', h('span', { class: 'mono' }, text(message.structured_data)), 'structured-data'],
    ]),
    ...fieldFacts(message),
    h('div', { class: 'section' }, h('h2', {}, 'Around it'), message.session !== null && h('a', { href: `#/session/${encodeURIComponent(message.session)}` }, 'The whole boot')),
    around,
    h('div', { class: 'section' }, h('h2', {}, 'As received'), h('a', { href: `${path}/raw`, download: '', 'data-test': 'raw-link' }, 'Download the bytes')),
    raw,
  )
  await Promise.all([showAround(), showRaw()])

  async function showAround() {
    try {
      const { messages } = await ask(`${path}/context?before=${AROUND}&after=${AROUND}`, { signal })
      around.replaceChildren(...messageRows(messages, { currentSeq: message.seq }))
    } catch (fault) {
      if (!signal.aborted) around.replaceChildren(h('li', {}, problemBox(fault)))
    }
  }

  async function showRaw() {
    try {
      const lines = hexLines(await askBytes(`${path}/raw`))
      const show = (part) => part.map(({ offset, hex, text: characters }) => [h('span', { class: 'faint' }, offset), `  ${hex}  `, characters, '\n'])
      const dump = h('pre', { class: 'hex', tabindex: '0', 'aria-label': 'Bytes' }, show(lines.slice(0, 64)))
      raw.replaceChildren(dump, ...(lines.length <= 64 ? [] : [button(`Show all ${lines.length * 16} bytes`, (event) => (dump.replaceChildren(h('span', {}, show(lines))), event.target.remove()))]))
    } catch (fault) {
      if (!signal.aborted) raw.replaceChildren(problemBox(fault))
    }
  }
}

/** What the text says under a name; a value that the query language can name leads to the messages that say the same. */
function fieldFacts({ fields = [], fields_cut: isCut = false }) {
  if (fields.length === 0) return []
  const rows = fields.map((field) => [shownText(field.name), h('span', { class: 'mono', title: field.kind }, fieldValue(field)), 'field'])
  return [h('div', { class: 'section' }, h('h2', {}, 'Fields'), isCut && h('span', { class: 'faint' }, 'There is more than is shown')), facts(rows)]
}

function fieldValue({ kind, name, value }) {
  const place = kind === 'structured-data' || kind === 'kmsg' ? 'sd.' : '.'
  const canAsk = value !== '' && value.length < 200 && /^[\w@%$#/-]+(?:\.[\w@%$#/-]+)*$/.test(name)
  return canAsk ? h('a', { href: logsAt(term(`${place}${name}`, value)) }, shownText(value)) : text(value)
}

const exact = (iso) => h('time', { class: 'mono', datetime: iso }, iso)

/** How far the sender's clock and the hub's are apart; below a second it says nothing. */
const SINCE_BY = { kernel: 'the kernel\u2019s clock', sent: 'the sender\u2019s clock', received: 'the time of receipt' }

function skew({ sent, received }) {
  const seconds = Math.round((Date.parse(received) - Date.parse(sent)) / 1000)
  return Math.abs(seconds) < 1 ? '' : h('span', { class: 'faint' }, ` (${Math.abs(seconds).toLocaleString('en')} s ${seconds > 0 ? 'before' : 'after'} it was received)`)
}
