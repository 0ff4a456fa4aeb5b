import { fail, ok, type Result } from '#base/result.ts'
import type { Query } from '../query.ts'
import { compileExpression } from './expression.ts'
import { parseField } from './fields.ts'
import { KEYWORDS, tokenize, type FieldValue, type Keyword, type QueryFault, type Token } from './lexer.ts'
import { paramNameFault } from './param-name.ts'
import { conjunction, disjunction } from './trees.ts'
import { readParamValue, type Read } from './values.ts'
export type { QueryFault } from './lexer.ts'

/** Bounds of a query; every term costs time for every message looked at. */
export const MAX_QUERY_LENGTH = 4000
export const MAX_QUERY_TERMS = 100
export const MAX_QUERY_NESTING = 10

/**
 * Reads the query language (docs/reference/query.md). An empty text is everything.
 * @param options.nowMs what `since:1h` counts from, epoch milliseconds
 */
export function parseQuery(text: string, { nowMs }: { readonly nowMs: number }): Result<Query, QueryFault> {
  if (text.length > MAX_QUERY_LENGTH) return fail({ column: MAX_QUERY_LENGTH + 1, message: `a query may have ${MAX_QUERY_LENGTH} characters` })
  const tokens = tokenize(text)
  if (!tokens.ok) return tokens
  const faults: QueryFault[] = []
  const parser = createParser(tokens.value, { nowMs, faults, endColumn: text.length + 1 })
  const tree = parser.whole()
  return faults.length > 0 ? fail(...faults) : ok(tree)
}

interface ParserOptions { readonly nowMs: number; readonly endColumn: number; readonly faults: QueryFault[] }

const ALL: Query = { kind: 'all' }
const isKeyword = (kind: string | undefined): kind is Keyword => KEYWORDS.some((word) => word === kind)

/** Recursive descent. A fault is noted and reading goes on, so that all faults of values are told at once. */
function createParser(tokens: readonly Token[], { nowMs, faults, endColumn }: ParserOptions): { whole(): Query } {
  let at = 0
  let terms = 0
  let depth = 0

  const column = (): number => tokens[at]?.column ?? endColumn
  const faulty = (fault: QueryFault): Query => {
    faults.push(fault)
    return ALL
  }

  function either(): Query {
    const choices = [sequence()]
    while (tokens[at]?.kind === 'or') {
      at++
      choices.push(sequence())
    }
    return disjunction(choices)
  }

  function sequence(): Query {
    const parts = [operand()]
    while (at < tokens.length && tokens[at].kind !== 'close' && tokens[at].kind !== 'or') {
      if (tokens[at].kind === 'and') at++
      parts.push(operand())
    }
    return conjunction(parts)
  }

  /** Something to look for must stand here; a keyword or the end does not. */
  function operand(): Query {
    const token = tokens[at]
    if (token !== undefined && token.kind !== 'close' && token.kind !== 'or' && token.kind !== 'and') return negatable()
    const word = [token, tokens[at - 1]].map((near) => near?.kind).find(isKeyword)
    // behind a keyword that stands alone reading must go on, or the same fault would be told for ever
    if (token?.kind === 'and') at++
    return faulty({ column: token?.column ?? endColumn, message: 'something to look for is missing here', hint: word && `to look for the word “${word}”, put it in quotes` })
  }

  function negatable(): Query {
    const token = tokens[at]
    if (token.kind !== 'minus' && token.kind !== 'not') return primary()
    at++
    if (token.kind === 'not') return nested(token.column, () => ({ kind: 'not', term: operand() }))
    const next = tokens[at]
    const isBeside = next !== undefined && next.column === token.column + 1
    if (!isBeside || next.kind === 'close' || next.kind === 'or' || next.kind === 'and') {
      return faulty({ column: token.column, message: 'a minus must stand right before what it excludes', hint: 'put it in quotes to look for it as text' })
    }
    return nested(token.column, () => ({ kind: 'not', term: negatable() }))
  }

  function nested(from: number, read: () => Query): Query {
    if (depth >= MAX_QUERY_NESTING) {
      at = tokens.length
      return faulty({ column: from, message: `parentheses, minuses and nots may be nested ${MAX_QUERY_NESTING} deep` })
    }
    depth++
    const tree = read()
    depth--
    return tree
  }

  function primary(): Query {
    const token = tokens[at++]
    terms += 'values' in token ? token.values.length : 1
    if (terms > MAX_QUERY_TERMS) {
      at = tokens.length
      return faulty({ column: token.column, message: `a query may have ${MAX_QUERY_TERMS} terms` })
    }
    switch (token.kind) {
      case 'open':
        return nested(token.column, () => group(token.column))
      case 'text':
        if (token.text === '') return token.open === 'both' ? ALL : faulty({ column: token.column, message: 'nothing is between the quotes' })
        return { kind: 'text', text: token.text, ...(token.open === undefined ? {} : { open: token.open }) }
      case 'regex': {
        const compiled = compileExpression(token.pattern)
        return typeof compiled === 'string' ? faulty({ column: token.column, message: compiled, hint: 'expressions are RE2: no look-around, no back-references' }) : { kind: 'regex', pattern: token.pattern }
      }
      case 'field':
        return choice(token, (value) => parseField(token.name, value, nowMs))
      case 'param': {
        const fault = paramNameFault(token.param)
        return fault === undefined ? choice(token, (value) => readParamValue(token.param, value)) : faulty({ column: token.column, message: fault })
      }
      case 'close':
      case 'and':
      case 'or':
      case 'not':
      case 'minus':
        return faulty({ column: token.column, message: 'this is not expected here' })
    }
  }

  function group(from: number): Query {
    const tree = either()
    if (tokens[at]?.kind !== 'close') return faults.length > 0 ? tree : faulty({ column: from, message: 'this parenthesis is not closed' })
    at++
    return tree
  }

  function choice({ values }: { readonly values: readonly FieldValue[] }, readValue: (value: FieldValue) => Read): Query {
    const choices: Query[] = []
    for (const value of values) {
      const read = readValue(value)
      if (read.ok) choices.push(read.value)
      else return faulty(read.faults[0])
    }
    return disjunction(choices)
  }

  return {
    whole() {
      if (tokens.length === 0) return ALL
      const tree = either()
      if (at < tokens.length && faults.length === 0) faulty({ column: column(), message: 'this parenthesis was never opened' })
      return tree
    },
  }
}
