import { RE2JS } from 're2js'

/** Longest expression that is compiled; the engine is linear in the text, but not in the expression. */
const MAX_EXPRESSION_LENGTH = 1000

export interface Expression { test(text: string): boolean }

/** RE2 syntax, linear time, unanchored, letters compared as written (`(?i)` at the start ignores case). @returns a sentence when it cannot be read */
export function compileExpression(pattern: string): Expression | string {
  if (pattern.length > MAX_EXPRESSION_LENGTH) return `an expression may have ${MAX_EXPRESSION_LENGTH} characters`
  try {
    const compiled = RE2JS.compile(pattern)
    return { test: (text) => compiled.test(text) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
