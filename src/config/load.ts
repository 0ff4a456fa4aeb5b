import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { fail, ok, type Result } from '#base/result.ts'
import type { TextFault } from '#domain/fault.ts'
import { readEnvironment, type Environment, type Override } from './environment.ts'
import { isRecord, schemaFaults, show, valueAt, type ValueFault } from './faults.ts'
import { childSchema, showPath, type Path, type Schema } from './schema.ts'
import { plainSource, yamlSource, type ConfigSource } from './source.ts'

/** A check of one value that a schema cannot say: `*` in the path is any key or position. Returns what is wrong, or undefined. */
export interface LeafCheck {
  readonly path: readonly string[]
  readonly check: (value: unknown) => string | undefined
}
/** A check of several values together; run only when each of them is right. */
export type WholeCheck<T> = (config: T) => readonly { readonly path: Path; readonly message: string; readonly hint?: string | undefined }[]

export interface LoadOptions<S extends TSchema> {
  readonly schema: S
  /** Name of the file in faults. */
  readonly file: string
  /** undefined: there is no file. */
  readonly text: string | undefined
  readonly env: Environment
  /** `HPS` for `HPS_HTTP_PORT`. */
  readonly prefix: string
  /** Variables with the prefix that are not settings. */
  readonly reserved?: readonly string[]
  /** Values of command line flags; above everything. `name` is the flag. */
  readonly flags?: readonly { readonly name: string; readonly path: readonly string[]; readonly value: unknown }[]
  readonly leafChecks?: readonly LeafCheck[]
  readonly wholeChecks?: readonly WholeCheck<Static<S>>[]
}

/** Flags above variables above the file above the defaults of the schema; the frozen value, or every fault with its place. */
export function loadConfig<S extends TSchema>(options: LoadOptions<S>): Result<Static<S>, TextFault> {
  const schema = options.schema as Schema
  const file = options.text === undefined ? plainSource(options.file, undefined) : yamlSource(options.file, options.text)
  const environment = readEnvironment(schema, options.env, { prefix: options.prefix, reserved: options.reserved ?? [] })
  const flags = (options.flags ?? []).map((flag): Override => ({ path: flag.path, source: plainSource(flag.name, flag.value) }))
  const overrides = [...environment.overrides, ...flags]
  const faults: TextFault[] = [...file.faults, ...environment.faults, ...overrides.flatMap((override) => override.source.faults)]

  const written = mergeSources(file, overrides, schema)
  const locate = locator(file, overrides)
  const value = structuredClone(Value.Default(options.schema, structuredClone(written)))
  const leaves = (options.leafChecks ?? []).flatMap((leaf) => checkLeaf(leaf, value))
  const wrong = schemaFaults(options.schema, value).filter((fault) => !leaves.some((leaf) => showPath(leaf.path) === showPath(fault.path)))
  faults.push(...[...wrong, ...leaves].map(locate))
  if (faults.length === 0) {
    for (const check of options.wholeChecks ?? []) faults.push(...check(value as Static<S>).map((fault) => locate({ ...fault, at: 'value' })))
  }
  return faults.length === 0 ? ok(freeze(value as Static<S>)) : fail(...faults.sort((a, b) => order(options.file, a, b)))
}

/** An empty section (`http:` with everything below it commented out) means its defaults. */
function mergeSources(file: ConfigSource, overrides: readonly Override[], schema: Schema): unknown {
  const merged = dropEmpty(file.value ?? {}, schema)
  if (!isRecord(merged)) return merged
  for (const { path, source } of overrides) {
    if (source.faults.length > 0) continue
    let at: Record<string, unknown> = merged
    for (const key of path.slice(0, -1)) {
      const next = at[key]
      at = isRecord(next) ? next : (at[key] = {})
    }
    at[path.at(-1)!] = source.value
  }
  return merged
}

function dropEmpty(value: unknown, schema: Schema): unknown {
  if (!isRecord(value)) return value
  const kept: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [key, item] of Object.entries(value)) {
    const child = childSchema(schema, key)
    if (item === null && (child?.type === 'object' || child?.type === 'array')) continue
    kept[key] = child === undefined ? item : dropEmpty(item, child)
  }
  return { ...kept }
}

/** A fault stands where its value came from: the override that covers the path, else the file. */
function locator(file: ConfigSource, overrides: readonly Override[]): (fault: ValueFault) => TextFault {
  return ({ path, at, message, hint }) => {
    const override = overrides.findLast((candidate) => isPrefix(candidate.path, path))
    const source = override?.source ?? file
    const rest = override === undefined ? path : path.slice(override.path.length)
    return { file: source.name, ...(at === 'key' ? source.locateKey(rest) : source.locate(rest)), message, ...(hint === undefined ? {} : { hint }) }
  }
}

function checkLeaf({ path, check }: LeafCheck, value: unknown): ValueFault[] {
  return expand(path, value).flatMap((place) => {
    const leaf = valueAt(value, place)
    const message = leaf === undefined || leaf === null ? undefined : check(leaf)
    return message === undefined ? [] : [{ path: place, at: 'value', message: `${showPath(place)} ${message}, not ${show(leaf)}` }]
  })
}

function expand(pattern: readonly string[], value: unknown): Path[] {
  let places: Path[] = [[]]
  for (const step of pattern) {
    places = places.flatMap((place) => {
      if (step !== '*') return [[...place, step]]
      const at = valueAt(value, place)
      if (Array.isArray(at)) return at.map((_, index) => [...place, index])
      return isRecord(at) ? Object.keys(at).map((key) => [...place, key]) : []
    })
  }
  return places
}

const isPrefix = (prefix: Path, path: Path): boolean => prefix.length <= path.length && prefix.every((step, index) => step === path[index])

/** The file first, from top to bottom; then variables and flags by name. */
const order = (file: string, a: TextFault, b: TextFault): number =>
  Number(a.file !== file) - Number(b.file !== file) || a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const item of Object.values(Object.freeze(value))) freeze(item)
  return value
}
