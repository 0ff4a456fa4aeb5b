import type { ResolvedQuery, TextOpening } from '../../query.ts'
import { requiredLiterals } from '../../query/required-literal.ts'
import type { TokenColumn } from '../seal/columns/index.ts'
import { asciiLower } from '../ascii-lower.ts'
import { FIELD, PIECE, type Shape } from '../seal/shapes/shape.ts'
import { hasPlainText, textVariables } from '../seal/runs/frame-writer.ts'
import { asciiPattern, containsTokens, type Wanted } from './byte-search.ts'
import { BYTE_CLASSES, compileReach } from './expression-reach.ts'
import { textLiterals } from './shape-verdict.ts'
import { tokensOf } from './token-ranges.ts'

/** Kinds of letters that are remembered of a shape. */
const MAX_KNOWN = 256

/** May a row of this shape, whose variables in a block these are, answer the query? False is certain. */
export type ColumnVerdict = (shape: Shape, variables: readonly TokenColumn[]) => boolean

/** @returns undefined when columns say nothing about the query */
export function compileColumnVerdict(query: ResolvedQuery): ColumnVerdict | undefined {
  if (query.kind === 'text') return textVerdict(query.text, query.open)
  if (query.kind === 'regex') return allOf([anyOf(requiredLiterals(query.pattern)?.map((literal) => textVerdict(literal, 'both'))), reachVerdict(query.pattern)])
  if (query.kind === 'or') return anyOf(query.terms.map(compileColumnVerdict))
  if (query.kind !== 'and') return undefined
  return allOf(query.terms.map(compileColumnVerdict))
}

function allOf(terms: readonly (ColumnVerdict | undefined)[]): ColumnVerdict | undefined {
  const known = terms.filter((term) => term !== undefined)
  return known.length === 0 ? undefined : (shape, variables) => known.every((term) => term(shape, variables))
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
  const known = new WeakMap<Shape, readonly Wanted[]>()
  /** Tokens that are not in a literal of the shape; none where columns do not tell. */
  const tokensOutside = (shape: Shape): readonly Wanted[] => {
    const literals = textLiterals(shape)
    if (literals === undefined || !hasPlainText(shape)) return []
    return wanted.filter((token) => !literals.ranges.some((bytes) => containsTokens({ bytes, start: 0, end: bytes.length }, token)))
  }
  return (shape, variables) => {
    let outside = known.get(shape)
    if (outside === undefined) known.set(shape, (outside = tokensOutside(shape)))
    if (outside.length === 0) return true
    const { first, end } = textVariables(shape)
    return outside.every((token) => {
      for (let variable = first; variable < end; variable++) if (variables[variable]!.mayHoldPart(token.pattern, token)) return true
      return false
    })
  }
}

function bytesOf(column: TokenColumn): Uint8Array {
  const set = new Uint8Array(BYTE_CLASSES)
  column.addBytes(set)
  return set
}

/** Equal for columns whose tokens have the same bytes; of one length but for the names of digits, which begin with another letter. */
const nameOf = (column: TokenColumn): string => (column.digitKind === undefined ? Buffer.from(bytesOf(column).buffer).toString('latin1') : `d${column.digitKind};`)

/** Can the expression match texts of this shape whose variables have such letters? Asked once for each kind of letters. */
function reachVerdict(pattern: string): ColumnVerdict | undefined {
  const reach = compileReach(pattern)
  if (reach === undefined) return undefined
  const known = new WeakMap<Shape, Map<string, boolean>>()

  const mayMatch = ({ fieldFrom, fieldTo, kinds, literals, literalStart }: Shape, sets: readonly Uint8Array[]): boolean => {
    reach.begin()
    let variable = 0
    for (let piece = Math.max(0, fieldFrom[FIELD.text]!); piece < fieldTo[FIELD.text]!; piece++) {
      const isThere = kinds[piece] === PIECE.literal ? reach.pass(literals, literalStart[piece]!, literalStart[piece + 1]!) : reach.passAny(sets[variable++]!)
      if (isThere) return true
    }
    return false
  }

  return (shape, variables) => {
    if (!hasPlainText(shape)) return true
    const { first, end } = textVariables(shape)
    let name = ''
    for (let variable = first; variable < end; variable++) name += nameOf(variables[variable]!)
    let ofShape = known.get(shape)
    if (ofShape === undefined) known.set(shape, (ofShape = new Map()))
    let verdict = ofShape.get(name)
    if (verdict === undefined) {
      if (ofShape.size >= MAX_KNOWN) ofShape.clear()
      ofShape.set(name, (verdict = mayMatch(shape, variables.slice(first, end).map(bytesOf))))
    }
    return verdict
  }
}
