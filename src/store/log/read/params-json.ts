import { LABEL_PREFIX } from '#domain/wire.ts'
import { MAX_PATH_PARTS } from '../../query/param-name.ts'

/** Longer texts are not read as JSON: about 0.1 ms a message. */
const MAX_JSON_LENGTH = 32_768
/** What stands before the JSON of a structured message (CEE). */
const CEE_COOKIE = /^@cee:\s*/

/**
 * A field of a text that is one JSON object, also behind a session label or `@cee:`. A part of the path may itself hold dots
 * (`log.level` as one key): the longest key that is there is tried first. Numbers in the path are places in a list.
 */
export function readJsonField(text: string, path: readonly string[]): string | undefined {
  if (text.length > MAX_JSON_LENGTH || path.length > MAX_PATH_PARTS) return undefined
  const json = text.replace(LABEL_PREFIX, '').trim().replace(CEE_COOKIE, '')
  if (!json.startsWith('{')) return undefined
  let root: unknown
  try {
    root = JSON.parse(json)
  } catch {
    return undefined // it only looked like JSON: its fields may still be logfmt
  }
  return textOfValue(lookUp(root, path, 0))
}

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

function textOfValue(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  // a number beyond the range of a double was written as something else
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value)
}
