import { decodeText } from '#base/bytes.ts'
import type { Batch } from '#domain/batch.ts'
import { AppFault } from '#domain/fault.ts'
import { compileExpression } from '../../query/expression.ts'
import type { Comparison, ResolvedQuery } from '../../query.ts'
import { asciiLower } from '../seal/presence.ts'
import { asciiPattern, containsBytes, startsWithBytes } from './byte-search.ts'

/** Does this row answer the query? Pure; works on any batch: being committed, read from a segment, or decoded from a block. */
export type RowMatcher = (batch: Batch, row: number) => boolean

/** The one meaning of a query, for search and live tail alike. Throws AppFault `bad-query` on an expression that cannot be compiled. */
export function compileMatcher(query: ResolvedQuery): RowMatcher {
  switch (query.kind) {
    case 'all':
      return () => true
    case 'and':
      return all(byCost(query.terms).map(compileMatcher))
    case 'or':
      return any(byCost(query.terms).map(compileMatcher))
    case 'not': {
      const term = compileMatcher(query.term)
      return (batch, row) => !term(batch, row)
    }
    case 'text':
      return textMatcher(query.text)
    case 'regex':
      return regexMatcher(query.pattern)
    case 'field':
      return fieldMatcher(query.field, query.value)
    case 'ids':
      return idMatcher(query.field, query.ids)
    case 'severity': {
      const compare = comparer(query.comparison, query.code)
      return (batch, row) => compare(batch.pri[row] & 7)
    }
    case 'facility':
      return (batch, row) => batch.pri[row] >> 3 === query.code
    case 'seq': {
      const compare = comparer(query.comparison, query.value)
      return (batch, row) => compare(batch.firstSeq + row)
    }
    case 'time': {
      const { fromMs = -Infinity, untilMs = Infinity } = query
      return (batch, row) => batch.receivedMs[row] >= fromMs && batch.receivedMs[row] < untilMs
    }
  }
}

const COST: Readonly<Record<ResolvedQuery['kind'], number>> = { all: 0, ids: 0, severity: 0, facility: 0, seq: 0, time: 0, field: 1, text: 2, and: 3, or: 3, not: 3, regex: 4 }
/** Numbers before bytes before expressions. */
const byCost = (terms: readonly ResolvedQuery[]): ResolvedQuery[] => terms.toSorted((a, b) => COST[a.kind] - COST[b.kind])

function all(terms: readonly RowMatcher[]): RowMatcher {
  if (terms.length === 1) return terms[0]
  return (batch, row) => {
    for (const term of terms) if (!term(batch, row)) return false
    return true
  }
}

function any(terms: readonly RowMatcher[]): RowMatcher {
  return (batch, row) => {
    for (const term of terms) if (term(batch, row)) return true
    return false
  }
}

function textMatcher(text: string): RowMatcher {
  const wanted = asciiLower(text)
  const pattern = asciiPattern(wanted)
  if (pattern === undefined) return (batch, row) => asciiLower(textOf(batch, row)).includes(wanted)
  return (batch, row) => {
    const start = batch.frameStart[row] + batch.textOff[row]
    return containsBytes(batch.bytes, { start, end: start + batch.textLen[row], pattern })
  }
}

function regexMatcher(pattern: string): RowMatcher {
  const expression = compileExpression(pattern)
  if (typeof expression === 'string') throw new AppFault('bad-query', expression)
  return (batch, row) => expression.test(textOf(batch, row))
}

function textOf(batch: Batch, row: number): string {
  const start = batch.frameStart[row] + batch.textOff[row]
  return decodeText(batch.bytes.subarray(start, start + batch.textLen[row])).text
}

const FIELD_COLUMNS = { app: ['appOff', 'appLen'], host: ['hostOff', 'hostLen'], procid: ['procOff', 'procLen'], msgid: ['msgidOff', 'msgidLen'] } as const

function fieldMatcher(field: keyof typeof FIELD_COLUMNS, value: string): RowMatcher {
  const [offset, length] = FIELD_COLUMNS[field]
  const isPrefix = value.endsWith('*')
  const wanted = asciiLower(isPrefix ? value.slice(0, -1) : value)
  const pattern = asciiPattern(wanted)
  if (pattern === undefined) {
    return (batch, row) => {
      const start = batch.frameStart[row] + batch[offset][row]
      const is = asciiLower(decodeText(batch.bytes.subarray(start, start + batch[length][row])).text)
      return isPrefix ? is.startsWith(wanted) : is === wanted
    }
  }
  return (batch, row) => {
    const has = batch[length][row]
    if (isPrefix ? has < pattern.length : has !== pattern.length) return false
    return startsWithBytes(batch.bytes, batch.frameStart[row] + batch[offset][row], pattern)
  }
}

function idMatcher(field: 'node' | 'session' | 'source', ids: readonly number[]): RowMatcher {
  if (ids.length === 1) return (batch, row) => batch[field][row] === ids[0]
  const wanted = new Set(ids)
  return (batch, row) => wanted.has(batch[field][row])
}

function comparer(comparison: Comparison, value: number): (is: number) => boolean {
  switch (comparison) {
    case '=':
      return (is) => is === value
    case '<':
      return (is) => is < value
    case '<=':
      return (is) => is <= value
    case '>':
      return (is) => is > value
    case '>=':
      return (is) => is >= value
  }
}
