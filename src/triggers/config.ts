import { Type, type Static } from 'typebox'
import { ALERT_SEVERITIES } from '#domain/alert.ts'

/** The `rules` part: where rule files are. */
export const RulesConfig = Type.Object(
  {
    directories: Type.Array(Type.String(), { default: ['rules'], description: 'Folders read for `*.yaml` rule files; relative to the program. `routes.yaml` holds receivers and routes.' }),
    routes: Type.Optional(Type.String({ description: 'Receivers and routes; by default `routes.yaml` in the data folder, else in the first rule folder that has one.' })),
  },
  { additionalProperties: false, default: {} },
)
export type RulesConfig = Static<typeof RulesConfig>

/** The `triggers` part: what `hps-trigger` commands of nodes may do. */
export const TriggersConfig = Type.Object(
  {
    commands: Type.Array(Type.Enum(['notify']), { default: ['notify'], description: 'Commands that nodes may give in log messages (`hps-trigger`); an empty list: none is obeyed.' }),
    trust: Type.Enum(['proven', 'any'], { default: 'proven', description: 'Whose commands are obeyed: of nodes that are proven by token, registered or leased address or certificate, or of any node.' }),
    receivers: Type.Array(Type.String({ minLength: 1 }), { default: ['*'], description: 'Receivers that they may name, of those in `routes.yaml`; `*` at the end of one: all that begin so.' }),
    severities: Type.Array(Type.Enum([...ALERT_SEVERITIES]), { default: [...ALERT_SEVERITIES], description: 'Severities that they may use.' }),
    per_node_per_hour: Type.Integer({ default: 20, minimum: 1, maximum: 1000, description: 'Commands of one node that are obeyed in an hour.' }),
  },
  { additionalProperties: false, default: {} },
)
export type TriggersConfig = Static<typeof TriggersConfig>

/** The `mail` part: the SMTP server. */
export const MailConfig = Type.Object(
  {
    host: Type.Optional(Type.String({ description: 'SMTP server. Without it mails stay in the outbox and the health check `mail` warns.' })),
    port: Type.Integer({ default: 25, minimum: 1, maximum: 65535, description: 'SMTP port.' }),
    tls: Type.Enum(['starttls-if-offered', 'starttls', 'implicit', 'none'], { default: 'starttls-if-offered', description: 'Encryption to the SMTP server.' }),
    ca_file: Type.Optional(Type.String({ minLength: 1, description: 'Authorities in PEM that the certificate of the SMTP server must come from; unless said otherwise those that Node brings along.' })),
    user: Type.Optional(Type.String({ description: 'SMTP user. The password is never sent unencrypted, unless `tls` is `none`.' })),
    password_file: Type.Optional(Type.String({ description: 'File that holds the SMTP password.' })),
    client_name: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9.:_\\[\\]-]+$', description: 'The name that the hub gives itself in EHLO; unless said otherwise that of the machine.' })),
    from: Type.String({ default: 'HPS hub <hps@localhost>', description: 'Sender of all mails.' }),
    envelope_from: Type.Optional(Type.String({ pattern: '^(<>|[^@\\s<>]+@[^@\\s<>]+)$', description: 'Where bounces go, if not to `from`; `<>`: nowhere.' })),
  },
  { additionalProperties: false, default: {} },
)
export type MailConfig = Static<typeof MailConfig>
