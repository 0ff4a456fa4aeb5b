import { codeSet, complement, foldCase, type CodeSet } from './code-sets.ts'

/** What an expression of the plain subset says, spelled out: case is folded into the sets, `.` and classes are sets. */
export type ExpressionTree =
  | { readonly kind: 'set'; readonly set: CodeSet }
  /** A place: the beginning, the end, at a word's edge (ASCII), not at one. */
  | { readonly kind: 'assert'; readonly source: '^' | '$' | '\\b' | '\\B' }
  | { readonly kind: 'concat'; readonly parts: readonly ExpressionTree[] }
  | { readonly kind: 'choice'; readonly parts: readonly ExpressionTree[] }
  /** Greed is left out: it changes what is matched, never whether something is. */
  | { readonly kind: 'repeat'; readonly part: ExpressionTree; readonly min: number; readonly max: number }

/** Groups inside groups that are followed. */
const MAX_DEPTH = 20
/** RE2 refuses more. */
const MAX_REPEAT = 1000

const DIGIT: CodeSet = [[48, 57]]
const SPACE: CodeSet = [[9, 10], [12, 13], [32, 32]]
const WORD: CodeSet = [[48, 57], [65, 90], [95, 95], [97, 122]]
const PERL: Readonly<Record<string, CodeSet>> = { d: DIGIT, D: complement(DIGIT), s: SPACE, S: complement(SPACE), w: WORD, W: complement(WORD) }
const CONTROL: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }
const NOT_NEWLINE = complement([[10, 10]])
const PUNCTUATION = /^[!-/:-@[-^`{-~]$/

/** Thrown and caught here: what is not of the subset. */
class Unreadable extends Error {}

/**
 * Reads the part of RE2's syntax whose meaning is the same in every engine: literals, `.`, classes of characters and ranges,
 * `\d \s \w` and their opposites, `^ $ \b \B`, groups without names, `|`, `* + ? {n,m}`, and `(?i)` at the start of an ASCII expression.
 * @returns undefined for all else, and when in doubt. The expression must be one that RE2 takes.
 */
export function readExpression(pattern: string): ExpressionTree | undefined {
  const isFolded = pattern.startsWith('(?i)')
  const source = Array.from(isFolded ? pattern.slice(4) : pattern)
  if (isFolded && source.some((c) => c > '\u007f')) return undefined
  const reader = createReader(source, isFolded)
  try {
    return reader.whole()
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

function createReader(source: readonly string[], isFolded: boolean): { whole(): ExpressionTree } {
  let at = 0
  const refuse = (): never => {
    throw new Unreadable()
  }
  const literal = (code: number): CodeSet => (isFolded ? foldCase([[code, code]]) : [[code, code]])
  const setOf = (set: CodeSet): ExpressionTree => ({ kind: 'set', set })

  function choice(depth: number): ExpressionTree {
    const parts = [sequence(depth)]
    while (source[at] === '|') {
      at++
      parts.push(sequence(depth))
    }
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts }
  }

  function sequence(depth: number): ExpressionTree {
    const parts: ExpressionTree[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(depth))
    return parts.length === 1 ? parts[0] : { kind: 'concat', parts }
  }

  function repeated(depth: number): ExpressionTree {
    const part = atom(depth)
    const bounds = repetition()
    if (bounds === undefined) return part
    if (part.kind === 'assert') return refuse()
    if (source[at] === '?') at++
    if (at < source.length && '*+?{'.includes(source[at])) return refuse()
    return { kind: 'repeat', part, ...bounds }
  }

  function repetition(): { readonly min: number; readonly max: number } | undefined {
    const sign = source[at]
    if (sign === '*' || sign === '+' || sign === '?') {
      at++
      return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity }
    }
    if (sign !== '{') return undefined
    const close = source.indexOf('}', at)
    const match = /^(\d{1,4})(,(\d{1,4})?)?$/.exec(source.slice(at + 1, Math.max(close, at + 1)).join(''))
    if (match === null) return refuse()
    at = close + 1
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3])
    return min > MAX_REPEAT || max < min || (max > MAX_REPEAT && max !== Infinity) ? refuse() : { min, max }
  }

  function atom(depth: number): ExpressionTree {
    const c = source[at++]
    switch (c) {
      case '(': {
        if (depth >= MAX_DEPTH) return refuse()
        if (source[at] === '?') {
          if (source[at + 1] !== ':') return refuse()
          at += 2
        }
        const inner = choice(depth + 1)
        return source[at++] === ')' ? inner : refuse()
      }
      case '.':
        return setOf(NOT_NEWLINE)
      case '^':
      case '$':
        return { kind: 'assert', source: c }
      case '[':
        return setOf(charClass())
      case '\\':
        if (source[at] === 'b' || source[at] === 'B') return { kind: 'assert', source: source[at++] === 'b' ? '\\b' : '\\B' }
        return setOf(escaped())
      case '*': case '+': case '?': case '{': case '}': case ']':
        return refuse()
      default:
        return setOf(literal(c.codePointAt(0)!))
    }
  }

  /** Behind a backslash. */
  function escaped(): CodeSet {
    const c = source[at++] ?? refuse()
    if (Object.hasOwn(PERL, c)) return isFolded && (c === 'w' || c === 'W') ? refuse() : PERL[c]
    if (Object.hasOwn(CONTROL, c)) return [[CONTROL[c], CONTROL[c]]]
    // no mark has another case
    return PUNCTUATION.test(c) ? [[c.codePointAt(0)!, c.codePointAt(0)!]] : refuse()
  }

  /** Behind the bracket. */
  function charClass(): CodeSet {
    const isNegated = source[at] === '^'
    if (isNegated) at++
    const ranges: (readonly [number, number])[] = []
    if (source[at] === ']') return refuse()
    while (source[at] !== ']') {
      if (at >= source.length || source[at] === '[') return refuse()
      const isEdge = ranges.length === 0 || source[at + 1] === ']'
      if (source[at] === '-' && !isEdge) return refuse()
      ranges.push(...classItem())
    }
    at++
    const set = codeSet(ranges)
    return isNegated ? complement(set) : set
  }

  function classItem(): CodeSet {
    const first = classCharacter()
    if (source[at] !== '-' || source[at + 1] === ']') return isFolded ? foldCase(first) : first
    at++
    if (source[at] === '[' || source[at] === '-' || at >= source.length) return refuse()
    const last = classCharacter()
    if (first.length !== 1 || last.length !== 1 || first[0][0] !== first[0][1] || last[0][0] !== last[0][1] || last[0][0] < first[0][0]) return refuse()
    const range: CodeSet = [[first[0][0], last[0][0]]]
    return isFolded ? foldCase(range) : range
  }

  /** One character as written, not folded, or the set of an escape. */
  function classCharacter(): CodeSet {
    const c = source[at++]
    return c === '\\' ? escaped() : [[c.codePointAt(0)!, c.codePointAt(0)!]]
  }

  return {
    whole() {
      const tree = choice(0)
      return at === source.length ? tree : refuse()
    },
  }
}
