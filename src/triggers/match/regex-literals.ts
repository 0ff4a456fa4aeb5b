import { foldCase } from './condition.ts'

/** Shorter literals are in too many messages to be worth looking for. */
export const MIN_LITERAL = 4
/** With more alternatives the gate would look for too much. */
const MAX_ALTERNATIVES = 32

/**
 * Literals, ASCII letters folded, of which every match of an RE2 expression contains at least one; undefined when there is
 * no such list. Runs of plain characters count, also inside groups that must take part, and of alternatives each must have
 * its own. What it does not know ends a run; only ASCII, since bytes that are not UTF-8 are read as latin-1.
 */
export function regexLiterals(source: string): readonly string[] | undefined {
  if (/\\[QxpPC0-9]/.test(source)) return undefined
  // Under (?i) `k` and `s` also match U+212A and U+017F, which are not these letters' bytes.
  const reader: Reader = { source, at: 0, isFolding: /\(\?[a-zA-Z]*i/.test(source) }
  const found = readAlternatives(reader)
  return reader.at === source.length ? found : undefined
}

interface Reader { readonly source: string; at: number; readonly isFolding: boolean }
type Choice = readonly string[] | undefined

const shortest = (literals: readonly string[]): number => Math.min(...literals.map((literal) => literal.length))
/** The choice whose weakest literal is the longest. */
export const bestChoice = (choices: readonly Choice[]): Choice =>
  choices.filter((choice) => choice !== undefined && choice.length <= MAX_ALTERNATIVES && shortest(choice) >= MIN_LITERAL).toSorted((a, b) => shortest(b!) - shortest(a!))[0]

/** Up to the end of the group or of the expression. */
function readAlternatives(reader: Reader): Choice {
  const branches = [readSequence(reader)]
  while (reader.source[reader.at] === '|') {
    reader.at++
    branches.push(readSequence(reader))
  }
  return branches.every((branch) => branch !== undefined) ? branches.flat() : undefined
}

function readSequence(reader: Reader): Choice {
  const { source, isFolding } = reader
  const choices: Choice[] = []
  let run = ''
  const end = (): void => {
    if (run !== '') choices.push([foldCase(run)])
    run = ''
  }
  while (reader.at < source.length && source[reader.at] !== '|' && source[reader.at] !== ')') {
    const char = source[reader.at]!
    if (char === '(') {
      end()
      const group = readGroup(reader)
      if (!isOptional(source, reader.at)) choices.push(group)
    } else if (char === '[') {
      end()
      reader.at = endOfClass(source, reader.at) + 1
      if (reader.at === 0) reader.at = source.length + 1 // no end: nothing is certain
    } else if (isOptional(source, reader.at)) {
      run = run.slice(0, -1)
      end()
      reader.at = char === '{' ? endOfCount(source, reader.at) : reader.at + 1
    } else if (char === '\\' && /[a-zA-Z]/.test(source[reader.at + 1] ?? 'a')) {
      end()
      reader.at += 2
    } else if ('^$.+'.includes(char)) {
      end()
      reader.at++
    } else {
      const literal = char === '\\' ? source[reader.at + 1]! : char
      reader.at += char === '\\' ? 2 : 1
      if (literal > '\u007f' || (isFolding && /[ksKS]/.test(literal))) end()
      else run += literal
    }
  }
  end()
  return bestChoice(choices)
}

/** `(…)`, `(?:…)`, `(?<name>…)`, `(?P<name>…)`, `(?flags:…)`, `(?flags)`. */
function readGroup(reader: Reader): Choice {
  const opening = /\((?:\?(?:P?<\w+>|[a-zA-Z-]*:|[a-zA-Z-]*(?=\))))?/y
  opening.lastIndex = reader.at
  reader.at += opening.exec(reader.source)![0].length
  const found = readAlternatives(reader)
  if (reader.source[reader.at] !== ')') reader.at = reader.source.length + 1
  else reader.at++
  return found
}

const isOptional = (source: string, at: number): boolean => '*?{'.includes(source[at] ?? '|')

function endOfCount(source: string, from: number): number {
  const end = source.indexOf('}', from)
  return end < 0 ? source.length + 1 : end + 1
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
