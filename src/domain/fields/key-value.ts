import { MAX_VALUES, type TakeField } from './field.ts'

/**
 * `name=value` and `name="va lue"`, logfmt and its like. A name stands at the beginning of the text or behind a space or one of
 * `,;([{'`, and is made of letters, digits and `_.@%$#/-`. A value without quotes ends at a space and before such a mark that another
 * name follows; a comma or semicolon at its end, and a mark that closes what was opened before it, are no part of it.
 * In quotes `\"` is a quote and `\\` a backslash.
 */
const NAME = String.raw`[\w.@%$#/\u0080-\uffff-]{1,200}`
const PAIR = new RegExp(String.raw`(?<![^\s,;([{'])(${NAME})=(?!=)`, 'g')
const IS_NAME = new RegExp(`^${NAME}$`)
const IS_BEFORE_NAME = /[\s,;([{']/
const BARE = new RegExp(String.raw`[^\s,;([{']*(?:[,;([{'](?!${NAME}=(?!=))[^\s,;([{']*)*`, 'y')
const QUOTED = /"([^"\\]*(?:\\[^][^"\\]*)*)(?:"|\\?$)/y
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', "'": "'" }

/** All pairs in order. @returns false when `take` has enough */
export function takeKeyValues(text: string, take: TakeField): boolean {
  const pair = new RegExp(PAIR)
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    const { value, behind } = valueAt(text, pair.lastIndex)
    if (!take({ kind: 'key-value', name: match[1]!, value })) return false
    pair.lastIndex = behind
  }
  return true
}

/** The values of one name: those that `takeKeyValues` gives, without reading the other pairs where no quotes can hide one. */
export function readKeyValues(text: string, name: string): string[] {
  const values: string[] = []
  if (!IS_NAME.test(name)) return values
  const wanted = `${name}=`
  const firstQuote = text.indexOf('"')
  for (let at = text.indexOf(wanted); at >= 0 && values.length < MAX_VALUES; at = text.indexOf(wanted, at + wanted.length)) {
    if (firstQuote >= 0 && firstQuote < at) return allOf(text, name)
    const from = at + wanted.length
    if ((at === 0 || IS_BEFORE_NAME.test(text[at - 1]!)) && text[from] !== '=') values.push(valueAt(text, from).value)
  }
  return values
}

function allOf(text: string, name: string): string[] {
  const values: string[] = []
  takeKeyValues(text, (field) => {
    if (field.name === name) values.push(field.value)
    return values.length < MAX_VALUES
  })
  return values
}

/** The value at `at`, and where it ends. */
function valueAt(text: string, at: number): { readonly value: string; readonly behind: number } {
  const isQuoted = text[at] === '"'
  const pattern = new RegExp(isQuoted ? QUOTED : BARE)
  pattern.lastIndex = at
  const match = pattern.exec(text)!
  const value = isQuoted ? match[1]!.replace(/\\(["\\])/g, '$1') : bareValue(match[0])
  return { value, behind: at + match[0].length }
}

function bareValue(word: string): string {
  const value = word.replace(/[,;]$/, '')
  const closing = value.at(-1) ?? ''
  return Object.hasOwn(CLOSING, closing) && !value.slice(0, -1).includes(CLOSING[closing]!) ? value.slice(0, -1) : value
}
