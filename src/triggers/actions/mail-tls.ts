/** How a connection is encrypted, and whom its certificate names. */
export interface TlsFacts {
  readonly protocol: string
  readonly cipher: string
  /** The certificate comes from an authority that is trusted, and carries the name. */
  readonly isVerified: boolean
  /** Why it is not; '' where it is. */
  readonly fault: string
  readonly subject: string
  readonly issuer: string
  readonly validTo: string
}

/** The part of `tls.TLSSocket` that is looked at. */
interface Secured {
  readonly encrypted: true
  readonly authorized: boolean
  readonly authorizationError: unknown
  getProtocol(): string | null
  getCipher(): { readonly name: string }
  getPeerCertificate(): { readonly subject?: Readonly<Record<string, unknown>>; readonly issuer?: Readonly<Record<string, unknown>>; readonly valid_to?: string }
}

const isSecured = (socket: unknown): socket is Secured => typeof socket === 'object' && socket !== null && (socket as { readonly encrypted?: unknown }).encrypted === true

/** Undefined: it is not encrypted. */
export function tlsFacts(socket: unknown): TlsFacts | undefined {
  if (!isSecured(socket)) return undefined
  const { subject, issuer, valid_to: validTo } = socket.getPeerCertificate()
  return {
    protocol: socket.getProtocol() ?? '', cipher: socket.getCipher().name, isVerified: socket.authorized, fault: socket.authorized ? '' : textOf(socket.authorizationError),
    subject: textOf(subject?.['CN']), issuer: textOf(issuer?.['CN']), validTo: validTo ?? '',
  }
}

const textOf = (value: unknown): string => (value instanceof Error ? value.message : typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : '')
