import { Type, type Static } from 'typebox'

/** Sinks that a hub may have. */
export const MAX_SINKS = 8
/** Rotated files are compressed to this; `none` leaves them. */
export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]
/** `file`: lines in a file; `forward`: messages to another syslog server. */
export const SINK_KINDS = ['file', 'forward'] as const
/** How messages go to another server. */
export const UPSTREAM_TRANSPORTS = ['relp', 'tcp'] as const
/** What is on the way over RELP and not yet acknowledged: a hub can tell of up to 512 messages that they came before. */
const DEFAULT_WINDOW = 256
const MAX_WINDOW = 1024

const Rotation = Type.Object(
  {
    size: Type.String({ default: '100MiB', description: 'The file is begun anew before it grows beyond this; `none`: whatever its size.' }),
    age: Type.String({ default: 'none', description: 'The file is begun anew when it is this old; `none`: whatever its age.' }),
    keep: Type.Integer({ default: 10, minimum: 1, maximum: 10_000, description: 'Rotated files kept; the oldest go first.' }),
    compress: Type.Enum([...COMPRESSIONS], { default: 'none', description: 'What rotated files are compressed with.' }),
  },
  { additionalProperties: false, default: {}, description: '`file` only. With both limits `none` the hub never rotates: for those who use logrotate, and send SIGHUP.' },
)

const UpstreamTls = Type.Object(
  {
    ca_file: Type.Optional(Type.String({ minLength: 1, description: 'Authorities in PEM that the certificate of the server must come from; unless said otherwise those that Node brings along.' })),
    certificate_file: Type.Optional(Type.String({ minLength: 1, description: 'The certificate that the hub shows, in PEM; needed where the server asks for one. All files are read again for each connection; SIGHUP makes a new one when they changed.' })),
    key_file: Type.Optional(Type.String({ minLength: 1, description: 'Its private key in PEM, without a passphrase.' })),
    server_name: Type.Optional(Type.String({ minLength: 1, description: 'The name that must be in the certificate of the server; unless said otherwise `host`.' })),
  },
  { additionalProperties: false },
)

/** The `sinks` part of the configuration: cursors over the committed stream that hand it on. */
export const SinksConfig = Type.Array(
  Type.Object(
    {
      kind: Type.Enum([...SINK_KINDS], { description: '`file`: one file of lines. `forward`: RFC 5424 to another syslog server.' }),
      name: Type.String({ minLength: 1, pattern: '^[a-z0-9-]{1,40}$', description: 'Name in metrics, `hps sinks` and logs; its position is remembered under it.' }),
      query: Type.Optional(Type.String({ minLength: 1, description: 'Only what this search finds (docs/reference/query.md); everything when left out.' })),
      start: Type.Enum(['oldest', 'now'], { default: 'oldest', description: 'Where a sink begins that never wrote: at the oldest message that is stored, or behind the newest.' }),
      path: Type.Optional(Type.String({ minLength: 1, description: '`file`, which needs it: the file; a relative path is relative to the data folder. Its folder must be there: one that is missing may be a disk that is not mounted.' })),
      format: Type.Enum(['text', 'raw'], { default: 'text', description: '`file`: `text`: `TIME NODE SESSION #SEQ FACILITY.SEVERITY APP[PROCID]: TEXT`; `raw`: `#SEQ NODE SESSION` and the bytes as they were received.' }),
      mode: Type.String({ default: '0640', pattern: '^0?[0-7]{3}$', description: '`file`: permissions of the files it makes.' }),
      rotate: Rotation,
      transport: Type.Optional(Type.Enum([...UPSTREAM_TRANSPORTS], { description: '`forward`, which needs it: `relp` has each message acknowledged and loses none; `tcp` (octet counting, RFC 6587 section 3.4.1) can lose some when a connection breaks. Both with `tls`.' })),
      host: Type.Optional(Type.String({ minLength: 1, description: '`forward`, which needs it: name or address of the server; a name is looked up for each connection.' })),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: '`forward`, which needs it: its port.' })),
      tls: Type.Optional(UpstreamTls),
      window: Type.Integer({ default: DEFAULT_WINDOW, minimum: 16, maximum: MAX_WINDOW, description: '`forward` by RELP: messages on the way and not acknowledged. More are faster over long ways; of more than 384 a hub cannot always mark what comes twice after a kill.' }),
    },
    { additionalProperties: false },
  ),
  { default: [], maxItems: MAX_SINKS, description: 'Where committed messages are handed on to, in order. See below.' },
)
export type SinksConfig = Static<typeof SinksConfig>
export type SinkConfig = SinksConfig[number]
export type FileSinkConfig = SinkConfig & { readonly path: string }
export type ForwardSinkConfig = SinkConfig & Required<Pick<SinkConfig, 'transport' | 'host' | 'port'>>
export type UpstreamTls = Static<typeof UpstreamTls>

/** What a sink of its kind needs was checked with the configuration. */
export const isForward = (config: SinkConfig): config is ForwardSinkConfig => config.kind === 'forward'
export const isFile = (config: SinkConfig): config is FileSinkConfig => config.kind === 'file'

/** `relp+tls://logs.example:2514`: where a sink of kind `forward` sends to. */
export const upstreamUrl = ({ transport, host, port, tls }: Pick<ForwardSinkConfig, 'transport' | 'host' | 'port' | 'tls'>): string =>
  `${transport}${tls === undefined ? '' : '+tls'}://${host.includes(':') ? `[${host}]` : host}:${port}`
