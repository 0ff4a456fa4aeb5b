import type { Match } from '../rules/rule.ts'
import { foldCase } from './condition.ts'

/** Shorter literals are in too many messages to be worth looking for. */
export const MIN_LITERAL = 4

/**
 * Literals of which at least one stands in every text that fulfils the condition, ASCII letters folded; undefined when
 * there is no such list. Only ASCII: bytes of a text that is not UTF-8 are read as latin-1, and then other letters differ.
 */
export function requiredLiterals(match: Match): readonly string[] | undefined {
  const choices: (readonly string[])[] = match.contains.map(longestAscii).filter(isUsable).map((literal) => [literal])
  const fromRegex = match.regex === undefined ? '' : regexLiteral(match.regex.source)
  if (isUsable(fromRegex)) choices.push([fromRegex])
  for (const part of match.all) {
    const literals = requiredLiterals(part)
    if (literals !== undefined) choices.push(literals)
  }
  const branches = match.any.map(requiredLiterals)
  if (branches.length > 0 && branches.every((branch) => branch !== undefined)) choices.push(branches.flat())
  return choices.toSorted((a, b) => shortest(b) - shortest(a))[0]
}

const isUsable = (literal: string): boolean => literal.length >= MIN_LITERAL
const shortest = (literals: readonly string[]): number => Math.min(...literals.map((literal) => literal.length))
const longest = (runs: readonly string[]): string => runs.reduce((best, run) => (run.length > best.length ? run : best), '')

// oxlint-disable-next-line no-control-regex -- the ASCII range is meant
const longestAscii = (text: string): string => longest(foldCase(text).match(/[\u0000-\u007f]+/g) ?? [])

/**
 * The longest literal that every match of an RE2 expression contains, folded, or `` when none is certain. It looks at the
 * outermost sequence only: groups, classes and alternatives end a run; what it does not know ends it too.
 */
export function regexLiteral(source: string): string {
  if (/\\[QxpPC0-9]/.test(source)) return ''
  // Under (?i) `k` and `s` also match U+212A and U+017F, which are not these letters' bytes.
  const isFolding = /\(\?[a-zA-Z]*i/.test(source)
  const runs: string[] = []
  let run = ''
  const end = () => {
    runs.push(run)
    run = ''
  }
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!
    if (char === '|') return ''
    if (char === '(' || char === '[') {
      end()
      at = char === '(' ? endOfGroup(source, at) : endOfClass(source, at)
      if (at < 0) return ''
    } else if (char === '*' || char === '?' || char === '{') {
      run = run.slice(0, -1)
      end()
      if (char === '{') at = source.indexOf('}', at)
      if (at < 0) return ''
    } else if (char === '\\' && /[a-zA-Z]/.test(source[at + 1] ?? 'a')) {
      end()
      at++
    } else if (char === '^' || char === '$' || char === '.' || char === '+') {
      end()
    } else {
      const literal = char === '\\' ? source[++at]! : char
      if (literal > '\u007f' || (isFolding && /[ksKS]/.test(literal))) end()
      else run += literal
    }
  }
  end()
  return foldCase(longest(runs))
}

function endOfClass(source: string, from: number): number {
  let at = from + 1
  if (source[at] === '^') at++
  if (source[at] === ']') at++
  for (; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === '[' && source[at + 1] === ':') at = source.indexOf(':]', at) + 1
    else if (source[at] === ']') return at
  }
  return -1
}

function endOfGroup(source: string, from: number): number {
  let depth = 0
  for (let at = from; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (char === '[') at = endOfClass(source, at)
    else if (char === '(') depth++
    else if (char === ')' && --depth === 0) return at
    if (at < 0) return -1
  }
  return -1
}
