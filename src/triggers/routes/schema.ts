import { Type, type Static, type TSchema } from 'typebox'
import { ALERT_SEVERITIES } from '#domain/alert.ts'

const closed = { additionalProperties: false } as const
const time = (description: string) => Type.Optional(Type.String({ description }))
const texts = (description: string) => Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 50 })], { description }))
const NAME = '^[a-z0-9-]+$'

const WebhookSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ pattern: NAME, description: 'Told apart by, in the outbox and in logs; by default its position.' })),
    url: Type.String({ pattern: '^https?://', description: 'Gets a POST for each notice. What it names is looked up at each delivery; link-local addresses, metadata services and, unless `allow_loopback`, this machine are never spoken to.' }),
    form: Type.Optional(Type.Enum(['standard', 'alertmanager'], { default: 'standard', description: 'Payload: Standard Webhooks, or that of a webhook of Alertmanager (version 4).' })),
    secret_files: texts('Files with the signing secret (`whsec_` and base64 of 24 to 64 bytes), relative to this file; while a secret is exchanged, the new and the old one. Without it nothing is signed.'),
    token_file: Type.Optional(Type.String({ description: 'File with a token that is sent as `Authorization: Bearer`.' })),
    ca_file: Type.Optional(Type.String({ description: 'File with the certificates (PEM) that an https address is trusted by, instead of the usual ones.' })),
    allow_private: Type.Optional(Type.Boolean({ default: true, description: 'Private addresses (10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7) may be spoken to: a fleet is in them.' })),
    allow_loopback: Type.Optional(Type.Boolean({ default: false, description: 'This machine may be spoken to.' })),
  },
  closed,
)

const ReceiverSchema = Type.Object(
  {
    name: Type.String({ pattern: NAME, description: 'What rules, routes and trigger commands call it.' }),
    mail: Type.Optional(Type.Array(Type.String({ pattern: '^[^@\\s<>,;"]+@[^@\\s<>,;"]+$' }), { minItems: 1, maxItems: 50, description: 'Addresses that get every mail to this receiver.' })),
    webhooks: Type.Optional(Type.Array(WebhookSchema, { minItems: 1, maxItems: 10, description: 'Web addresses that get every notice to this receiver.' })),
    max_per_hour: Type.Optional(Type.Integer({ default: 60, minimum: 1, maximum: 10_000, description: 'Notices in any hour; what is beyond goes into a digest.' })),
    digest: time('Everything goes into digests, one in this time: `24h` for who reads once a day.'),
    quiet: texts('Names of `quiet_hours` in which it is told nothing; what came up is told when they end.'),
    quiet_except: Type.Optional(Type.Array(Type.Enum([...ALERT_SEVERITIES]), { maxItems: 4, description: 'Severities that it is told even then.' })),
  },
  closed,
)

const QuietSchema = Type.Array(
  Type.Object(
    {
      days: texts('`mon` … `sun`, or `mon-fri`; all of them without it. An interval over midnight belongs to the day on which it begins.'),
      from: Type.String({ description: 'Local time, `22:00`.' }),
      to: Type.String({ description: 'Local time; not after `from`: of the next day.' }),
      tz: Type.Optional(Type.String({ default: 'UTC', description: 'IANA zone, e.g. `Europe/Berlin`.' })),
    },
    closed,
  ),
  { minItems: 1, maxItems: 20 },
)

/** Routes below routes. */
export const MAX_DEPTH = 5

const routeKeys = {
  receiver: Type.Optional(Type.String({ description: 'Who is told; `nobody`: nobody. That of the route above without it.' })),
  group_by: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 8, description: 'Alerts with the same values of these go into one notice: `rule`, `severity`, `node`, `session`, fields of the alert, labels of the node; `alert`: each alone; an empty list: all together. Default: `[rule]`.' })),
  wait: time('How long a first notice waits for others to go with it. Default: 30s.'),
  interval: time('The least time between two notices of a group. Default: 5m.'),
  every: time('An alert that goes on is told again after this long; `never`: it is not. Default: 4h.'),
  send_resolved: Type.Optional(Type.Boolean({ description: 'Whoever was told that it fires is told that it is over. Default: true.' })),
  send_acknowledged: Type.Optional(Type.Boolean({ description: 'Whoever was told that it fires is told that somebody looks after it. Default: true.' })),
}
const branchKeys = {
  match: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 50 })]), {
      description: 'All must hold, each with one of its values (a trailing `*` for a beginning): `severity` (also `>=error`), `rule`, `node`, fields of the alert, facts and labels of the node.',
    }),
  ),
  continue: Type.Optional(Type.Boolean({ description: 'The routes after it are tried too. Default: false.' })),
}

/** What a route of the file says, whatever its depth. */
export interface RouteText extends Static<ReturnType<typeof rootObject>> {
  readonly match?: Readonly<Record<string, string | readonly string[]>>
  readonly continue?: boolean
  readonly routes?: readonly RouteText[]
}
const rootObject = () => Type.Object(routeKeys, closed)

function branchSchema(depth: number): TSchema {
  return Type.Object({ ...branchKeys, ...routeKeys, ...(depth >= MAX_DEPTH ? {} : { routes: Type.Optional(Type.Array(branchSchema(depth + 1), { maxItems: 200, description: 'Tried in order; the first that fits decides.' })) }) }, closed)
}

/** `routes.yaml`: who is told. It stands apart from the rules, so that rules can be shared without addresses in them. */
export const RoutesFileSchema = Type.Object(
  {
    format: Type.Integer({ minimum: 1, maximum: 1, description: 'Version of this format.' }),
    default: Type.Optional(Type.String({ description: 'The receiver for names that are not in this file.' })),
    fallback: Type.Optional(Type.String({ description: 'The receiver that is told when a notice to another one had to be given up.' })),
    receivers: Type.Array(ReceiverSchema, { maxItems: 500, description: 'Receivers.' }),
    route: Type.Optional(Type.Object({ ...routeKeys, routes: Type.Optional(Type.Array(branchSchema(1), { maxItems: 200, description: 'Tried in order; the first that fits decides.' })) }, { ...closed, description: 'Who is told of alerts whose rule names no receiver, and how all are grouped and timed.' })),
    quiet_hours: Type.Optional(Type.Record(Type.String(), QuietSchema, { description: 'Named times in which a receiver may be left in peace.' })),
  },
  closed,
)
export type RoutesFile = Omit<Static<typeof RoutesFileSchema>, 'route'> & { readonly route?: Omit<RouteText, 'match' | 'continue'> }
export type ReceiverText = Static<typeof ReceiverSchema>
export type WebhookText = Static<typeof WebhookSchema>
export type QuietText = Static<typeof QuietSchema>[number]
