import { Type, type Static } from 'typebox'

const fields = (description: string) => Type.Optional(Type.Unsafe<Readonly<Record<string, string | number>>>(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), { description })))

export const ExpectSchema = Type.Object(
  {
    firing: fields('An alert with these fields is firing.'),
    not_firing: fields('None with these fields is firing.'),
    pending: fields('One has begun and not lasted as long as `for` asks for.'),
    resolved: fields('One was resolved.'),
    inhibited: fields('One is firing and tells nobody, since another alert says it all.'),
    emits: fields('Reported since the expectation before.'),
    count: Type.Optional(Type.Integer({ minimum: 1, description: 'The one alert that is meant has so many findings.' })),
    nothing_new: Type.Optional(Type.Unsafe<true>({ enum: [true], description: 'No alert fired or was told again, nothing was reported, since the expectation before.' })),
  },
  { additionalProperties: false },
)
export type ExpectFile = Static<typeof ExpectSchema>

const StepSchema = Type.Union(
  [
    Type.String({ minLength: 1 }),
    Type.Object({ advance: Type.Optional(Type.String({ description: 'Time goes on for so long.' })), expect: Type.Optional(ExpectSchema) }, { additionalProperties: false }),
  ],
  { description: 'A line, an event of the hub (`0s n1/a @session start`), `advance` or `expect`.' },
)
export type StepFile = Static<typeof StepSchema>

export const TestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'What it shows.' }),
    evidence: Type.Optional(Type.Enum(['B', 'C'], { default: 'B', description: 'How sure the node of the lines is.' })),
    inventory: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9.-]+$' }), Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])), {
        description: 'Nodes that are known, with state, profile, stage and labels.',
      }),
    ),
    steps: Type.Array(StepSchema, { minItems: 1, description: 'Lines, events, `advance` and `expect`, in order.' }),
  },
  { additionalProperties: false },
)
export type TestFile = Static<typeof TestSchema>
