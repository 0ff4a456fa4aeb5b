import { Type, type Static } from 'typebox'
import { RULE_SEVERITIES, RULE_STATUSES } from '../protocol.ts'
import { MATCH_DEFS, matchRef, eventKeys, texts } from './schema-match.ts'
import { TestSchema } from './schema-tests.ts'
import { WhenSchema } from './schema-when.ts'

const closed = { additionalProperties: false } as const
const time = (description: string) => Type.Optional(Type.String({ description }))
const names = (description: string) => Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description })
/** Fields that a key may have. */
const MAX_KEY_FIELDS = 8
const RULE_ID = '^[a-z0-9]+([.-][a-z0-9]+)*$'

export const RESOLVE_KEYS = ['match', 'event', 'quiet', 'session_end', 'never'] as const
const ResolveSchema = Type.Object(
  {
    match: Type.Optional(matchRef),
    ...eventKeys,
    quiet: time('Over after this long without a finding.'),
    session_end: Type.Optional(Type.Boolean({ description: 'Over with the boot session.' })),
    never: Type.Optional(Type.Boolean({ description: 'Only a person closes it.' })),
  },
  { ...closed, description: 'What ends the alert. Default: a day of quiet, or for `absent` and `alerts` that the condition holds no more.' },
)

const NotifySchema = Type.Object(
  {
    to: Type.Optional(Type.String({ minLength: 1, description: 'A receiver of routes.yaml; without it the routes decide.' })),
    wait: time('How long a first notice waits for others to go with it.'),
    every: time('An alert that goes on is told again after this long.'),
    context: Type.Optional(
      Type.Object(
        {
          before: Type.Optional(Type.Integer({ default: 5, minimum: 0, maximum: 50, description: 'Messages of the same node before it.' })),
          after: Type.Optional(Type.Integer({ default: 0, minimum: 0, maximum: 50, description: 'Messages after it, as far as they are there when the mail is made.' })),
        },
        closed,
      ),
    ),
  },
  closed,
)

const EscalateSchema = Type.Array(
  Type.Object(
    {
      after: Type.String({ description: 'Time since it fired.' }),
      unless: Type.Optional(Type.Enum(['acked', 'nothing'], { default: 'acked', description: '`nothing`: also when somebody looks after it.' })),
      to: Type.String({ minLength: 1, description: 'A receiver of routes.yaml.' }),
      severity: Type.Optional(Type.Enum([...RULE_SEVERITIES], { description: 'From then on.' })),
    },
    closed,
  ),
  { maxItems: 8, description: 'Others are told when it goes on.' },
)

const EmitSchema = Type.Object(
  {
    event: Type.Optional(Type.String({ description: 'A lifecycle event that evidence may report.' })),
    stage: Type.Optional(Type.String({ description: 'A stage of the boot session.' })),
    evidence: Type.Optional(Type.Enum(['B', 'C'], { default: 'B', description: 'The class at most; the message may prove less.' })),
  },
  closed,
)

export const RuleSchema = Type.Object(
  {
    id: Type.String({ pattern: RULE_ID, description: 'Dotted and stable; never used again for something else: alerts and history hang on it.' }),
    title: Type.String({ minLength: 1, description: 'Handlebars text; never part of the key.' }),
    severity: Type.Enum([...RULE_SEVERITIES], { description: 'Importance of the alert.' }),
    status: Type.Optional(Type.Enum([...RULE_STATUSES], { default: 'live', description: '`shadow`: evaluate and record, tell nobody. `off`: only test.' })),
    when: WhenSchema,
    by: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: MAX_KEY_FIELDS, description: 'What an alert is told apart by: `node`, `session`, `app`, `host`, named groups, facts and labels of the node.' })),
    where: Type.Optional(
      Type.Object(
        { node: Type.Optional(Type.Record(Type.String(), texts('One of these.'), { description: 'State, profile, stage, name and labels of the node.' })), stage: Type.Optional(texts('Stage that the boot session has reached.')) },
        { ...closed, description: 'About which nodes it is at all; looked at before anything else.' },
      ),
    ),
    for: time('It must have lasted this long before the alert fires.'),
    hold: time('It stays open this long after it was over.'),
    resolve: Type.Optional(ResolveSchema),
    trust: Type.Optional(Type.Enum(['any', 'lease', 'tls'], { default: 'any', description: '`lease`: only messages whose node is proven; `tls`: only those of a verified certificate.' })),
    emit: Type.Optional(EmitSchema),
    suppress: Type.Optional(
      Type.Object(
        { for_rules: names('Rules that do not see what matches; a trailing `*` makes it a beginning.'), until: Type.Optional(Type.String({ description: 'A day (UTC) or a time: from then on they see it again.' })), reason: Type.String({ minLength: 1, description: 'Why it may be left out.' }) },
        closed,
      ),
    ),
    inhibit: Type.Optional(
      Type.Object(
        { rules: names('Rules whose alerts tell nobody while this one fires; a trailing `*` makes it a beginning.'), equal: Type.Array(Type.String({ minLength: 1 }), { description: 'Fields that both must have, with the same value.' }) },
        closed,
      ),
    ),
    notify: Type.Optional(NotifySchema),
    escalate: Type.Optional(EscalateSchema),
    requires: Type.Optional(names('What has to be there for the rule to make sense, e.g. zfs.')),
    runbook: Type.Optional(Type.String({ pattern: '^(https?://|docs/)', description: 'Where it says what to do.' })),
    owner: Type.Optional(Type.String({ description: 'Who looks after the rule.' })),
    tags: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    false_alarms: Type.Optional(Type.String({ description: 'Known causes that are none.' })),
    tests: Type.Array(TestSchema, { minItems: 1, description: 'A rule without a test is not loaded.' }),
  },
  closed,
)
export type RuleText = Static<typeof RuleSchema>

/** A file of `rules/` or `rules/local/`, as written. */
export const RuleFileSchema = Type.Object(
  {
    format: Type.Integer({ minimum: 1, maximum: 1, description: 'Version of this format.' }),
    pack: Type.Optional(Type.String({ pattern: '^[a-z0-9-]+$', description: 'Name of the collection.' })),
    vars: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]*$' }), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), { description: 'Values that are used as `$name`.' })),
    rules: Type.Optional(Type.Array(RuleSchema, { description: 'The rules.' })),
    overrides: Type.Optional(Type.Record(Type.String({ pattern: RULE_ID }), Type.Record(Type.String(), Type.Unknown()), { description: 'What is otherwise in rules of other files; only in `rules/local/`.' })),
  },
  { ...closed, $defs: MATCH_DEFS },
)
export type RuleFile = Static<typeof RuleFileSchema>
