import { formatUtc } from '#base/time.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import type { Comparison, Query } from '../query.ts'

/** The canonical text of a tree: what a person could have written; `parseQuery` gives the same tree back. */
export function printQuery(query: Query): string {
  return printIn(query, 'top')
}

type Place = 'top' | 'and' | 'or' | 'not'

function printIn(query: Query, place: Place): string {
  switch (query.kind) {
    case 'all':
      return '*'
    case 'and': {
      const text = query.terms.map((term) => printIn(term, 'and')).join(' ')
      return place === 'not' ? `(${text})` : text
    }
    case 'or': {
      const list = printList(query.terms)
      if (list !== undefined) return list
      const text = query.terms.map((term) => printIn(term, 'or')).join(' or ')
      return place === 'top' ? text : `(${text})`
    }
    case 'not':
      return `-${printIn(query.term, 'not')}`
    case 'text':
      return printWord(query.text)
    case 'regex':
      return `/${query.pattern.replace(/\\[^]|\//g, (part) => (part === '/' ? '\\/' : part))}/`
    case 'time':
      return printTime(query, place)
    case 'field':
    case 'name':
    case 'severity':
    case 'facility':
    case 'seq': {
      const { name, value } = printField(query)
      return `${name}:${value}`
    }
  }
}

type FieldQuery = Extract<Query, { kind: 'field' | 'name' | 'severity' | 'facility' | 'seq' }>
const isField = (query: Query): query is FieldQuery => ['field', 'name', 'severity', 'facility', 'seq'].includes(query.kind)

function printField(query: FieldQuery): { readonly name: string; readonly value: string } {
  switch (query.kind) {
    case 'field':
    case 'name':
      return { name: query.field, value: printValue(query.value) }
    case 'severity':
      return { name: 'severity', value: sign(query.comparison) + SEVERITIES[query.code] }
    case 'facility':
      return { name: 'facility', value: FACILITIES[query.code] }
    case 'seq':
      return { name: 'seq', value: sign(query.comparison) + query.value }
  }
}

const sign = (comparison: Comparison): string => (comparison === '=' ? '' : comparison)

/** `node:a,b` for a choice between values of one field. */
function printList(terms: readonly Query[]): string | undefined {
  if (!terms.every(isField)) return undefined
  const fields = terms.map(printField)
  const { name } = fields[0]
  return fields.every((field) => field.name === name) ? `${name}:${fields.map((field) => field.value).join(',')}` : undefined
}

function printTime({ fromMs, untilMs }: Extract<Query, { kind: 'time' }>, place: Place): string {
  const parts: string[] = []
  if (fromMs !== undefined) parts.push(`since:${formatUtc(fromMs)}`)
  if (untilMs !== undefined) parts.push(`until:${formatUtc(untilMs)}`)
  if (parts.length === 0) return '*'
  return parts.length === 2 && place === 'not' ? `(${parts.join(' ')})` : parts.join(' ')
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
const printValue = (value: string): string => (/^[^\s()",]+$/.test(value) ? value : quote(value))
const printWord = (text: string): string => (/^[^\s()"/-][^\s()"]*$/.test(text) && !/^(?:or|\*)$/i.test(text) && !/^[A-Za-z]+:/.test(text) ? text : quote(text))
