import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { IngestCounters } from '../../counters.ts'
import type { IngestEvent } from '../../protocol.ts'
import type { Admission } from '../admission.ts'
import { createCertificates } from './certificates.ts'
import type { TlsConfig } from './config.ts'
import { createHandshakeLog, TELL_EVERY_MS } from './handshake-log.ts'

/** How often certificates are looked at. */
const LOOK_EVERY_MS = 60_000

/** Makes a connection secure and gives it on, with the name in the client's certificate; one that does not become secure is closed and counted. */
export type Secure = (socket: Socket, admission: Admission, serve: (stream: TLSSocket, certificate: string | undefined) => void) => void

/** TLS of all listeners: certificates and handshakes. Runs no timer while no listener has TLS. */
export interface TlsDoor {
  /** Throws when the certificate cannot be used. */
  open(listener: string, files: TlsConfig): Promise<Secure>
  renew(): void
  /** Ends handshakes that are not finished. */
  close(): void
}

export function createTlsDoor(options: {
  readonly counters: IngestCounters
  readonly post: (event: IngestEvent) => void
  readonly clock: () => number
  readonly handshakeTimeoutMs?: number
}): TlsDoor {
  const { counters, post } = options
  const certificates = createCertificates(options)
  const log = createHandshakeLog({ post, elapsedMs: () => performance.now() })
  const unfinished = new Set<Socket>() // counted by the admission, whose limits bound it
  const timers: NodeJS.Timeout[] = []
  return {
    async open(listener, files) {
      const gate = await certificates.open(listener, files)
      if (timers.length === 0) timers.push(setInterval(() => void certificates.look(), LOOK_EVERY_MS), setInterval(() => log.tick(), TELL_EVERY_MS))
      return (socket, admission, serve) => {
        unfinished.add(socket)
        counters.set('tls-handshakes-open', unfinished.size)
        const finished = () => {
          unfinished.delete(socket)
          counters.set('tls-handshakes-open', unfinished.size)
        }
        socket.once('close', finished)
        gate.admit(socket, {
          onSecure(stream, { certificate }) {
            finished()
            counters.add('tls-handshakes')
            serve(stream, certificate)
          },
          onFault(fault, isRefused) {
            counters.add(isRefused ? `tls-fault-${fault}` : 'tls-clients-unverified')
            log.failed(listener, fault, admission.address)
            if (isRefused) admission.end = 'handshake'
          },
        })
      }
    },
    renew: () => void certificates.look(),
    close() {
      for (const timer of timers.splice(0)) clearInterval(timer)
      for (const socket of unfinished) socket.destroy()
    },
  }
}
