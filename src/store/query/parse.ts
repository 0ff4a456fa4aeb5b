import { fail, ok, type Result } from '#base/result.ts'
import type { Query } from '../query.ts'
import { compileExpression } from './expression.ts'
import { parseField } from './fields.ts'
import { tokenize, type QueryFault, type Token } from './lexer.ts'
import { conjunction, disjunction } from './trees.ts'
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
    const start = column()
    const parts: Query[] = []
    while (at < tokens.length && tokens[at].kind !== 'close' && tokens[at].kind !== 'or') parts.push(negatable())
    if (parts.length > 0) return conjunction(parts)
    return faulty({ column: start, message: 'something to look for is missing here', hint: 'to look for the word “or”, put it in quotes' })
  }

  function negatable(): Query {
    if (tokens[at].kind !== 'minus') return primary()
    const minus = tokens[at++]
    const next = tokens[at]
    const isBeside = next !== undefined && next.column === minus.column + 1
    if (!isBeside || next.kind === 'close' || next.kind === 'or') {
      return faulty({ column: minus.column, message: 'a minus must stand right before what it excludes', hint: 'put it in quotes to look for it as text' })
    }
    return nested(minus.column, () => ({ kind: 'not', term: negatable() }))
  }

  function nested(from: number, read: () => Query): Query {
    if (depth >= MAX_QUERY_NESTING) {
      at = tokens.length
      return faulty({ column: from, message: `parentheses and minuses may be nested ${MAX_QUERY_NESTING} deep` })
    }
    depth++
    const tree = read()
    depth--
    return tree
  }

  function primary(): Query {
    const token = tokens[at++]
    terms += token.kind === 'field' ? token.values.length : 1
    if (terms > MAX_QUERY_TERMS) {
      at = tokens.length
      return faulty({ column: token.column, message: `a query may have ${MAX_QUERY_TERMS} terms` })
    }
    switch (token.kind) {
      case 'open':
        return nested(token.column, () => group(token.column))
      case 'text':
        if (token.text === '') return faulty({ column: token.column, message: 'nothing is between the quotes' })
        return token.text === '*' && !token.isQuoted ? ALL : { kind: 'text', text: token.text }
      case 'regex': {
        const compiled = compileExpression(token.pattern)
        return typeof compiled === 'string' ? faulty({ column: token.column, message: compiled, hint: 'expressions are RE2: no look-around, no back-references' }) : { kind: 'regex', pattern: token.pattern }
      }
      case 'field':
        return field(token)
      case 'close':
      case 'or':
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

  function field(token: Extract<Token, { kind: 'field' }>): Query {
    const choices: Query[] = []
    for (const value of token.values) {
      const read = parseField(token.name, value, nowMs)
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
