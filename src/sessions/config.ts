import { Type, type Static } from 'typebox'
import { SOURCE_ROLES } from '#domain/source.ts'

/** The `sources` part: who may speak about other nodes. */
export const SourcesConfig = Type.Array(
  Type.Object(
    {
      address: Type.String({ description: 'Address or CIDR prefix of the sender.' }),
      roles: Type.Array(Type.Enum([...SOURCE_ROLES]), {
        default: [],
        description: '`dhcp`: its DHCP and TFTP lines are believed. `relay`: the host name in a message comes before the address. `hub`: the host the hub runs on.',
      }),
      zone: Type.Optional(Type.String({
        description: 'What its stamps without a zone mean: an IANA name such as `Europe/Berlin`, which knows daylight saving, or a distance from UTC such as `+02:00`. Left out: learned from the time of receipt.',
      })),
    },
    { additionalProperties: false },
  ),
  {
    default: [
      { address: '127.0.0.1', roles: ['hub', 'dhcp'] },
      { address: '::1', roles: ['hub', 'dhcp'] },
    ],
    description: 'Senders with a role or a zone. Everyone else is `node` and speaks only about itself.',
  },
)
export type SourcesConfig = Static<typeof SourcesConfig>

/** Who has stopped is noticed by what is usual for it. */
const SilenceConfig = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Notice nodes and senders that stop. Their rhythm is learned in any case.' }),
    min: Type.String({ default: '2m', description: 'No silence shorter than this is told, however often somebody speaks.' }),
    learn: Type.String({ default: '1d', description: 'So long somebody must have been heard before its rhythm counts as known.' }),
    boot: Type.String({ default: '15m', description: 'So long a node may be quiet that boots, installs, or has announced a reboot.' }),
    notify: Type.String({ default: 'ops', description: 'Receiver of the routes that is told; where the routes have neither it nor a default, nobody is. Empty: nobody.' }),
  },
  { additionalProperties: false, default: {} },
)
export type SilenceConfig = Static<typeof SilenceConfig>

/** The `sessions` part. */
export const SessionsConfig = Type.Object(
  {
    max_seen_nodes: Type.Integer({ default: 10000, minimum: 0, description: 'Nodes that nobody registered and that only their messages made known; beyond this a message keeps its source but gets no node, and is counted.' }),
    max_sources: Type.Integer({ default: 20000, minimum: 1, description: 'Senders kept apart; beyond this they share one source named `other`, and are counted.' }),
    quiet_after: Type.String({ default: '10m', description: 'A session without a message for this long is shown as quiet. It stays open.' }),
    silence: SilenceConfig,
  },
  { additionalProperties: false, default: {} },
)
export type SessionsConfig = Static<typeof SessionsConfig>
