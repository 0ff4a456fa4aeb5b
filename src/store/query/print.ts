import { formatUtc } from '#base/time.ts'
import { FORMATS, IDENTITY_METHODS, PARSE_FAULTS } from '#domain/message.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import type { Comparison, ParamQuery, Query } from '../query.ts'
import { isPlainWord } from './lexer.ts'
import { printParamName } from './param-name.ts'
import { printBootPoint } from './times.ts'
import { isPlainValue } from './values.ts'

/** The canonical text of a tree: what a person could have written; `parseQuery` gives the same tree back. */
export function printQuery(query: Query): string {
  return printIn(query, 'top')
}

type Place = 'top' | 'and' | 'or' | 'not'

function printIn(query: Query, place: Place): string {
  if (isField(query)) {
    const { name, value } = printField(query)
    return `${name}:${value}`
  }
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
      return printText(query)
    case 'regex':
      return `/${query.pattern.replace(/\\[^]|\//g, (part) => (part === '/' ? '\\/' : part))}/`
    case 'time':
    case 'boot-time':
      return printTime(query, place)
  }
}

const OTHER_KINDS = ['all', 'and', 'or', 'not', 'text', 'regex', 'time', 'boot-time'] as const
/** What is written `name:value`. */
type FieldQuery = Exclude<Query, { kind: (typeof OTHER_KINDS)[number] }>
const isField = (query: Query): query is FieldQuery => !OTHER_KINDS.some((kind) => kind === query.kind)

function printField(query: FieldQuery): { readonly name: string; readonly value: string } {
  switch (query.kind) {
    case 'field':
      return { name: query.field, value: query.field === 'procid' && /^(?:[<>]|\d+\.\.\d+$)/.test(query.value) ? quote(query.value) : printValue(query.value) }
    case 'name':
      return { name: query.field, value: printValue(query.value) }
    case 'severity':
      return { name: 'severity', value: sign(query.comparison) + SEVERITIES[query.code] }
    case 'facility':
      return { name: 'facility', value: FACILITIES[query.code] }
    case 'format':
      return { name: 'format', value: FORMATS[query.code] }
    case 'fault':
      return { name: 'fault', value: PARSE_FAULTS[query.code] }
    case 'method':
      return { name: 'method', value: IDENTITY_METHODS[query.code] }
    case 'template':
      return { name: 'template', value: hex(query.hi) + hex(query.lo) }
    case 'seq':
    case 'procid':
    case 'confidence':
      return { name: query.kind, value: sign(query.comparison) + query.value }
    case 'param':
      return { name: printParamName(query), value: printParamValue(query) }
  }
}

const hex = (half: number): string => half.toString(16).padStart(8, '0')
const sign = (comparison: Comparison): string => (comparison === '=' ? '' : comparison)

/** `node:a,b` for a choice between values of one field. */
function printList(terms: readonly Query[]): string | undefined {
  if (!terms.every(isField)) return undefined
  const fields = terms.map(printField)
  const { name } = fields[0]
  return fields.every((field) => field.name === name) ? `${name}:${fields.map((field) => field.value).join(',')}` : undefined
}

function printTime({ kind, fromMs, untilMs }: Extract<Query, { kind: 'time' | 'boot-time' }>, place: Place): string {
  const point = kind === 'time' ? formatUtc : printBootPoint
  const parts: string[] = []
  if (fromMs !== undefined) parts.push(`since:${point(fromMs)}`)
  if (untilMs !== undefined) parts.push(`until:${point(untilMs)}`)
  if (parts.length === 0) return '*'
  return parts.length === 2 && place === 'not' ? `(${parts.join(' ')})` : parts.join(' ')
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
const printValue = (value: string): string => (/^[^\s()",]+$/.test(value) ? value : quote(value))

function printText({ text, open }: Extract<Query, { kind: 'text' }>): string {
  const isOpenStart = open === 'start' || open === 'both'
  const isOpenEnd = open === 'end' || open === 'both'
  return (isOpenStart ? '*' : '') + (isPlainWord(text, isOpenStart, isOpenEnd) ? text : quote(text)) + (isOpenEnd ? '*' : '')
}

function printParamValue({ comparison, value, open }: ParamQuery): string {
  if (comparison !== '=') return comparison + value
  if (open === 'end') return value === '' || isPlainValue(value) ? `${value}*` : `${quote(value)}*`
  return isPlainValue(value) ? value : quote(value)
}
