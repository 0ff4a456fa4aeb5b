import { h } from './dom.js'
import { ask } from './hub.js'
import { at, chip, count, empty, heading, table, text } from './parts.js'
import { shownText } from './shown-text.js'

/** Rules, and what was sent on account of them. */
export async function triggersPage({ place, signal }) {
  const [{ rules }, { outbox }] = await Promise.all([ask('/api/v1/rules', { signal }), ask('/api/v1/outbox', { signal })])
  place.append(
    heading('Rules'),
    rules.length === 0 ? empty('No rule is loaded.', 'Rules are the YAML files in the rules folder; each carries its own tests.') : ruleTable(rules),
    h('div', { class: 'section' }, h('h2', {}, 'Sent and waiting')),
    outbox.length === 0 ? empty('Nothing was sent yet.', 'Mails and other deliveries appear here when a rule asks for them.') : outboxTable(outbox),
  )
}

const ruleTable = (rules) =>
  table({
    name: 'rules',
    rows: rules,
    columns: [
      { label: 'Rule', class: 'key mono', cell: ({ id }) => shownText(id) },
      { label: 'Title', class: 'wide', cell: ({ title }) => text(title) },
      { label: 'Severity', cell: ({ severity }) => chip(severity) },
      { label: 'Status', cell: ({ status }) => chip(status) },
      { label: 'Matches', class: 'number', cell: ({ matches }) => count(matches) },
      { label: 'File', class: 'mono small', cell: ({ file }) => text(file) },
    ],
  })

const outboxTable = (outbox) =>
  table({
    name: 'outbox',
    rows: outbox,
    columns: [
      { label: 'Subject', class: 'key wide', cell: ({ subject }) => text(subject) },
      { label: 'To', cell: ({ receiver, channel }) => [shownText(receiver), ' ', h('span', { class: 'faint small' }, shownText(channel))] },
      { label: 'State', cell: ({ state }) => chip(state) },
      { label: 'Tries', class: 'number', cell: ({ attempts }) => count(attempts) },
      { label: 'Made', cell: ({ created }) => at(created) },
      { label: 'Done, or next try', cell: ({ done, next }) => at(done ?? next) },
      { label: 'Answer', class: 'wide', cell: ({ last_error: error, reply }) => (error === null ? text(reply) : h('span', { class: 'bad-text' }, shownText(error))) },
    ],
  })
