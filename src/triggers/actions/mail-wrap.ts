import { printable } from '#base/text.ts'

/** Lines of the text part stay below 78 columns (RFC 5322 section 2.1.1). */
export const TEXT_COLUMNS = 76

/** Lines of at most `columns`, broken at blanks, a longer word where it has to be; addresses stay whole, since one that is broken cannot be followed. The text is made printable first: what is shown is what is counted. */
export function wrapText(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(/[\t ]+/)) {
    if (line !== '' && line.length + 1 + word.length <= columns) line += ` ${word}`
    else {
      if (line !== '') lines.push(line)
      line = /^https?:\/\//.test(word) ? word : breakWord(word, { columns, lines })
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines
}

/** Puts whole lines of an overlong word aside; the rest is what goes on. */
function breakWord(word: string, { columns, lines }: { readonly columns: number; readonly lines: string[] }): string {
  let rest = word
  while (rest.length > columns) {
    const isHighSurrogate = (rest.charCodeAt(columns - 1) & 0xfc00) === 0xd800
    const end = isHighSurrogate ? columns - 1 : columns
    lines.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
  return rest
}
