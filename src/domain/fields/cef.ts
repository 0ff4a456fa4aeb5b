import type { TakeField } from './field.ts'

/**
 * Common Event Format (ArcSight, revision 25): `CEF:version|vendor|product|version|event class|name|severity|extension`. In the header
 * `|` and `\` are escaped, in the values of the extension `=`, `\`, and line ends as `\n` and `\r`; a value goes on to the blank before the next key.
 */
const MARK = /(?:^|\s)CEF: ?(?=\d)/
/** Where the tag `CEF:` was taken off as APP-NAME. */
const UNMARKED = /^[01]\|/
const SEVERITY = /^(?:\d|10|unknown|low|medium|high|very-high)$/i
/** A header of the RFCs may stand before it; further on it is quoted. */
const MAX_BEFORE = 300
const HEADER = ['version', 'vendor', 'product', 'product_version', 'event', 'name', 'severity'] as const
const KEY = /(?<!\S)([\w.@[\]-]{1,200})=/g
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\=': '=', '\\|': '|', '\\n': '\n', '\\r': '\r' }

/** @returns whether the text is CEF; `take` may end it early */
export function takeCef(text: string, take: TakeField): boolean {
  const mark = MARK.exec(text.slice(0, MAX_BEFORE))
  if (mark === null && !UNMARKED.test(text)) return false
  const { parts, behind } = splitHeader(text, mark === null ? 0 : mark.index + mark[0].length)
  if (parts.length < HEADER.length || (mark === null && !SEVERITY.test(parts.at(-1)!))) return false
  if (!HEADER.every((name, place) => take({ kind: 'cef', name: `cef.${name}`, value: parts[place]! }))) return true
  takeSpacedPairs(text.slice(behind), (name, value) => take({ kind: 'cef', name, value: unescaped(value) }))
  return true
}

/** Up to seven parts; the last may end with the text. */
function splitHeader(text: string, from: number): { readonly parts: readonly string[]; readonly behind: number } {
  const parts: string[] = []
  let start = from
  for (let at = from; at <= text.length && parts.length < HEADER.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '|' || at === text.length) {
      parts.push(unescaped(text.slice(start, at)))
      start = at + 1
    }
  }
  return { parts, behind: start }
}

/** `key=value key=another value`: a value goes on to the blank before the next key. */
export function takeSpacedPairs(text: string, take: (name: string, value: string) => boolean): void {
  const key = new RegExp(KEY)
  let match = key.exec(text)
  while (match !== null) {
    const from = key.lastIndex
    const next = key.exec(text)
    if (!take(match[1]!, text.slice(from, next?.index).trimEnd())) return
    match = next
  }
}

/** A backslash before anything else stands for itself. */
const unescaped = (value: string): string => (value.includes('\\') ? value.replace(/\\[\\=|nr]/g, (escape) => ESCAPES[escape]!) : value)
