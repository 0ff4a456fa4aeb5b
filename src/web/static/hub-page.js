import { ask } from './hub.js'
import { chip, count, heading, table, text } from './parts.js'
import { shownText } from './shown-text.js'

/** How the hub is: what its doctor finds, worst first, and what waits in its queues. */
export async function hubPage({ place, signal }) {
  const [{ checks, version, host }, { queues }] = await Promise.all([ask('/api/v1/doctor', { signal }), ask('/api/v1/queues', { signal })])
  place.append(
    heading(`Hub ${version} on ${host}`),
    table({
      name: 'checks',
      rows: checks.toSorted((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict)),
      columns: [
        { label: 'Verdict', cell: ({ verdict }) => chip(verdict) },
        { label: 'What', class: 'key', cell: ({ name }) => shownText(name) },
        { label: 'Found', cell: ({ finding }) => shownText(finding) },
        { label: 'Mends it', class: 'mono', cell: ({ mend }) => text(mend) },
      ],
    }),
    table({
      name: 'queues',
      rows: queues,
      columns: [
        { label: 'Queue', class: 'key', cell: ({ name }) => shownText(name) },
        { label: 'Now', class: 'number', cell: ({ fill }) => count(fill) },
        { label: 'Most of ten minutes', class: 'number', cell: ({ peak }) => count(peak) },
        { label: 'Takes', class: 'number', cell: ({ bound, unit }) => [bound === null ? '\u2013' : count(bound), ' ', shownText(unit)] },
        { label: 'When full', cell: ({ full, when_full: means }) => [shownText(full), ': ', shownText(means)] },
        { label: 'Refused or lost', class: 'number', cell: ({ counted }) => (counted === null ? text(null) : count(counted)) },
      ],
    }),
  )
}

const WORST_FIRST = ['fail', 'warn', 'ok']
