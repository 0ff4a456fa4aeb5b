/** One element of structured data (RFC 5424 section 6.3): its id, and its parameters as they stand in the brackets, each behind a blank. */
export interface Element { readonly id: string; readonly params: string }

const ELEMENT = /\[([!#-<>-\\^-~]{1,32})((?: +[!#-<>-\\^-~]{1,32}="(?:[^"\\]|\\[^])*")*) *\]/gy
const VALUE = /"((?:[^"\\]|\\[^])*)"/g
const BRACKET = /\\[^]|\]/g

/**
 * Elements in the order in which they stand, made to what any server can read: a `]` within a value gets its backslash, a blank too much goes.
 * @param text a character for each byte @returns undefined where it is no structured data
 */
export function readElements(text: string): Element[] | undefined {
  const found: Element[] = []
  ELEMENT.lastIndex = 0
  let at = 0
  for (let match = ELEMENT.exec(text); match !== null; match = ELEMENT.exec(text)) {
    found.push({ id: match[1]!, params: escapeBrackets(match[2]!) })
    at = ELEMENT.lastIndex
  }
  return at === text.length ? found : undefined
}

/** Blanks outside of values become one. */
function escapeBrackets(params: string): string {
  let end = 0
  let escaped = ''
  for (const match of params.matchAll(VALUE)) {
    escaped += `${params.slice(end, match.index).replace(/ +/, ' ')}"${match[1]!.replace(BRACKET, (piece) => (piece === ']' ? '\\]' : piece))}"`
    end = match.index + match[0].length
  }
  return escaped
}

/** The value of a parameter, without its backslashes. */
export function paramOf({ params }: Element, name: string): string | undefined {
  for (const [, key, value] of params.matchAll(/ ([^=]+)="((?:[^"\\]|\\[^])*)"/g)) if (key === name) return value!.replace(/\\([\\"\]])/g, '$1')
  return undefined
}

/** A value between its quotes (RFC 5424 section 6.3.3). */
export const escapeValue = (value: string): string => value.replace(/["\\\]]/g, '\\$&')

export const writeElements = (elements: readonly Element[]): string => elements.map(({ id, params }) => `[${id}${params}]`).join('')

const KEY = /^[!#-<>-\\^-~]{1,32}$/

/** What a kernel says of a device (` KEY=value`, a line each) as an element. Keys that no parameter can have are left out. */
export function elementOfLines(id: string, text: string): Element {
  const params = text.split('\n').flatMap((line) => {
    const [, key, value] = /^ ?([^=]+)=(.*)$/.exec(line) ?? []
    return key === undefined || !KEY.test(key) ? [] : [` ${key}="${escapeValue(value!)}"`]
  })
  return { id, params: params.join('') }
}
