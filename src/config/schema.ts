/** The part of JSON Schema that TypeBox writes and the configuration uses, and walks over it. */
export interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly required?: readonly string[] | undefined
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly exclusiveMinimum?: number
  /** Values of several kinds, told apart by their type alone. */
  readonly anyOf?: readonly Schema[]
  /** `#/$defs/name`, of the schema that is asked. */
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** Keys and list positions from the top, e.g. `['syslog', 'listeners', 0, 'port']`. */
export type Path = readonly (string | number)[]

/** `syslog.listeners[0].port`: how people are told where. */
export function showPath(path: Path): string {
  let text = ''
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`
  return text
}

/** The schema of one key or position; undefined for a key that does not exist. */
export function childSchema(schema: Schema, step: string | number): Schema | undefined {
  if (typeof step === 'number') return schema.items
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, step)) return schema.properties[step]
  for (const [pattern, child] of Object.entries(schema.patternProperties ?? {})) if (new RegExp(pattern).test(step)) return child
  return undefined
}

/** A setting: a scalar, a list or a map with free keys; what an environment variable can give. */
export interface Setting {
  readonly path: readonly string[]
  readonly schema: Schema
}

/** All settings in the order of the schema. */
export function settingsOf(schema: Schema, path: readonly string[] = []): Setting[] {
  if (schema.properties === undefined) return [{ path, schema }]
  return Object.entries(schema.properties).flatMap(([key, child]) => settingsOf(child, [...path, key]))
}

/** `HPS_HTTP_PORT` for `http.port`. */
export const variableName = (prefix: string, path: readonly string[]): string => [prefix, ...path].join('_').toUpperCase()

/** What a value must be, in words: `a whole number from 0 to 65535`. */
export function describe(schema: Schema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  if (schema.anyOf !== undefined) return schema.anyOf.map(describe).join(', or ')
  if (schema.type === 'array') return `a list${boundsOf({ minimum: schema.minItems, maximum: schema.maxItems })}`
  if (schema.minimum !== undefined && schema.minimum === schema.maximum) return `the number ${schema.minimum}`
  if (schema.exclusiveMinimum !== undefined) return `a number above ${schema.exclusiveMinimum}`
  const bounds = boundsOf(schema)
  return `${TYPE_WORDS[schema.type ?? ''] ?? 'a text'}${bounds}`
}
const TYPE_WORDS: Readonly<Record<string, string>> = { integer: 'a whole number', number: 'a number', boolean: 'true or false', array: 'a list', object: 'a map of keys and values' }

function boundsOf({ minimum, maximum }: { readonly minimum?: number | undefined; readonly maximum?: number | undefined }): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}
