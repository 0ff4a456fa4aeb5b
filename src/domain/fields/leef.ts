import { MAX_NAME_LENGTH, type TakeField } from './field.ts'
import { takeSpacedPairs } from './cef.ts'

/**
 * Log Event Extended Format (IBM QRadar, versions 1.0 and 2.0): `LEEF:version|vendor|product|version|event|`, in 2.0 with a delimiter behind it: one
 * character, or its code as `x5E` or `0x5E`; then `key=value` with a delimiter between, by default a tab. Nothing is escaped.
 */
const MARK = /(?:^|\s)LEEF: ?(?=[12]\.\d\|)/
/** Where the tag `LEEF:` was taken off as APP-NAME. */
const UNMARKED = /^[12]\.0\|/
const MAX_BEFORE = 300
const HEADER = ['version', 'vendor', 'product', 'product_version', 'event'] as const
const DELIMITER = /^(?:(?:0x|x)([0-9a-fA-F]{1,4})|([^|]))?\|/
/** How rsyslog and others write a tab that they receive. */
const ESCAPED_TABS = ['#011', '\\t'] as const

/** @returns whether the text is LEEF; `take` may end it early */
export function takeLeef(text: string, take: TakeField): boolean {
  const mark = MARK.exec(text.slice(0, MAX_BEFORE))
  if (mark === null && !UNMARKED.test(text)) return false
  const header = splitHeader(text, mark === null ? 0 : mark.index + mark[0].length)
  if (header === undefined) return false
  if (!HEADER.every((name, place) => take({ kind: 'leef', name: `leef.${name}`, value: header.parts[place]! }))) return true
  takeAttributes(text.slice(header.behind), { isVersion2: header.parts[0]!.startsWith('2') }, take)
  return true
}

function splitHeader(text: string, from: number): { readonly parts: readonly string[]; readonly behind: number } | undefined {
  const parts: string[] = []
  let start = from
  while (parts.length < HEADER.length) {
    const pipe = text.indexOf('|', start)
    if (pipe < 0) return undefined
    parts.push(text.slice(start, pipe))
    start = pipe + 1
  }
  return { parts, behind: start }
}

// oxlint-disable-next-line max-params -- text, form and taker, as the other readers
function takeAttributes(text: string, { isVersion2 }: { readonly isVersion2: boolean }, take: TakeField): void {
  const named = isVersion2 ? DELIMITER.exec(text) : null
  const attributes = named === null ? text : text.slice(named[0].length)
  const delimiter = delimiterOf(named, attributes)
  const takePair = (name: string, value: string): boolean => take({ kind: 'leef', name, value })
  if (delimiter === undefined) takeSpacedPairs(attributes, takePair)
  else takeDelimited(attributes, delimiter, takePair)
}

/** @returns undefined where blanks must do: no tab is left */
function delimiterOf(named: RegExpExecArray | null, attributes: string): string | undefined {
  if (named?.[1] !== undefined) return String.fromCharCode(Number.parseInt(named[1], 16))
  if (named?.[2] !== undefined) return named[2]
  return attributes.includes('\t') ? '\t' : ESCAPED_TABS.find((tab) => attributes.includes(tab))
}

// oxlint-disable-next-line max-params -- text, delimiter and taker, as the other readers
function takeDelimited(text: string, delimiter: string, take: (name: string, value: string) => boolean): void {
  for (let from = 0; from <= text.length; ) {
    const found = text.indexOf(delimiter, from)
    const to = found < 0 ? text.length : found
    const equals = text.indexOf('=', from)
    const name = equals < 0 || equals >= to ? '' : text.slice(from, equals).trim()
    if (name !== '' && name.length <= MAX_NAME_LENGTH && !take(name, text.slice(equals + 1, to))) return
    from = to + delimiter.length
  }
}
