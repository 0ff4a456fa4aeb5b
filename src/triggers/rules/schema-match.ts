import { Type } from 'typebox'
import { HUB_EVENT_KINDS } from '#domain/hub-event.ts'

/** What messages a condition is about, as written. */
export interface MatchFile {
  readonly app?: string | readonly string[]
  readonly host?: string | readonly string[]
  readonly facility?: string | readonly string[]
  readonly severity?: string | readonly string[]
  readonly contains?: string | readonly string[]
  readonly regex?: string
  readonly field?: Readonly<Record<string, FieldFile>>
  readonly not?: MatchFile
  readonly any?: readonly MatchFile[]
  readonly all?: readonly MatchFile[]
}
/** `{gt: 90}`, or a value alone: `eq`. */
export type FieldFile = string | number | Readonly<Partial<Record<'gt' | 'gte' | 'lt' | 'lte', number> & Record<'eq' | 'ne', string | number>>>

/** `match: {…}`, `event: session` with `to` and `from` beside it, or `event: {event: session, to: start}`. */
export interface PatternFile {
  readonly match?: MatchFile
  readonly event?: string | EventFile
  readonly to?: string | readonly string[]
  readonly from?: string | readonly string[]
}
export interface EventFile {
  readonly event: string
  readonly to?: string | readonly string[]
  readonly from?: string | readonly string[]
}

export const text = (description: string) => Type.String({ minLength: 1, description })
export const texts = (description: string) => Type.Unsafe<string | readonly string[]>(Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], { description }))
/** Named schemas stand once in `$defs`, so that conditions may hold conditions and the schema stays small. */
export const matchRef = Type.Unsafe<MatchFile>({ $ref: '#/$defs/match' })
export const patternRef = Type.Unsafe<PatternFile>({ $ref: '#/$defs/pattern' })

const field = Type.Union(
  [
    Type.Object(
      {
        gt: Type.Optional(Type.Number({ description: 'Greater than.' })),
        gte: Type.Optional(Type.Number({ description: 'Greater than or equal to.' })),
        lt: Type.Optional(Type.Number({ description: 'Less than.' })),
        lte: Type.Optional(Type.Number({ description: 'Less than or equal to.' })),
        eq: Type.Optional(Type.Union([Type.String(), Type.Number()], { description: 'Equal: of a number as a number, of a text letter by letter.' })),
        ne: Type.Optional(Type.Union([Type.String(), Type.Number()], { description: 'Not equal.' })),
      },
      { additionalProperties: false },
    ),
    Type.String(),
    Type.Number(),
  ],
  { description: 'All comparisons that are given must hold; a value alone means `eq`.' },
)

const match = Type.Object(
  {
    app: Type.Optional(texts('APP-NAME, letters compared without case; a trailing `*` makes it a beginning.')),
    host: Type.Optional(texts('HOSTNAME, compared like `app`.')),
    facility: Type.Optional(texts('Facility names or numbers.')),
    severity: Type.Optional(texts('`warning` that one; `>=warning` as important as warning or more; `<=notice` as important as notice or less.')),
    contains: Type.Optional(texts('Texts that the message contains, all of them, ASCII letters compared without case.')),
    regex: Type.Optional(text('RE2 expression, found anywhere in the text; named groups become fields.')),
    field: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z_]\\w*$' }), field, { description: 'Named groups of the expression, compared.' })),
    not: Type.Optional(matchRef),
    any: Type.Optional(Type.Array(matchRef, { minItems: 1, description: 'At least one of them holds.' })),
    all: Type.Optional(Type.Array(matchRef, { minItems: 1, description: 'Every one of them holds.' })),
  },
  { additionalProperties: false, description: 'All keys that are given must hold.' },
)

const event = {
  to: Type.Optional(texts('What it became: a word of that event, or a list of them.')),
  from: Type.Optional(texts('What it was: of `state` only.')),
}
const kind = Type.Enum([...HUB_EVENT_KINDS], { description: 'Something that the hub noticed.' })
export const eventKeys = {
  event: Type.Optional(Type.Unsafe<string | EventFile>(Type.Union([kind, Type.Object({ event: kind, ...event }, { additionalProperties: false })]))),
  ...event,
}
const pattern = Type.Object({ match: Type.Optional(matchRef), ...eventKeys }, { additionalProperties: false, description: 'A message (`match`) or something that the hub noticed (`event`).' })

export const MATCH_DEFS = { match, pattern }
