import type { StoredMessage } from '#domain/message.ts'
import { facilityCode, severityCode } from '#domain/severity.ts'
import type { ResolvedQuery } from '#store/index.ts'

/** What a query means, said a second time over plain messages: slow, obvious, and sharing nothing with the store's matcher. */
export function answers(query: ResolvedQuery, message: StoredMessage): boolean {
  switch (query.kind) {
    case 'all':
      return true
    case 'and':
      return query.terms.every((term) => answers(term, message))
    case 'or':
      return query.terms.some((term) => answers(term, message))
    case 'not':
      return !answers(query.term, message)
    case 'text':
      return lower(message.text).includes(lower(query.text))
    case 'regex':
      return new RegExp(query.pattern, 'u').test(message.text)
    case 'field': {
      const [is, wanted] = [lower(message[query.field]), lower(query.value)]
      return wanted.endsWith('*') ? is.startsWith(wanted.slice(0, -1)) : is === wanted
    }
    case 'ids':
      return query.ids.includes(message[`${query.field}Id`])
    case 'severity':
      return compare(severityCode(message.severity)!, query.comparison, query.code)
    case 'facility':
      return facilityCode(message.facility) === query.code
    case 'seq':
      return compare(message.seq, query.comparison, query.value)
    case 'time':
      return message.receivedMs >= (query.fromMs ?? -Infinity) && message.receivedMs < (query.untilMs ?? Infinity)
  }
}

const lower = (text: string): string => Array.from(text, (c) => (c >= 'A' && c <= 'Z' ? c.toLowerCase() : c)).join('')

function compare(a: number, comparison: string, b: number): boolean {
  if (comparison === '=') return a === b
  if (comparison === '<') return a < b
  if (comparison === '<=') return a <= b
  return comparison === '>' ? a > b : a >= b
}
