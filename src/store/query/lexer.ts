import { fail, ok, type Result } from '#base/result.ts'
import type { ParamName, TextOpening } from '../query.ts'
import { paramNameAt } from './param-name.ts'

/** Where in the text (columns from 1), what, and what to do about it. */
export interface QueryFault { readonly column: number; readonly message: string; readonly hint?: string | undefined }

/** Words with a meaning of their own, in any case; in quotes they are looked for. */
export const KEYWORDS = ['and', 'or', 'not'] as const
export type Keyword = (typeof KEYWORDS)[number]

export type Token = { readonly column: number } & (
  | { readonly kind: 'open' | 'close' | 'minus' | Keyword }
  /** `*` alone is an empty text that is open at both ends. */
  | { readonly kind: 'text'; readonly text: string; readonly open?: TextOpening }
  | { readonly kind: 'regex'; readonly pattern: string }
  /** `name:value,value`; each value with its own column. */
  | { readonly kind: 'field'; readonly name: string; readonly values: readonly FieldValue[] }
  | { readonly kind: 'param'; readonly param: ParamName; readonly values: readonly FieldValue[] }
)
/** `isOpen`: a star stands behind the quotes; without quotes a star at the end is part of the text. */
export interface FieldValue { readonly column: number; readonly text: string; readonly isQuoted: boolean; readonly isOpen: boolean }

const WORD = /[^\s()"]+/y
const FIELD = /([A-Za-z]+):/y
const VALUE = /[^\s()",]+/y
/** What may follow a star that belongs to the quotes before it. */
const BEHIND_STAR = /[\s(),]|$/y
const PATH_HINT = 'to look for a path, put it in quotes: "/dev/sda"'
const STAR_HINT = 'put it in quotes to look for a star, or write an expression: /nvme.*timeout/'

/** Text to tokens; stops at the first fault. */
export function tokenize(text: string): Result<readonly Token[], QueryFault> {
  const tokens: Token[] = []
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const found = tokenAt(text, at)
    if ('message' in found) return fail(found)
    tokens.push(found.token)
    at = found.end
  }
  return ok(tokens)
}

type Found = { readonly token: Token; readonly end: number } | QueryFault

function tokenAt(text: string, at: number): Found {
  const column = at + 1
  switch (text[at]) {
    case '(':
      return { token: { kind: 'open', column }, end: at + 1 }
    case ')':
      return { token: { kind: 'close', column }, end: at + 1 }
    case '-':
      return { token: { kind: 'minus', column }, end: at + 1 }
    case '/':
      return regexAt(text, at)
    case '"':
      return phraseAt(text, at, at)
    default:
      if (text.startsWith('*"', at)) return phraseAt(text, at, at + 1)
      return fieldAt(text, at) ?? wordAt(text, at)
  }
}

/** @param quoteAt behind the star that opens the start, if there is one */
function phraseAt(text: string, at: number, quoteAt: number): Found {
  const quoted = quotedAt(text, quoteAt)
  if ('message' in quoted) return quoted
  const isOpenEnd = hasStarAt(text, quoted.end)
  return { token: textToken(quoted.text, { column: at + 1, isOpenStart: quoteAt > at, isOpenEnd }), end: quoted.end + (isOpenEnd ? 1 : 0) }
}

function textToken(text: string, { column, isOpenStart, isOpenEnd }: { readonly column: number; readonly isOpenStart: boolean; readonly isOpenEnd: boolean }): Token {
  const open = isOpenStart && isOpenEnd ? 'both' : isOpenStart ? 'start' : 'end'
  return { kind: 'text', text, column, ...(isOpenStart || isOpenEnd ? { open } : {}) }
}

const hasStarAt = (text: string, at: number): boolean => text[at] === '*' && matchAt(BEHIND_STAR, text, at + 1) !== undefined

function wordAt(text: string, at: number): Found {
  const word = matchAt(WORD, text, at)!
  const column = at + 1
  const end = at + word.length
  const keyword = KEYWORDS.find((known) => known === word.toLowerCase())
  if (keyword !== undefined) return { token: { kind: keyword, column }, end }
  if (word === '*') return { token: textToken('', { column, isOpenStart: true, isOpenEnd: true }), end }
  const isOpenStart = word.startsWith('*')
  const isOpenEnd = word.endsWith('*')
  const inner = word.slice(isOpenStart ? 1 : 0, isOpenEnd ? -1 : undefined)
  const star = inner.indexOf('*')
  if (star >= 0) return { column: column + star + (isOpenStart ? 1 : 0), message: 'a star may stand at the ends of a word', hint: STAR_HINT }
  return { token: textToken(inner, { column, isOpenStart, isOpenEnd }), end }
}

function fieldAt(text: string, at: number): Found | undefined {
  const name = matchAt(FIELD, text, at)?.slice(0, -1)
  const found = name === undefined ? paramNameAt(text, at) : undefined
  const colon = name === undefined ? found?.end : at + name.length
  if (colon === undefined || text[colon] !== ':') return undefined
  const list = valuesAt(text, colon + 1)
  if ('message' in list) return list
  const { values, end } = list
  const column = at + 1
  return { token: name === undefined ? { kind: 'param', param: found!.param, values, column } : { kind: 'field', name, values, column }, end }
}

function valuesAt(text: string, at: number): { readonly values: readonly FieldValue[]; readonly end: number } | QueryFault {
  const values: FieldValue[] = []
  let end = at
  for (;;) {
    const column = end + 1
    if (text[end] === '"') {
      const quoted = quotedAt(text, end)
      if ('message' in quoted) return quoted
      const isOpen = hasStarAt(text, quoted.end)
      values.push({ text: quoted.text, column, isQuoted: true, isOpen })
      end = quoted.end + (isOpen ? 1 : 0)
    } else {
      const value = matchAt(VALUE, text, end) ?? ''
      values.push({ text: value, column, isQuoted: false, isOpen: false })
      end += value.length
    }
    if (text[end] !== ',') return { values, end }
    end++
  }
}

/** Inside quotes `\"` is a quote and `\\` a backslash; any other backslash stands for itself. */
function quotedAt(text: string, at: number): { readonly text: string; readonly end: number } | QueryFault {
  let value = ''
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '"') return { text: value, end: i + 1 }
    if (text[i] === '\\' && (text[i + 1] === '"' || text[i + 1] === '\\')) i++
    value += text[i]
  }
  return { column: at + 1, message: 'this quote is not closed' }
}

