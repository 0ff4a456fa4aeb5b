import { Type, type Static } from 'typebox'
import { TagsConfig } from './tags/config.ts'

/** The `syslog` part of the configuration. Sizes and durations are texts with units; docs/reference/configuration.md comes from the descriptions. */
export const SyslogConfig = Type.Object(
  {
    listeners: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, pattern: '^[a-z0-9-]+$', description: 'Name in metrics, sources and logs.' }),
          transport: Type.Enum(['udp', 'tcp'], { description: 'Socket type.' }),
          address: Type.String({ default: '::', description: 'Address to bind; `::` takes IPv4 too, and falls back to `0.0.0.0` where there is no IPv6.' }),
          port: Type.Integer({ minimum: 0, maximum: 65535, description: 'Port to bind; 0 takes any free one.' }),
        },
        { additionalProperties: false },
      ),
      {
        default: [
          { name: 'udp', transport: 'udp', port: 5514 },
          { name: 'tcp', transport: 'tcp', port: 5514 },
        ],
        description: 'Sockets that take syslog. DHCP option 7 carries no port: nodes that learn the log server by DHCP send to 514.',
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
