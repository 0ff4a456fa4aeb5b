import { fail, ok, type Result } from '#base/result.ts'

/** Where in the text (columns from 1), what, and what to do about it. */
export interface QueryFault { readonly column: number; readonly message: string; readonly hint?: string | undefined }

export type Token = { readonly column: number } & (
  | { readonly kind: 'open' | 'close' | 'minus' | 'or' }
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | { readonly kind: 'regex'; readonly pattern: string }
  /** `name:value,value`; each value with its own column. */
  | { readonly kind: 'field'; readonly name: string; readonly values: readonly FieldValue[] }
)
export interface FieldValue { readonly column: number; readonly text: string }

const WORD = /[^\s()"]+/y
const FIELD = /([A-Za-z]+):/y
const VALUE = /[^\s()",]+/y
const PATH_HINT = 'to look for a path, put it in quotes: "/dev/sda"'

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
    case '"': {
      const quoted = quotedAt(text, at)
      return 'message' in quoted ? quoted : { token: { kind: 'text', text: quoted.text, isQuoted: true, column }, end: quoted.end }
    }
    default:
      return matchAt(FIELD, text, at) === undefined ? wordAt(text, at) : fieldAt(text, at)
  }
}

function wordAt(text: string, at: number): Found {
  const word = matchAt(WORD, text, at)!
  const column = at + 1
  const token: Token = word.toLowerCase() === 'or' ? { kind: 'or', column } : { kind: 'text', text: word, isQuoted: false, column }
  return { token, end: at + word.length }
}

function fieldAt(text: string, at: number): Found {
  const name = matchAt(FIELD, text, at)!.slice(0, -1)
  const values: FieldValue[] = []
  let end = at + name.length + 1
  for (;;) {
    const column = end + 1
    if (text[end] === '"') {
      const quoted = quotedAt(text, end)
      if ('message' in quoted) return quoted
      values.push({ text: quoted.text, column })
      end = quoted.end
    } else {
      const value = matchAt(VALUE, text, end) ?? ''
      values.push({ text: value, column })
      end += value.length
    }
    if (text[end] !== ',') return { token: { kind: 'field', name, values, column: at + 1 }, end }
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

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  const sticky = new RegExp(pattern.source, 'y')
  sticky.lastIndex = at
  return sticky.exec(text)?.[0]
}

function skipSpace(text: string, at: number): number {
  let end = at
  while (end < text.length && /\s/.test(text[end])) end++
  return end
}
