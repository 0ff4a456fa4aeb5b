import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { ACCEPT_QUEUE_CONNECTIONS } from '#base/accept-queue.ts'
import { canonicalIp } from '#base/ip.ts'
import type { Batcher } from '../batcher.ts'
import type { IngestCounters } from '../counters.ts'
import type { FramerLimits } from '../framing/stream-framer.ts'
import type { ListenerTable } from '../listener-counts.ts'
import type { BoundListener, IngestEvent } from '../protocol.ts'
import { createSender } from '../sender.ts'
import { createAdmissions, type Admission } from './admission.ts'
import { bindWithFallback } from './bind-address.ts'
import { Connection } from './connection.ts'
import { RelpConnection } from './relp-connection.ts'
import { createTlsDoor } from './tls/door.ts'
import type { TlsConfig } from './tls/config.ts'
import { freeSocketPath, listenAtPath, UNIX_ADDRESS } from './unix-path.ts'

/** A longer timer overflows and fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Connections of all TCP, RELP and unix listeners together: their limit, and stopping and going on as one. */
export interface Connections {
  /** Binds a listener. Throws when it cannot be bound. */
  listen(where: StreamListener): Promise<BoundListener>
  /** All batches up to this one are settled; the last of them is on disk, or was refused: clients that wait for it are told. */
  settle(batch: number, isStored: boolean): void
  /** Room was made: goes on with what was left over, then reads again. @returns false when room ran out again */
  resume(): boolean
  /** Looks whether the files of certificates have changed. */
  renewCertificates(): void
  /** Accepts no more, reads no more, hands on what was read. `resume` until `isDrained`. */
  stop(): void
  readonly isDrained: boolean
}

interface StreamListener {
  readonly name: string
  readonly transport: 'tcp' | 'relp' | 'unix'
  readonly address: string
  readonly port?: number
  /** Of a unix socket. */
  readonly path?: string
  readonly mode?: string
  readonly tls?: TlsConfig
}

export function createConnections(options: {
  readonly batcher: Batcher
  readonly limits: FramerLimits
  readonly counters: IngestCounters
  readonly table: ListenerTable
  readonly clock: () => number
  readonly maxConnections: number
  readonly idleTimeoutMs: number
  readonly post: (event: IngestEvent) => void
  /** A listener cannot accept for the moment (out of file descriptors, say); it goes on listening. */
  readonly onError: (error: Error) => void
  /** A connection has ended and all of it was handed on. */
  readonly onFinished: () => void
}): Connections {
  const { batcher, counters, table, onError, onFinished } = options
  const idleTimeoutMs = Math.min(options.idleTimeoutMs, MAX_TIMER_MS)
  const servers: Server[] = []
  const admissions = createAdmissions(options)
  const door = createTlsDoor(options)
  const live = new Set<Connection | RelpConnection>() // at most maxConnections, and those that ended while no batch was free
  const waiting = new Set<RelpConnection>() // a part of `live`
  let isPaused = false

  const pause = () => {
    isPaused = true
    for (const connection of live) connection.pause()
    counters.set('connections-paused', live.size)
  }
  const open = (socket: Socket, { name, transport }: StreamListener, { address, limits, certificate }: Peer) => {
    const wiring = { socket, batcher, limits, sender: createSender({ address, transport, listener: name, certificate }, table.of(name, transport)) }
    return transport === 'relp' ? new RelpConnection({ ...wiring, counters, waiting }) : new Connection(wiring)
  }
  const accept = (socket: Socket, listener: StreamListener, serve: (admission: Admission) => void): void => {
    const address = listener.transport === 'unix' ? UNIX_ADDRESS : canonicalIp(socket.remoteAddress ?? '')
    if (address === undefined) {
      // the peer has reset it already, so that nobody knows who it was
      counters.add('connections-accepted')
      counters.add('connections-closed-error')
      return void socket.destroy()
    }
    const admission = admissions.admit(socket, address)
    if (admission === undefined) return
    table.of(listener.name, listener.transport).connections++
    serve(admission)
  }
  const serve = (socket: Socket, listener: StreamListener, { admission, certificate }: { readonly admission: Admission; readonly certificate?: string | undefined }): void => {
    const connection = open(socket, listener, { ...admission, certificate })
    live.add(connection)
    socket.on('data', (chunk) => {
      if (!connection.onData(chunk as Buffer)) pause()
    })
    socket.setTimeout(idleTimeoutMs, () => {
      admission.end = 'idle'
      socket.destroy()
    })
    socket.on('error', () => (admission.end = 'error'))
    socket.on('close', () => {
      if (!connection.end()) return pause()
      live.delete(connection)
      onFinished()
    })
    if (isPaused) socket.pause()
  }
  const keep = (server: Server): void => {
    server.on('error', onError)
    servers.push(server)
  }

  return {
    async listen(listener) {
      const { name, transport, address, port = 0, path, mode } = listener
      const secure = listener.tls === undefined ? undefined : await door.open(name, listener.tls)
      const server = createServer({ keepAlive: true, noDelay: false }, (socket) =>
        accept(socket, listener, (admission) => {
          if (secure === undefined) return serve(socket, listener, { admission })
          secure(socket, admission, (stream, certificate) => serve(stream, listener, { admission, certificate }))
        }),
      )
      if (transport === 'unix') {
        await freeSocketPath(path!)
        await listenAtPath(server, { path: path!, mode })
        keep(server)
        return { name, transport, address: path!, port: 0 }
      }
      return bindWithFallback(address, async (host) => {
        await listenServer(server, { host, port })
        keep(server)
        const own = server.address() as AddressInfo
        return { name, transport, address: own.address, port: own.port, isSecure: secure !== undefined }
      })
    },
    settle(batch, isStored) {
      for (const connection of waiting) connection.settle(batch, isStored)
      counters.set('relp-waiting', waiting.size)
    },
    resume() {
      if (!isPaused) return true
      const waiting = [...live] // served ones are put back at the end of `live`, which must not prolong the loop
      for (const connection of waiting) {
        if (!connection.resume()) {
          pause()
          return false
        }
        // To the end of the queue: when room runs out again, the next one is served first.
        live.delete(connection)
        if (!connection.isFinished) live.add(connection)
      }
      isPaused = false
      counters.set('connections-paused', 0)
      return true
    },
    renewCertificates: () => door.renew(),
    stop() {
      admissions.stop()
      for (const server of servers.splice(0)) server.close()
      door.close()
      for (const connection of live) connection.destroy()
    },
    get isDrained() {
      return live.size === 0
    },
  }
}

type Peer = Pick<Admission, 'address' | 'limits'> & { readonly certificate: string | undefined }

async function listenServer(server: Server, where: { readonly host: string; readonly port: number }): Promise<void> {
  server.listen({ ...where, ipv6Only: false, backlog: ACCEPT_QUEUE_CONNECTIONS })
  await once(server, 'listening') // rejects with the server's error
}
