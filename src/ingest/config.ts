import { Type, type Static } from 'typebox'
import { TlsConfig } from './listeners/tls/config.ts'
import { TagsConfig } from './tags/config.ts'

/** The `syslog` part of the configuration. Sizes and durations are texts with units; docs/reference/configuration.md comes from the descriptions. */
export const SyslogConfig = Type.Object(
  {
    listeners: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, pattern: '^[a-z0-9-]+$', description: 'Name in metrics, sources and logs.' }),
          transport: Type.Enum(['udp', 'tcp', 'relp', 'unix'], { description: '`relp` is TCP with the Reliable Event Logging Protocol: a message is acknowledged once it is on disk. `unix` is a stream socket in the file system, for `logger -u`.' }),
          address: Type.String({ default: '::', description: 'Address to bind; `::` takes IPv4 too, and falls back to `0.0.0.0` where there is no IPv6.' }),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, description: 'Port to bind; 0 takes any free one. Needed unless the transport is `unix`.' })),
          path: Type.Optional(Type.String({ minLength: 1, description: '`unix` only: the file of the socket. One that a killed hub left is removed; it goes when the hub stops.' })),
          mode: Type.Optional(Type.String({ pattern: '^0?[0-7]{3}$', description: '`unix` only: who may send, octal, as text. Unless said otherwise `"0660"`: the user and the group of the hub.' })),
          tls: Type.Optional(TlsConfig),
          form: Type.Optional(Type.Enum(['syslog', 'netconsole'], { description: 'What comes without a header: `syslog` (unless said otherwise): a message of text; `netconsole`: what a kernel prints on its console, UDP only. Messages with a header are read alike on both.' })),
          required: Type.Optional(Type.Boolean({ description: 'Whether the hub refuses to start when this one cannot be bound. Unless said otherwise it does; `false`: it warns and does without.' })),
        },
        { additionalProperties: false },
      ),
      {
        default: [
          { name: 'udp', transport: 'udp', port: 5514 },
          { name: 'tcp', transport: 'tcp', port: 5514 },
          { name: 'netconsole', transport: 'udp', port: 6666, form: 'netconsole', required: false },
        ],
        description: 'Sockets that take syslog. DHCP option 7 carries no port: nodes that learn the log server by DHCP send to 514. A kernel with `netconsole=` sends to 6666.',
      },
    ),
    max_frame: Type.String({ default: '64KiB', description: 'Longest message kept, at most 64KiB less one byte; a longer one is cut, marked and counted.' }),
    udp_buffer: Type.String({ default: '4MiB', description: 'Receive buffer asked of the kernel for each UDP socket; the hub warns when `net.core.rmem_max` gives less.' }),
    max_connections: Type.Integer({ default: 10000, minimum: 1, description: 'TCP connections at once, at most half of them from one address; the next one is refused and counted.' }),
    idle_timeout: Type.String({ default: '24h', description: 'A TCP connection that sends nothing for this long is closed.' }),
    tags: TagsConfig,
  },
  { additionalProperties: false, default: {} },
)
export type SyslogConfig = Static<typeof SyslogConfig>
