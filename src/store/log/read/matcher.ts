import { seqOf, type Batch } from '#domain/batch.ts'
import { AppFault } from '#domain/fault.ts'
import { compileExpression } from '../../query/expression.ts'
import { requiredLiterals } from '../../query/required-literal.ts'
import type { Comparison, ResolvedQuery, SessionSpan, TextOpening } from '../../query.ts'
import { asciiLower } from '../ascii-lower.ts'
import { asciiPattern, containsBytes, containsTokens, startsWithBytes, textHasTokens, textOfRange } from './byte-search.ts'
import { compileParam, textRange } from './params.ts'

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
      return textMatcher(query.text, query.open)
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
      return (batch, row) => compare(seqOf(batch, row))
    }
    case 'confidence': {
      const compare = comparer(query.comparison, query.value)
      return (batch, row) => compare(batch.confidence[row])
    }
    case 'procid':
      return procidMatcher(query.comparison, query.value)
    case 'format':
      return (batch, row) => batch.format[row] === query.code
    case 'method':
      return (batch, row) => batch.method[row] === query.code
    case 'fault':
      return (batch, row) => ((batch.faults[row] >>> query.code) & 1) === 1
    case 'template':
      return (batch, row) => batch.templateLo[row] === query.lo && batch.templateHi[row] === query.hi
    case 'param':
      return compileParam(query)
    case 'session-times':
      return spanMatcher(query.spans)
    case 'time': {
      const { fromMs = -Infinity, untilMs = Infinity } = query
      return (batch, row) => batch.receivedMs[row] >= fromMs && batch.receivedMs[row] < untilMs
    }
  }
}

const COST: Readonly<Record<ResolvedQuery['kind'], number>> = {
  all: 0, ids: 0, severity: 0, facility: 0, seq: 0, time: 0, confidence: 0, format: 0, method: 0, fault: 0, template: 0, 'session-times': 0,
  field: 1, procid: 1, text: 2, and: 3, or: 3, not: 3, regex: 4, param: 5,
}
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
  if (terms.length === 1) return terms[0]
  return (batch, row) => {
    for (const term of terms) if (term(batch, row)) return true
    return false
  }
}

/** Letters beyond ASCII may be UTF-8 or latin-1 in the row: only rows that hold either spelling are decoded to look. */
function textMatcher(text: string, open: TextOpening | undefined): RowMatcher {
  const wanted = asciiLower(text)
  const ends = { isOpenStart: open === 'start' || open === 'both', isOpenEnd: open === 'end' || open === 'both' }
  const pattern = asciiPattern(wanted)
  if (pattern !== undefined) return (batch, row) => containsTokens(textRange(batch, row), { pattern, ...ends })
  const spellings = /[\u0100-\u{10ffff}]/u.test(wanted) ? [Buffer.from(wanted)] : [Buffer.from(wanted), Buffer.from(wanted, 'latin1')]
  return (batch, row) => {
    const range = textRange(batch, row)
    return spellings.some((spelling) => containsBytes(range, spelling)) && textHasTokens(asciiLower(textOfRange(range)), wanted, ends)
  }
}

/** Rows without the letters that every match has are refused by their bytes; no string is made for them. */
function regexMatcher(pattern: string): RowMatcher {
  const expression = compileExpression(pattern)
  if (typeof expression === 'string') throw new AppFault('bad-query', expression)
  const literals = requiredLiterals(pattern)?.map((literal) => Buffer.from(literal, 'latin1'))
  if (literals === undefined) return (batch, row) => expression.test(textOfRange(textRange(batch, row)))
  return (batch, row) => {
    const range = textRange(batch, row)
    return literals.some((literal) => containsBytes(range, literal)) && expression.test(textOfRange(range))
  }
}

const FIELD_COLUMNS = {
  app: ['appOff', 'appLen'], host: ['hostOff', 'hostLen'], procid: ['procOff', 'procLen'], msgid: ['msgidOff', 'msgidLen'], label: ['labelOff', 'labelLen'],
} as const

function fieldMatcher(field: keyof typeof FIELD_COLUMNS, value: string): RowMatcher {
  const [offset, length] = FIELD_COLUMNS[field]
  const isPrefix = value.endsWith('*')
  const wanted = asciiLower(isPrefix ? value.slice(0, -1) : value)
  const pattern = asciiPattern(wanted)
  if (pattern === undefined) {
    return (batch, row) => {
      const start = batch.frameStart[row] + batch[offset][row]
      const is = asciiLower(textOfRange({ bytes: batch.bytes, start, end: start + batch[length][row] }))
      return isPrefix ? is.startsWith(wanted) : is === wanted
    }
  }
  return (batch, row) => {
    const has = batch[length][row]
    if (isPrefix ? has < pattern.length : has !== pattern.length) return false
    return startsWithBytes(batch.bytes, batch.frameStart[row] + batch[offset][row], pattern)
  }
}

/** Digits that a double holds exactly. */
const MAX_PROCID_DIGITS = 15

/** A PROCID that is not all digits is no number and answers nothing. */
function procidMatcher(comparison: Comparison, value: number): RowMatcher {
  const compare = comparer(comparison, value)
  return (batch, row) => {
    const length = batch.procLen[row]
    if (length === 0 || length > MAX_PROCID_DIGITS) return false
    const start = batch.frameStart[row] + batch.procOff[row]
    let is = 0
    for (let at = start; at < start + length; at++) {
      const digit = batch.bytes[at] - 48
      if (digit < 0 || digit > 9) return false
      is = is * 10 + digit
    }
    return compare(is)
  }
}

function spanMatcher(spans: readonly SessionSpan[]): RowMatcher {
  const byId = new Map(spans.map((span) => [span.id, span]))
  return (batch, row) => {
    const span = byId.get(batch.session[row])
    return span !== undefined && batch.receivedMs[row] >= span.fromMs && batch.receivedMs[row] < span.untilMs
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
