import type { Match } from '../rules/rule.ts'
import type { Expression } from './expression.ts'

/**
 * Conditions of several rules, and branches of one, ask the same of the same text: `security.ssh-guessed` alone asks six times whether a login
 * failed. Here each expression is one for all, and knows what it said of its last text.
 */
export function createSharing(): (match: Match) => Match {
  const bySource = new Map<string, Expression>()

  function expression(own: Expression): Expression {
    const known = bySource.get(own.source) ?? remembering(own)
    bySource.set(own.source, known)
    return known
  }

  return function share(match: Match): Match {
    return {
      ...match,
      regex: match.regex === undefined ? undefined : expression(match.regex),
      not: match.not === undefined ? undefined : share(match.not),
      any: match.any.map(share),
      all: match.all.map(share),
    }
  }
}

/** Remembers one text, the last: a message is tried on all conditions before the next one is. */
function remembering(expression: Expression): Expression {
  let last: string | undefined
  let isFound = false
  let found: Record<string, string> | undefined

  function test(text: string): boolean {
    if (text === last) return isFound
    isFound = expression.test(text)
    last = text
    found = undefined
    return isFound
  }
  return {
    source: expression.source,
    groups: expression.groups,
    test,
    captures(text) {
      if (text !== last) return expression.captures(text)
      found ??= expression.captures(text)
      return found
    },
  }
}
