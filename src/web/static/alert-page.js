import { alertActs } from './alert-acts.js'
import { onAlertChange } from './alert-stream.js'
import { h } from './dom.js'
import { ask } from './hub.js'
import { alertsAt, deliveryAt, logsAt, messageAt, ruleAt, term } from './location.js'
import { messageRows } from './message-row.js'
import { at, chip, count, facts, heading, lasting, nodeLink, problemBox, sessionLink, table, text, words } from './parts.js'
import { shownText } from './shown-text.js'
import { lasts } from './silence-page.js'

/** One alert: what it is, why it is in its state, what was logged around it, and who was told. */
export async function alertPage({ place, id, signal }) {
  onAlertChange((ids) => void ((ids.has(Number(id)) || ids.has(undefined)) && refresh()), signal)
  await refresh()

  async function refresh() {
    try {
      const alert = await ask(`/api/v1/alerts/${encodeURIComponent(id)}`, { signal })
      place.replaceChildren(...partsOf(alert, () => void refresh()))
    } catch (fault) {
      if (signal.aborted) return
      if (place.childElementCount === 0) throw fault
      place.prepend(problemBox(fault))
    }
  }
}

const partsOf = (alert, onDone) => [
  heading(shownText(alert.title), chip(alert.severity), chip(alert.state), alertActs(alert, onDone)),
  ...(alert.mutes.length === 0 ? [] : [h('ul', { class: 'bar warn mutes', 'data-test': 'mutes' }, alert.mutes.map(({ mute, why }) => h('li', {}, h('strong', {}, mute), ': ', shownText(why))))]),
  facts(factsOf(alert)),
  section('History'), history(alert.transitions),
  section('Messages around it', alert.session !== null && h('a', { href: logsAt(term('session', alert.session)) }, 'All of this boot'), alert.last_seq !== null && h('a', { href: messageAt(alert.last_seq) }, 'The message')),
  alert.context.length === 0 ? none('No message of it is stored.') : h('ol', { class: 'log', 'data-test': 'context' }, messageRows(alert.context, { currentSeq: alert.last_seq })),
  section('Who was told', h('a', { href: `#/outbox?alert=${alert.id}` }, 'In the outbox')),
  alert.notices.length === 0 ? none(alert.mutes.length === 0 ? 'Nobody was told of it yet.' : 'Nobody was told of it: it is muted.') : noticeTable(alert.notices),
  section('What its rule asks for', h('a', { href: ruleAt(alert.rule) }, 'The rule'), h('a', { href: alertsAt({ rule: alert.rule, state: 'all' }) }, 'All alerts of it')),
  facts(policyOf(alert.policy)),
]

const section = (title, ...links) => h('div', { class: 'section' }, h('h2', {}, title), ...links)
const none = (said) => h('p', { class: 'faint' }, said)

const factsOf = (alert) => [
  ['Rule', h('a', { href: ruleAt(alert.rule), class: 'mono' }, shownText(alert.rule)), 'rule'],
  ['Node', nodeLink(alert.node), 'node'],
  ['Boot session', sessionLink(alert.session), 'session'],
  ['Since', [at(alert.fired ?? alert.first), alert.resolved === null && [', ', lasting(alert.fired ?? alert.first)], alert.late && h('div', { class: 'warn-text' }, 'found late: the hub was not running when it was due')], 'since'],
  ['Last seen', [at(alert.last), `, ${count(alert.count)}\u00d7`, alert.flaps > 0 && `, came back ${count(alert.flaps)}\u00d7`], 'last'],
  ...(alert.resolved === null ? [] : [['Over', at(alert.resolved), 'resolved']]),
  ...(alert.over === null || alert.state === 'resolved' ? [] : [['Held open since it was over', at(alert.over), 'held']]),
  ...(alert.acknowledged_by === null ? [] : [['Looked after by', [shownText(alert.acknowledged_by), alert.acknowledged_note && [': ', shownText(alert.acknowledged_note)]], 'acknowledged']]),
  ...(alert.due === null ? [] : [['Next by itself', at(alert.due), 'due']]),
  ...Object.entries(alert.fields).filter(([name]) => name !== 'node' && name !== 'session').map(([name, value]) => [shownText(name), text(value)]),
]

const history = (transitions) =>
  table({
    name: 'history',
    rows: transitions.toReversed(),
    columns: [
      { label: 'When', cell: (row) => at(row.at) },
      { label: 'Became', cell: ({ to }) => chip(to) },
      { label: 'Why', class: 'wide', cell: ({ means, note }) => [means, note !== '' && h('div', { class: 'small' }, shownText(note))] },
      { label: 'By', cell: ({ by }) => (by === '' ? h('span', { class: 'faint' }, 'the hub') : shownText(by)) },
      { label: 'Message', class: 'number', cell: ({ seq }) => (seq === null ? text(null) : h('a', { href: messageAt(seq) }, String(seq))) },
    ],
  })

const noticeTable = (notices) =>
  table({
    name: 'notices',
    rows: notices,
    columns: [
      { label: 'To', class: 'key', cell: ({ id, receiver, channel }) => [h('a', { href: deliveryAt(id) }, shownText(receiver)), ' ', h('span', { class: 'faint small' }, shownText(channel))] },
      { label: 'What', cell: ({ telling }) => text(telling) },
      { label: 'State', cell: ({ state }) => chip(state) },
      { label: 'When', cell: ({ done, created }) => at(done ?? created) },
      { label: 'Tries', class: 'number', cell: ({ attempts }) => count(attempts) },
      { label: 'Error', class: 'wide', cell: ({ last_error: error }) => (error === null ? text(null) : h('span', { class: 'bad-text' }, shownText(error))) },
    ],
  })

const policyOf = (policy) => [
  ['In use', policy.in_use ? policy.status : h('span', { class: 'warn-text' }, 'no: there is no such rule any more')],
  ['Told apart by', words(policy.by)],
  ...(policy.for_ms === 0 ? [] : [['Must last', lasts(policy.for_ms)]]),
  ...(policy.hold_ms === 0 ? [] : [['Held open for', lasts(policy.hold_ms)]]),
  ['Is over', endings(policy)],
  ['Tells', [policy.notify === null ? 'as the routes say' : shownText(policy.notify), policy.repeat_ms !== null && `, again every ${lasts(policy.repeat_ms)}`]],
  ...policy.escalate.map(({ after_ms: after, to, unless_acknowledged: unless }) => ['Escalates', [`after ${lasts(after)} to `, shownText(to), unless && ', unless somebody looks after it']]),
  ...(policy.runbook === null ? [] : [['Runbook', h('span', { class: 'mono' }, shownText(policy.runbook))]]),
  ...(policy.owner === null ? [] : [['Owner', shownText(policy.owner)]]),
]

function endings({ only_by_person: onlyByPerson, quiet_ms: quiet, at_session_end: atEnd }) {
  if (onlyByPerson) return 'when a person closes it'
  const when = [...(quiet === null ? [] : [`after ${lasts(quiet)} of quiet`]), ...(atEnd ? ['with its boot session'] : [])]
  return when.length === 0 ? 'when what ends it is seen' : when.join(', ')
}
