import { Type, type Static } from 'typebox'

/** Sinks that a hub may have. */
export const MAX_SINKS = 8
/** Rotated files are compressed to this; `none` leaves them. */
export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

const Rotation = Type.Object(
  {
    size: Type.String({ default: '100MiB', description: 'The file is begun anew before it grows beyond this; `none`: whatever its size.' }),
    age: Type.String({ default: 'none', description: 'The file is begun anew when it is this old; `none`: whatever its age.' }),
    keep: Type.Integer({ default: 10, minimum: 1, maximum: 10_000, description: 'Rotated files kept; the oldest go first.' }),
    compress: Type.Enum([...COMPRESSIONS], { default: 'none', description: 'What rotated files are compressed with.' }),
  },
  { additionalProperties: false, default: {}, description: 'With both limits `none` the hub never rotates: for those who use logrotate, and send SIGHUP.' },
)

/** The `sinks` part of the configuration: cursors over the committed stream that hand it on. */
export const SinksConfig = Type.Array(
  Type.Object(
    {
      kind: Type.Enum(['file'], { description: '`file`: one file of lines.' }),
      name: Type.String({ minLength: 1, pattern: '^[a-z0-9-]{1,40}$', description: 'Name in metrics, `hps sinks` and logs; its position is remembered under it.' }),
      path: Type.String({ minLength: 1, description: 'The file; a relative path is relative to the data folder. Its folder must be there: one that is missing may be a disk that is not mounted.' }),
      format: Type.Enum(['text', 'raw'], { default: 'text', description: '`text`: `TIME NODE SESSION #SEQ FACILITY.SEVERITY APP[PROCID]: TEXT`; `raw`: `#SEQ NODE SESSION` and the bytes as they were received.' }),
      query: Type.Optional(Type.String({ minLength: 1, description: 'Only what this search finds (docs/reference/query.md); everything when left out.' })),
      start: Type.Enum(['oldest', 'now'], { default: 'oldest', description: 'Where a sink begins that never wrote: at the oldest message that is stored, or behind the newest.' }),
      mode: Type.String({ default: '0640', pattern: '^0?[0-7]{3}$', description: 'Permissions of the files it makes.' }),
      rotate: Rotation,
    },
    { additionalProperties: false },
  ),
  { default: [], maxItems: MAX_SINKS, description: 'Where committed messages are handed on to, in order and each once. See below.' },
)
export type SinksConfig = Static<typeof SinksConfig>
export type SinkConfig = SinksConfig[number]
