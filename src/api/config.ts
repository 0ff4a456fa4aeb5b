import { Type, type Static } from 'typebox'

/** The `http` part: API, pages, boot API, metrics. */
export const HttpConfig = Type.Object(
  {
    address: Type.String({ default: '::', description: 'Address to bind; `::` takes IPv4 too, and falls back to `0.0.0.0` where there is no IPv6.' }),
    port: Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: 'Port to bind; 0 takes any free one.' }),
    public_url: Type.Optional(Type.String({ pattern: '^https?://', description: 'How nodes and people reach the hub, e.g. `http://10.0.0.1:8080`; by default taken from the request, and for mails from the host name.' })),
    max_body: Type.String({ default: '8MiB', description: 'Largest request body.' }),
    max_streams: Type.Integer({ default: 200, minimum: 1, description: 'Live streams at once.' }),
  },
  { additionalProperties: false, default: {} },
)
export type HttpConfig = Static<typeof HttpConfig>
