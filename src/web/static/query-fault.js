import { h } from './dom.js'
import { problemBox } from './parts.js'
import { shownText } from './shown-text.js'

/** Where a query could not be read: the query again, with a mark under the place, and what to do. */
export function queryFault(problem, query) {
  const faults = placesOf(problem.body)
  if (problem.body?.code !== 'bad-query' || faults.length === 0) return problemBox(problem)
  return h('div', { class: 'problem', role: 'alert', 'data-test': 'query-fault' },
    faults.map(({ column, message, hint }) => [
      h('pre', { class: 'code mark' }, shownText(query), '\n', ' '.repeat(Math.max(0, column - 1)), h('span', { class: 'caret' }, '\u25b2')),
      h('p', {}, h('span', { class: 'faint', 'data-test': 'fault-column' }, `Column ${column}: `), shownText(message)),
      hint && h('p', { class: 'faint' }, shownText(hint)),
    ]))
}

/** Positions are in `faults`, or beside the problem itself. */
function placesOf(body) {
  const list = Array.isArray(body?.faults) ? body.faults : [body]
  return list.filter((fault) => Number.isInteger(fault?.column)).map((fault) => ({ column: fault.column, message: String(fault.message ?? body.detail ?? ''), hint: typeof fault.hint === 'string' ? fault.hint : undefined }))
}
