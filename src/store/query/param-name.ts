import { MAX_NAME_LENGTH, MAX_PATH_PARTS } from '#domain/fields/field.ts'
import type { ParamName } from '../query.ts'


const BARE_PART = /[^\s()":,.*\\=<>]+/y
const QUOTED_PART = /"(?:[^"\\]|\\["\\]|\\(?!["\\]))+"/y

/** The name at `at` (`.request.path`, `sd.ip`, `sd.origin.ip`) and where it ends; undefined when none is there. */
export interface FoundName { readonly param: ParamName; readonly end: number }

/**
 * Reads a name. Its parts are joined by dots; what has spaces or marks of its own is quoted. For structured data the
 * parameter is what follows the last dot, and all between `sd.` and that dot is the SD-ID.
 */
export function paramNameAt(text: string, at: number): FoundName | undefined {
  const isSd = text.startsWith('sd.', at)
  if (!isSd && text[at] !== '.') return undefined
  const parts: string[] = []
  let end = isSd ? at + 2 : at
  while (text[end] === '.') {
    const part = matchAt(text[end + 1] === '"' ? QUOTED_PART : BARE_PART, text, end + 1)
    if (part === undefined) return undefined
    parts.push(part.startsWith('"') ? part.slice(1, -1).replace(/\\(["\\])/g, '$1') : part)
    end += 1 + part.length
  }
  if (!isSd) return { param: { place: 'body', name: parts.join('.') }, end }
  const name = parts.pop()!
  return { param: { place: 'sd', name, ...(parts.length === 0 ? {} : { sdId: parts.join('.') }) }, end }
}

/** A name on its own, as it stands before a colon: what counting by a parameter is asked with. */
export function parseParamName(text: string): ParamName | undefined {
  const found = paramNameAt(text, 0)
  return found === undefined || found.end !== text.length || paramNameFault(found.param) !== undefined ? undefined : found.param
}

/** Why the name is refused: a sentence. */
export function paramNameFault({ name, sdId = '', place }: ParamName): string | undefined {
  if (name.length + sdId.length > MAX_NAME_LENGTH) return `a name may have ${MAX_NAME_LENGTH} characters`
  return place === 'body' && name.split('.').length > MAX_PATH_PARTS ? `the path of a field may have ${MAX_PATH_PARTS} parts` : undefined
}

/** The canonical text of a name: `parseParamName` gives it back. */
export function printParamName({ place, name, sdId }: ParamName): string {
  if (place === 'body') return `.${printDotted(name)}`
  return sdId === undefined ? `sd.${printPart(name)}` : `sd.${printDotted(sdId)}.${printPart(name)}`
}

const isBare = (part: string): boolean => matchAt(BARE_PART, part, 0) === part
const quoted = (part: string): string => `"${part.replace(/["\\]/g, '\\$&')}"`
const printPart = (part: string): string => (isBare(part) ? part : quoted(part))
/** Dots part the same way whether they stand inside quotes or not, but no part may be empty outside of them. */
const printDotted = (name: string): string => (name.split('.').every(isBare) ? name : quoted(name))

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  const sticky = new RegExp(pattern)
  sticky.lastIndex = at
  return sticky.exec(text)?.[0]
}
