import { RE2JS } from 're2js'
import { toNativeExpression } from './native-expression.ts'

/** Longest expression that is compiled; the engine is linear in the text, but not in the expression. */
const MAX_EXPRESSION_LENGTH = 1000

export interface Expression { test(text: string): boolean }

/**
 * RE2 syntax, unanchored, letters compared as written (`(?i)` at the start ignores case). RE2 is linear in the text; V8's
 * engine stands in for it where it says the same and is bounded as well. @returns a sentence when it cannot be read
 */
export function compileExpression(pattern: string): Expression | string {
  if (pattern.length > MAX_EXPRESSION_LENGTH) return `an expression may have ${MAX_EXPRESSION_LENGTH} characters`
  try {
    const compiled = RE2JS.compile(pattern)
    const native = toNativeExpression(pattern)
    if (native === undefined) return { test: (text) => compiled.test(text) }
    const { regexp, maxLength } = native
    return { test: (text) => (text.length <= maxLength ? regexp.test(text) : compiled.test(text)) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
