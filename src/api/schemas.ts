import { Type, type TSchema } from 'typebox'
import { COMPLETENESS_REASONS, COMPLETENESS_VERDICTS } from '#domain/completeness.ts'
import { FIELD_KINDS } from '#domain/fields/field.ts'
import { FACILITIES, SEVERITIES } from '#domain/severity.ts'
import { STAGE_WITNESSES } from '#domain/stages.ts'
import { SOURCE_ZONE_BY } from './source-part.ts'

/** The shapes of `parts.ts` as JSON Schema: they validate, serialise and document. `test/unit/api/schemas.test.ts` holds the two together. */

// `type: [x, 'null']` rather than a union: the serialiser takes it without trying each branch
const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const NullableNumber = Type.Unsafe<number | null>({ type: ['integer', 'null'] })

export const Problem = Type.Object(
  { type: Type.String(), title: Type.String(), status: Type.Integer(), code: Type.String(), detail: Type.String(), request_id: Type.String() },
  { additionalProperties: true, description: 'RFC 9457 problem; some carry more members, e.g. `choices` or positions' },
)

/** The answers of a route: its own by status, and problems. */
export const answers = <T extends Readonly<Record<number, TSchema>>>(own: T): T & { '4xx': typeof Problem; '5xx': typeof Problem } => ({ ...own, '4xx': Problem, '5xx': Problem })

export const Message = Type.Object({
  seq: Type.Integer(),
  received: Type.String(),
  sent: NullableString,
  node: NullableString,
  session: NullableString,
  source: Type.String(),
  method: Type.String({ description: 'How the node was found' }),
  confidence: Type.Integer({ description: '0 to 100' }),
  facility: Type.Enum([...FACILITIES]),
  severity: Type.Enum([...SEVERITIES]),
  host: Type.String(),
  app: Type.String(),
  procid: Type.String(),
  msgid: Type.String(),
  structured_data: Type.String(),
  label: Type.String(),
  format: Type.String(),
  faults: Type.Array(Type.String()),
  text: Type.String(),
  since_boot_ms: Type.Optional(Type.Integer({ description: 'Where it has a session: how long after the start of its machine it was said' })),
  since_boot_by: Type.Optional(Type.String({ description: 'By what that is known: the clock of the kernel in the text (`kernel`), the stamp less the offset of the node\'s clock (`sent`), or the time of receipt (`received`)' })),
  fields: Type.Optional(
    Type.Array(Type.Object({ kind: Type.Enum([...FIELD_KINDS]), name: Type.String(), value: Type.String() }), { description: 'With `fields=1`: what the message says under a name; docs/reference/query.md' }),
  ),
  fields_cut: Type.Optional(Type.Boolean({ description: 'There are more fields, or longer values, than are given' })),
})

const Reason = Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Why it is not complete: deadline, cancelled, damaged' })

export const SearchResult = Type.Object({
  messages: Type.Array(Message),
  cursor: NullableString,
  complete: Type.Boolean({ description: 'False: see `reason`; what is here is true but may not be all' }),
  reason: Reason,
  scanned: Type.Integer(),
  query: Type.String({ description: 'The query as understood' }),
  broader: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'When nothing was found: a wider query that may find something' }),
})

export const CountResult = Type.Object({
  total: Type.Integer(),
  by: Type.Array(Type.String()),
  groups: Type.Array(
    Type.Object({
      keys: Type.Array(NullableString, { description: 'In the order of `by`; null: the messages that have none' }),
      count: Type.Integer(),
      pattern: Type.Optional(Type.String({ description: 'Of a template: what its messages have in common' })),
      example: Type.Optional(Message),
    }),
  ),
  distinct: Type.Integer({ description: 'Different groups' }),
  bounded: Type.Boolean({ description: 'True: too many different groups, the later ones are only in `others`' }),
  others: Type.Integer({ description: 'Messages in groups that are not given' }),
  complete: Type.Boolean(),
  reason: Reason,
  scanned: Type.Integer(),
  query: Type.String({ description: 'The query as understood' }),
  step_ms: NullableNumber,
  from: NullableString,
  until: NullableString,
})

const Clock = Type.Unsafe<{ offset_ms: number; confirmed: string } | null>({
  type: ['object', 'null'], properties: { offset_ms: { type: 'integer' }, confirmed: { type: 'string' } }, description: 'How far its clock is ahead of the hub\'s, and when that was last seen',
})

export const Node = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  registered: Type.Boolean(),
  macs: Type.Array(Type.String()),
  addresses: Type.Array(Type.Object({ address: Type.String(), kind: Type.String() })),
  aliases: Type.Array(Type.String()),
  labels: Type.Record(Type.String(), Type.String()),
  profile: NullableString,
  expected_state: NullableString,
  state: NullableString,
  state_since: NullableString,
  last_seen: NullableString,
  session: NullableString,
  clock: Clock,
})

export const NodeHistory = Type.Object({
  at: Type.String(),
  from: NullableString,
  to: Type.String(),
  event: Type.String(),
  evidence: Type.String(),
  actor: Type.String(),
  reason: Type.String(),
  message_seq: NullableNumber,
  session: NullableString,
})

