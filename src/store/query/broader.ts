import type { Query } from '../query.ts'

/**
 * The query with its single words open at both ends: what to suggest when a search for whole words found nothing.
 * @returns undefined when there is no word to open; words that are excluded stay as they are
 */
export function broaderQuery(query: Query): Query | undefined {
  if (query.kind === 'text') return query.open === 'both' || /\s/.test(query.text) ? undefined : { kind: 'text', text: query.text, open: 'both' }
  if (query.kind !== 'and' && query.kind !== 'or') return undefined
  const terms = query.terms.map(broaderQuery)
  return terms.every((term) => term === undefined) ? undefined : { kind: query.kind, terms: query.terms.map((term, i) => terms[i] ?? term) }
}
