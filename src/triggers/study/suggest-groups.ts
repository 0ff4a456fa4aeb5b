import { NODE_FACTS } from '../inventory.ts'
import { compileExpression } from '../match/expression.ts'
import { TITLE_FIELDS } from '../rules/check-names.ts'
import type { Piece } from './suggest-atoms.ts'

/** A named group of the suggestion, with what it was in the lines. */
export interface Group { readonly name: string; readonly values: readonly string[]; readonly expression: string }
/** `parts`: texts and groups in the order of the line. */
export interface Shape { readonly parts: readonly (string | Group)[] }

const MAX_GROUPS = 16
const MAX_NAME = 24
/** What fields have these names already. */
const TAKEN: readonly string[] = [...TITLE_FIELDS, ...NODE_FACTS, 'distinct', 'previous', 'usual', 'rule', 'value', 'source', 'subject']

/** The narrowest of these that all values are. */
const FORMS: readonly { readonly is: RegExp; readonly expression: string; readonly name: string }[] = [
  { is: /^\d+$/, expression: String.raw`\d+`, name: 'number' },
  { is: /^-?\d+\.\d+$|^-?\d+$/, expression: String.raw`-?\d+(?:\.\d+)?`, name: 'number' },
  { is: /^[\da-fA-F]{0,4}(?:[.:][\da-fA-F]{0,4}){2,}$/, expression: String.raw`[0-9a-fA-F.:]+`, name: 'address' },
  { is: /^\w+$/, expression: String.raw`\w+`, name: 'name' },
  { is: /^[\w.:/-]+$/, expression: String.raw`[\w.:/-]+`, name: 'name' },
  { is: /^\S+$/, expression: String.raw`\S+`, name: 'word' },
  { is: /^[^\n]+$/, expression: '.+', name: 'part' },
]
const ANYTHING = { expression: '(?s:.*)', name: 'part' }

/** Gives what varies a name and the narrowest form that it has in all lines; undefined: the pieces cannot be found in one of them. */
export function shapeOf(pieces: readonly Piece[], texts: readonly string[]): Shape | undefined {
  const wild = compileExpression(`^${pieces.map((piece, index) => (piece.kind === 'same' ? quote(piece.text) : index < MAX_GROUPS * 2 ? `(?P<g${index}>(?s:.*?))` : '(?s:.*?)')).join('')}$`)
  if ('wrong' in wild || !texts.every((text) => wild.test(text))) return undefined
  const found = texts.map((text) => wild.captures(text))
  const names = new Set<string>()
  return {
    parts: pieces.map((piece, index) => {
      if (piece.kind === 'same') return piece.text
      const values = found.map((groups) => groups[`g${index}`] ?? '')
      const form = FORMS.find(({ is }) => values.every((value) => is.test(value))) ?? ANYTHING
      const before = pieces[index - 1]
      return { name: nameFor({ before: before?.kind === 'same' ? before.text : '', fallback: form.name, names }), values, expression: form.expression }
    }),
  }
}

/** The word before it, when that is one; else what it looks like. */
function nameFor({ before, fallback, names }: { readonly before: string; readonly fallback: string; readonly names: Set<string> }): string {
  const word = /(?:^|[^a-zA-Z])(?<word>[a-zA-Z]{2,24})[ =:"'([]{1,3}$/.exec(before)?.groups?.['word']?.toLowerCase()
  const usual = word === undefined || COMMON.has(word) || TAKEN.includes(word) ? fallback : word.slice(0, MAX_NAME)
  let name = usual
  for (let number = 2; names.has(name); number++) name = `${usual}${number}`
  names.add(name)
  return name
}
/** Words that say nothing about what comes behind them. */
const COMMON: ReadonlySet<string> = new Set(['a', 'an', 'and', 'are', 'at', 'by', 'for', 'from', 'has', 'in', 'is', 'of', 'on', 'or', 'the', 'to', 'was', 'with', 'failed', 'error', 'warning'])

/** A text as an expression that finds it, whatever stands in it. */
export const quote = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, (mark) => (mark === '/' || mark === '-' ? mark : `\\${mark}`))