const Name = Type.String({ minLength: 1, maxLength: 253 })
const Names = Type.Array(Name, { maxItems: 64 })
const change = {
  rename: Type.Optional(Name),
  macs: Type.Optional(Names),
  addresses: Type.Optional(Names),
  aliases: Type.Optional(Names),
  labels: Type.Optional(Type.Record(Type.String(), Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 4096 }), { description: 'Only those named change; null removes one' })),
  profile: Type.Optional(NullableString),
  expected_state: Type.Optional(NullableString),
  event: Type.Optional(Type.String({ maxLength: 64, description: 'An operator event of the lifecycle, e.g. `op.configure`' })),
}
export const NodeChange = Type.Object(change, { additionalProperties: false })
export const NodeImport = Type.Object(
  { nodes: Type.Array(Type.Object({ name: Name, ...change }, { additionalProperties: false }), { maxItems: 10_000 }) },
  { additionalProperties: false },
)

export const Session = Type.Object({
  id: Type.Integer(),
  hash: Type.String({ description: '`#<id>` while it has none' }),
  hashes: Type.Array(Type.String()),
  node: Type.String(),
  kind: Type.String(),
  origin: Type.String(),
  state: Type.String({ description: 'open, quiet, ended' }),
  end: NullableString,
  opened: Type.String(),
  ended: NullableString,
  boot_time: NullableString,
  stage: NullableString,
  messages: Type.Integer(),
  replayed: Type.Integer(),
  first_seq: Type.Integer(),
  last_seq: Type.Integer(),
  last_message: NullableString,
  joined: Type.Array(Type.Integer()),
  completeness: Type.Object(
    {
      verdict: Type.Enum([...COMPLETENESS_VERDICTS]),
      reasons: Type.Array(Type.Object({ reason: Type.Enum([...COMPLETENESS_REASONS]), count: Type.Integer(), text: Type.String({ description: 'One sentence for people' }) })),
    },
    { description: 'Whether it has all that was sent. complete: nothing was lost, and each message has a number or was acknowledged; gaps: something is missing or cut; unknown: nothing is known to be missing' },
  ),
  pinned: Type.Unsafe<{ note: string; by: string; at: string } | null>({
    type: ['object', 'null'], properties: { note: { type: 'string' }, by: { type: 'string' }, at: { type: 'string' } }, description: 'Its messages outlive retention: why, by whom, since when',
  }),
})

export const SessionDetail = Type.Object({
  ...Session.properties,
  stages: Type.Array(
    Type.Object({
      stage: Type.String(),
      at: Type.String({ description: 'When it was first seen' }),
      seq: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'The message that showed it' }),
      by: Type.String({ description: STAGE_WITNESSES.join(', ') }),
      since_boot_ms: Type.Integer({ description: 'Since the session opened, or since its first stage where a session joined to it began earlier' }),
    }),
    { description: 'The stages seen, in the order of their times' },
  ),
})

const Share = Type.Object({ name: Type.String(), share: Type.Number({ description: '0 to 1' }) })
const source = {
  id: Type.Integer(),
  address: Type.String(),
  transport: Type.String(),
  listener: Type.String(),
  certificate: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'The name in the TLS certificate that it showed last' }),
  roles: Type.Array(Type.String()),
  first_seen: Type.String(),
  last_seen: Type.String(),
  messages: Type.Integer(),
  faulty: Type.Integer(),
  conflicts: Type.Integer(),
  dialects: Type.Array(Share, { description: 'The most frequent first' }),
  worst: Type.Unsafe<{ name: string; share: number } | null>({
    type: ['object', 'null'], properties: { name: { type: 'string' }, share: { type: 'number' } }, description: 'The deviation that is found most often: damage before what a form leaves out',
  }),
  zone: Type.Object({ name: NullableString, by: Type.Enum([...SOURCE_ZONE_BY]) }, { description: 'What its stamps mean; `stated`: they say it themselves' }),
  clock: Clock,
  per_minute: Type.Number({ description: 'Messages a minute over the last minutes' }),
  mean_per_minute: Type.Number({ description: 'Since it was first seen' }),
}
export const Source = Type.Object(source)

export const SourceDetail = Type.Object({
  ...source,
  node: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'The node that has this address' }),
  forms: Type.Array(
    Type.Object({
      format: Type.String(),
      means: Type.String(),
      deviations: Type.Array(Type.Object({ name: Type.String(), kind: Type.String(), means: Type.String(), mend: Type.String() })),
      messages: Type.Integer(),
      share: Type.Number(),
      first: Type.String(),
      last: Type.String(),
      last_seq: Type.Integer(),
      sample: Type.Unsafe<unknown>({ ...Message, type: ['object', 'null'], description: 'The last message of this form; null: retention has removed it' }),
    }),
    { description: 'What it sends, the most frequent first' },
  ),
  zones: Type.Array(Type.Object({ host: Type.String(), zone: Type.String(), since: Type.String(), confirmed: Type.String() }), { description: 'Of a relay: zones learned of the host names that it speaks for' }),
})

export const Token = Type.Object({
  id: Type.Integer(),
  role: Type.String(),
  label: Type.String(),
  created: Type.String(),
  expires: NullableString,
  last_used: NullableString,
  revoked: NullableString,
  revoked_why: NullableString,
})

export const Decision = Type.Object({
  outcome: Type.Enum(['boot', 'local', 'wait', 'refuse']),
  why: Type.String(),
  node: NullableString,
  session: NullableString,
  state: NullableString,
  retryAfterSeconds: Type.Optional(Type.Integer()),
  kernelUrl: Type.Optional(Type.String()),
  initrdUrls: Type.Optional(Type.Array(Type.String())),
  args: Type.Optional(Type.String()),
})
