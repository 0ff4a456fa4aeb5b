import type { Match } from '../rules/rule.ts'
import { foldCase } from './condition.ts'
import { bestChoice, regexLiterals } from './regex-literals.ts'

/**
 * Literals of which at least one stands in every text that fulfils the condition, ASCII letters folded; undefined when
 * there is no such list. Only ASCII: bytes of a text that is not UTF-8 are read as latin-1, and then other letters differ.
 */
export function requiredLiterals(match: Match): readonly string[] | undefined {
  const fromRegex = match.regex === undefined ? undefined : regexLiterals(match.regex.source)
  const branches = match.any.map(requiredLiterals)
  return bestChoice([
    ...match.contains.map((text) => [longestAscii(text)]),
    fromRegex,
    ...match.all.map(requiredLiterals),
    branches.length > 0 && branches.every((branch) => branch !== undefined) ? branches.flat() : undefined,
  ])
}

const longestAscii = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- the ASCII range is meant
  (foldCase(text).match(/[\u0000-\u007f]+/g) ?? []).reduce((best, run) => (run.length > best.length ? run : best), '')
