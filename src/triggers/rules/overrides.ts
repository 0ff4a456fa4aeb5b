import type { ConfigSource } from '#config/index.ts'
import type { Overridden, Path } from './rule.ts'

/** What a file of `rules/local/` says about a rule of another file; `path` is where, from the top of that file. */
export interface Override { readonly source: ConfigSource; readonly path: Path; readonly value: Readonly<Record<string, unknown>> }

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Maps are joined key by key; anything else takes the place of what was there; nothing (`~`) takes the key away. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isMap(over)) return over
  const merged = new Map<string, unknown>(isMap(base) ? Object.entries(base) : [])
  for (const [key, value] of Object.entries(over)) {
    if (value === null) merged.delete(key)
    else merged.set(key, merge(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

/** Every value that an override gives or takes away: `status`, `when.count.at_least`. */
export function overriddenIn({ source, path, value }: Override): readonly Overridden[] {
  const leaves = (item: unknown, at: Path): readonly Path[] => (isMap(item) && Object.keys(item).length > 0 ? Object.entries(item).flatMap(([key, one]) => leaves(one, [...at, key])) : [at])
  return leaves(value, []).map((at) => ({ what: at.join('.'), file: source.name, ...source.locate([...path, ...at]) }))
}

/** Whether the override says something about this place of the rule: the value there is its own, at least in part. */
export function covers({ value }: Override, at: Path): boolean {
  if (at.length === 0) return false
  let here: unknown = value
  for (const step of at) {
    if (!isMap(here)) return true
    if (!Object.hasOwn(here, String(step))) return false
    here = here[String(step)]
  }
  return true
}
