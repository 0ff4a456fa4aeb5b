/** What may stand before a name, besides the beginning of the text. */
const BEFORE_NAME = /[\s,;([{']/

/**
 * The value behind the first `name=` that stands at the beginning of a word: up to the next space, a comma or semicolon at
 * its end not included; or what is between quotes, with `\"` for a quote and `\\` for a backslash.
 */
export function readLogfmtField(text: string, name: string): string | undefined {
  const wanted = `${name}=`
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (at === 0 || BEFORE_NAME.test(text[at - 1])) return valueAt(text, at + wanted.length)
  }
  return undefined
}

const BARE = /[^\s]*/y
const QUOTED = /"((?:[^"\\]|\\[^])*)(?:"|$|\\$)/y

function valueAt(text: string, at: number): string {
  const isQuoted = text[at] === '"'
  const pattern = new RegExp(isQuoted ? QUOTED : BARE)
  pattern.lastIndex = at
  const match = pattern.exec(text)
  if (match === null) return ''
  return isQuoted ? match[1].replace(/\\(["\\])/g, '$1') : match[0].replace(/[,;]$/, '')
}
