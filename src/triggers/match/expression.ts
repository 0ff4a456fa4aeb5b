import { RE2JS, RE2JSException } from 're2js'
import { cut } from '#base/text.ts'

/** Longest named group that is kept; it becomes part of keys, titles and mails. */
const MAX_CAPTURE_CHARACTERS = 512
const MAX_CAPTURES = 32

/** A linear-time expression (RE2 syntax: no look-around, no back-references). */
export interface Expression {
  readonly source: string
  readonly groups: readonly string[]
  test(text: string): boolean
  /** Named groups of the leftmost match; groups that took no part are left out. Call it after `test` said yes. */
  captures(text: string): Record<string, string>
}

/** @returns the expression, or why it cannot be one */
export function compileExpression(source: string): Expression | { readonly wrong: string; readonly hint: string | undefined } {
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(source)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return { wrong: error.message.replace('error parsing regexp: ', ''), hint: hintFor(source) }
  }
  const groups = Object.keys(compiled.namedGroups())
  if (groups.length > MAX_CAPTURES) return { wrong: `more than ${MAX_CAPTURES} named groups`, hint: undefined }
  return {
    source,
    groups,
    test: (text) => compiled.test(text),
    captures(text) {
      const found = (compiled.exec(text) as RegExpExecArray | null)?.groups ?? {}
      return Object.fromEntries(groups.flatMap((name) => (found[name] === undefined ? [] : [[name, cut(found[name], MAX_CAPTURE_CHARACTERS)]])))
    },
  }
}

function hintFor(source: string): string | undefined {
  if (/\(\?<?[=!]/.test(source)) return 'RE2 has no look-around: use `not:` for what must not be there'
  if (/\\[1-9]/.test(source)) return 'RE2 has no back-references'
  return undefined
}