/** `\/` is a slash; every other backslash belongs to the expression. */
function regexAt(text: string, at: number): Found {
  let pattern = ''
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) {
      pattern += text[i + 1] === '/' ? '/' : text.slice(i, i + 2)
      i++
    } else if (text[i] !== '/') pattern += text[i]
    else if (i + 1 < text.length && !/[\s)]/.test(text[i + 1])) return { column: i + 2, message: 'a space must follow the expression', hint: PATH_HINT }
    else if (pattern === '') return { column: at + 1, message: 'the expression is empty', hint: PATH_HINT }
    else return { token: { kind: 'regex', pattern, column: at + 1 }, end: i + 1 }
  }
  return { column: at + 1, message: 'this expression is not closed by a slash', hint: PATH_HINT }
}

/** Must a text be quoted so that it is read as a word and not as something else? */
export function isPlainWord(text: string, isOpenStart: boolean, isOpenEnd: boolean): boolean {
  if (!/^[^\s()"*]+$/.test(text)) return false
  if (isOpenStart) return true
  if (/^[/-]/.test(text) || (!isOpenEnd && KEYWORDS.some((word) => word === text.toLowerCase()))) return false
  return matchAt(FIELD, text, 0) === undefined && text[paramNameAt(text, 0)?.end ?? text.length] !== ':'
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  const sticky = new RegExp(pattern)
  sticky.lastIndex = at
  return sticky.exec(text)?.[0]
}

function skipSpace(text: string, at: number): number {
  let end = at
  while (end < text.length && /\s/.test(text[end])) end++
  return end
}
