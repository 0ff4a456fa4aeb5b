import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ForwardSinkConfig, UpstreamTls } from '../config.ts'
import type { FlowFault } from './flow.ts'
import { netFault } from './net-fault.ts'

const CONNECT_WITHIN_MS = 10_000
const KEEPALIVE_MS = 15_000

export interface ConnectionEvents {
  onOpen(): void
  onData(chunk: Uint8Array): void
  /** There is room again. */
  onDrain(): void
  /** Once, and last. */
  onClosed(fault: FlowFault, how: 'broken' | 'in order'): void
}

/** A connection to a server, over TCP or TLS. What it does not take at once waits in it: look at `waitingBytes`. */
export interface Connection {
  readonly waitingBytes: number
  write(bytes: Uint8Array): void
  /** Ends once all is written and the server ends too. */
  end(): void
  destroy(fault: FlowFault): void
}

export type Target = Pick<ForwardSinkConfig, 'host' | 'port' | 'tls'>

/** @throws when a file of `tls` cannot be read or used */
export function connect({ host, port, tls }: Target, events: ConnectionEvents): Connection {
  const socket: Socket = tls === undefined
    ? connectTcp({ host, port })
    : connectTls({ host, port, ...readTls(tls), ...(tls.server_name === undefined ? {} : { servername: tls.server_name }), minVersion: 'TLSv1.2' })
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEPALIVE_MS)
  let fault: FlowFault | undefined
  let isEnded = false
  const giveUp = (why: FlowFault): void => {
    fault ??= why
    socket.destroy()
  }
  const limit = setTimeout(() => giveUp({ fault: 'timeout', reason: `there is no connection within ${CONNECT_WITHIN_MS / 1000} seconds` }), CONNECT_WITHIN_MS)
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
    clearTimeout(limit)
    events.onOpen()
  })
  socket.on('data', (chunk: Uint8Array) => events.onData(chunk))
  socket.on('drain', () => events.onDrain())
  socket.on('error', (error) => void (fault ??= netFault(error)))
  socket.once('close', () => {
    clearTimeout(limit)
    events.onClosed(fault ?? { fault: 'closed', reason: 'the server has closed the connection' }, fault === undefined && isEnded && socket.writableLength === 0 ? 'in order' : 'broken')
  })
  return {
    get waitingBytes() {
      return socket.writableLength
    },
    write: (bytes) => void socket.write(bytes),
    end() {
      isEnded = true
      socket.end()
    },
    destroy: giveUp,
  }
}

/** Read for each connection, so that new ones are in use from the next on. */
function readTls({ ca_file, certificate_file, key_file }: UpstreamTls): { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer } {
  return {
    ...(ca_file === undefined ? {} : { ca: readFileSync(ca_file) }),
    ...(certificate_file === undefined ? {} : { cert: readFileSync(certificate_file) }),
    ...(key_file === undefined ? {} : { key: readFileSync(key_file) }),
  }
}

/** The same for the same bytes in all files; undefined: there are none, or one cannot be read. */
export function tlsMark(tls: UpstreamTls | undefined): string | undefined {
  if (tls === undefined) return undefined
  try {
    return Object.values(readTls(tls)).map((bytes) => bytes.toString('latin1')).join('\0')
  } catch {
    return undefined // the next connection says what is wrong
  }
}
