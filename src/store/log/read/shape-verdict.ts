import { BYTE_KIND, MAX_HEX_LETTERS, TOKEN_KIND } from '#domain/tokens.ts'
import type { ResolvedQuery } from '../../query.ts'
import { requiredLiteral } from '../../query/required-literal.ts'
import { asciiLower } from '../ascii-lower.ts'
import { FIELD, PIECE, type Shape } from '../seal/shapes/shape.ts'
import { asciiPattern, containsTokens } from './byte-search.ts'
import { createDictionaryRow, fillShapeRow } from './dictionary-rows.ts'
import { compileMatcher } from './matcher.ts'
import { tokensOf } from './token-ranges.ts'
import { VERDICT, type Verdict } from './verdict.ts'

/** Asks shapes about one query. */
export function compileShapeVerdict(query: ResolvedQuery): (shape: Shape) => Verdict {
  switch (query.kind) {
    case 'and': {
      const terms = query.terms.map(compileShapeVerdict)
      return (shape) => terms.reduce<Verdict>((worst, term) => Math.min(worst, term(shape)) as Verdict, VERDICT.yes)
    }
    case 'or': {
      const terms = query.terms.map(compileShapeVerdict)
      return (shape) => terms.reduce<Verdict>((best, term) => Math.max(best, term(shape)) as Verdict, VERDICT.no)
    }
    case 'not': {
      const term = compileShapeVerdict(query.term)
      return (shape) => (VERDICT.yes + VERDICT.no - term(shape)) as Verdict
    }
    case 'all':
      return () => VERDICT.yes
    case 'field':
      return query.field === 'app' || query.field === 'msgid' ? exactly(query) : () => VERDICT.maybe
    case 'format':
    case 'fault':
    case 'template':
      return exactly(query)
    case 'text':
      return textVerdict(query)
    case 'regex': {
      const literal = requiredLiteral(query.pattern)
      if (literal === undefined) return () => VERDICT.maybe
      const hasLiteral = textVerdict({ kind: 'text', text: literal, open: 'both' })
      return (shape) => Math.min(hasLiteral(shape), VERDICT.maybe) as Verdict
    }
    case 'ids':
    case 'severity':
    case 'facility':
    case 'seq':
    case 'time':
    case 'procid':
    case 'confidence':
    case 'method':
    case 'param':
    case 'session-times':
      return () => VERDICT.maybe
  }
}

/** What is the same in all rows of a shape is asked of one row that has nothing else. */
function exactly(query: ResolvedQuery): (shape: Shape) => Verdict {
  const match = compileMatcher(query)
  const row = createDictionaryRow()
  return (shape) => {
    fillShapeRow(row, shape)
    return match(row, 0) ? VERDICT.yes : VERDICT.no
  }
}

/**
 * A text without variable tokens lies either in the literals of a shape, and then in all its rows, or in none of them. A
 * text with some is in no row of a shape that lacks one of its words.
 */
function textVerdict({ text, open }: Extract<ResolvedQuery, { kind: 'text' }>): (shape: Shape) => Verdict {
  const pattern = asciiPattern(asciiLower(text))
  if (pattern === undefined) return () => VERDICT.maybe
  const isOpenStart = open === 'start' || open === 'both'
  const isOpenEnd = open === 'end' || open === 'both'
  const wanted = { pattern, isOpenStart, isOpenEnd }
  const words: Uint8Array[] = []
  let isAllWords = true
  for (const { start, end } of tokensOf(pattern)) {
    const token = pattern.subarray(start, end)
    const isWhole = !(isOpenStart && start === 0) && !(isOpenEnd && end === pattern.length)
    if (isWhole && !mayBeVariable(token)) words.push(token)
    else isAllWords = false
  }
  return (shape) => {
    const literals = textLiterals(shape)
    if (literals === undefined) return VERDICT.maybe
    const { ranges, hasVariables } = literals
    const isThere = ranges.some((bytes) => containsTokens({ bytes, start: 0, end: bytes.length }, wanted))
    if (isThere) return VERDICT.yes
    // a variable is a whole token and no word: it cannot be a part of the text
    if (!hasVariables || isAllWords) return VERDICT.no
    const hasWord = (word: Uint8Array): boolean => ranges.some((bytes) => containsTokens({ bytes, start: 0, end: bytes.length }, { pattern: word, isOpenStart: false, isOpenEnd: false }))
    return words.every(hasWord) ? VERDICT.maybe : VERDICT.no
  }
}

/** A token with a digit, or hex letters, which are a part of an address where a colon is beside them. */
function mayBeVariable(token: Uint8Array): boolean {
  let any = 0
  let common = 255
  for (const byte of token) {
    any |= BYTE_KIND[byte]!
    common &= BYTE_KIND[byte]!
  }
  return (any & TOKEN_KIND.digit) !== 0 || ((common & TOKEN_KIND.hexLetter) !== 0 && token.length <= MAX_HEX_LETTERS)
}

export interface TextLiterals { readonly ranges: readonly Uint8Array[]; readonly hasVariables: boolean }

/** The literals of the text between its variables; undefined when other pieces lie in it. */
export function textLiterals(shape: Shape): TextLiterals | undefined {
  const [from, to] = [shape.fieldFrom[FIELD.text]!, shape.fieldTo[FIELD.text]!]
  if (from < 0) return { ranges: [], hasVariables: false }
  const ranges: Uint8Array[] = []
  let hasVariables = false
  let start = from
  for (let piece = from; piece <= to; piece++) {
    const kind = piece === to ? PIECE.variable : shape.kinds[piece]!
    if (kind === PIECE.literal) continue
    if (kind !== PIECE.variable) return undefined
    if (piece < to) hasVariables = true
    if (piece > start) ranges.push(shape.literals.subarray(shape.literalStart[start], shape.literalStart[piece]))
    start = piece + 1
  }
  return { ranges, hasVariables }
}
