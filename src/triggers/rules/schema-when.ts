import { Type, type Static } from 'typebox'
import { MAX_AT_LEAST, MAX_STEPS } from '../correlate/bounds.ts'
import { eventKeys, matchRef, patternRef, text, texts } from './schema-match.ts'
import { VERSUS } from './rule.ts'

const within = Type.String({ description: 'A time, e.g. 90s, 25m, 1h30m, 7d.' })
const atLeast = Type.Integer({ minimum: 1, maximum: MAX_AT_LEAST, description: 'How many there must be.' })
const on = { match: Type.Optional(matchRef), ...eventKeys }
const closed = { additionalProperties: false } as const

const CountSchema = Type.Object(
  { ...on, at_least: atLeast, within, distinct: Type.Optional(text('Count different values of this named group.')), reset: Type.Optional(patternRef) },
  { ...closed, description: 'So many within a sliding window.' },
)
const AbsentSchema = Type.Object(
  {
    after: Type.Optional(patternRef),
    each: Type.Optional(Type.Object({ node: Type.Record(Type.String(), texts('One of these.'), { description: 'State, profile, stage, name and labels; `{}` is every node.' }) }, { ...closed, description: 'For each such node of the inventory.' })),
    expect: patternRef,
    within,
    cancel: Type.Optional(patternRef),
  },
  { ...closed, description: 'Something expected did not come in time, `after` something or for `each` node.' },
)
const SequenceSchema = Type.Object(
  {
    within,
    steps: Type.Array(Type.Object({ id: Type.String({ pattern: '^[a-z][a-z0-9_-]*$', description: 'Name of the step.' }), ...on }, closed), { minItems: 2, maxItems: MAX_STEPS, description: 'One after the other.' }),
    without: Type.Optional(patternRef),
  },
  { ...closed, description: 'One after the other, within a time from the first.' },
)
const ChangeSchema = Type.Object(
  { ...on, value: text('The named group that is compared.'), versus: Type.Enum([...VERSUS], { description: 'With what it is compared.' }) },
  { ...closed, description: 'A value is another one than before.' },
)
const RateSchema = Type.Object(
  {
    ...on,
    now: within,
    versus: Type.String({ description: 'The time before `now` that says what is usual.' }),
    factor: Type.Number({ exclusiveMinimum: 1, maximum: 1_000_000, description: 'So many times as many as usual.' }),
    min: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'And at least so many.' }),
  },
  { ...closed, description: 'Many more than usual.' },
)
const AlertsSchema = Type.Object(
  { rule: Type.Optional(texts('Rules, by id; a trailing `*` makes it a beginning.')), rules: Type.Optional(texts('The same as `rule`.')), distinct: Type.Optional(text('Count different values of this field.')), at_least: atLeast, within },
  { ...closed, description: 'So many alerts of other rules are firing.' },
)
const ScheduleSchema = Type.Object(
  { cron: text('Minute, hour, day of month, month, day of week; six fields begin with seconds.'), tz: Type.Optional(Type.String({ default: 'UTC', description: 'IANA time zone.' })) },
  { ...closed, description: 'By the calendar.' },
)

/** Exactly one kind; `event` is a kind of its own, and means `match` of something that the hub noticed. */
export const WhenSchema = Type.Object(
  {
    ...on,
    count: Type.Optional(CountSchema), absent: Type.Optional(AbsentSchema), sequence: Type.Optional(SequenceSchema), change: Type.Optional(ChangeSchema),
    rate: Type.Optional(RateSchema), alerts: Type.Optional(AlertsSchema), schedule: Type.Optional(ScheduleSchema),
  },
  { ...closed, description: 'One kind of condition.' },
)
export type WhenFile = Static<typeof WhenSchema>
