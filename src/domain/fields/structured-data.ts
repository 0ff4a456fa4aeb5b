import { MAX_VALUES, type TakeField } from './field.ts'

/** One parameter of structured data; no SD-ID where it comes from a kernel's dictionary. */
interface Parameter { readonly sdId: string; readonly name: string; readonly value: string }

/**
 * The values of a parameter in STRUCTURED-DATA (RFC 5424 section 6.3), of one element or, without `sdId`, of any; or of a
 * kernel's dictionary. A parameter may stand several times. Reading ends at the first place that is not as the RFC says.
 */
export function readSdValues(text: string, wanted: { readonly name: string; readonly sdId: string | undefined }): string[] {
  const values: string[] = []
  walk(text, ({ sdId, name, value }) => {
    if (name === wanted.name && (wanted.sdId === undefined || sdId === wanted.sdId)) values.push(meant(sdId, value))
    return values.length < MAX_VALUES
  })
  return values
}

/** All parameters, named `<SD-ID>.<name>`, or by their name alone in a kernel's dictionary. */
export function takeStructuredData(text: string, take: TakeField): void {
  walk(text, ({ sdId, name, value }) => take(sdId === '' ? { kind: 'kmsg', name, value: meant(sdId, value) } : { kind: 'structured-data', name: `${sdId}.${name}`, value: meant(sdId, value) }))
}

/** Only RFC 5424 escapes in values. */
const meant = (sdId: string, value: string): string => (sdId === '' ? value : unescaped(value))

/** Values are as they stand in the text. */
function walk(text: string, visit: (parameter: Parameter) => boolean): void {
  if (text.startsWith('[')) walkElements(text, visit)
  else walkDictionary(text, visit)
}

function walkElements(text: string, visit: (parameter: Parameter) => boolean): void {
  let at = 0
  while (text[at] === '[') {
    const idEnd = endOf(text, at + 1, ' ]')
    const sdId = text.slice(at + 1, idEnd)
    at = idEnd
    while (text[at] === ' ') {
      const nameEnd = endOf(text, at + 1, '="] ')
      if (text[nameEnd] !== '=' || text[nameEnd + 1] !== '"') break
      const valueEnd = closingQuote(text, nameEnd + 2)
      if (valueEnd < 0 || !visit({ sdId, name: text.slice(at + 1, nameEnd), value: text.slice(nameEnd + 2, valueEnd) })) return
      at = valueEnd + 1
    }
    if (text[at] !== ']') return
    at++
  }
}

/** `KEY=value` lines behind a record of the kernel, each indented (Documentation/ABI/testing/dev-kmsg). */
function walkDictionary(text: string, visit: (parameter: Parameter) => boolean): void {
  for (const line of text.split(/[\n\0]/)) {
    const equals = line.indexOf('=')
    const name = line.slice(0, Math.max(equals, 0)).trim()
    if (name !== '' && !visit({ sdId: '', name, value: line.slice(equals + 1) })) return
  }
}

function endOf(text: string, from: number, ends: string): number {
  let at = from
  while (at < text.length && !ends.includes(text[at]!)) at++
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
