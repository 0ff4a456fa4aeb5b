import { MAX_NAME_LENGTH, MAX_PATH_PARTS, type TakeField } from './field.ts'

/** Longer texts are not read as JSON: about 0.1 ms a message. */
const MAX_JSON_LENGTH = 32_768
/** Brackets inside brackets; deeper ones are no log message, and would be walked on the stack. */
const MAX_DEPTH = 64
/** What stands before the JSON of a structured message (CEE). */
const CEE_COOKIE = /^@cee:\s*/
const MAY_BE_JSON = /^\s*[{@]/

/** The object or list that the text is, also behind `@cee:`; undefined when it is none, is too long, or too deep. */
export function readJsonObject(text: string): object | undefined {
  if (text.length > MAX_JSON_LENGTH || !MAY_BE_JSON.test(text)) return undefined
  const json = text.trim().replace(CEE_COOKIE, '')
  if (!json.startsWith('{') || !isShallow(json)) return undefined
  try {
    return JSON.parse(json) as object
  } catch {
    return undefined // it only looked like JSON: it may hold other fields
  }
}

/** Quotes and escapes are passed over; where they are wrong, `JSON.parse` refuses the text. */
function isShallow(json: string): boolean {
  if (json.length <= 2 * MAX_DEPTH || !hasMoreThan(json, MAX_DEPTH)) return true
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (isQuoted) {
      if (code === 0x5c) at++
      else if (code === 0x22) isQuoted = false
    } else if (code === 0x22) isQuoted = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) return false
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return true
}

/** Few brackets cannot lie deep. */
function hasMoreThan(json: string, brackets: number): boolean {
  let found = 0
  for (const bracket of ['{', '[']) {
    for (let at = json.indexOf(bracket); at >= 0; at = json.indexOf(bracket, at + 1)) if (++found > brackets) return true
  }
  return false
}

/**
 * The value at a path. A part of the path may itself hold dots (`log.level` as one key): the longest key that is there is
 * tried first. Numbers in the path are places in a list.
 */
export function readJsonPath(root: object, path: readonly string[]): string | undefined {
  return path.length > MAX_PATH_PARTS ? undefined : textOfValue(lookUp(root, path, 0))
}

// oxlint-disable-next-line max-params -- a walk: where, what, how far
function lookUp(value: unknown, path: readonly string[], from: number): unknown {
  if (from === path.length) return value
  if (typeof value !== 'object' || value === null) return undefined
  for (let to = path.length; to > from; to--) {
    const key = path.slice(from, to).join('.')
    if (!Object.hasOwn(value, key) || (Array.isArray(value) && !/^\d+$/.test(key))) continue
    const found = lookUp((value as Readonly<Record<string, unknown>>)[key], path, to)
    if (found !== undefined) return found
  }
  return undefined
}

/** Every value that is no object and no list, by its path; what lies deeper than paths go as compact JSON. @returns false when `take` has enough */
export function takeJson(root: object, take: TakeField): boolean {
  const walk = (value: unknown, path: readonly string[]): boolean => {
    const isNested = typeof value === 'object' && value !== null && path.length < MAX_PATH_PARTS
    if (isNested && Object.keys(value).length > 0) return Object.keys(value).every((key) => walk((value as Readonly<Record<string, unknown>>)[key], [...path, key]))
    const name = path.join('.')
    const text = textOfValue(value)
    return text === undefined || path.length === 0 || name.length > MAX_NAME_LENGTH || take({ kind: 'json', name, value: text })
  }
  return walk(root, [])
}

function textOfValue(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  // a number beyond the range of a double was written as something else
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value)
}
