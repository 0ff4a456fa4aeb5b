import { Type, type Static } from 'typebox'

/** The `boot` part: what nodes are told when they network-boot. */
export const BootConfig = Type.Object(
  {
    allow_from: Type.Array(Type.String(), {
      default: ['127.0.0.0/8', '::1', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fe80::/10'],
      description: 'Networks that may ask the boot API; everyone else is refused.',
    }),
    lease: Type.Enum(['require', 'observe'], {
      default: 'require',
      description: '`require`: a node is only answered when its address was leased to its MAC by our DHCP (seen in the log) or is registered. `observe`: a contradiction is logged and counted.',
    }),
    unknown: Type.Enum(['hold', 'refuse'], { default: 'hold', description: 'What an unknown MAC gets: held with a wait answer until it is configured, or refused.' }),
    hold_seconds: Type.Integer({ default: 10, minimum: 1, maximum: 600, description: '`Retry-After` of a held node: how often it asks again.' }),
    assets: Type.String({ default: 'assets', description: 'Folder of kernels and initial RAM disks, served below `/boot/v1/asset/`; relative to the data folder.' }),
    profiles: Type.Record(
      Type.String({ pattern: '^[a-z0-9][a-z0-9._-]*$' }),
      Type.Object(
        {
          boot: Type.Enum(['net', 'disk', 'install'], { description: '`net`: runs disk-less. `install`: an installer that ends with a boot from disk. `disk`: boots its own disk.' }),
          kernel: Type.Optional(Type.String({ description: 'Kernel, a path below the asset folder.' })),
          initrd: Type.Optional(Type.Array(Type.String(), { description: 'Initial RAM disks, paths below the asset folder.' })),
          args: Type.Optional(Type.String({ description: 'Kernel command line; a template with `node`, `session`, `hub`, `mac`, `address` and `labels` (docs/reference/templates.md).' })),
        },
        { additionalProperties: false },
      ),
      { default: {}, description: 'What a node can be made into.' },
    ),
  },
  { additionalProperties: false, default: {} },
)
export type BootConfig = Static<typeof BootConfig>
