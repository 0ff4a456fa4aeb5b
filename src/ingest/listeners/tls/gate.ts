import { constants } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls'
import { clientName } from './client-name.ts'
import type { TlsConfig } from './config.ts'
import type { Credentials } from './credentials.ts'
import { clientFault, handshakeFault, type HandshakeFault } from './handshake-faults.ts'

/** What became of one handshake. */
export interface HandshakeEnd {
  /** `certificate`: the name in the client's certificate, which was verified; undefined for none. */
  onSecure(stream: TLSSocket, client: { readonly certificate: string | undefined }): void
  /** `isRefused` false: only the certificate of the client is not believed, and the connection goes on without. */
  onFault(fault: HandshakeFault, isRefused: boolean): void
}

/** TLS of one listener (RFC 5425): turns accepted connections into secure ones. */
export interface TlsGate {
  admit(socket: Socket, end: HandshakeEnd): void
  /** From the next connection on; those that are open stay. */
  renew(credentials: Credentials): void
}

/** @param handshakeTimeoutMs a client that has not shown itself by then is cut off */
export function createTlsGate({ clients, credentials, handshakeTimeoutMs }: { readonly clients: TlsConfig['clients']; readonly credentials: Credentials; readonly handshakeTimeoutMs: number }): TlsGate {
  const server = createServer({ ...contextOf(credentials), handshakeTimeout: handshakeTimeoutMs, requestCert: clients !== 'none', rejectUnauthorized: false })
  return {
    admit(socket, end) {
      const heard = (event: string, ...about: readonly unknown[]): boolean => {
        if (event === 'secureConnection') onSecure(about[0] as TLSSocket, clients, end)
        if (event === 'tlsClientError') onError(about[0] as NodeJS.ErrnoException, about[1] as TLSSocket, end)
        return true
      }
      EventEmitter.prototype.emit.call(viewOf(server, heard), 'connection', socket)
    },
    renew: (next) => server.setSecureContext(contextOf(next)),
  }
}

/**
 * The server as one connection sees it. Of a connection that has ended a server cannot tell any more whose it was: here each
 * has an ear of its own.
 */
const viewOf = (server: Server, heard: (event: string, ...about: readonly unknown[]) => boolean): Server =>
  Object.create(server, { emit: { value: heard } }) as Server

/**
 * TLS 1.2 or newer (RFC 9662 section 4); the ciphers are Node's, which include those that RFC 9662 section 4 wants. No tickets: a
 * session taken up again would not be asked for its certificate anew, and connections of log senders last.
 */
const contextOf = ({ certificate, key, clientAuthorities }: Credentials): SecureContextOptions =>
  ({ cert: certificate, key, ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities }), minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET })

function onSecure(stream: TLSSocket, clients: TlsConfig['clients'], end: HandshakeEnd): void {
  stream.disableRenegotiation()
  if (clients === 'none' || stream.authorized) return end.onSecure(stream, { certificate: clients === 'none' ? undefined : clientName(stream) })
  const isGiven = stream.getPeerX509Certificate() !== undefined
  const isRefused = clients === 'required'
  if (isGiven || isRefused) end.onFault(clientFault(String(stream.authorizationError), isGiven), isRefused)
  if (!isRefused) return end.onSecure(stream, { certificate: undefined })
  stream.on('error', () => undefined) // it is being ended: what its socket says of that was counted as the refusal
  stream.destroy()
}

function onError({ code }: NodeJS.ErrnoException, stream: TLSSocket, end: HandshakeEnd): void {
  end.onFault(handshakeFault(code), true)
  stream.destroy()
}
