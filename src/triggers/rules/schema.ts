import { Type, type Static, type TSchema } from 'typebox'
import { RULE_SEVERITIES, RULE_STATUSES } from '../protocol.ts'

/** Conditions may stand in conditions (`not`, `any`, `all`) this deep. */
const MAX_DEPTH = 4

const texts = (description: string) => Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], { description })

interface MatchFile {
  app?: string | string[]
  host?: string | string[]
  facility?: string | string[]
  severity?: string | string[]
  contains?: string | string[]
  regex?: string
  not?: MatchFile
  any?: MatchFile[]
  all?: MatchFile[]
}
export type { MatchFile }

function matchSchema(depth: number): TSchema {
  const nested = depth === 0 ? undefined : matchSchema(depth - 1)
  return Type.Object(
    {
      app: Type.Optional(texts('APP-NAME, letters compared without case; a trailing `*` makes it a beginning.')),
      host: Type.Optional(texts('HOSTNAME, compared like `app`.')),
      facility: Type.Optional(texts('Facility names or numbers.')),
      severity: Type.Optional(texts('`warning` that one; `>=warning` as important as warning or more; `<=notice` as important as notice or less.')),
      contains: Type.Optional(texts('Texts that the message contains, all of them, ASCII letters compared without case.')),
      regex: Type.Optional(Type.String({ minLength: 1, description: 'RE2 expression, found anywhere in the text; named groups become fields.' })),
      ...(nested === undefined ? {} : { not: Type.Optional(nested), any: Type.Optional(Type.Array(nested, { minItems: 1 })), all: Type.Optional(Type.Array(nested, { minItems: 1 })) }),
    },
    { additionalProperties: false, description: 'All keys that are given must hold.' },
  )
}

const NotifySchema = Type.Object(
  {
    to: Type.String({ minLength: 1, description: 'A receiver of routes.yaml.' }),
    every: Type.String({ default: '4h', description: 'An alert that goes on is told again after this long.' }),
    context: Type.Optional(
      Type.Object(
        {
          before: Type.Integer({ default: 5, minimum: 0, maximum: 50, description: 'Messages of the same node before it.' }),
          after: Type.Integer({ default: 0, minimum: 0, maximum: 50, description: 'Messages after it, as far as they are there when the mail is made.' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

const RuleSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9]+([.-][a-z0-9]+)*$', description: 'Dotted and stable; never used again for something else: alerts and history hang on it.' }),
    title: Type.String({ minLength: 1, description: 'Handlebars text; never part of the key.' }),
    severity: Type.Enum([...RULE_SEVERITIES], { description: 'Importance of the alert.' }),
    status: Type.Enum([...RULE_STATUSES], { default: 'live', description: '`shadow`: evaluate and count, no effect. `off`: only test.' }),
    when: Type.Object({ match: matchSchema(MAX_DEPTH) as TSchema }, { additionalProperties: false, description: 'One kind of condition.' }),
    by: Type.Array(Type.String(), { default: ['node', 'session'], minItems: 1, description: 'What an alert is told apart by: `node`, `session`, `app`, `host`, named groups.' }),
    trust: Type.Enum(['any', 'lease'], { default: 'any', description: '`lease`: only messages whose node is proven by a token, a registered or a leased address.' }),
    emit: Type.Optional(
      Type.Object(
        {
          event: Type.Optional(Type.String({ description: 'A lifecycle event that evidence may report.' })),
          stage: Type.Optional(Type.String({ description: 'A stage of the boot session.' })),
          evidence: Type.Enum(['B', 'C'], { default: 'B', description: 'The class at most; the message may prove less.' }),
        },
        { additionalProperties: false },
      ),
    ),
    notify: Type.Optional(NotifySchema),
    runbook: Type.Optional(Type.String({ pattern: '^https?://', description: 'Where it says what to do.' })),
    owner: Type.Optional(Type.String({ description: 'Who looks after the rule.' })),
    tags: Type.Array(Type.String(), { default: [] }),
    false_alarms: Type.Optional(Type.String({ description: 'Known causes that are none.' })),
    tests: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1 }),
          evidence: Type.Enum(['B', 'C'], { default: 'B', description: 'How sure the node of the lines is.' }),
          steps: Type.Array(Type.Unknown(), { minItems: 1, description: 'Lines, `advance` and `expect`, in order.' }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, description: 'A rule without a test is not loaded.' },
    ),
  },
  { additionalProperties: false },
)

/** A file of `rules/`, as written. */
export const RuleFileSchema = Type.Object(
  {
    format: Type.Integer({ minimum: 1, maximum: 1, description: 'Version of this format.' }),
    pack: Type.String({ pattern: '^[a-z0-9-]+$', description: 'Name of the collection.' }),
    rules: Type.Array(RuleSchema, { description: 'The rules.' }),
  },
  { additionalProperties: false },
)
export type RuleFile = Static<typeof RuleFileSchema>
export type RuleText = RuleFile['rules'][number]
