import type { ResolvedQuery, TextOpening } from '../../query.ts'
import { requiredLiterals } from '../../query/required-literal.ts'
import type { TokenColumn } from '../seal/columns/index.ts'
import { asciiLower } from '../ascii-lower.ts'
import { hasPlainText, textVariables } from '../seal/runs/frame-writer.ts'
import type { Shape } from '../seal/shapes/shape.ts'
import { asciiPattern, containsTokens, type Wanted } from './byte-search.ts'
import { textLiterals } from './shape-verdict.ts'
import { tokensOf } from './token-ranges.ts'

/** May a row of this shape, whose variables in a block these are, answer the query? False is certain. */
export type ColumnVerdict = (shape: Shape, variables: readonly TokenColumn[]) => boolean

/** @returns undefined when columns say nothing about the query */
export function compileColumnVerdict(query: ResolvedQuery): ColumnVerdict | undefined {
  if (query.kind === 'text') return textVerdict(query.text, query.open)
  if (query.kind === 'regex') return anyOf(requiredLiterals(query.pattern)?.map((literal) => textVerdict(literal, 'both')))
  if (query.kind === 'or') return anyOf(query.terms.map(compileColumnVerdict))
  if (query.kind !== 'and') return undefined
  const terms = query.terms.map(compileColumnVerdict).filter((term) => term !== undefined)
  return terms.length === 0 ? undefined : (shape, variables) => terms.every((term) => term(shape, variables))
}

/** One that says nothing may be the one that holds. */
function anyOf(terms: readonly (ColumnVerdict | undefined)[] | undefined): ColumnVerdict | undefined {
  const known = terms?.filter((term) => term !== undefined)
  return known === undefined || known.length !== terms?.length ? undefined : (shape, variables) => known.some((term) => term(shape, variables))
}

/** Each token of the text must lie in a literal or in a variable; that they lie beside each other is not asked. */
function textVerdict(text: string, open: TextOpening | undefined): ColumnVerdict | undefined {
  const pattern = asciiPattern(asciiLower(text))
  if (pattern === undefined) return undefined
  const wanted = tokensOf(pattern).map(({ start, end }): Wanted => ({
    pattern: pattern.subarray(start, end), isOpenStart: start === 0 && (open === 'start' || open === 'both'), isOpenEnd: end === pattern.length && (open === 'end' || open === 'both'),
  }))
  if (wanted.length === 0) return undefined
  return (shape, variables) => {
    const literals = textLiterals(shape)
    if (literals === undefined || !hasPlainText(shape)) return true
    const { first, end } = textVariables(shape)
    const isThere = (token: Wanted): boolean => {
      if (literals.ranges.some((bytes) => containsTokens({ bytes, start: 0, end: bytes.length }, token))) return true
      for (let variable = first; variable < end; variable++) if (variables[variable]!.mayHoldPart(token.pattern, token)) return true
      return false
    }
    return wanted.every(isThere)
  }
}
