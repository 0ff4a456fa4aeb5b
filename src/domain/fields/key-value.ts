import { MAX_NAME_LENGTH, MAX_VALUES, type TakeField } from './field.ts'

/**
 * `name=value` and `name="va lue"`, logfmt and its like. A name stands at the beginning of the text or behind a space or one of
 * `,;([{'`, and is made of letters, digits and `_.@%$#/-`. A value without quotes ends at a space and before such a mark that another
 * name follows; a comma or semicolon at its end, and a mark that closes what was opened before it, are no part of it.
 * In quotes `\"` is a quote and `\\` a backslash.
 */
// letters beyond ASCII, without the blanks among them (ECMAScript's WhiteSpace and LineTerminator)
const BEYOND_ASCII = String.raw`\u0080-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\uffff`
const NAME = String.raw`[\w.@%$#/${BEYOND_ASCII}-]{1,200}`
const PAIR = new RegExp(String.raw`(?<![^\s,;([{'])(${NAME})=(?!=)`, 'g')
const IS_NAME = new RegExp(`^${NAME}$`)
/** By code: what may stand before a name, besides the beginning of the text and blanks beyond ASCII; what a name is made of. */
const IS_BEFORE_NAME = tableOf(/[\s,;([{']/)
const IS_IN_NAME = tableOf(/[\w.@%$#/-]/)
const IS_SPACE = tableOf(/\s/)
const [QUOTE, EQUALS, BACKSLASH] = [34, 61, 92]
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', "'": "'" }

/** All pairs in order. @returns false when `take` has enough */
export function takeKeyValues(text: string, take: TakeField): boolean {
  const pair = new RegExp(PAIR)
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    const end = valueEnd(text, pair.lastIndex)
    if (!take({ kind: 'key-value', name: match[1]!, value: valueOf(text, pair.lastIndex, end) })) return false
    pair.lastIndex = end
  }
  return true
}

/** The values of one name: those that `takeKeyValues` gives, without reading the other pairs. */
export function readKeyValues(text: string, name: string): string[] {
  const values: string[] = []
  const wanted = `${name}=`
  let at = text.indexOf(wanted)
  if (at < 0 || !IS_NAME.test(name)) return values
  const quotes = { from: 0, end: 0 }
  for (; at >= 0 && values.length < MAX_VALUES; at = text.indexOf(wanted, at + wanted.length)) {
    const from = at + wanted.length
    if ((at > 0 && !isBeforeName(text, at - 1)) || text.charCodeAt(from) === EQUALS || isQuoted(text, at, quotes)) continue
    values.push(valueOf(text, from, valueEnd(text, from)))
  }
  return values
}

/**
 * Does `at` lie in the quotes of another value? Asked for growing places.
 * @param quotes how far the text was looked through, and where the last quoted value ended
 */
// oxlint-disable-next-line max-params -- a place in a text, and what is remembered of it
function isQuoted(text: string, at: number, quotes: { from: number; end: number }): boolean {
  while (at >= quotes.end) {
    const quote = text.indexOf('="', quotes.from)
    if (quote < 0 || quote >= at) {
      quotes.from = quote < 0 ? text.length : quote
      return false
    }
    const isValue = isNamed(text, quote)
    quotes.from = isValue ? valueEnd(text, quote + 1) : quote + 2
    if (isValue) quotes.end = quotes.from
  }
  return true
}

/** Does a whole name stand right before `equals`? */
function isNamed(text: string, equals: number): boolean {
  let at = equals
  while (at > 0 && equals - at <= MAX_NAME_LENGTH && isInName(text.charCodeAt(at - 1))) at--
  return at < equals && equals - at <= MAX_NAME_LENGTH && (at === 0 || isBeforeName(text, at - 1))
}

/** Where the value that begins at `at` ends; behind its closing quote where it has one. */
function valueEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return Math.min(closingQuote(text, at) + 1, text.length)
  let end = at
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (isSpace(code) || (code < 128 && IS_BEFORE_NAME[code] === 1 && isPairAt(text, end + 1))) break
  }
  return end
}

/** The place of the quote that closes the one at `at`; the end of the text where none does. */
function closingQuote(text: string, at: number): number {
  let end = at + 1
  for (; end < text.length && text.charCodeAt(end) !== QUOTE; end++) if (text.charCodeAt(end) === BACKSLASH) end++
  return Math.min(end, text.length)
}

/** Does another pair begin here? */
function isPairAt(text: string, from: number): boolean {
  let at = from
  while (at < text.length && at - from <= MAX_NAME_LENGTH && isInName(text.charCodeAt(at))) at++
  return at > from && at - from <= MAX_NAME_LENGTH && text.charCodeAt(at) === EQUALS && text.charCodeAt(at + 1) !== EQUALS
}

// oxlint-disable-next-line max-params -- a stretch of a text
function valueOf(text: string, from: number, to: number): string {
  if (text.charCodeAt(from) !== QUOTE) return bareValue(text.slice(from, to))
  const inside = text.slice(from + 1, closingQuote(text, from))
  // the text may end behind a backslash
  return inside.includes('\\') ? inside.replace(/\\(["\\])|\\$/g, '$1') : inside
}

function bareValue(word: string): string {
  const value = word.replace(/[,;]$/, '')
  const closing = value.at(-1) ?? ''
  return Object.hasOwn(CLOSING, closing) && !value.slice(0, -1).includes(CLOSING[closing]!) ? value.slice(0, -1) : value
}

const isInName = (code: number): boolean => (code < 128 ? IS_IN_NAME[code] === 1 : !isSpace(code))
const isSpace = (code: number): boolean => (code < 128 ? IS_SPACE[code] === 1 : /\s/.test(String.fromCharCode(code)))
const isBeforeName = (text: string, at: number): boolean => text.charCodeAt(at) < 128 ? IS_BEFORE_NAME[text.charCodeAt(at)] === 1 : isSpace(text.charCodeAt(at))

function tableOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0))
}
