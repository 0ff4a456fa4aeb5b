/** A message has at most this many values of one parameter; further ones are not looked at. */
const MAX_VALUES = 64

/**
 * The values of a parameter in STRUCTURED-DATA (RFC 5424 section 6.3), of one element or, without `sdId`, of any. A parameter
 * may stand several times. Reading ends at the first place that is not as the RFC says.
 */
export function readSdValues(text: string, wanted: { readonly name: string; readonly sdId: string | undefined }): string[] {
  const values: string[] = []
  let at = 0
  while (text[at] === '[' && values.length < MAX_VALUES) {
    const idEnd = endOf(text, at + 1, ' ]')
    const isWanted = wanted.sdId === undefined || text.slice(at + 1, idEnd) === wanted.sdId
    at = idEnd
    while (text[at] === ' ') {
      const nameEnd = endOf(text, at + 1, '="] ')
      if (text[nameEnd] !== '=' || text[nameEnd + 1] !== '"') break
      const valueEnd = closingQuote(text, nameEnd + 2)
      if (valueEnd < 0) return values
      if (isWanted && text.slice(at + 1, nameEnd) === wanted.name) values.push(unescaped(text.slice(nameEnd + 2, valueEnd)))
      at = valueEnd + 1
    }
    if (text[at] !== ']') return values
    at++
  }
  return values
}

function endOf(text: string, from: number, ends: string): number {
  let at = from
  while (at < text.length && !ends.includes(text[at])) at++
  return at
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return -1
}

/** Section 6.3.3: a backslash before another character than these three stands for itself. */
const unescaped = (value: string): string => (value.includes('\\') ? value.replace(/\\(["\\\]])/g, '$1') : value)
