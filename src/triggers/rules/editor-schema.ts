import { HUB_EVENT_KINDS } from '#domain/hub-event.ts'
import { STAGE_NAMES } from '#domain/stages.ts'
import { EVIDENCE_EVENTS } from './read-rule.ts'
import { PATTERN_EVENTS } from './read-pattern.ts'
import { KIND_KEYS } from './read-when.ts'
import { RuleFileSchema, RuleSchema } from './schema.ts'

type Json = Readonly<Record<string, unknown>>
/** Places whose values are not variables: names, texts that stay what they are, and what holds the variables themselves. */
const FIXED: ReadonlySet<string> = new Set(['format', 'pack', 'vars', 'id', 'name'])
const VARIABLE = { $ref: '#/$defs/variable' }
const VARIABLE_SCHEMA = { type: 'string', pattern: '^\\$[a-z][a-z0-9_]*', description: 'A name of `vars`, e.g. `$slow_install`.' }

/**
 * The format as JSON Schema (draft 7) for editors. It says what the reader says, but for what only the whole set shows; variables may
 * stand for any value, and an override is a rule of which all may be left out or taken away.
 */
export function rulesJsonSchema(): Json {
  const { $defs, ...file } = withVariables(withWords(plain(RuleFileSchema))) as Json
  const properties = file['properties'] as Json
  const overrides = properties['overrides'] as Json
  const partial = withVariables(partially(withWords(plain(RuleSchema)))) as Json
  const { id: _id, ...rest } = partial['properties'] as Json
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Rules of an HPS hub',
    ...file,
    properties: { ...properties, overrides: { ...overrides, patternProperties: Object.fromEntries(Object.keys(overrides['patternProperties'] as Json).map((key) => [key, { ...partial, properties: rest }])) } },
    $defs: { ...($defs as Json), variable: VARIABLE_SCHEMA },
  }
}

const plain = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema))
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const mapValues = (value: Json, change: (item: unknown, key: string) => unknown): Json => Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, key)]))

/** What the reader knows beside the schema: catalogues, and that `when` is one kind. */
function withWords(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withWords)
  if (!isJson(schema)) return schema
  const deep = mapValues(schema, withWords)
  const properties = deep['properties']
  if (isEvents(deep['enum'])) return { ...deep, enum: PATTERN_EVENTS }
  if (!isJson(properties)) return deep
  if ('schedule' in properties) return { ...deep, oneOf: KIND_KEYS.map((key) => ({ required: [key] })) }
  if ('each' in properties) return { ...deep, oneOf: [{ required: ['after'] }, { required: ['each'] }] }
  if (!('evidence' in properties && 'stage' in properties)) return deep
  return { ...deep, properties: { ...properties, event: { ...(properties['event'] as Json), enum: EVIDENCE_EVENTS }, stage: { ...(properties['stage'] as Json), enum: STAGE_NAMES } } }
}

const isEvents = (words: unknown): boolean => Array.isArray(words) && words.length === HUB_EVENT_KINDS.length && HUB_EVENT_KINDS.every((kind) => words.includes(kind))

/** Any single value may be a variable. */
function withVariables(schema: unknown, key = ''): unknown {
  if (!isJson(schema) || FIXED.has(key)) return schema
  const { description, ...rest } = schema
  if (isScalar(schema)) return { ...(description === undefined ? {} : { description }), anyOf: [rest, VARIABLE] }
  const inside: Json = {
    ...(isJson(schema['properties']) ? { properties: mapValues(schema['properties'], withVariables) } : {}),
    ...(isJson(schema['patternProperties']) ? { patternProperties: mapValues(schema['patternProperties'], (item) => withVariables(item)) } : {}),
    ...(isJson(schema['items']) ? { items: withVariables(schema['items']) } : {}),
    ...(isJson(schema['$defs']) ? { $defs: mapValues(schema['$defs'], (item) => withVariables(item)) } : {}),
    ...(Array.isArray(schema['anyOf']) ? { anyOf: [...schema['anyOf'].map((item) => (isScalar(item) ? item : withVariables(item))), ...(schema['anyOf'].some((item) => isScalar(item)) ? [VARIABLE] : [])] } : {}),
  }
  return { ...schema, ...inside }
}

/** A value that `$name` does not fit as it is; a free text takes it anyway. */
const isScalar = (schema: unknown): boolean => isJson(schema) && ('enum' in schema || 'pattern' in schema || ['integer', 'number', 'boolean'].includes(String(schema['type'])))

/** Nothing has to be there, and `~` takes a key away. */
function partially(schema: unknown): unknown {
  if (!isJson(schema)) return schema
  const { required: _required, oneOf: _oneOf, ...rest } = schema
  const properties = rest['properties']
  return isJson(properties) ? { ...rest, properties: mapValues(properties, (item) => ({ anyOf: [partially(item), { type: 'null' }] })) } : rest
}
