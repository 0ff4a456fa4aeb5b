import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { didYouMean, printable } from '#base/text.ts'
import { childSchema, describe, showPath, type Path, type Schema } from './schema.ts'

/** A fault of a value, not yet of a text: the loader knows where the value stands. */
export interface ValueFault {
  readonly path: Path
  /** `key`: the key itself is wrong. */
  readonly at: 'key' | 'value'
  readonly message: string
  readonly hint?: string | undefined
}

/**
 * Every fault of a value, in words. TypeBox stops after a few errors and speaks of JSON schema, so this walk says what is wrong;
 * TypeBox has the last word on what is right, so that a schema may use what the walk does not know.
 */
export const schemaFaults = (schema: TSchema, value: unknown): ValueFault[] => schemaCheck(schema)(value)

/** The same for many values: the schema is compiled once. */
export function schemaCheck(schema: TSchema): (value: unknown) => ValueFault[] {
  const compiled = Compile(schema)
  return (value) => {
    const found = walk(schema as Schema, value, { path: [], defs: (schema as Schema).$defs ?? {} })
    if (found.length > 0) return found
    return [...compiled.Errors(value)].map((error) => ({ path: error.instancePath.split('/').slice(1), at: 'value', message: `${error.instancePath.slice(1)} ${error.message}` }))
  }
}

interface Place { readonly path: Path; readonly defs: Readonly<Record<string, Schema>> }
const below = ({ path, defs }: Place, step: string | number): Place => ({ path: [...path, step], defs })

/** The schema that the value is held to: what a reference names, and of several the one for its type. */
function schemaFor(schema: Schema, value: unknown, defs: Place['defs']): Schema {
  const meant = schema.$ref === undefined ? schema : (defs[schema.$ref.slice('#/$defs/'.length)] ?? {})
  return meant.anyOf?.map((one) => schemaFor(one, value, defs)).find((one) => (one.enum === undefined ? isOfType(one.type, value) : typeof value === typeof one.enum[0])) ?? meant
}

function walk(said: Schema, value: unknown, place: Place): ValueFault[] {
  const { path } = place
  const schema = schemaFor(said, value, place.defs)
  const mismatch = mismatchOf(schema, value)
  if (mismatch !== undefined) {
    const where = path.length === 0 ? 'the configuration' : showPath(path)
    return [{ path, at: 'value', message: `${where} must be ${mismatch}, not ${Array.isArray(value) && schema.type === 'array' ? `of ${value.length}` : show(value)}`, hint: hintFor(schema, value) }]
  }
  if (Array.isArray(value)) return schema.items === undefined ? [] : value.flatMap((item, index) => walk(schema.items!, item, below(place, index)))
  // A schema that says nothing takes anything: a room that reads a free form checks it itself.
  const isFree = schema.properties === undefined && schema.patternProperties === undefined && schema.type === undefined
  return isRecord(value) && !isFree ? walkMap(schema, value, place) : []
}

function walkMap(schema: Schema, value: Record<string, unknown>, place: Place): ValueFault[] {
  const { path, defs } = place
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key))
  return [
    ...missing.map((key): ValueFault => ({ path, at: 'value', message: `${path.length === 0 ? 'the file' : showPath(path)} lacks \`${key}\``, hint: describe(schemaFor(childSchema(schema, key)!, undefined, defs)) })),
    ...Object.entries(value).flatMap(([key, item]) => {
      const child = childSchema(schema, key)
      return child === undefined ? [unknownKey(schema, [...path, key])] : walk(child, item, below(place, key))
    }),
  ]
}

/** What the value must be, when it is not. */
function mismatchOf(schema: Schema, value: unknown): string | undefined {
  if (schema.enum !== undefined) return schema.enum.includes(value) ? undefined : describe(schema)
  if (!isOfType(schema.type, value)) return describe(schema)
  if (schema.anyOf !== undefined) return describe(schema)
  if (Array.isArray(value)) return value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity) ? describe(schema) : undefined
  if (typeof value === 'number' && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity) || value <= (schema.exclusiveMinimum ?? -Infinity))) return describe(schema)
  if (typeof value !== 'string') return undefined
  if (value.length < (schema.minLength ?? 0)) return 'a text that is not empty'
  return schema.pattern === undefined || new RegExp(schema.pattern).test(value) ? undefined : `a text that matches ${schema.pattern}`
}

function isOfType(type: string | undefined, value: unknown): boolean {
  if (type === undefined) return true
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  return type === 'object' ? isRecord(value) : typeof value === type
}

function unknownKey(schema: Schema, path: Path): ValueFault {
  const pattern = Object.keys(schema.patternProperties ?? {})[0]
  if (pattern !== undefined) return { path, at: 'key', message: `${showPath(path)}: the name must match ${pattern}` }
  const known = Object.keys(schema.properties ?? {})
  const meant = didYouMean(String(path.at(-1)), known)
  return { path, at: 'key', message: `${showPath(path)}: there is no such key`, hint: meant === undefined ? `here may stand: ${known.join(', ')}` : `did you mean ${meant}?` }
}

function hintFor(schema: Schema, value: unknown): string | undefined {
  if (schema.enum !== undefined && typeof value === 'string') {
    const meant = didYouMean(value, schema.enum.map(String))
    return meant === undefined ? undefined : `did you mean ${meant}?`
  }
  if (schema.type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return 'put it in quotes'
  if (schema.type === 'integer' && typeof value === 'string' && /^\d+$/.test(value)) return 'remove the quotes'
  return undefined
}

/** A value as people wrote it, short and safe to print. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'a map'
  const text = JSON.stringify(value)
  return printable(text.length > 60 ? `${text.slice(0, 57)}…"` : text)
}

export function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const step of path) at = (at as Record<string | number, unknown> | null | undefined)?.[step]
  return at
}

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
