import type { ResolvedQuery } from '#store/index.ts'
import { requiredLiterals } from '../match/literal.ts'
import { patternsOf } from '../rules/patterns.ts'
import type { Match, Rule, TextSet } from '../rules/rule.ts'

/** More terms than this cost a search more than reading everything. */
const MAX_TERMS = 200
// oxlint-disable-next-line no-control-regex -- the ASCII range is meant
const IS_ASCII = /^[\u0000-\u007f]*$/u

/**
 * A search that every message answers which one of the rules could be fulfilled by; others may answer it too. Undefined: there
 * is a condition that any message may fulfil, and nothing can be passed over.
 */
export function candidatesOf(rules: readonly Rule[]): ResolvedQuery | undefined {
  const terms: ResolvedQuery[] = []
  for (const rule of rules) {
    for (const { on } of patternsOf(rule)) {
      if (on.kind === 'event') continue
      const needed = neededFor(on.match)
      if (needed === undefined) return undefined
      terms.push(needed)
    }
  }
  const different = new Map(terms.map((term) => [JSON.stringify(term), term]))
  return different.size > MAX_TERMS ? undefined : either([...different.values()])
}

/** What every message that fulfils the condition has; undefined: nothing that could be searched for. */
function neededFor(match: Match): ResolvedQuery | undefined {
  const literals = requiredLiterals(match)
  const needed = [literals === undefined ? undefined : either(literals.map((text): ResolvedQuery => ({ kind: 'text', text, open: 'both' }))), ofApp(match.app), ofSeverity(match.severities)].filter((term) => term !== undefined)
  if (needed.length === 0) return undefined
  return needed.length === 1 ? needed[0] : { kind: 'and', terms: needed }
}

function ofApp(app: TextSet | undefined): ResolvedQuery | undefined {
  if (app === undefined) return undefined
  // a `*` in a name would mean a beginning, and letters beyond ASCII have several spellings
  if (![...app.equal, ...app.prefix].every((name) => IS_ASCII.test(name) && !name.includes('*'))) return undefined
  return either([...app.equal, ...app.prefix.map((beginning) => `${beginning}*`)].map((value): ResolvedQuery => ({ kind: 'field', field: 'app', value })))
}

/** `severity: <=err`, the usual form, is one comparison. */
function ofSeverity(severities: number | undefined): ResolvedQuery | undefined {
  if (severities === undefined) return undefined
  const codes = [0, 1, 2, 3, 4, 5, 6, 7].filter((code) => (severities & (1 << code)) !== 0)
  const last = codes.at(-1)
  if (last !== undefined && codes.length === last + 1) return last === 7 ? undefined : { kind: 'severity', comparison: '<=', code: last }
  return either(codes.map((code): ResolvedQuery => ({ kind: 'severity', comparison: '=', code })))
}

const either = (terms: readonly ResolvedQuery[]): ResolvedQuery => (terms.length === 1 ? terms[0]! : { kind: 'or', terms })
