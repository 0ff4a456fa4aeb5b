import { Type, type Static } from 'typebox'

/** What is asked of the clients of a TLS listener. */
export const CLIENT_CERTIFICATES = ['none', 'optional', 'required'] as const

/** `syslog.listeners[].tls`. */
export const TlsConfig = Type.Object(
  {
    certificate_file: Type.String({ minLength: 1, description: 'Certificate in PEM, with the intermediate ones behind it. Read again each minute and at SIGHUP.' }),
    key_file: Type.String({ minLength: 1, description: 'Its private key in PEM, without a passphrase.' }),
    client_ca_file: Type.Optional(Type.String({ minLength: 1, description: 'Authorities in PEM that client certificates must come from; needed unless `clients` is `none`.' })),
    clients: Type.Enum([...CLIENT_CERTIFICATES], { default: 'none', description: '`none`: no certificate is asked for. `optional`: one that can be verified names the sender, others count as none. `required`: without one that can be verified the connection is refused.' }),
  },
  { additionalProperties: false },
)
export type TlsConfig = Static<typeof TlsConfig>
